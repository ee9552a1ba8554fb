"""Any robot, any motion: no command outside the limits, no exception without a clear message.

More examples: SPEECH_GESTURE_EXAMPLES=5000 pytest test/safety -k random
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.retargeting import RetargetStage, describe_robot

EXAMPLES = int(os.environ.get("SPEECH_GESTURE_EXAMPLES", "20"))
SKELETON = load_skeleton()


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None, derandomize="SPEECH_GESTURE_EXAMPLES" not in os.environ, database=None,
          suppress_health_check=list(HealthCheck), print_blob=True)
@given(seed=st.integers(0, 2**32 - 1), arm_joints=st.integers(3, 8))
@example(seed=3116169, arm_joints=4)  # a locked joint with a lower limit of 1e300
def test_any_robot_with_any_motion_stays_within_its_limits(random_robot, motion_of_any_kind, audit, seed: int,
                                                           arm_joints: int) -> None:
    rng = np.random.default_rng(seed + 1)
    try:
        robot = describe_robot(random_robot(seed, arm_joints).urdf)
    except InputError:  # refused with the thing, its value and the remedy
        return
    limits = robot.limits
    stage, planner = RetargetStage(robot, SKELETON), MotionPlanner(robot)
    outside = rng.random() < 0.2  # begin beyond the limits
    start = rng.normal(0, 4, len(limits)) if outside else rng.uniform(limits.lower, limits.upper)
    start = robot.rest_q if rng.random() < 0.5 else start
    planner.seed(start)
    first = planner.plan(0.0).positions
    assert np.array_equal(first[0], start), "the first command is a jump"
    checker = SelfCollisionChecker(robot)
    is_clear = min(checker.min_clearance(row) for row in first) > 0.01
    motion = motion_of_any_kind(seed, 40, SKELETON)
    previous, frame = None, 0
    while frame < len(motion):
        count = int(rng.integers(1, 6))
        joints = stage.push(PoseChunk(frame, motion[frame:frame + count])).values
        frame += count
        assert np.all((joints >= limits.lower - 1e-12) & (joints <= limits.upper + 1e-12)), "inverse kinematics"
        if rng.random() < 0.1:
            planner.brake()
        elif rng.random() < 0.1:
            planner.resume()
        planner.push(JointChunk(frame - count, joints))
        window = planner.plan(2 * frame - 14 + rng.integers(0, 8))
        assert validate_window(window, limits, previous) is None
        inside = np.all((window.positions >= limits.lower) & (window.positions <= limits.upper), axis=0)
        faults = audit(window.positions[:, inside], window.velocities[:, inside], part(limits, inside))
        assert faults == []
        if is_clear:
            assert min(checker.min_clearance(row) for row in window.positions) >= 0.01 - 1e-6
        previous = window


def part(limits, joints: np.ndarray):
    """Limits of some joints."""
    values = (getattr(limits, name)[joints] for name in ("lower", "upper", "velocity", "acceleration", "jerk"))
    return type(limits)(*values)
