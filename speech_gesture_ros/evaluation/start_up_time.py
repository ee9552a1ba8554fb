"""Start-up time: from the files of a robot to a pipeline and a planner that are ready, each step by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from speech_gesture_ros.control import MotionPlanner
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot

REPEATS = 5


def measure_start_up(config: PipelineConfig, repeats: int = REPEATS,
                     clock: Callable[[], float] = time.perf_counter) -> dict[str, float]:
    """Return the median time of each step [s]: "robot description", "pipeline", "planner".

    Args:
        config: Of the pipeline.
        repeats: Number of runs; the first one also loads libraries.
        clock: Monotonic seconds.
    """
    times = np.empty((repeats, 3))
    for row in times:
        start = clock()
        description = load_robot(config)
        described = clock()
        GesturePipeline(config, description)
        built = clock()
        MotionPlanner(description)
        row[:] = described - start, built - described, clock() - built
    return dict(zip(("robot description", "pipeline", "planner"), np.median(times, axis=0).tolist()))
