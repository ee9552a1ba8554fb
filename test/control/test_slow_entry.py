"""Speed limits of joints after the robot was engaged or resumed."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.governor import inner_limits
from speech_gesture_ros.control.slow_entry import (
    ENTRY_FASTEST,
    ENTRY_KNOTS,
    ENTRY_RISE,
    ENTRY_SPEED,
    TARGET_REACHED_RAD,
    SlowEntry,
)
from speech_gesture_ros.core.rates import KNOT_RATE

FAR, NEAR = np.full(2, 2 * TARGET_REACHED_RAD), np.array([0.9 * TARGET_REACHED_RAD, 2 * TARGET_REACHED_RAD])
REST = np.zeros(2)


@pytest.fixture
def entry(make_limits) -> SlowEntry:
    limits = make_limits(2)
    return SlowEntry(limits, inner_limits(limits))


def test_all_joints_begin_slowly_enough_for_the_motion_between_knots(entry, make_limits) -> None:
    limits = make_limits(2)
    between_knots = limits.velocity - inner_limits(limits).velocity
    np.testing.assert_allclose(entry.speed + between_knots, ENTRY_SPEED)


def test_joints_with_much_jerk_begin_at_half_the_entry_speed_at_least(make_limits) -> None:
    limits = make_limits(2, velocity=100.0, acceleration=1e4, jerk=1e6)
    np.testing.assert_allclose(SlowEntry(limits, inner_limits(limits)).speed, ENTRY_SPEED / 2)


def test_a_joint_on_its_target_is_slow_until_the_entry_time_is_over(entry) -> None:
    slow = entry.speed
    for _ in range(ENTRY_KNOTS - 1):
        assert not entry.update(NEAR, REST)
    np.testing.assert_array_equal(entry.speed, slow)
    assert entry.update(NEAR, REST)
    assert entry.speed.tolist() == [2.5, slow[1]]


def test_a_joint_that_was_once_at_its_target_stays_fast_and_the_others_follow_one_by_one(entry) -> None:
    for _ in range(ENTRY_KNOTS):
        entry.update(NEAR, REST)
    slow = entry.speed[1]
    assert entry.update(FAR, REST)
    np.testing.assert_allclose(entry.speed, [2.5, slow + ENTRY_RISE / KNOT_RATE])
    assert entry.update(FAR, FAR)
    assert entry.speed.tolist() == [2.5, 2.5]
    assert not entry.update(FAR, FAR)


def test_the_speed_of_a_joint_far_from_its_target_rises_to_that_of_a_fast_entry_and_no_higher(entry) -> None:
    slow = entry.speed
    for _ in range(ENTRY_KNOTS + KNOT_RATE // 5):
        entry.update(FAR, REST)
    np.testing.assert_allclose(entry.speed, slow + ENTRY_RISE / 5)
    for _ in range(2 * KNOT_RATE):
        entry.update(FAR, REST)
    assert entry.speed.tolist() == [ENTRY_FASTEST, ENTRY_FASTEST]


def test_while_the_way_is_blocked_joints_far_from_their_targets_are_slow(entry) -> None:
    slow = entry.speed
    for _ in range(ENTRY_KNOTS + KNOT_RATE):
        entry.update(FAR, REST)
    assert entry.delay()
    np.testing.assert_array_equal(entry.speed, slow)
    assert not entry.delay()


def test_begin_makes_all_joints_slow_again_for_the_whole_entry_time(entry) -> None:
    for _ in range(ENTRY_KNOTS):
        entry.update(REST, REST)
    assert entry.speed.tolist() == [2.5, 2.5]
    entry.begin()
    assert entry.speed.max() < ENTRY_SPEED
    assert not any(entry.update(REST, REST) for _ in range(ENTRY_KNOTS - 1))
