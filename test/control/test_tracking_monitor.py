from __future__ import annotations

import pickle

import numpy as np
import pytest

from speech_gesture_ros.control.tracking_monitor import ERROR_TIME_S, LAG_S, TrackingMonitor
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import JointLimits

LIMITS = JointLimits(np.full(2, -2.0), np.array([2.0, -1.8]), np.full(2, 3.0), np.full(2, 20.0), np.full(2, 400.0))
STEP_NS = NS // KNOT_RATE


def course(t: np.ndarray) -> np.ndarray:
    """(T, 2) fast motion of the first joint; the second, which has a short range, is at rest."""
    t = np.maximum(t, 0.0)
    return np.stack([0.8 * np.sin(4 * t), np.full_like(t, -1.9)], axis=-1)


def test_the_command_is_interpolated_and_rests_outside_of_windows() -> None:
    monitor = TrackingMonitor(LIMITS, 0.2)
    monitor.reset(np.array([0.0, -1.9]))
    np.testing.assert_array_equal(monitor.commanded(10 * NS), [[0.0, -1.9], [0.0, 0.0]])
    rows = course(np.arange(KNOT_RATE) / KNOT_RATE)
    monitor.record(Window(0, 10 * NS, rows, np.zeros_like(rows)))
    q, velocity = monitor.commanded(10 * NS + 20 * STEP_NS + STEP_NS // 4)
    np.testing.assert_allclose(q, 0.75 * rows[20] + 0.25 * rows[21], atol=1e-9)
    np.testing.assert_allclose(velocity, (rows[21] - rows[20]) * KNOT_RATE, atol=1e-9)
    np.testing.assert_array_equal(monitor.commanded(12 * NS), [rows[-1], [0.0, 0.0]])


def windows(monitor: TrackingMonitor, seconds: float):
    """Windows of a second each, published 25 times a second; yields the time [ns] after each."""
    for k in range(0, round(seconds * KNOT_RATE), 2):
        rows = course((k - 2 + np.arange(KNOT_RATE)) / KNOT_RATE)
        monitor.record(Window(k - 2, 10 * NS + (k - 2) * STEP_NS, rows, np.zeros_like(rows)))
        yield 10 * NS + k * STEP_NS


def first_deviation(monitor: TrackingMonitor, lag_s: float, seconds: float = 6.0, offset: float = 0.0):
    """First deviation, and its time, of a robot that lags and whose first joint has an offset [rad]; None without."""
    for now_ns in windows(monitor, seconds):
        q = course(np.array(now_ns / NS - 10 - lag_s))
        deviation = monitor.check(q + np.array([offset, 0.0]), now_ns)
        if deviation is not None:
            return deviation, now_ns
    return None


@pytest.mark.parametrize("lag_s", [0.0, 0.1, 0.3, LAG_S - 0.02])
def test_a_lag_of_the_servos_is_no_deviation(lag_s: float) -> None:
    assert first_deviation(TrackingMonitor(LIMITS, 0.05), lag_s) is None


def test_an_offset_below_the_tolerance_is_no_deviation() -> None:
    assert first_deviation(TrackingMonitor(LIMITS, 0.35), 0.1, offset=0.3) is None


def test_a_joint_that_stays_outside_is_reported_after_the_error_time() -> None:
    monitor = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(monitor, 4.0):
        deviation = monitor.check(np.array([-1.3, -1.9]), now_ns)
        assert deviation is None or now_ns - 10 * NS >= ERROR_TIME_S * NS
        if deviation is not None:
            assert deviation.joint == 0
            assert deviation.error > 0.35
            assert now_ns - 10 * NS <= (ERROR_TIME_S + 0.1) * NS
            return
    pytest.fail("no deviation was reported")


@pytest.mark.parametrize("held_at", [0.0, 0.3, -0.7])
def test_a_joint_blocked_amid_its_motion_is_reported(held_at: float) -> None:
    """Commands move around it, so one of them was close to it recently."""
    monitor = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(monitor, 4.0):
        deviation = monitor.check(np.array([held_at, -1.9]), now_ns)
        if deviation is not None:
            assert deviation.joint == 0
            assert now_ns - 10 * NS < 1.5 * NS
            return
    pytest.fail("no deviation was reported")


def test_the_tolerance_of_a_joint_with_a_short_range_is_smaller() -> None:
    monitor = TrackingMonitor(LIMITS, 0.35)
    for now_ns in windows(monitor, 1.0):
        deviation = monitor.check(course(np.array(now_ns / NS - 10)) + np.array([0.0, 0.15]), now_ns)
    assert deviation is not None
    assert deviation.joint == 1


def test_a_tolerance_of_0_disables_the_check() -> None:
    assert first_deviation(TrackingMonitor(LIMITS, 0.0), 3.0, offset=2.0) is None


def test_errors_shorter_than_the_error_time_are_ignored() -> None:
    monitor = TrackingMonitor(LIMITS, 0.1)
    for now_ns in windows(monitor, 3.0):
        is_glitch = (now_ns // (NS // 5)) % 2 == 0  # every other fifth of a second
        assert monitor.check(course(np.array(now_ns / NS - 10)) + 1.5 * is_glitch, now_ns) is None


def test_before_any_window_the_command_is_rest_at_the_configuration_of_reset() -> None:
    monitor = TrackingMonitor(LIMITS, 0.1)
    monitor.reset(np.array([0.5, -1.9]))
    assert monitor.check(np.array([0.5, -1.9]), 10 * NS) is None
    monitor.check(np.array([0.0, -1.9]), 10 * NS)
    assert monitor.check(np.array([0.0, -1.9]), 11 * NS) is not None


def test_the_record_of_commands_is_bounded() -> None:
    """Pickled, the monitor is no larger after 30 s than after 3 s."""
    sizes = []
    for seconds in (3.0, 30.0):
        monitor = TrackingMonitor(LIMITS, 0.1)
        for now_ns in windows(monitor, seconds):
            monitor.check(course(np.array(now_ns / NS - 10)), now_ns)
        sizes.append(len(pickle.dumps(monitor)))
    assert sizes[1] <= 1.01 * sizes[0]


def test_one_long_window_is_compared_at_the_time_of_each_of_its_knots() -> None:
    monitor, seconds = TrackingMonitor(LIMITS, 0.2), 1.5
    rows = np.stack([np.arange(seconds * KNOT_RATE) / KNOT_RATE, np.full(75, -1.9)], axis=1)
    monitor.record(Window(0, 10 * NS, rows, np.zeros_like(rows)))
    assert all(monitor.check(row, 10 * NS + k * STEP_NS) is None for k, row in enumerate(rows))


def test_a_comparison_finds_the_joint_farthest_beyond_its_tolerance() -> None:
    monitor, commanded = TrackingMonitor(LIMITS, 0.2), np.array([0.0, -1.9])
    assert monitor.compare(commanded, commanded + np.array([0.19, 0.0])) is None
    deviation = monitor.compare(commanded, commanded + np.array([0.25, 0.25]))  # tolerances 0.2 and 0.1
    assert deviation is not None
    assert (deviation.joint, deviation.error) == (1, pytest.approx(0.25))
