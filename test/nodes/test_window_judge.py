"""The judge of the hostile test finds each fault that it looks for, and none in a good window."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from window_judge import FAST, FAULTS, JUMP, MOVING, NOT_FINITE, OUTSIDE, PAST, REJECTED, WindowJudge

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import TrajectoryWriter

NOW, KNOTS = 100 * NS, 40


def rest(robot) -> Window:
    count = len(robot.joint_names)
    return Window(0, NOW + NS // 10, np.tile(robot.rest_q, (KNOTS, 1)), np.zeros((KNOTS, count)))


def judged(robot, window: Window, late_ns: int = 0, names: int = 1) -> dict[str, int]:
    """Return the faults of a window that arrives now, or later."""
    judge, group = WindowJudge(robot), next(iter(robot.groups))
    judge.robot.step(NOW)
    message = TrajectoryWriter(robot, group).message(window)
    message.joint_names = list(message.joint_names) * names
    judge.take(group, message, NOW + late_ns, NOW + late_ns)
    assert judge.windows == 1
    return dict(judge.faults)


def test_a_good_window_has_no_fault(demo):
    assert judged(demo, rest(demo)) == {}


@pytest.mark.parametrize(("fault", "row", "position", "velocity"), [
    (NOT_FINITE, 5, math.nan, 0.0), (NOT_FINITE, 5, 0.0, math.inf), (OUTSIDE, 5, 50.0, 0.0), (FAST, 5, 0.0, 1000.0),
    (MOVING, KNOTS - 1, 0.0, 1e-3)])
def test_a_fault_of_one_joint_in_one_knot_is_found(demo, fault, row, position, velocity):
    window = rest(demo)
    column = demo.indices(next(iter(demo.groups.values())))[0]
    window.positions[row, column] += position
    window.velocities[row, column] += velocity
    assert fault in judged(demo, window)


def test_a_window_that_is_over_when_it_is_received_is_found(demo):
    length_ns = (KNOTS - 1) * NS // 50
    assert judged(demo, rest(demo), NS // 10 + length_ns - 1) == {}
    assert judged(demo, rest(demo), NS // 10 + length_ns) == {PAST: 1}


def test_a_jump_of_the_command_is_found(demo):
    window = rest(demo)
    step = np.zeros_like(window.positions)
    step[:, demo.indices(next(iter(demo.groups.values())))[0]] = 0.1
    assert judged(demo, replace(window, stamp_ns=NOW - NS // 10, positions=window.positions + step)) == {JUMP: 1}


def test_a_jump_that_is_allowed_is_no_fault_and_is_kept(demo):
    judge, group = WindowJudge(demo), next(iter(demo.groups))
    judge.robot.step(NOW)
    judge.is_jump_allowed = True
    window = rest(demo)
    window.positions[:] += 1e-3
    judge.take(group, TrajectoryWriter(demo, group).message(replace(window, stamp_ns=NOW - NS // 10)), NOW, NOW)
    assert judge.allowed_jumps == []
    window.positions[:] += 0.1
    judge.take(group, TrajectoryWriter(demo, group).message(replace(window, stamp_ns=NOW - NS // 10)), NOW, NOW)
    assert judge.allowed_jumps == [pytest.approx(0.1)]
    assert not judge.faults


def test_a_message_that_the_controller_rejects_for_another_reason_is_found(demo):
    assert judged(demo, rest(demo), names=2) == {REJECTED: 1}


def test_all_faults_are_distinct():
    assert len(set(FAULTS)) == 7
    assert REJECTED in FAULTS
