"""Phones that are stated early: the offset is measured on the sound, and corrected for the voices of the table."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.datasets.timed_speech.label_offset import EARLY_S, measure_offset, moved
from speech_gesture_ros.face.dominance import TimedPhone


def spoken(early_s: float) -> tuple[np.ndarray, list[TimedPhone]]:
    """Loud tones in the vowels, hiss in the s's between quiet murmurs; labels are early by so much."""
    rng, names = np.random.default_rng(2), ("aa", "m", "s", "iy", "m", "s")
    phones = [TimedPhone(names[i % 6], 0.3 + 0.13 * i, 0.43 + 0.13 * i) for i in range(24)]
    t = np.arange(round(16_000 * 3.8)) / 16_000
    samples = 0.001 * np.sin(2 * np.pi * 110 * t)
    for phone in phones:
        part = slice(round(16_000 * phone.start_s), round(16_000 * phone.end_s))
        if phone.name in ("aa", "iy"):
            samples[part] = 0.5 * np.sin(2 * np.pi * 110 * t[part])
        elif phone.name == "s":
            samples[part] += 0.02 * rng.standard_normal(part.stop - part.start)
    return samples.astype(np.float32), [TimedPhone(p.name, p.start_s - early_s, p.end_s - early_s) for p in phones]


@pytest.mark.parametrize("early_s", [-0.02, 0.0, 0.015])
def test_the_offset_is_measured_within_a_step(early_s: float) -> None:
    assert measure_offset([spoken(early_s)]) == pytest.approx(early_s, abs=0.0026)


def test_phones_of_a_voice_in_the_table_are_moved_and_others_are_not() -> None:
    phones = [TimedPhone("m", 0.1, 0.2)]
    assert moved(phones, "flite_slt") == [TimedPhone("m", 0.1 + EARLY_S["flite_slt"], 0.2 + EARLY_S["flite_slt"])]
    assert moved(phones, "espeak_en-us") == phones
