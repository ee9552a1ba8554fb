"""Joint states put together from messages about parts of the robot."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.agent.joint_readings import JointReadings


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
