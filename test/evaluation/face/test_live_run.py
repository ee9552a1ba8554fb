"""Live runs of a tiny face model: the stamps give the delay, and any chunks give the same frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_face import small_face_bundle

from speech_gesture_ros.evaluation.face.live_run import measure_live_run, streaming_difference
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_face_bundle(small_face_bundle(), tmp_path / "face")
    return tmp_path / "face"


def speech(seconds: float) -> np.ndarray:
    t = np.arange(round(16_000 * seconds)) / 16_000
    return (0.3 * np.sin(2 * np.pi * 140 * t) * (np.sin(2 * np.pi * 3 * t) > 0)).astype(np.float32)


@pytest.mark.parametrize(("look_ahead_s", "delay_ms"), [(0.0, 30.0), (0.04, 70.0), (0.08, 110.0)])
def test_the_delay_by_the_stamps_is_that_of_window_and_look_ahead(folder: Path, look_ahead_s: float,
                                                                  delay_ms: float) -> None:
    """Feature frame 2 k ends 25 ms after face frame k, in the third chunk of 10 ms; the look-ahead is added."""
    run = measure_live_run(folder, speech(1.5), look_ahead_s)
    assert run.stamp_delay_ms == pytest.approx(delay_ms, abs=0.01)
    assert run.delay_ms > run.stamp_delay_ms
    assert run.difference <= 1e-5
    assert 0.0 < run.hop_ms <= run.hop_high_ms


def test_a_stream_that_loses_a_frame_differs(folder: Path) -> None:
    class Losing(SpeechToFace):
        def flush(self):
            frames = super().flush()
            return type(frames)(frames.articulation, type(frames.shapes)(frames.shapes.start_index,
                                                                         frames.shapes.values[1:]))

        def perform(self, samples):
            return SpeechToFace(folder, 0.04).perform(samples)

    assert streaming_difference(Losing(folder, 0.04), speech(1.0)) == float("inf")
