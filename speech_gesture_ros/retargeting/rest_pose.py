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
from speech_gesture_ros.retargeting.practice import best_start, standing_human

Array = npt.NDArray[np.float64]
SPREADS_DEG = (10.0, 16.0, 24.0, 34.0)  # of the upper arm from the body; the first that is clear is taken
ELBOW_DEG = 28.0
CLEAR_M = 0.02
FRAMES = 150
INSIDE = 0.01  # share of a joint's range by which it rests off its limits: room for the limiter's margin


def resting_human(spread_deg: float) -> Array:
    """(12, 3) directions of a standing human at ease."""
    return standing_human(spread_deg, 2.0, -2.0, ELBOW_DEG - 90.0)


def find_rest(description: RobotDescription, start: Array) -> tuple[Array, float]:
    """The rest pose (N,) of a robot, and how many degrees its arms are spread.

    Args:
        description: The robot, with capsules and candidate pairs; its own rest pose is not used.
        start: (N,) a configuration inside the limits.
    """
    thumbs = find_thumbs(description)
    start = best_start(dataclasses.replace(description, rest_q=start), thumbs)
    q, spread = start, SPREADS_DEG[0]
    for spread in SPREADS_DEG:
        ik = DifferentialIk(dataclasses.replace(description, rest_q=start, collision_pairs=()), thumbs)
        human = resting_human(spread)
        for _ in range(FRAMES):
            q = ik.step(human)
        checked = DifferentialIk(dataclasses.replace(description, rest_q=q))
        if checked.clearance() >= CLEAR_M:
            break
    room = INSIDE * (description.limits.upper - description.limits.lower)
    return np.clip(q, description.limits.lower + room, description.limits.upper - room), spread
