from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.networks.strokes.model_stage import CAPABILITIES, StrokeStage
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig


def test_a_model_without_the_control_activity_makes_smaller_gestures_instead(speech: np.ndarray,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrokeStage, "capabilities", replace(CAPABILITIES, controls=frozenset()))
    monkeypatch.setattr(StrokeStage, "set_controls", lambda stage, controls: None)
    motions = []
    for controls in (GestureControls(), GestureControls(activity=0.5), GestureControls(amplitude=0.5)):
        pipeline = GesturePipeline(PipelineConfig(device="cpu"))
        pipeline.set_controls(controls)
        pipeline.reset()
        motions.append(pipeline.push(AudioChunk(0, speech[: 4 * SAMPLE_RATE])).poses.values)
    full, calm, small = motions
    np.testing.assert_array_equal(calm, small)
    assert np.abs(full - small).max() > 0.03


def test_poses_that_are_not_finite_are_reported_until_a_reset(speech: np.ndarray,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = GesturePipeline(PipelineConfig(device="cpu"))
    push = pipeline.model.push

    def poison(chunk):
        poses = push(chunk)
        return replace(poses, values=poses.values * np.nan)

    monkeypatch.setattr(pipeline.model, "push", poison)
    assert pipeline.is_finite
    pipeline.push(AudioChunk(0, speech[: 2 * SAMPLE_RATE]))
    assert not pipeline.is_finite
    pipeline.reset()
    assert pipeline.is_finite
