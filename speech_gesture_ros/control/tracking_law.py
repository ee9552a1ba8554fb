"""Tracking law: the jerk with which a joint follows a moving target without lag, and catches up with one that jumped.

Acceleration and jerk of the target are fed forward, so a joint on its target stays on it exactly. An error is reduced
by three nested loops; each limits its output to what can still be braked in time (sqrt) and to its limit. Near the
target they are linear, with the three poles of (s + OMEGA)³.

Feedback has priority: feed-forward gets what feedback leaves of a limit. Otherwise a target that oscillates beyond the
limits uses them up in both directions in turn, and the joint drifts away with nothing left to return.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

Array = npt.NDArray[np.float64]

OMEGA = 15.0  # [1/s] errors decay within about 0.3 s
POSITION_GAIN, VELOCITY_GAIN, ACCELERATION_GAIN = OMEGA / 3, OMEGA, 3 * OMEGA  # [1/s]


def desired_jerk(state: Array, target: Array, target_next: Array, speed: Array, limits: JointLimits) -> Array:
    """Return the jerk until the next knot that follows the target best; NaN where the target is unknown.

    Args:
        state: (3, N) position, velocity, acceleration at the present knot.
        target: (3, N) the same of the target.
        target_next: (3, N) of the target at the next knot.
        speed: (N,) largest desired speed [rad/s].
        limits: Limits of acceleration and jerk.

    Returns:
        (N,) jerk [rad/s³] within its limit; whether a brake is possible after it is not checked.
    """
    position, velocity, acceleration = state
    with np.errstate(over="ignore", invalid="ignore"):  # very large targets give inf or NaN: the failsafe continues
        feedback = _approach(target[0] - position, POSITION_GAIN, limits.acceleration)
        desired_velocity = np.minimum(np.maximum(target[1] + feedback, -speed), speed)
        feedback = _approach(desired_velocity - velocity, VELOCITY_GAIN, limits.jerk)
        desired_acceleration = _sum_within_limit(feedback, target[2], limits.acceleration)
        feedback = ACCELERATION_GAIN * (desired_acceleration - acceleration)
        return _sum_within_limit(feedback, (target_next[2] - target[2]) * KNOT_RATE, limits.jerk)


def _approach(error: Array, gain: float, limit: Array) -> Array:
    """Return the rate at which to reduce an error: proportional, at most what half the limit can brake in time."""
    size = np.abs(error)
    return np.copysign(np.minimum(gain * size, np.sqrt(limit * size)), error)


def _sum_within_limit(feedback: Array, feed_forward: Array, limit: Array) -> Array:
    """Return feedback up to the limit, plus as much of the feed-forward as then fits."""
    feedback = np.minimum(np.maximum(feedback, -limit), limit)
    left = limit - np.abs(feedback)
    return np.asarray(feedback + np.minimum(np.maximum(feed_forward, -left), left))
