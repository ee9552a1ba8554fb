"""The shipped face model: size, silence and noise, and the demo speech."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.evaluation.face.measures import open_share
from speech_gesture_ros.evaluation.signals import sounds_without_speech
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.networks.face.bundle import load_face_bundle
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

FOLDER = resolve("face", "models")


def test_it_is_small_and_never_saw_the_voices_of_the_tests() -> None:
    bundle = load_face_bundle(FOLDER)
    assert sum(np.size(weights) for weights in bundle.weights.values()) <= 500_000
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 2_000_000
    assert not any("rms" in voice or "festival" in voice or "piper" in voice for voice in bundle.voices)


@pytest.mark.slow
@pytest.mark.parametrize("sound", sorted(sounds_without_speech(1.0)))
def test_the_mouth_stays_closed_without_speech(sound: str) -> None:
    face = SpeechToFace(FOLDER, 0.04)
    assert open_share(face.perform(sounds_without_speech(10.0)[sound]).articulation.values) <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize("look_ahead_s", [0.0, 0.04, 0.08])
def test_the_mouth_moves_with_the_demo_speech_and_rests_in_its_pauses(look_ahead_s: float) -> None:
    from speech_gesture_ros.audio.files import load_mono_16k

    speech = load_mono_16k(resolve("speech.flac", "config/demo"))
    frames = SpeechToFace(FOLDER, look_ahead_s).perform(speech)
    shapes = frames.shapes.values
    assert len(shapes) == len(speech) // 320
    assert np.all((shapes >= 0) & (shapes <= 1))
    level = np.square(speech[:len(shapes) * 320]).reshape(-1, 320).mean(axis=1)
    loud, quiet = level > 1e-3, np.convolve(level, np.ones(15) / 15, "same") < 1e-7
    jaw = shapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    assert jaw[loud].mean() > 0.15
    assert jaw[quiet].mean() < 0.05
    assert 0.05 < (lip_gap(shapes)[loud] < 0.03).mean() < 0.5  # the lips close at times


@pytest.mark.parametrize("look_ahead_s", [0.0, 0.04, 0.08])
def test_the_mouth_is_closed_from_the_first_frame_of_silence_on(look_ahead_s: float) -> None:
    shapes = SpeechToFace(FOLDER, look_ahead_s).perform(np.zeros(8000, np.float32)).shapes.values
    assert lip_gap(shapes).max() < 0.05
