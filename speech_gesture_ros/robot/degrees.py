"""Degrees where URDF requires radians: limits and speeds of turning joints that no joint in radians has.

    position   beyond two turns either way, at most two turns in degrees; if most joints are so, all are in degrees
    velocity   the same round number from 25 to 50 for all joints

Larger speeds are placeholders, see `limits`. Converted limits are narrower than the same numbers in radians, so that a
wrong guess makes motion smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from speech_gesture_ros.robot.urdf import UrdfJoint

LARGEST_RAD, LARGEST_DEG = 4 * math.pi, 720.0  # two turns
FASTEST_RAD_S, FASTEST_DEG_S = 25.0, 50.0  # from and to which equal speeds are taken for degrees per second
MOST_SHARE = 0.5  # of the joints with limits in degrees, from which all are
MIN_JOINTS = 3  # with the same speed
REMEDY = "Correct the URDF if they are not."


def in_radians(joints: Sequence[UrdfJoint], notes: list[str]) -> list[UrdfJoint]:
    """Return joints with limits and speeds in radians.

    Args:
        joints: As stated.
        notes: Gets a line if limits or speeds were converted.
    """
    turning = [j for j in joints if j.kind != "prismatic"]
    limited = [j for j in turning if _largest(j) > 0]
    far = {j.name for j in limited if LARGEST_RAD < _largest(j) <= LARGEST_DEG}
    if far and len(far) >= MOST_SHARE * len(limited):
        far = {j.name for j in limited}
    if far:
        notes.append(f"position limits of {_named(far)} are read as degrees: joints do not turn {LARGEST_RAD:.1f} rad. "
                     f"{REMEDY}")
    speeds = {j.velocity for j in turning}
    speed = next(iter(speeds)) if len(speeds) == 1 and len(turning) >= MIN_JOINTS else None
    is_fast = speed is not None and FASTEST_RAD_S < speed < FASTEST_DEG_S and speed == round(speed)
    if is_fast:
        notes.append(f"velocity limits, all {speed:g}, are read as degrees per second. {REMEDY}")
    return [_converted(j, j.name in far, is_fast and j.kind != "prismatic") for j in joints]


def _largest(joint: UrdfJoint) -> float:
    """Return the larger one of both position limits, 0 if they are missing or infinite [as stated]."""
    stated = [abs(value) for value in (joint.lower, joint.upper) if value is not None and math.isfinite(value)]
    return max(stated, default=0.0)


def _converted(joint: UrdfJoint, positions: bool, speeds: bool) -> UrdfJoint:
    """Return a joint with values in degrees converted."""
    if positions:
        joint = replace(joint, lower=_radians(joint.lower), upper=_radians(joint.upper),
                        soft_lower=_radians(joint.soft_lower), soft_upper=_radians(joint.soft_upper))
    return replace(joint, velocity=_radians(joint.velocity)) if speeds else joint


def _radians(value: float | None) -> float | None:
    """Return an angle in degrees in radians; None for None."""
    return None if value is None else math.radians(value)


def _named(joints: set[str]) -> str:
    """Return names for a message, three at most."""
    names = sorted(joints)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} joints more" if len(names) > 3 else "")
