from __future__ import annotations

from itertools import count

import pytest

from speech_gesture_ros.pipeline.telemetry import KEPT, Telemetry


def test_durations_are_summed_up_by_name_in_milliseconds() -> None:
    ticks = count(0.0, 0.002)
    telemetry = Telemetry(clock=lambda: next(ticks))
    for _ in range(10):
        with telemetry.measure("features"):
            pass
    telemetry.record("network", 0.5)
    assert telemetry.latest_s("network") == 0.5
    assert telemetry.latest_s("nothing") == 0.0
    summary = telemetry.summary_ms()
    assert summary["features"] == {"median": pytest.approx(2.0), "p99": pytest.approx(2.0), "count": 10}
    assert summary["network"]["median"] == pytest.approx(500.0)


def test_a_failing_stage_is_measured_too() -> None:
    telemetry = Telemetry()
    with pytest.raises(ZeroDivisionError), telemetry.measure("network"):
        raise ZeroDivisionError
    assert telemetry.summary_ms()["network"]["count"] == 1


def test_memory_is_bounded() -> None:
    telemetry = Telemetry()
    for _ in range(KEPT + 10):
        telemetry.record("x", 1.0)
    assert telemetry.summary_ms()["x"]["count"] == KEPT
