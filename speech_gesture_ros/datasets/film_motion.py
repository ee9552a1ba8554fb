"""Motion of the person in a film, in space: MediaPipe's points of the body, whose origin is the middle of the hips.

The points are estimates of one camera: directions in the picture are good, depth is less so, and the middle of the body
never moves. Positions are smoothed in time; parts of arms that are not visible are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.films import read_film
from speech_gesture_ros.datasets.landmarks.holistic import HolisticTracker
from speech_gesture_ros.datasets.source_motion import SourceMotion

Floats = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]

MIN_VISIBILITY = 0.3
SMOOTHING = 1.0  # standard deviation in time [pictures]
NECK_SHARE = 0.2  # from the middle of the shoulders to that of the ears
_NOSE, _EARS, _SHOULDERS, _HIPS = 0, (7, 8), (11, 12), (23, 24)
_ARM = {"elbow": 13, "wrist": 15}
_LITTLE, _INDEX, _THUMB = 17, 19, 21  # of the left; the next number is that of the right


def read_film_motion(path: Path, points_of: Callable[[Path], Points] | None = None) -> SourceMotion:
    """Return the motion of the person in a film: x forward, y left, z up [m], origin at the middle of the hips.

    Args:
        path: The film.
        points_of: Reads the (T, 33, 4) points of a film; None for MediaPipe's models.

    Raises:
        InputError: If the film cannot be read, shows no person, or MediaPipe's package is not there.
        MissingDependencyError: If av or ai-edge-litert is not installed.
    """
    points = (points_of or film_points)(path)
    seen = points[:, _SHOULDERS, 3].min(axis=1) >= MIN_VISIBILITY
    if not seen.any():
        raise InputError(f"person in {path}", "never seen", "a person whose shoulders are visible",
                         "Use a film that shows the upper body.")
    names, xyz = _joints(points.astype(np.float64))
    return SourceMotion(names, -np.ones(len(names), dtype=np.int64), xyz, float(POSE_RATE),
                        notes=(f"a person is seen in {seen.mean():.0%} of the pictures; depth is estimated",))


def film_points(path: Path) -> Points:
    """Return the (T, 33, 4) points of the body x, y, z [m] and visibility of a film; see `PersonLandmarks`."""
    return track_points(picture.pixels for picture in read_film(path))


def track_points(pictures: Iterable[npt.NDArray[np.uint8]]) -> Points:
    """Return the (T, 33, 4) points of the body in consecutive pictures."""
    tracker = HolisticTracker()
    return np.stack([tracker.track(picture).space for picture in pictures])


def _joints(points: Floats) -> tuple[tuple[str, ...], Floats]:
    """Return names and (T, J, 3) positions; NaN where a joint is unknown."""
    visible = points[..., 3] >= MIN_VISIBILITY
    at = np.stack([-points[..., 2], points[..., 0], -points[..., 1]], axis=-1)
    is_seen = np.asarray(visible[:, _SHOULDERS].all(axis=1))
    ears, shoulders, hips = (at[:, pair].mean(axis=1) for pair in (_EARS, _SHOULDERS, _HIPS))
    joints = {"pelvis": (hips, is_seen), "neck": (shoulders + NECK_SHARE * (ears - shoulders), is_seen),
              "head": (ears, is_seen), "nose": (at[:, _NOSE], is_seen)}
    for k, side in enumerate(("left", "right")):
        joints[f"{side}_hip"] = (at[:, _HIPS[k]], is_seen)
        joints[f"{side}_shoulder"] = (at[:, _SHOULDERS[k]], is_seen)
        for part, number in _ARM.items():
            joints[f"{side}_{part}"] = (at[:, number + k], is_seen & visible[:, number + k])
        wrist = is_seen & visible[:, _ARM["wrist"] + k]
        joints[f"{side}_hand"] = (at[:, [_LITTLE + k, _INDEX + k]].mean(axis=1), wrist)
        joints[f"{side}_thumb"] = (at[:, _THUMB + k], wrist)
    xyz = np.stack([_smoothed(values, known) for values, known in joints.values()], axis=1)
    return tuple(joints), xyz


def _smoothed(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return (T, 3) smoothed over the known frames, NaN in the others."""
    weights = gaussian_filter1d(known.astype(np.float64), SMOOTHING, axis=0, mode="nearest")
    filled = gaussian_filter1d(np.where(known[:, None], values, 0.0), SMOOTHING, axis=0, mode="nearest")
    return np.where(known[:, None], filled / np.maximum(weights, 1e-9)[:, None], np.nan)
