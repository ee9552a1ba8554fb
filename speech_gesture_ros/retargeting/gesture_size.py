"""Size of gestures at which a robot keeps time with the voice.

The time of a stroke follows from the voice; its amplitude is free. A robot with slow arms makes small gestures instead
of late ones:

    size │        ______ 1
         │      ╱
         │____╱ MIN_SIZE           speed of the slower joints of the arms [rad/s]
         └──────────────────►
                 FULL_SPEED        (and the same for their acceleration)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import JointLimits

# Large strokes need 2 to 3 rad/s of shoulder and elbow; below two thirds of that wrists are late (docs/robots.md).
FULL_SPEED = 3.0
FULL_ACCELERATION = 30.0  # [rad/s^2] of a stroke of 0.5 rad in 0.3 s, minimum jerk
MIN_SIZE = 0.6  # smaller gestures are hardly visible
SLOW_PERCENTILE = 25.0  # of the arms' joints: wrists are many, and turn little


def gesture_size(limits: JointLimits, arm_joints: npt.NDArray[np.intp], notes: list[str]) -> float:
    """Return the size of gestures as a share of a person's, `MIN_SIZE` to 1.

    Args:
        limits: Of N joints.
        arm_joints: Indices of those that move the arms.
        notes: Gets a line if it is below 1.
    """
    if not len(arm_joints):
        return 1.0
    speed, acceleration = (float(np.percentile(values[arm_joints], SLOW_PERCENTILE))
                           for values in (limits.velocity, limits.acceleration))
    size = round(float(np.clip(min(speed / FULL_SPEED, acceleration / FULL_ACCELERATION), MIN_SIZE, 1.0)), 2)
    if size < 1.0:
        notes.append(f"gestures have {size:g} of a person's size: at full size arms of {speed:.1f} rad/s and "
                     f"{acceleration:.0f} rad/s^2 would be late")
    return size
