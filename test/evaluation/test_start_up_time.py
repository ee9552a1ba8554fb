from __future__ import annotations

import itertools

import pytest

from speech_gesture_ros.evaluation.start_up_time import measure_start_up
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig


@pytest.mark.slow
def test_the_time_of_each_step_is_the_median_of_the_runs() -> None:
    times = itertools.chain(*([100.0, 103.0, 105.0, 106.0], [200.0, 201.0, 203.0, 204.0], [300.0, 302.0, 304.0, 307.0]))
    measured = measure_start_up(PipelineConfig(device="cpu"), repeats=3, clock=lambda: next(times))
    assert measured == pytest.approx({"robot description": 2.0, "pipeline": 2.0, "planner": 1.0})
