from __future__ import annotations

from itertools import count

import pytest

from speech_gesture_ros.pipeline.telemetry import KEPT_DURATIONS, Telemetry


def test_durations_are_summed_up_by_name_in_milliseconds() -> None:
    ticks = count(0.0, 0.002)
    telemetry = Telemetry(clock=lambda: next(ticks))
    for _ in range(10):
        with telemetry.measure("features"):
            pass
    assert telemetry.latest_s("features") == pytest.approx(0.002)
    assert telemetry.latest_s("network") == 0.0
    two = pytest.approx(2.0)
    assert telemetry.summary_ms() == {"features": {"median": two, "p99": two, "count": 10}}
    telemetry.reset()
    assert telemetry.summary_ms() == {}


def test_a_stage_that_raises_is_measured_too() -> None:
    telemetry = Telemetry()
    with pytest.raises(ZeroDivisionError), telemetry.measure("network"):
        raise ZeroDivisionError
    assert telemetry.summary_ms()["network"]["count"] == 1


def test_the_number_of_durations_is_bounded() -> None:
    telemetry = Telemetry()
    for _ in range(KEPT_DURATIONS + 10):
        with telemetry.measure("network"):
            pass
    assert telemetry.summary_ms()["network"]["count"] == KEPT_DURATIONS
