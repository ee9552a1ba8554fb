from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.tracking_monitor import LAG_S, PATIENCE_S, TrackingMonitor
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import JointLimits

LIMITS = JointLimits(np.full(2, -2.0), np.array([2.0, -1.8]), np.full(2, 3.0), np.full(2, 20.0), np.full(2, 400.0))
STEP_NS = NS // KNOT_RATE


def course(t: np.ndarray) -> np.ndarray:
    """(T, 2) a fast motion of the first joint; the second, which has little room, stands."""
    t = np.maximum(t, 0.0)
    return np.stack([0.8 * np.sin(4 * t), np.full_like(t, -1.9)], axis=-1)


def windows(guard: TrackingMonitor, seconds: float):
    """Windows of a second each, published 25 times a second; yields the time [ns] after each."""
    for k in range(0, round(seconds * KNOT_RATE), 2):
        rows = course((k - 2 + np.arange(KNOT_RATE)) / KNOT_RATE)
        guard.record(Window(k - 2, 10 * NS + (k - 2) * STEP_NS, rows, np.zeros_like(rows)))
        yield 10 * NS + k * STEP_NS


def judged(guard: TrackingMonitor, lag_s: float, seconds: float = 6.0, offset: float = 0.0):
    """The first complaint about a robot that trails by a time and stands off by an offset; None if there is none."""
    for now_ns in windows(guard, seconds):
        q = course(np.array(now_ns / NS - 10 - lag_s))
        deviation = guard.check(q + np.array([offset, 0.0]), now_ns)
        if deviation is not None:
            return deviation, now_ns
    return None


@pytest.mark.parametrize("lag_s", [0.0, 0.1, 0.3, LAG_S - 0.02])
def test_a_robot_whose_servos_trail_is_well(lag_s: float) -> None:
    assert judged(TrackingMonitor(LIMITS, 0.05), lag_s) is None


def test_a_robot_that_stands_off_by_less_than_the_tolerance_is_well() -> None:
    assert judged(TrackingMonitor(LIMITS, 0.35), 0.1, offset=0.3) is None


def test_a_joint_that_stays_elsewhere_is_named_once_it_has_been_off_for_too_long() -> None:
    guard = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(guard, 4.0):
        deviation = guard.check(np.array([-1.3, -1.9]), now_ns)
        assert deviation is None or now_ns - 10 * NS >= PATIENCE_S * NS
        if deviation is not None:
            assert deviation.joint == 0
            assert deviation.error > 0.35
            assert now_ns - 10 * NS <= (PATIENCE_S + 0.1) * NS
            return
    pytest.fail("nobody noticed")


@pytest.mark.parametrize("held_at", [0.0, 0.3, -0.7])
def test_a_joint_that_is_held_in_the_midst_of_its_motion_is_named(held_at: float) -> None:
    """Commands go to and fro about it, so that one of them was there lately."""
    guard = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(guard, 4.0):
        deviation = guard.check(np.array([held_at, -1.9]), now_ns)
        if deviation is not None:
            assert deviation.joint == 0
            assert now_ns - 10 * NS < 1.5 * NS
            return
    pytest.fail("nobody noticed")


def test_a_short_joint_is_held_to_less() -> None:
    guard = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(guard, 1.0):
        deviation = guard.check(course(np.array(now_ns / NS - 10)) + np.array([0.0, 0.15]), now_ns)
    assert deviation is not None
    assert deviation.joint == 1


def test_a_tolerance_of_0_tolerates_everything() -> None:
    assert judged(TrackingMonitor(LIMITS, 0.0), 3.0, offset=2.0) is None


def test_a_moment_off_is_forgiven() -> None:
    guard = TrackingMonitor(LIMITS, 0.1)
    for now_ns in windows(guard, 3.0):
        is_glitch = (now_ns // (NS // 5)) % 2 == 0  # every other fifth of a second
        assert guard.check(course(np.array(now_ns / NS - 10)) + 1.5 * is_glitch, now_ns) is None


def test_before_any_command_the_robot_is_to_stand_where_it_began() -> None:
    guard = TrackingMonitor(LIMITS, 0.1)
    guard.reset(np.array([0.5, -1.9]))
    assert guard.check(np.array([0.5, -1.9]), 10 * NS) is None
    guard.check(np.array([0.0, -1.9]), 10 * NS)
    assert guard.check(np.array([0.0, -1.9]), 11 * NS) is not None


def test_it_remembers_no_more_than_it_needs() -> None:
    guard = TrackingMonitor(LIMITS, 0.1)
    for now_ns in windows(guard, 30.0):
        guard.check(course(np.array(now_ns / NS - 10)), now_ns)
    assert len(guard._times_ns) < 2.2 * KNOT_RATE
    assert len(guard._measured) < 1.1 * KNOT_RATE
    assert np.all(np.diff(guard._times_ns) > 0)
