"""Joint states put together from messages about parts of the robot."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.joint_readings import OUTSIDE_RAD, UNLIMITED, JointReadings, position_bounds
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import JointLimits

LIMITS = JointLimits(*(np.full(2, value) for value in (-1.0, 1.0, 2.0, 10.0, 100.0)))


def test_there_is_no_reading_until_every_joint_was_received():
    readings = JointReadings(("a", "b"))
    readings.update(["a"], [1.0], 10)
    assert readings.reading() is None
    assert readings.missing == ("b",)
    readings.update(["other", "b"], [9.0, 2.0], 20)
    q, received_ns = readings.reading()
    assert q.tolist() == [1.0, 2.0]
    assert received_ns == 10, "as old as the oldest joint"


def test_the_order_of_joints_does_not_depend_on_the_message():
    readings = JointReadings(("a", "b", "c"))
    readings.update(["c", "a", "b"], [3.0, 1.0, 2.0], 5)
    assert readings.reading()[0].tolist() == [1.0, 2.0, 3.0]


def test_of_a_joint_that_is_given_twice_the_last_position_counts():
    readings = JointReadings(("a", "b"))
    readings.update(["a", "b", "a"], [1.0, 2.0, 3.0], 5)
    assert readings.reading()[0].tolist() == [3.0, 2.0]


def test_a_position_that_is_not_finite_counts_as_not_received():
    readings = JointReadings(("a",))
    readings.update(["a"], [np.nan], 5)
    assert readings.reading() is None
    readings.update(["a"], [1.0], 6)
    readings.update(["a"], [np.inf], 7)
    assert readings.reading()[0].tolist() == [1.0]
    assert readings.reading()[1] == 6


def test_names_without_positions_are_ignored():
    readings = JointReadings(("a",))
    readings.update(["a"], [], 5)
    assert readings.missing == ("a",)


def test_readings_from_before_the_clock_was_set_back_are_forgotten():
    readings = JointReadings(("a", "b"))
    readings.update(["a", "b"], [1.0, 2.0], 100)
    readings.update(["a"], [1.5], 10)
    assert readings.missing == ("b",)
    assert readings.reading() is None
    readings.update(["b"], [2.5], 11)
    assert readings.reading()[1] == 10


def test_joints_at_nan_are_reported_until_they_have_a_number():
    readings = JointReadings(("a", "b"))
    readings.update(["a", "b", "c"], [float("nan"), 1.0, float("nan")], 10)
    assert readings.not_finite == ("a",)
    readings.update(["a"], [0.0], 11)
    assert readings.not_finite == ()


def test_only_recent_positions_are_fresh():
    readings = JointReadings(("a", "b", "c"))
    readings.update(["a"], [1.0], 10**9)
    readings.update(["b"], [2.0], 3 * 10**9)
    np.testing.assert_array_equal(readings.fresh(3 * 10**9 + 1, 1.0), [np.nan, 2.0, np.nan])


@pytest.mark.parametrize("position", [100.0, -100.0, 1e300, -1e300, 1.0 + 3.0])
def test_a_position_far_outside_the_limits_is_refused_by_name(position, caplog):
    readings = JointReadings(("a", "b"), LIMITS)
    for now_ns in range(10):
        readings.update(["a", "b"], [0.5, position], now_ns)
    assert readings.reading() is None
    assert readings.missing == readings.outside == ("b",)
    assert [record.getMessage().split(" is at ")[0] for record in caplog.records] == ["joint b"]
    readings.update(["b"], [1.02], 10)
    assert readings.outside == ()
    assert readings.reading()[0].tolist() == [0.5, 1.02]


def test_two_publishers_that_disagree_about_a_joint_are_found():
    readings = JointReadings(("a", "b"))
    for k in range(20):
        readings.update(["a", "b"], [0.1 if k % 2 else 0.9, 0.02 * k], k * NS // 100)
    assert readings.contradictions(20 * NS // 100) == ("a",)
    assert readings.contradictions(2 * NS) == ()


def test_a_continuous_joint_may_have_turned_many_times_but_not_without_end():
    readings = JointReadings(("a", "b"), LIMITS, continuous=("b",))
    readings.update(["a", "b"], [0.0, -20.0], 0)
    assert readings.reading()[0].tolist() == [0.0, -20.0]
    readings.update(["b"], [1e300], 1)
    assert readings.outside == ("b",)


def test_bounds_of_positions_are_the_limits_and_half_a_radian_more(demo) -> None:
    joints = demo.model.urdf.joints
    bounds = position_bounds(joints)
    bounded = next(joint for joint in joints if joint.kind == "revolute")
    fixed = next(joint for joint in joints if joint.kind == "fixed")
    assert bounds[bounded.name] == (bounded.lower - OUTSIDE_RAD, bounded.upper + OUTSIDE_RAD)
    assert bounds[fixed.name] == UNLIMITED


def test_a_continuous_joint_where_its_encoder_begins_a_new_turn_does_not_contradict_itself():
    readings = JointReadings(("a", "b"), LIMITS, continuous=("b",))
    for k in range(20):
        readings.update(["b"], [3.141 if k % 2 else -3.141], k * NS // 100)
    assert readings.contradictions(20 * NS // 100) == ()
    for k in range(20, 40):
        readings.update(["b"], [0.1 if k % 2 else 0.9], k * NS // 100)
    assert readings.contradictions(40 * NS // 100) == ("b",)
