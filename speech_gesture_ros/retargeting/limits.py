"""From the limits that a URDF states to limits that can be relied on, each replacement with a line that says so.

Real files hold limits that are missing, swapped, 0, -1 or 10 000 rad/s. The rules, in this order:

    position   swapped               → put in order
               missing, continuous   → one turn, [-pi, pi]
               empty (lower = upper) → half a radian to both sides
    velocity   missing, 0, negative, above 50 rad/s     → `DEFAULT_SPEED`
               above `MAX_SPEED`, the fastest that gestures ask for → that
    acceleration  full speed after 0.1 s          (URDF has none: so quick a servo can follow a spoken stroke,
    jerk          full acceleration after 0.05 s   0.6 rad in 0.3 s at minimum jerk: 38 rad/s^2, 1300 rad/s^3)

The envelope then narrows all of them: what gesturing may use of what the robot can do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.robot import JointLimits
from speech_gesture_ros.retargeting.urdf import UrdfJoint

DEFAULT_SPEED = 1.5  # [rad/s] where the URDF says nothing believable: the slowest arm that states a speed (Baxter)
DEFAULT_PRISMATIC_SPEED = 0.04  # [m/s] the slowest torso lift that states one (TIAGo Pro)
PLACEHOLDER_SPEED = 50.0  # [rad/s] between the fastest plausible value met (Draco 3: 44.5) and placeholders (100 up)
MAX_SPEED = 8.0  # [rad/s] our choice: about twice the peak of a stroke of 0.6 rad in 0.3 s at minimum jerk
EMPTY_RANGE = 0.5  # [rad] each way where lower equals upper
TIME_TO_SPEED_S = 0.1
TIME_TO_ACCELERATION_S = 0.05


@dataclass(frozen=True)
class Envelope:
    """Share of each limit that gestures may use, 0 to 1; positions are narrowed about the middle of their range."""

    position: float = 0.96
    velocity: float = 0.9
    acceleration: float = 1.0
    jerk: float = 1.0

    def __post_init__(self) -> None:
        for name in ("position", "velocity", "acceleration", "jerk"):
            if not 0.05 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"envelope {name}", getattr(self, name), "0.05 to 1", "Give a share of the limit.")


def position_range(joint: UrdfJoint, notes: list[str]) -> tuple[float, float]:
    """Smallest and largest position of one joint [rad or m]; adds to `notes` what was replaced."""
    lower, upper = joint.lower, joint.upper
    unlimited = joint.kind == "continuous" or lower is None or upper is None
    if unlimited or not (math.isfinite(lower or 0.0) and math.isfinite(upper or 0.0)):
        if joint.kind == "prismatic":
            notes.append(f"joint {joint.name}: no position limits; 1 mm about 0 assumed")
            return -5e-4, 5e-4
        notes.append(f"joint {joint.name}: no position limits ({joint.kind}); one turn, -pi to pi, assumed")
        return -math.pi, math.pi
    low, high = float(lower or 0.0), float(upper or 0.0)
    if low > high:
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} are swapped; put in order")
        low, high = high, low
    if high - low < 1e-3:
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} are empty; {EMPTY_RANGE:g} rad to both "
                     "sides assumed")
        low, high = low - EMPTY_RANGE, high + EMPTY_RANGE
    if joint.kind == "revolute":
        low, high = max(low, -2 * math.pi), min(high, 2 * math.pi)
    return low, high


def speed_limit(joint: UrdfJoint, notes: list[str]) -> float:
    """Largest speed of one joint [rad/s or m/s]; adds to `notes` what was replaced."""
    default = DEFAULT_PRISMATIC_SPEED if joint.kind == "prismatic" else DEFAULT_SPEED
    if joint.velocity is None or not 0.0 < joint.velocity < PLACEHOLDER_SPEED:
        stated = "missing" if joint.velocity is None else f"{joint.velocity:g}"
        notes.append(f"joint {joint.name}: velocity limit {stated} is not believable; {default:g} assumed")
        return default
    if joint.velocity > MAX_SPEED:
        notes.append(f"joint {joint.name}: velocity limit {joint.velocity:g} is more than gestures need; "
                     f"{MAX_SPEED:g} used")
    return min(joint.velocity, MAX_SPEED)


def joint_limits(joints: list[UrdfJoint], envelope: Envelope, notes: list[str]) -> JointLimits:
    """Limits of the joints that gestures move, inside the envelope.

    Args:
        joints: The N joints, in the order of `q`.
        envelope: Share of each limit to use.
        notes: Gets one line for each value that was replaced.
    """
    ranges = np.array([position_range(j, notes) for j in joints]).reshape(-1, 2)
    speed = np.array([speed_limit(j, notes) for j in joints])
    middle, half = ranges.mean(axis=1), 0.5 * envelope.position * np.ptp(ranges, axis=1)
    acceleration = speed / TIME_TO_SPEED_S
    return JointLimits(lower=middle - half, upper=middle + half, velocity=envelope.velocity * speed,
                       acceleration=envelope.acceleration * acceleration,
                       jerk=envelope.jerk * acceleration / TIME_TO_ACCELERATION_S)
