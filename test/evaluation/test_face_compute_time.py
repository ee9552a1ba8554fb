"""Compute time of a face, with a clock that counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_face import small_face_bundle

from speech_gesture_ros.evaluation.face_compute_time import HOP_S, WARM_UP_HOPS, measure_face_hops
from speech_gesture_ros.networks.face.bundle import save_face_bundle


class Clock:
    """Seconds; each look at it takes a millisecond."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1e-3
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_the_time_is_the_mean_of_two_hops_at_the_pace_of_the_clock(tmp_path: Path) -> None:
    save_face_bundle(small_face_bundle(), tmp_path)
    clock = Clock()
    times = measure_face_hops(tmp_path, np.zeros(1000), 1.0, clock=clock, sleep=clock.sleep)
    assert times.tolist() == pytest.approx([1.0] * 50)
    assert clock.now == pytest.approx((100 + WARM_UP_HOPS) * HOP_S, abs=2 * HOP_S)
