"""Shape keys of Hanson Robotics' faces, in the ROS message `pau` as `m_shapekeys` and `m_coeffs`, from blendshapes.

Names are those of the message's publishers, with their one lower-case "up". The jaw lowers the lower lip as well, so it
opens by what the lips do not close. Weights are settings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.rigs.linear_table import SIDES, LinearTable
from speech_gesture_ros.face.rigs.live_link import ANGLES, LIVE_LINK_COLUMNS, live_link_rows

Array = npt.NDArray[np.float64]

_MIDDLE: dict[str, dict[str, float]] = {
    "brow_center_UP": {"browInnerUp": 1.0}, "brow_center_DN": {"browDown": 1.0},
    "lip-UP.C.UP": {"mouthUpperUp": 1.0, "mouthFunnel": 0.2}, "lip-UP.C.DN": {"mouthRollUpper": 1.0},
    "lip-DN.C.DN": {"mouthLowerDown": 1.0, "mouthFunnel": 0.2},
    "lip-DN.C.UP": {"mouthRollLower": 0.6, "mouthShrugLower": 0.6},
    "lip-JAW.DN": {"jawOpen": 1.0, "mouthClose": -1.0},
}
_OF_SIDE: dict[str, dict[str, float]] = {
    "brow_inner_UP": {"browInnerUp": 1.0}, "brow_inner_DN": {"browDown*": 1.0},
    "brow_outer_UP": {"browOuterUp*": 1.0}, "brow_outer_DN": {"browDown*": 0.5},
    "eye-blink.UP": {"eyeBlink*": 1.0}, "eye-blink.LO": {"eyeBlink*": 0.3, "eyeSquint*": 0.7},
    "eye-flare.UP": {"eyeWide*": 1.0}, "eye-flare.LO": {"eyeWide*": 0.3},
    "wince": {"cheekSquint*": 1.0}, "sneer": {"noseSneer*": 1.0},
    "lips-smile": {"mouthSmile*": 1.0}, "lips-frown": {"mouthFrown*": 1.0}, "lips-wide": {"mouthStretch*": 1.0},
    "lips-narrow": {"mouthPucker": 0.8, "mouthFunnel": 0.4},
    "lip-UP.*.UP": {"mouthUpperUp*": 1.0}, "lip-UP.*.DN": {"mouthRollUpper": 0.7},
    "lip-DN.*.DN": {"mouthLowerDown*": 1.0}, "lip-DN.*.UP": {"mouthRollLower": 0.4, "mouthShrugLower": 0.4},
}


def _rows() -> dict[str, dict[str, float]]:
    rows = dict(_MIDDLE)
    for name, row in _OF_SIDE.items():
        for side in SIDES:
            key = name.replace("*", side[0]) if "*" in name else f"{name}.{side[0]}"
            rows[key.replace("brow_outer_UP.R", "brow_outer_up.R")] = {k.replace("*", side): v for k, v in row.items()}
    return rows


SHAPE_KEYS = LinearTable(_rows())
GAZE = tuple(f"m_eyeGaze{side}{axis}" for side in SIDES for axis in ("Pitch", "Yaw"))
HEAD = ("headYaw", "headPitch", "headRoll")
PAU_CHANNELS = (*SHAPE_KEYS.channels, *GAZE, *HEAD)

_GAZE_COLUMNS = [LIVE_LINK_COLUMNS.index(f"{side}Eye{axis}") for side in SIDES for axis in ("Pitch", "Yaw")]
_HEAD_COLUMNS = [LIVE_LINK_COLUMNS.index(name) for name in ANGLES[:3]]


def pau_from_shapes(shapes: npt.NDArray[np.floating], head: npt.NDArray[np.floating] | None = None) -> Array:
    """Return `PAU_CHANNELS` (T, 50): 43 shape keys in [0, 1], four angles of the eyes and three of the head [rad].

    Args:
        shapes: (T, 52) blendshapes.
        head: (T, 3) yaw, pitch and roll of the head [rad]; None: straight.
    """
    angles = live_link_rows(shapes, head)
    return np.concatenate([SHAPE_KEYS.values(shapes), angles[:, _GAZE_COLUMNS], angles[:, _HEAD_COLUMNS]], axis=1)
