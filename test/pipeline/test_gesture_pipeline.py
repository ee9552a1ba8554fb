from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.networks.strokes.model_stage import CAPABILITIES, StrokeStage
from speech_gesture_ros.pipeline.face_config import FaceConfig
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


@pytest.mark.parametrize("hop", [400, SAMPLE_RATE])
def test_sound_that_is_stated_to_be_no_speech_is_silence(speech: np.ndarray, hop: int) -> None:
    count = 3 * SAMPLE_RATE
    silence, stated = (GesturePipeline(PipelineConfig(device="cpu", face=FaceConfig())) for _ in range(2))
    expected = silence.push(AudioChunk(0, np.zeros(count, dtype=np.float32)))
    stated.state_speech(False)
    stated.reset()
    parts = [stated.push(AudioChunk(begin, speech[begin:begin + hop])) for begin in range(0, count, hop)]
    got = np.concatenate([part.joints.values for part in parts])
    np.testing.assert_allclose(got, expected.joints.values, atol=1e-5)
    face = np.concatenate([part.articulation.values for part in parts if part.articulation is not None])
    assert expected.articulation is not None
    np.testing.assert_allclose(face, expected.articulation.values, atol=1e-5)


def test_what_is_stated_no_more_is_decided_by_the_sound(speech: np.ndarray) -> None:
    pipeline, expected = (GesturePipeline(PipelineConfig(device="cpu")) for _ in range(2))
    pipeline.state_speech(False)
    pipeline.state_speech(None)
    chunk = AudioChunk(0, speech[: 2 * SAMPLE_RATE])
    np.testing.assert_array_equal(pipeline.push(chunk).joints.values, expected.push(chunk).joints.values)


def test_the_gate_is_open_for_a_voice_that_is_stated_but_not_detected(speech: np.ndarray) -> None:
    hush = AudioChunk(0, 1e-4 * speech[: 3 * SAMPLE_RATE])
    unstated, stated = (GesturePipeline(PipelineConfig(device="cpu")) for _ in range(2))
    stated.state_speech(True)
    demand = [np.mean(pipeline._activity.push(hush).values) for pipeline in (unstated, stated)]
    assert demand == [0.0, 1.0]
