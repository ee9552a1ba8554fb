"""Body, hands and face of one person in a film, by MediaPipe's models: the steps of its holistic solution.

    picture ─► detection, once ─► body: 33 points ─┬─► region of each hand ─► 21 points
                    └─ region of the next picture ─┤
                                                   └─► region of the face ─► 468 points
    ─► 137 points in OpenPose's layout [pixels], and the body in space [m]

Grishchenko and Bazarevsky, "MediaPipe Holistic" (2020). Coordinates of pictures: pixel 0 has its middle at 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from speech_gesture_ros.core.person_keypoints import FACE, HANDS, NUM_PERSON_POINTS
from speech_gesture_ros.datasets.landmarks.body_detection import BODY_SCALE, BodyDetector
from speech_gesture_ros.datasets.landmarks.models import Network
from speech_gesture_ros.datasets.landmarks.openpose_points import BODY, body_points, face_points
from speech_gesture_ros.datasets.landmarks.regions import Region, region_along

Floats = npt.NDArray[np.float64]

BODY_MODEL, HAND_MODEL, FACE_MODEL = "pose_landmark_full.tflite", "hand_landmark_full.tflite", "face_landmark.tflite"
NUM_BODY, NUM_SPACE, HAND_POINTS, FACE_POINTS = 39, 33, 21, 468
MIDDLE, CIRCLE = 33, 34  # helper points of the body: middle, and point on its circle
MIN_PRESENCE = 0.5
HAND_SCALE, HAND_SHIFT = 2.7, -0.1  # of the region of a hand
FACE_SCALE = 1.5
MIN_VISIBILITY = 0.1  # of the wrist, below which no hand is searched for
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263  # of the face's points


@dataclass(frozen=True)
class PersonLandmarks:
    """Landmarks of one picture.

    Attributes:
        person: (137, 3) x, y [pixels] and confidence, in OpenPose's layout; zeros without a person.
        space: (33, 4) points of the body x, y, z [m] from the middle of the hips, and visibility; x to the right of the
            picture, y downwards, z away from the camera. Visibility 0 without a person.
    """

    person: npt.NDArray[np.float32]
    space: npt.NDArray[np.float32]


class HolisticTracker:
    """Follows one person through the pictures of a film.

    Raises:
        MissingDependencyError: If ai-edge-litert is not installed.
        InputError: If MediaPipe's package is not there.
    """

    def __init__(self) -> None:
        self._detector = BodyDetector()
        self._body, self._hand, self._face = Network(BODY_MODEL), Network(HAND_MODEL), Network(FACE_MODEL)
        self._region: Region | None = None
        self._face_region: Region | None = None

    def track(self, pixels: npt.NDArray[np.uint8]) -> PersonLandmarks:
        """Return the landmarks of the next (height, width, 3) picture."""
        picture = Image.fromarray(pixels)
        found = self._find_body(picture)
        person = np.zeros((NUM_PERSON_POINTS, 3))
        space = np.zeros((NUM_SPACE, 4))
        if found is None:
            self._face_region = None
            return PersonLandmarks(person.astype(np.float32), space.astype(np.float32))
        points, space = found
        person[BODY] = body_points(points)
        for side, place in HANDS.items():
            person[place] = self._find_hand(picture, points, side)
        person[FACE] = self._find_face(picture, points)
        person[..., :2] -= 0.5 * (person[..., 2:] > 0)
        return PersonLandmarks(person.astype(np.float32), space.astype(np.float32))

    def _find_body(self, picture: Image.Image) -> tuple[Floats, Floats] | None:
        """Return (39, 3) x, y [pixels], visibility, and (33, 4) points in space; None without a person."""
        for region in (self._region, None):
            place = region or self._detector.find(picture)
            if place is None or not 1.0 < place.size < 1e5:
                break
            outputs = self._body.run(place.cut(picture, self._body.size))
            landmarks, presence, world = outputs[0].reshape(NUM_BODY, 5), float(outputs[1][0]), outputs[4]
            if presence < MIN_PRESENCE or not np.isfinite(landmarks).all():
                continue
            at = place.to_picture(landmarks[:, :2] / self._body.size)
            visibility = _sigmoid(landmarks[:, 3]) * _sigmoid(landmarks[:, 4])
            self._region = region_along(at[MIDDLE], at[CIRCLE], BODY_SCALE)
            space = world.reshape(NUM_BODY, 3)[:NUM_SPACE].astype(np.float64)
            space[:, :2] = space[:, :2] @ place.rotation.T
            return (np.concatenate([at, visibility[:, None]], axis=1),
                    np.concatenate([space, visibility[:NUM_SPACE, None]], axis=1))
        self._region = None
        return None

    def _find_hand(self, picture: Image.Image, body: Floats, side: str) -> Floats:
        """Return (21, 3) x, y [pixels] and confidence; zeros without a hand."""
        wrist, little, index = (body[i + (side == "right")] for i in (15, 17, 19))
        if wrist[2] < MIN_VISIBILITY:
            return np.zeros((HAND_POINTS, 3))
        middle = (2 * index[:2] + little[:2]) / 3
        along = region_along(wrist[:2], middle, 1.0)
        region = Region(float(middle[0]), float(middle[1]), along.size, along.angle).moved(0.0, HAND_SHIFT, HAND_SCALE)
        if not 4.0 < region.size < 1e5:
            return np.zeros((HAND_POINTS, 3))
        landmarks, presence, *_ = self._hand.run(region.cut(picture, self._hand.size))
        if float(presence[0]) < MIN_PRESENCE:
            return np.zeros((HAND_POINTS, 3))
        at = region.to_picture(landmarks.reshape(HAND_POINTS, 3)[:, :2] / self._hand.size)
        return np.concatenate([at, np.full((HAND_POINTS, 1), float(presence[0]))], axis=1)

    def _find_face(self, picture: Image.Image, body: Floats) -> Floats:
        """Return (70, 3) x, y [pixels] and confidence in OpenPose's order; zeros without a face."""
        for region in (self._face_region, _face_region(body)):
            if region is None or not 4.0 < region.size < 1e5:
                continue
            landmarks, presence = self._face.run(region.cut(picture, self._face.size))
            if _sigmoid(presence)[0] < MIN_PRESENCE:
                continue
            at = region.to_picture(landmarks.reshape(FACE_POINTS, 3)[:, :2] / self._face.size)
            low, high = at.min(axis=0), at.max(axis=0)
            eyes = at[LEFT_EYE_OUTER] - at[RIGHT_EYE_OUTER]
            x, y = (float(value) for value in (low + high) / 2)
            self._face_region = Region(x, y, FACE_SCALE * float((high - low).max()),
                                       float(np.arctan2(eyes[1], eyes[0])))
            return face_points(at, float(_sigmoid(presence)[0]))
        self._face_region = None
        return np.zeros((FACE.stop - FACE.start, 3))


def detect_people(pictures: Iterable[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
    """Return the (T, 137, 3) keypoints of the person in consecutive pictures; zeros where no person is seen.

    Raises:
        MissingDependencyError: If ai-edge-litert is not installed.
        InputError: If MediaPipe's package is not there.
    """
    tracker = HolisticTracker()
    return np.stack([tracker.track(picture).person for picture in pictures])


def _face_region(body: Floats) -> Region | None:
    """Return the region of the face by the eyes and the mouth of the body's points."""
    eyes, mouth = body[[2, 5], :2], body[[9, 10], :2].mean(axis=0)
    middle = eyes.mean(axis=0)
    across = eyes[0] - eyes[1]
    size = 4.0 * max(float(np.linalg.norm(mouth - middle)), 0.7 * float(np.linalg.norm(across)))
    centre = middle + 0.4 * (mouth - middle)
    return Region(float(centre[0]), float(centre[1]), size, float(np.arctan2(across[1], across[0])))


def _sigmoid(logits: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(np.asarray(logits, dtype=np.float64), -50.0, 50.0))))
