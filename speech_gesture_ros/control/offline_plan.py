"""Plan of a whole motion that is known in advance: from rest to rest, inside all limits, without a clock.

The planner is that of the node (`control.planner`); here the present is unknown, so no knot is frozen and no target is
late. The robot is taken to stand in the first frame: its slow entry is over before time 0.

    first frame held ─────────┬─ frame 0 ── frame 1 ── ... ── last frame ─┬─ held, until the robot rests
    slow entry, not returned  └─ row 0, at rest                           └─ brake tail
"""

from __future__ import annotations

import math

import numpy as np

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.slow_entry import ENTRY_KNOTS
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.core.rates import KNOT_RATE, KNOTS_PER_POSE, POSE_RATE
from speech_gesture_ros.robot.description import RobotDescription


def plan_offline(description: RobotDescription, joints: JointChunk) -> Plan:
    """Plan a motion that is already retargeted.

    Args:
        description: Limits and capsules.
        joints: (T, N) configurations at 25 Hz [rad], T of 1 or more, starting at frame 0.

    Returns:
        Knots at 50 Hz; row 0 is at rest in frame 0, row 2 k belongs to frame k, rows after the last frame brake.

    Raises:
        RobotError: If the plan does not keep the limits.
    """
    planner = MotionPlanner(description)
    reach = math.ceil(planner.latency_s * POSE_RATE)  # frames to each side that a knot depends on
    entry = ENTRY_KNOTS // KNOTS_PER_POSE + reach
    values = joints.values.copy()
    values[:reach + 1] = values[:1]
    held = np.concatenate([np.repeat(values[:1], entry, axis=0), values, np.repeat(values[-1:], reach, axis=0)])
    planner.seed(values[0])
    planner.push(JointChunk(0, held))
    plan = _without_beginning(planner.plan(math.nan), entry * KNOTS_PER_POSE)
    fault = validate_window(plan, description.limits, None)
    if fault:
        raise RobotError("planned motion", fault, f"inside the limits at {KNOT_RATE} Hz", "Report it as a bug.")
    return plan


def _without_beginning(plan: Plan, knots: int) -> Plan:
    """Return a plan without its first knots, from index 0 on."""
    return Plan(0, plan.positions[knots:], plan.velocities[knots:], plan.brakes[knots:])
