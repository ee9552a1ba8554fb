"""Hops are measured at their pace, and the warm-up is not counted."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.evaluation.hop_compute_time import HOP_S, WARM_UP_S, measure_hops
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig


class _Clock:
    """A clock that advances by sleeping, and by a millisecond with each reading."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, 0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds > 0


@pytest.mark.slow
def test_hops_are_paced_and_counted(speech: np.ndarray) -> None:
    clock = _Clock()
    measured = measure_hops(PipelineConfig(), speech, 1.0, clock=clock, sleep=clock.sleep)
    assert len(measured.hops) == len(measured.cpu) == round(1.0 / HOP_S)
    assert measured.whole == pytest.approx(np.full(len(measured.hops), 1.0))  # [ms]: two readings of the clock per hop
    assert np.all(measured.hops < measured.whole)
    assert clock.now == pytest.approx(WARM_UP_S + 1.0, abs=HOP_S)
    assert clock.slept >= round((WARM_UP_S + 1.0) / HOP_S) - 1
    assert measured.stages["network"]["count"] == len(measured.hops)
