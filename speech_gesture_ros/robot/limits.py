"""Joint limits from all sources of a robot, with implausible values replaced and noted.

For each joint and each kind of limit the first source with a plausible value counts:

    profile  →  joint_limits YAML (ros2_control, MoveIt)  →  URDF <limit>, narrowed by <safety_controller>  →  default

Real files hold limits that are missing, swapped, 0, -1 or 10 000 rad/s. The rules:

    position   swapped               → exchanged
               in degrees            → converted, see `degrees`
               missing, continuous without a plausible range → one turn, [-pi, pi]; one side missing: 0, as URDF has it
               infinite on one side  → half a turn beyond zero, or beyond the other side
               empty (lower = upper) → half a radian to both sides
               beyond a turn         → at most one turn to each side of zero
    velocity   missing, 0, negative, from 50 rad/s on    → `DEFAULT_SPEED`
               above `MAX_SPEED`, the highest that gestures need → that
    acceleration  the lower of acceleration and deceleration, at most `MAX_ACCELERATION`; else full speed after 0.1 s
    jerk          at most `MAX_JERK`; else full acceleration after 0.05 s
                  (enough for a stroke of 0.6 rad in 0.3 s at minimum jerk: 38 rad/s^2, 1300 rad/s^3)

The envelope then narrows all of them: the share of the limits that gestures may use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.degrees import in_radians
from speech_gesture_ros.robot.description import JointLimits
from speech_gesture_ros.robot.stated_limits import URDF, StatedLimits, limits_of_urdf
from speech_gesture_ros.robot.urdf import UrdfJoint

DEFAULT_SPEED = 1.5  # [rad/s] without a plausible value: the slowest arm that states a speed (Baxter)
DEFAULT_PRISMATIC_SPEED = 0.04  # [m/s] the slowest torso lift that states one (TIAGo Pro)
PLACEHOLDER_SPEED = 50.0  # [rad/s] between the fastest plausible value found (Draco 3: 44.5) and placeholders (100 up)
MAX_SPEED = 8.0  # [rad/s] chosen: about twice the peak of a stroke of 0.6 rad in 0.3 s at minimum jerk
MIN_LIMIT = 1e-3  # [rad/s or m/s, and their derivatives] smaller limits are placeholders
EMPTY_TURN_RAD, EMPTY_TRAVEL_M = 0.5, 5e-4  # each way where lower equals upper
MAX_TURN_RAD, MAX_TRAVEL_M = 2 * math.pi, 2.0  # largest positions of turning and sliding joints
TIME_TO_SPEED_S = 0.1
TIME_TO_ACCELERATION_S = 0.05
MAX_ACCELERATION = MAX_SPEED / TIME_TO_SPEED_S
MAX_JERK = MAX_ACCELERATION / TIME_TO_ACCELERATION_S

Sources = Sequence[Mapping[str, StatedLimits]]


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


def joint_limits(joints: list[UrdfJoint], envelope: Envelope, notes: list[str], sources: Sources = ()) -> JointLimits:
    """Return the limits of the commanded joints, inside the envelope.

    Args:
        joints: The N joints, in the order of `q`.
        envelope: Share of each limit to use.
        notes: Gets one line for each value that was replaced.
        sources: Sources with priority over the URDF, the highest first: joint name to its stated limits.
    """
    joints = in_radians(joints, notes)
    ranges = np.array([position_range(j, notes, sources) for j in joints]).reshape(-1, 2)
    speed = np.array([speed_limit(j, notes, sources) for j in joints])
    acceleration = np.array([acceleration_limit(j, v, notes, sources) for j, v in zip(joints, speed)])
    jerk = np.array([_stated(j, "jerk", MAX_JERK, notes, sources) or a / TIME_TO_ACCELERATION_S
                     for j, a in zip(joints, acceleration)])
    middle, half = ranges.mean(axis=1), 0.5 * envelope.position * np.ptp(ranges, axis=1)
    return JointLimits(lower=middle - half, upper=middle + half, velocity=envelope.velocity * speed,
                       acceleration=envelope.acceleration * acceleration, jerk=envelope.jerk * jerk)


def speed_limit(joint: UrdfJoint, notes: list[str], sources: Sources = ()) -> float:
    """Return the velocity limit of one joint [rad/s or m/s]; adds a note for each value replaced."""
    noted = len(notes)
    speed = _stated(joint, "velocity", MAX_SPEED, notes, sources, below=PLACEHOLDER_SPEED)
    if speed is None:
        speed, unit = (DEFAULT_PRISMATIC_SPEED, "m/s") if joint.kind == "prismatic" else (DEFAULT_SPEED, "rad/s")
        why = "" if len(notes) > noted else "no velocity limit; "
        notes.append(f"joint {joint.name}: {why}{speed:g} {unit} assumed")
    return speed


def acceleration_limit(joint: UrdfJoint, speed: float, notes: list[str], sources: Sources = ()) -> float:
    """Return the acceleration limit of one joint [rad/s^2 or m/s^2]; adds a note for each value replaced."""
    stated = [_stated(joint, kind, MAX_ACCELERATION, notes, sources) for kind in ("acceleration", "deceleration")]
    return min((value for value in stated if value is not None), default=speed / TIME_TO_SPEED_S)


def position_range(joint: UrdfJoint, notes: list[str], sources: Sources = ()) -> tuple[float, float]:
    """Return the position limits of one joint [rad or m]; adds a note for each value replaced."""
    soft: list[StatedLimits] = []
    for stated in _stated_limits(joint, sources):
        if stated.soft_lower is not None and stated.soft_upper is not None:
            soft.append(stated)
        if stated.source == URDF or (stated.lower is not None and stated.upper is not None):
            break
    low, high = _plausible_range(joint, stated, notes)
    if stated.source != URDF and joint.lower is not None and joint.upper is not None \
            and (low < joint.lower - 1e-3 or high > joint.upper + 1e-3):
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} in {stated.source} are wider than "
                     f"{joint.lower:g} to {joint.upper:g} in {URDF}")
    for stated in soft:
        narrow = max(low, stated.soft_lower or 0.0), min(high, stated.soft_upper or 0.0)
        if narrow[1] - narrow[0] >= 1e-3:
            low, high = narrow
        else:
            notes.append(f"joint {joint.name}: soft limits {stated.soft_lower:g} to {stated.soft_upper:g} in "
                         f"{stated.source} do not overlap {low:g} to {high:g}; not used")
    return low, high


def _stated_limits(joint: UrdfJoint, sources: Sources) -> list[StatedLimits]:
    """Return the limits of a joint in all sources, the URDF last."""
    return [source[joint.name] for source in sources if joint.name in source] + [limits_of_urdf(joint)]


def _stated(joint: UrdfJoint, kind: str, most: float, notes: list[str], sources: Sources, below: float = math.inf
            ) -> float | None:
    """Return the first plausible value of one kind, no larger than `most`; None if there is none."""
    unit = _unit(joint, kind)
    for stated in _stated_limits(joint, sources):
        value: float | None = getattr(stated, kind)
        if value is not None and MIN_LIMIT <= value < below:
            if value > most:
                notes.append(f"joint {joint.name}: {kind} limit {value:g} {unit} in {stated.source} replaced by "
                             f"{most:g} {unit}")
            return min(value, most)
        if value is not None:
            notes.append(f"joint {joint.name}: {kind} limit {value:g} {unit} in {stated.source} is not plausible")
    return None


def _unit(joint: UrdfJoint, kind: str) -> str:
    """Return the unit of one kind of limit of a joint."""
    order = {"velocity": "s", "jerk": "s^3"}.get(kind, "s^2")
    return f"{'m' if joint.kind == 'prismatic' else 'rad'}/{order}"


def _plausible_range(joint: UrdfJoint, stated: StatedLimits, notes: list[str]) -> tuple[float, float]:
    """Return the hard position limits of one source, with implausible values replaced."""
    slides = joint.kind == "prismatic"
    whole, largest, empty, unit = (2 * EMPTY_TRAVEL_M, MAX_TRAVEL_M, EMPTY_TRAVEL_M, "m") if slides \
        else (2 * math.pi, MAX_TURN_RAD, EMPTY_TURN_RAD, "rad")
    ends = [value for value in (stated.lower, stated.upper) if value is not None]
    finite = [value for value in ends if math.isfinite(value)]
    is_endless = joint.kind == "continuous" and stated.source == URDF and (
        len(finite) < 2 or not finite[0] < finite[1] <= finite[0] + 2 * MAX_TURN_RAD)
    if not finite or is_endless:
        assumed = "1 mm about 0" if slides else "one turn, -pi to pi,"
        notes.append(f"joint {joint.name}: no position limits ({joint.kind}); {assumed} assumed")
        return -whole / 2, whole / 2
    if len(ends) == 1:
        notes.append(f"joint {joint.name}: one position limit is missing, the other is {ends[0]:g}; 0 assumed")
        finite = [0.0, ends[0]] if stated.lower is None else [ends[0], 0.0]
    elif len(finite) == 1:
        end, is_upper = finite[0], finite[0] == stated.upper
        finite = [min(-whole / 2, end - whole / 2), end] if is_upper else [end, max(whole / 2, end + whole / 2)]
        notes.append(f"joint {joint.name}: one position limit is infinite, the other is {end:g}; "
                     f"{finite[0]:g} to {finite[1]:g} assumed")
    low, high = finite
    if low > high:
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} are swapped; exchanged")
        low, high = high, low
    if min(abs(low), abs(high)) > largest - empty and low * high > 0:
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} are not plausible; "
                     f"{-whole / 2:.3g} to {whole / 2:.3g} {unit} assumed")
        return -whole / 2, whole / 2
    if low < -largest or high > largest:
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} are too far from 0; "
                     f"limited to {largest:.3g} {unit} each way")
        low, high = max(low, -largest), min(high, largest)
    if high - low < (1e-5 if slides else 1e-3):
        notes.append(f"joint {joint.name}: position limits {low:g} to {high:g} have no range; {empty:g} {unit} to each "
                     "side assumed")
        low, high = low - empty, high + empty
    return low, high
