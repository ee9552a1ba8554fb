"""The voice that is measured is not in the training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice
from speech_gesture_ros.evaluation.face.measures import SpeechMeasures
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.training.face.leave_out import leave_voices_out, left_out_table, measure_left_out
from speech_gesture_ros.training.face.run_config import FaceRunConfig, FaceSpeechConfig
from speech_gesture_ros.training.face.tracks import FaceTrack

PHONES = (TimedPhone("m", 0.1, 0.2), TimedPhone("aa", 0.2, 0.5), TimedPhone("f", 0.5, 0.6))


def track(speaker: str) -> FaceTrack:
    return FaceTrack(speaker, *(np.zeros((1, 1)) for _ in range(4)))


def test_each_training_is_without_the_voice_that_it_is_measured_on() -> None:
    trained: list[set[str]] = []

    def train(config: FaceRunConfig, tracks: list[FaceTrack], out: Path):
        trained.append({t.speaker for t in tracks})
        return lambda samples: articulate(PHONES, 40)

    def speak(voice: Voice, texts: int) -> list[TimedSpeech]:
        return [TimedSpeech(np.zeros(12_800, np.float32), PHONES, voice)] * texts

    config = FaceRunConfig(name="face", speech=FaceSpeechConfig(("en-us",)))
    tracks = [track(name) for name in ("espeak", "flite_awb", "flite_slt", "")]
    measures = measure_left_out(config, tracks, ("awb", "slt"), 2, train, speak)
    assert trained == [{"espeak", "flite_slt", ""}, {"espeak", "flite_awb", ""}]
    assert measures["awb"].visemes == 1.0
    assert measures["slt"].closures_found == 1.0


def test_the_table_ends_with_mean_and_deviation() -> None:
    table = left_out_table({"awb": SpeechMeasures(0.6, 0.5, 0.9, 0.1, 0.8, 0.7, 0.5),
                            "slt": SpeechMeasures(0.7, 0.6, 0.8, 0.0, 0.6, 0.8, 0.6)})
    assert "| flite awb | 60 | 50 | 90 | 10 | 80 | 0.70 | 0.50 |" in table
    assert "| mean ± deviation | 65 ± 5 | 55 ± 5 | 85 ± 5 | 5 ± 5 | 70 ± 10 | 0.75 ± 0.05 | 0.55 ± 0.05 |" in table


def test_a_voice_that_is_not_trained_on_cannot_be_left_out(tmp_path: Path) -> None:
    config = tmp_path / "face.yaml"
    config.write_text("name: face\nspeech: {espeak_languages: [en-us], flite_voices: [awb]}\n", encoding="utf-8")
    with pytest.raises(InputError, match="rms"):
        leave_voices_out(config, ("rms",), 10, 1, tmp_path)
