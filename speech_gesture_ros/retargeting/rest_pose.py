"""A natural pose to start from and to come back to: arms hanging, elbows slightly bent, clear of the body.

It is found by the inverse kinematics itself, asked for such a human pose until it has settled. If some part of the arms
is not clear of the body by then, the arms are spread further.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import DIRECTIONS

Array = npt.NDArray[np.float64]
SPREADS_DEG = (10.0, 16.0, 24.0, 34.0)  # of the upper arm from the body; the first that is clear is taken
ELBOW_DEG = 28.0
CLEAR_M = 0.02
FRAMES = 150


def resting_human(spread_deg: float) -> Array:
    """(12, 3) directions of a standing human at ease."""
    spread, bend = np.radians(spread_deg), np.radians(ELBOW_DEG)
    human = np.zeros((len(DIRECTIONS), 3))
    for name, axis in (("torso_left", 1), ("torso_up", 2), ("head_forward", 0), ("head_up", 2)):
        human[DIRECTIONS.index(name), axis] = 1.0
    for side, sign in (("left", 1.0), ("right", -1.0)):
        forearm = np.array([np.sin(bend), sign * 0.02, -np.cos(bend)])
        upper_arm = np.array([0.03, sign * np.sin(spread), -np.cos(spread)])
        thumb = np.array([np.cos(bend), -sign * 0.35, np.sin(bend)])
        for part, direction in (("upper_arm", upper_arm), ("forearm", forearm), ("hand", forearm), ("thumb", thumb)):
            human[DIRECTIONS.index(f"{side}_{part}")] = direction / np.linalg.norm(direction)
    return human


def find_rest(description: RobotDescription, start: Array) -> tuple[Array, float]:
    """The rest pose (N,) of a robot, and how many degrees its arms are spread.

    Args:
        description: The robot, with capsules and candidate pairs; its own rest pose is not used.
        start: (N,) a configuration inside the limits.
    """
    q, spread = start, SPREADS_DEG[0]
    thumbs = find_thumbs(description)
    for spread in SPREADS_DEG:
        ik = DifferentialIk(dataclasses.replace(description, rest_q=start, collision_pairs=()), thumbs)
        human = resting_human(spread)
        for _ in range(FRAMES):
            q = ik.step(human)
        checked = DifferentialIk(dataclasses.replace(description, rest_q=q))
        if checked.clearance() >= CLEAR_M:
            break
    return q, spread
