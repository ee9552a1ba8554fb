"""The 61 values of the Live Link Face application (Epic Games): 52 blendshapes, then angles of head and eyes.

The columns are those of its recordings (CSV) and of its packets. Angles are in radians: yaw, pitch and roll of the
head, the left eye and the right eye. Yaw is positive to the face's left, pitch positive downwards: the sign of the
eyes follows `eyeLookOutLeft` and `eyeLookDown`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.face.rigs.linear_table import LinearTable

Array = npt.NDArray[np.float64]

ANGLES = tuple(f"{part}{axis}" for part in ("Head", "LeftEye", "RightEye") for axis in ("Yaw", "Pitch", "Roll"))
LIVE_LINK_COLUMNS = (*(name[0].upper() + name[1:] for name in BLENDSHAPES), *ANGLES)

# Angles of an eye at full shapes, near the range that people use without turning the head; a setting.
EYE_YAW, EYE_PITCH = np.radians(30.0), np.radians(25.0)
_EYES = LinearTable({
    "LeftEyeYaw": {"eyeLookOutLeft": EYE_YAW, "eyeLookInLeft": -EYE_YAW},
    "LeftEyePitch": {"eyeLookDownLeft": EYE_PITCH, "eyeLookUpLeft": -EYE_PITCH},
    "LeftEyeRoll": {},
    "RightEyeYaw": {"eyeLookInRight": EYE_YAW, "eyeLookOutRight": -EYE_YAW},
    "RightEyePitch": {"eyeLookDownRight": EYE_PITCH, "eyeLookUpRight": -EYE_PITCH},
    "RightEyeRoll": {},
}, low=-np.pi, high=np.pi)


def live_link_rows(shapes: npt.NDArray[np.floating], head: npt.NDArray[np.floating] | None = None) -> Array:
    """Return the values (T, 61) of `LIVE_LINK_COLUMNS`.

    Args:
        shapes: (T, 52) blendshapes.
        head: (T, 3) yaw, pitch and roll of the head [rad]; None: straight.

    Raises:
        InputError: If the head has another shape.
    """
    turned = np.zeros((len(shapes), 3)) if head is None else np.asarray(head, dtype=np.float64)
    if turned.shape != (len(shapes), 3):
        raise InputError("shape of the head's angles", turned.shape, f"({len(shapes)}, 3)",
                         "Give yaw, pitch and roll of each frame.")
    return np.concatenate([np.asarray(shapes, dtype=np.float64), turned, _EYES.values(shapes)], axis=1)
