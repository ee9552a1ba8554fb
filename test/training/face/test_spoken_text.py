"""Speech of an engine without phone times: the place of each text is known."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets import pico
from speech_gesture_ros.datasets.timed_speech.texts import training_sentences
from speech_gesture_ros.training.face.spoken_text import speak_texts


def test_each_text_is_where_its_sound_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pico, "speak", lambda language, text, duration, pitch: np.full(16_000, 0.5, np.float32))
    samples, clips = speak_texts("de-DE", 5.0, np.random.default_rng(2))
    words = {word.strip(".,!?;:") for line in training_sentences("de") for word in line.split()}
    assert len(clips) >= 2
    assert len(samples) % 16_000 == 0
    for clip in clips:
        inside = samples[round(16_000 * clip.start_s) + 100:round(16_000 * clip.end_s) - 100]
        np.testing.assert_allclose(inside, 0.5, atol=1e-6)
        assert {word.strip(".,!?;:") for word in clip.text.split()} <= words
    assert np.abs(samples[:round(16_000 * clips[0].start_s) - 1]).max() == 0.0


def test_an_unknown_voice_of_pico_is_refused() -> None:
    with pytest.raises(ConfigError, match="voice of pico"):
        pico.speak("sv-SE", "Hej.", 1.0, 1.0)


def test_pico_speaks_as_long_as_asked() -> None:
    pytest.importorskip("py_nanotts")
    usual, slow = (len(pico.speak("en-US", "Peter may buy a box of plums.", duration, 1.0)) for duration in (1.0, 1.5))
    assert 1.3 * usual < slow < 1.7 * usual
