"""Stop windows: from any instant of a motion to rest, soon, inside all limits and without a jump."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.planner import FROZEN_KNOTS
from speech_gesture_ros.control.stopping import MIN_AHEAD_KNOTS, end_ns, extend_rest, stop_window
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

NAMES = ("shoulder", "elbow")
LIMITS = JointLimits(np.full(2, -2.0), np.full(2, 2.0), np.array([3.0, 2.0]), np.array([20.0, 10.0]),
                     np.array([400.0, 150.0]))
ROBOT = RobotDescription("two", MODEL, NAMES, LIMITS, np.zeros(2), {"all": NAMES},
                         BodyLinks("b", "b", None, None, None))


@pytest.fixture
def windows(make_published) -> list[Window]:
    """Windows of a fast motion, published half a second ahead."""
    return [window for _, window in make_published(ROBOT)]


def test_it_brakes_from_the_first_knot_that_is_not_frozen_and_keeps_every_limit(windows: list[Window]) -> None:
    lengths, gained = [], []
    for window in windows[40:]:
        now_ns = window.stamp_ns + 50_000_000
        stop = stop_window(window, now_ns)
        assert stop is not None
        assert validate_window(stop, LIMITS, window) is None
        row = 3 + FROZEN_KNOTS  # 50 ms: two and a half knots
        np.testing.assert_array_equal(stop.positions[:row + 1], window.positions[:row + 1])
        moving = np.flatnonzero(stop.velocities.any(axis=1))
        lengths.append((moving[-1] + 1 if len(moving) else row) - row)
        full = np.flatnonzero(window.velocities.any(axis=1))[-1] + 1
        gained.append(full - row - lengths[-1])
    assert max(lengths) / KNOT_RATE <= 0.8, "longer than the longest brake"
    assert np.median(lengths) / KNOT_RATE < 0.4
    assert np.median(gained) / KNOT_RATE > 0.2, "the published window must move on for as long as it was ahead"


def test_it_is_not_over_when_it_arrives(windows: list[Window]) -> None:
    window = windows[60]
    for left_ns in (1, NS // 20, NS // 3):
        now_ns = end_ns(window) - left_ns
        stop = stop_window(window, now_ns)
        assert stop is not None
        assert end_ns(stop) >= now_ns + MIN_AHEAD_KNOTS * NS // KNOT_RATE
        assert validate_window(stop, LIMITS, window) is None


@pytest.mark.parametrize("knots_frozen_after_the_last_committed", [0, 1])
def test_a_window_that_brakes_already_continues_to_brake(windows: list[Window],
                                                         knots_frozen_after_the_last_committed: int) -> None:
    window = windows[60]
    now = len(window.brakes) - FROZEN_KNOTS + knots_frozen_after_the_last_committed
    stop = stop_window(window, window.stamp_ns + now * NS // KNOT_RATE)
    assert stop is not None
    np.testing.assert_array_equal(stop.positions[:len(window)], window.positions)
    assert stop.positions[-1].tolist() == window.positions[-1].tolist()


def test_at_rest_there_is_no_stop_window(windows: list[Window]) -> None:
    window = windows[60]
    assert stop_window(window, end_ns(window)) is None
    assert stop_window(window, end_ns(window) + 3600 * NS) is None


def test_a_motion_that_has_not_begun_does_not_begin(windows: list[Window]) -> None:
    window = windows[0]
    stop = stop_window(window, window.stamp_ns - NS)
    assert stop is not None
    np.testing.assert_array_equal(stop.positions, np.repeat(window.positions[:1], len(stop), axis=0))


def test_a_window_is_not_over_after_the_process_stood_still_for_600_ms_and_a_transport_of_100_ms():
    rest = Window(0, 0, np.zeros((2, 1)), np.zeros((2, 1)))
    for now_ns in (0, NS // 3, 5 * NS):
        assert end_ns(extend_rest(rest, now_ns)) >= now_ns + round(0.7 * NS)
