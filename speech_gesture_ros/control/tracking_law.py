"""What the governor would like to do: follow a moving target with no lag, and catch up with one that jumped.

The acceleration and jerk of the target itself are fed forward, so that a joint on its target stays on it exactly. An
error is worked off by three nested loops; each asks the next for at most what could still be braked in time (sqrt) and
for no more than its limit. Near the target they are linear, with the three poles of (s + OMEGA)³.

Feedback first: what is fed forward gets what feedback leaves of a limit. Else a target that trembles beyond the limits
uses them up, first one way, then the other, and the joint drifts off with nothing left to bring it back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

OMEGA = 15.0  # [1/s] errors fade within about 0.3 s
POSITION_GAIN, VELOCITY_GAIN, ACCELERATION_GAIN = OMEGA / 3, OMEGA, 3 * OMEGA


def desired_jerk(state: Array, target: Array, target_next: Array, speed: Array, limits: JointLimits) -> Array:
    """Jerk until the next knot that suits the target best; NaN where the target is unknown.

    Args:
        state: (3, N) position, velocity, acceleration at the present knot.
        target: (3, N) the same of the target.
        target_next: (3, N) of the target at the next knot.
        speed: (N,) speed not to be asked for more [rad/s].
        limits: Limits of acceleration and jerk.

    Returns:
        (N,) jerk [rad/s³] within the limit; whether a brake is possible after it is not looked at.
    """
    position, velocity, acceleration = state
    with np.errstate(over="ignore", invalid="ignore"):  # absurd targets give inf or NaN: the caller keeps its promise
        closing = _approach(target[0] - position, POSITION_GAIN, limits.acceleration)
        velocity_wanted = np.minimum(np.maximum(target[1] + closing, -speed), speed)
        closing = _approach(velocity_wanted - velocity, VELOCITY_GAIN, limits.jerk)
        acceleration_wanted = _with_what_is_left(closing, target[2], limits.acceleration)
        closing = ACCELERATION_GAIN * (acceleration_wanted - acceleration)
        return _with_what_is_left(closing, (target_next[2] - target[2]) * KNOT_RATE, limits.jerk)


def _approach(error: Array, gain: float, limit: Array) -> Array:
    """Rate at which to work off an error: in proportion, but never faster than half the limit can brake in time."""
    size = np.abs(error)
    return np.copysign(np.minimum(gain * size, np.sqrt(limit * size)), error)


def _with_what_is_left(feedback: Array, feed_forward: Array, limit: Array) -> Array:
    """The sum, within the limit: feedback up to the limit, and of the feed-forward what then still fits."""
    feedback = np.minimum(np.maximum(feedback, -limit), limit)
    left = limit - np.abs(feedback)
    return np.asarray(feedback + np.minimum(np.maximum(feed_forward, -left), left))
