"""Measured joint positions: their age, and the positions that are held during a motion."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints


@pytest.fixture
def clock() -> list[int]:
    return [100 * NS]


@pytest.fixture
def joints(clock: list[int]) -> MeasuredJoints:
    return MeasuredJoints(0.5, lambda: clock[0])


def window(stamp_ns: int) -> Window:
    return Window(0, stamp_ns, np.zeros((10, 1)), np.zeros((10, 1)))


def test_positions_of_a_robot_without_recent_states_are_not_used(joints: MeasuredJoints, clock: list[int]) -> None:
    """Its arms may have been moved: a command to the old positions would be a jump."""
    assert joints.latest(("a",)) is None
    joints.update(["a", "b"], [1.0, 2.0])
    clock[0] += NS // 2
    np.testing.assert_array_equal(joints.latest(("b", "a")), [2.0, 1.0])
    joints.update(["a"], [1.5])
    clock[0] += 1
    assert joints.latest(("b", "a")) is None
    assert joints.missing(("a", "b")) == "no position for 0.5 s of b, which the controller has too"
    joints.update(["b", "b"], [3.0, float("nan")])
    np.testing.assert_array_equal(joints.latest(("a", "b")), [1.5, 3.0])
    assert joints.missing(("a", "b")) == ""


def test_held_positions_do_not_change_while_windows_follow_one_another(joints: MeasuredJoints) -> None:
    joints.update(["a"], [1.0])
    assert joints.follow(window(NS))
    joints.update(["a"], [0.9])
    assert not joints.follow(window(NS + NS // 10))
    assert joints.positions == {"a": 1.0}, "under load it is measured lower, and must not sink"
    assert joints.follow(window(2 * NS))
    assert joints.positions == {"a": 0.9}, "after a pause another node may have moved it"


@pytest.mark.parametrize("position", [1e300, -1e300, 5.6, -5.6, float("nan"), float("inf")])
def test_a_position_out_of_bounds_is_no_position(clock: list[int], position: float) -> None:
    """A joint that gestures do not move is held where it is measured: a false position would be commanded."""
    joints = MeasuredJoints(0.5, lambda: clock[0], {"a": (-5.5, 5.5)})
    joints.update(["a", "b"], [position, 5.6])
    assert joints.latest(("a",)) is None
    assert joints.latest(("b",)) is not None
    joints.update(["a"], [5.4])
    np.testing.assert_array_equal(joints.latest(("a",)), [5.4])


def test_positions_beyond_any_joint_are_refused_also_without_bounds(joints: MeasuredJoints) -> None:
    joints.update(["a"], [2e4])
    assert joints.latest(("a",)) is None
