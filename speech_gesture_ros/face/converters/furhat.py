"""Gestures of Furhat with key frames of ARKit parameters (FaceCore), as the JSON object of its remote API.

{"name": ..., "class": "furhatos.gestures.Gesture", "frames": [{"time": [0.1], "persist": false,
"params": {"JAW_OPEN": 0.3, ...}}, ...]}: times in seconds from the start of the gesture, names in upper case.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.core.rates import FACE_RATE

MAX_FRAMES = 60 * FACE_RATE
DIGITS = 3
LEAST = 0.005  # smaller values are left out, unless the frame before has the parameter
FURHAT_NAMES = tuple(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() for name in BLENDSHAPES)


def furhat_gesture(shapes: npt.NDArray[np.floating], name: str = "speech", step: int = 2) -> dict[str, Any]:
    """Return the gesture of an animation.

    Args:
        shapes: (T, 52) blendshapes at 50 Hz.
        name: Of the gesture.
        step: Every so many frames become a key frame; the last one always does.

    Raises:
        InputError: If there are no frames, or too many.
    """
    if not 1 <= len(shapes) <= MAX_FRAMES:
        raise InputError("frames of a gesture", len(shapes), f"1 to {MAX_FRAMES}", "Send it in parts.")
    chosen = sorted({*range(0, len(shapes), step), len(shapes) - 1})
    frames, shown = [], np.zeros(len(BLENDSHAPES), dtype=bool)
    for k in chosen:
        row = np.asarray(shapes[k], dtype=np.float64)
        is_set = (row >= LEAST) | shown
        shown = row >= LEAST
        params = {FURHAT_NAMES[i]: round(float(row[i]), DIGITS) for i in np.flatnonzero(is_set)}
        frames.append({"time": [round((k + 1) / FACE_RATE, DIGITS)], "persist": False, "params": params})
    return {"name": name, "class": "furhatos.gestures.Gesture", "frames": frames}
