"""The lag of joints that follow their commands later, or with a constant error."""

from __future__ import annotations

import math

import numpy as np
import pytest

from speech_gesture_ros.control.servo_lag import LONGEST_S, ServoLag
from speech_gesture_ros.core.timebase import NS


def estimate(lag_s: float, seconds: float = 20.0, size: float = 0.6, error: float = 0.0, rate: int = 100) -> float:
    lag = ServoLag()
    for k in range(round(seconds * rate)):
        t, phases = k / rate, np.array([0.0, 1.0])
        command, velocity = size * np.sin(4 * t + phases), 4 * size * np.cos(4 * t + phases)
        lag.update(command, velocity, size * np.sin(4 * (t - lag_s) + phases) + error, 5 * NS + round(t * NS))
    return lag.lag_s


@pytest.mark.parametrize("lag_s", [0.0, 0.02, 0.05, 0.1])
@pytest.mark.parametrize("error", [0.0, 0.1])
@pytest.mark.parametrize("rate", [30, 500])
def test_the_lag_of_a_motion_is_measured(lag_s: float, error: float, rate: int) -> None:
    assert estimate(lag_s, error=error, rate=rate) == pytest.approx(lag_s, abs=0.004)


def test_it_is_unknown_without_motion_and_bounded_for_a_robot_that_stands() -> None:
    assert math.isnan(ServoLag().lag_s)
    assert math.isnan(estimate(0.05, size=0.01))
    lag = ServoLag()
    for k in range(1000):
        lag.update(np.array([k * 0.01]), np.array([1.0]), np.zeros(1), k * NS // 100)
    assert lag.lag_s == LONGEST_S


def test_a_clock_that_goes_back_or_jumps_counts_little() -> None:
    lag = ServoLag()
    lag.update(np.ones(1), np.ones(1), np.zeros(1), 100 * NS)
    for time_ns in (50 * NS, 10**6 * NS):
        lag.update(np.ones(1), np.ones(1), np.zeros(1), time_ns)
    assert math.isnan(lag.lag_s)
