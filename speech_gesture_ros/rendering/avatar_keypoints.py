"""Keypoints that a picture of an avatar shows: ends of its bones, and vertices of its face.

The eight points of the mouth are the vertices that certain shapes of ARKit move most: they lie on the lips.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.model import AvatarModel
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.humanoid_bones import FINGER_BONES, SIDES
from speech_gesture_ros.core.person_keypoints import BODY_INDEX, FACE, HANDS, NUM_PERSON_POINTS

Array = npt.NDArray[np.float64]

FIRST_OF_MOUTH = 60  # of the 70 points of a face; the eight go from the person's right corner over the upper lip
MOUTH = ("mouthSmileRight", "mouthUpperUpRight", "mouthShrugUpper", "mouthUpperUpLeft", "mouthSmileLeft",
         "mouthLowerDownLeft", "mouthShrugLower", "mouthLowerDownRight")
EAR_BAND_M = 0.01  # above and below the eyes, where the ears are sought


class AvatarKeypoints:
    """Finds the keypoints of an avatar.

    Args:
        model: With bones named as in VRM and shapes named as in ARKit.

    Attributes:
        known: (137,) whether an avatar has the keypoint: head, arms, hands, middle of the hips, mouth.

    Raises:
        InputError: If a shape of the mouth is missing.
    """

    def __init__(self, model: AvatarModel) -> None:
        self._model = model
        self._starts = dict(zip((mesh.name for mesh in model.meshes),
                                np.cumsum([0, *(len(mesh.points) for mesh in model.meshes)])))
        self._count = sum(len(mesh.points) for mesh in model.meshes)
        self._sources = np.zeros((NUM_PERSON_POINTS, 2), dtype=np.int64)
        self.known = np.zeros(NUM_PERSON_POINTS, dtype=np.bool_)
        self._body()
        for side, hand in HANDS.items():
            self._hand(side, hand.start)
        for i, shape in enumerate(MOUTH):
            self._set(FACE.start + FIRST_OF_MOUTH + i, self._moved_most(shape))

    def find(self, points: Array, joints: Array) -> Array:
        """Return the places of the keypoints.

        Args:
            points: (V, 3) all vertices.
            joints: (B, 3) origins of the bones, in the same frame.

        Returns:
            (137, 3) in that frame; unknown ones are at a vertex without meaning.
        """
        return np.asarray(np.concatenate([points, joints])[self._sources].mean(axis=1))

    def _set(self, keypoint: int, first: int, second: int | None = None) -> None:
        """Put a keypoint at a vertex or bone, or in the middle of two."""
        self._sources[keypoint] = first, first if second is None else second
        self.known[keypoint] = True

    def _bone(self, name: str) -> int:
        return self._count + self._model.bones.index(name)

    def _body(self) -> None:
        for part, bone in (("shoulder", "UpperArm"), ("elbow", "LowerArm"), ("wrist", "Hand")):
            for side in SIDES:
                self._set(BODY_INDEX[f"{side}_{part}"], self._bone(f"{side}{bone}"))
        for part, bone in (("neck", "UpperArm"), ("mid_hip", "UpperLeg")):
            self._set(BODY_INDEX[part], *(self._bone(f"{side}{bone}") for side in SIDES))
        face, start = self._mesh("face")
        eyes, eyes_start = self._mesh("eyes")
        self._set(BODY_INDEX["nose"], start + int(np.argmax(face[:, 2])))
        height = float(eyes[:, 1].mean())
        beside = np.flatnonzero(np.abs(face[:, 1] - height) < EAR_BAND_M)
        for side, sign in zip(SIDES, (1.0, -1.0)):
            own = np.flatnonzero(sign * eyes[:, 0] > 0)
            self._set(BODY_INDEX[f"{side}_eye"], eyes_start + int(own[np.argmax(eyes[own, 2])]))
            self._set(BODY_INDEX[f"{side}_ear"], start + int(beside[np.argmax(sign * face[beside, 0])]))

    def _hand(self, side: str, first: int) -> None:
        self._set(first, self._bone(f"{side}Hand"))
        points, start = self._mesh("body")
        mesh = next(mesh for mesh in self._model.meshes if mesh.name == "body")
        for finger, (name, parts) in enumerate(FINGER_BONES.items()):
            for i, part in enumerate(parts):
                self._set(first + 1 + 4 * finger + i, self._bone(f"{side}{name}{part}"))
            last = self._model.bones.index(f"{side}{name}{parts[-1]}")
            own = np.flatnonzero((mesh.weights * (mesh.bones == last)).sum(axis=1) > 0.5)
            distance = np.linalg.norm(points[own] - self._model.joints[last], axis=1)
            self._set(first + 4 + 4 * finger, start + int(own[np.argmax(distance)]))

    def _mesh(self, name: str) -> tuple[npt.NDArray[np.float32], int]:
        """Return the vertices of a mesh in the bind pose, and the number of its first one."""
        return next(mesh.points for mesh in self._model.meshes if mesh.name == name), int(self._starts[name])

    def _moved_most(self, shape: str) -> int:
        for mesh in self._model.meshes:
            if shape in mesh.shapes and len(mesh.shapes[shape].index):
                offsets = mesh.shapes[shape]
                far = int(np.argmax(np.linalg.norm(offsets.points, axis=1)))
                return int(self._starts[mesh.name] + offsets.index[far])
        raise InputError("shapes of the avatar", f"no {shape}", ", ".join(MOUTH), "Use an avatar of `avatar build`.")
