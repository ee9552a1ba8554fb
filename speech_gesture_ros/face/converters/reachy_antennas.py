"""Antennas of Reachy Mini, two angles [rad], for its `set_target(antennas=[right, left])`: it has no mouth.

They rise with brows and smile, fall with a frown, and move a little with the opening of the mouth. Settings.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.rigs.linear_table import LinearTable

PORT = 39580
MAX_ANGLE = 1.2  # [rad]
SPEECH_ANGLE = 0.25  # at fully open lips [rad]
_RISE = LinearTable({"right": {"browInnerUp": 0.6, "browOuterUpRight": 0.4, "mouthSmile": 0.5, "browDownRight": -0.5,
                               "mouthFrown": -0.6},
                     "left": {"browInnerUp": 0.6, "browOuterUpLeft": 0.4, "mouthSmile": 0.5, "browDownLeft": -0.5,
                              "mouthFrown": -0.6}}, low=-1.0, high=1.0)


def antenna_angles(shapes: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Return the angles of the right and the left antenna [rad] for blendshapes (52,); positive is raised."""
    row = np.asarray(shapes)[None]
    speech = SPEECH_ANGLE * min(1.0, float(lip_gap(row)[0]))
    right, left = np.clip((MAX_ANGLE - SPEECH_ANGLE) * _RISE.values(row)[0] + speech, -MAX_ANGLE, MAX_ANGLE)
    return float(right), float(left)


def antennas_text(shapes: npt.NDArray[np.floating]) -> str:
    """Return the angles of blendshapes (52,) as a line of JSON, {"antennas": [right, left]}."""
    right, left = antenna_angles(shapes)
    return json.dumps({"antennas": [round(right, 4), round(left, 4)]})
