"""How large a robot may gesture and still keep time with the voice.

A stroke has its time from the voice; how far it goes is free. A robot whose arms are slow makes smaller ones rather
than late ones:

    size │        ______ 1
         │      ╱
         │____╱ SMALLEST           speed of the slower joints of the arms [rad/s]
         └──────────────────►
                 FULL_SPEED        (and alike for their acceleration)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import JointLimits

# Lively strokes ask 2 to 3 rad/s of shoulder and elbow; below two thirds of that wrists are late (docs/robots.md).
FULL_SPEED = 3.0
FULL_ACCELERATION = 30.0  # [rad/s^2] a stroke of 0.5 rad in 0.3 s, minimum jerk
SMALLEST = 0.6  # smaller ones would hardly be seen
SLOWER = 25.0  # percentile of the arms' joints that counts: wrists are many, and turn little


def gesture_size(limits: JointLimits, arm_joints: npt.NDArray[np.intp], notes: list[str]) -> float:
    """Share of a person's size that gestures should have, `SMALLEST` to 1.

    Args:
        limits: Of N joints.
        arm_joints: Which of them move the arms.
        notes: Gets a line if it is below 1.
    """
    if not len(arm_joints):
        return 1.0
    speed, acceleration = (float(np.percentile(x[arm_joints], SLOWER)) for x in (limits.velocity, limits.acceleration))
    size = round(float(np.clip(min(speed / FULL_SPEED, acceleration / FULL_ACCELERATION), SMALLEST, 1.0)), 2)
    if size < 1.0:
        notes.append(f"gestures are made {size:g} as large as a person's, or arms of {speed:.1f} rad/s and "
                     f"{acceleration:.0f} rad/s^2 would be late")
    return size
