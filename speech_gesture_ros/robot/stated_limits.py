"""Joint limits as a source states them, in the format of `joint_limits` that ros2_control and MoveIt share.

    joint_limits:
      left_elbow: {has_velocity_limits: true, max_velocity: 1.5}

A value counts only together with its `has_...: true`; either alone sets nothing. Every mapping called `joint_limits` in
a file is read: MoveIt has it at the top, parameter files below a node and `ros__parameters`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.robot.urdf import UrdfJoint

URDF = "the URDF"
MAX_DEPTH = 6  # nested mappings in which `joint_limits` is searched
VALUES = {
    "has_position_limits": ("min_position", "max_position"),
    "has_velocity_limits": ("max_velocity",),
    "has_acceleration_limits": ("max_acceleration",),
    "has_deceleration_limits": ("max_deceleration",),
    "has_jerk_limits": ("max_jerk",),
    "has_soft_limits": ("soft_lower_limit", "soft_upper_limit"),
}
FIELDS = {"min_position": "lower", "max_position": "upper", "max_velocity": "velocity",
          "max_acceleration": "acceleration", "max_deceleration": "deceleration", "max_jerk": "jerk",
          "soft_lower_limit": "soft_lower", "soft_upper_limit": "soft_upper"}
UNUSED = ("has_effort_limits", "max_effort", "angle_wraparound", "k_position", "k_velocity", "min_velocity",
          "min_acceleration", "min_jerk")  # valid keys that gestures do not use


@dataclass(frozen=True)
class StatedLimits:
    """Limits of one joint in one source; None: not stated [rad, s; m for prismatic joints].

    Attributes:
        source: Name of the source in notes: "the URDF", "the profile", a file.
    """

    source: str
    lower: float | None = None
    upper: float | None = None
    velocity: float | None = None
    acceleration: float | None = None
    deceleration: float | None = None
    jerk: float | None = None
    soft_lower: float | None = None
    soft_upper: float | None = None


def limits_of_urdf(joint: UrdfJoint) -> StatedLimits:
    """Return the limits in `<limit>` and `<safety_controller>` of a joint."""
    return StatedLimits(URDF, joint.lower, joint.upper, joint.velocity, joint.acceleration, joint.deceleration,
                        joint.jerk, joint.soft_lower, joint.soft_upper)


def load_joint_limits(path: Path) -> dict[str, StatedLimits]:
    """Read a `joint_limits` YAML of ros2_control or MoveIt.

    Returns:
        Joint name to its limits in the file.

    Raises:
        ConfigError: If there is no such file, no `joint_limits` in it, or an invalid key or value.
    """
    found = list(_sections(load_yaml(path), 0))
    if not found:
        raise ConfigError(f"joint_limits in {path}", None, "a mapping of joint names",
                          "Write 'joint_limits:' and the joints below it.")
    return {joint: limits for section in found for joint, limits in read_joint_limits(section, path.name).items()}


def read_joint_limits(section: Mapping[str, Any], source: str, is_strict: bool = False) -> dict[str, StatedLimits]:
    """Return the limits in a `joint_limits` mapping by joint name.

    Args:
        section: Joint name to keys and values.
        source: Name of the source in messages and notes.
        is_strict: Whether implausible values are errors; else `limits` replaces them.

    Raises:
        ConfigError: On unknown keys, `has_...` that is not true or false, and values that are not numbers.
    """
    limits = {str(joint): _joint_limits(entry, f"joint_limits of {joint} in {source}", source)
              for joint, entry in section.items()}
    for joint, stated in limits.items() if is_strict else ():
        for pair in ((stated.lower, stated.upper), (stated.soft_lower, stated.soft_upper)):
            if pair[0] is not None and pair[1] is not None and not pair[0] < pair[1]:
                raise ConfigError(f"position limits of {joint} in {source}", pair, "lower < upper", "Correct them.")
        for kind in ("velocity", "acceleration", "deceleration", "jerk"):
            value = getattr(stated, kind)
            if value is not None and not 0 < value < math.inf:
                raise ConfigError(f"{kind} limit of {joint} in {source}", value, "above 0 and finite", "Correct it.")
    return limits


def _sections(data: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping) and key == "joint_limits":
            yield value
        elif isinstance(value, Mapping) and depth < MAX_DEPTH:
            yield from _sections(value, depth + 1)


def _joint_limits(entry: Any, where: str, source: str) -> StatedLimits:
    if not isinstance(entry, Mapping):
        raise ConfigError(where, entry, "a mapping of keys like has_velocity_limits", "Indent the keys below it.")
    known = {*VALUES, *FIELDS, *UNUSED}
    for key in entry:
        if key not in known:
            raise ConfigError(f"{where}: key", key, f"one of {sorted(known)}", "Correct the spelling.")
    stated: dict[str, float] = {}
    for flag, keys in VALUES.items():
        if not isinstance(entry.get(flag, False), bool):
            raise ConfigError(f"{where}: {flag}", entry[flag], "true or false", "Correct it.")
        values = [_number(entry[key], f"{where}: {key}") for key in keys if entry.get(key) is not None]
        if entry.get(flag, False) and len(values) == len(keys):
            stated |= {FIELDS[key]: value for key, value in zip(keys, values)}
    return StatedLimits(source, **stated)


def _number(value: Any, where: str) -> float:
    """Return a number; YAML reads 1e-3, without a point, as text."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise ConfigError(where, value, "a number", "Correct it.")
    return number
