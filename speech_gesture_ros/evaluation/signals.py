"""Sounds without speech, synthesised by seed, for which a robot must not gesture.

silence      digital zeros
hush         noise floor of a quiet microphone: white noise at -70 dBFS
white noise, pink noise   -30 dBFS: a fan, rain, a street far away
music        chords, drums and a melody without voice: rhythm and pitch, which a simple detector takes for speech
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

BEAT_S = 0.5  # 120 beats a minute
CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))  # semitones above C: C, Am, F, G
MAJOR_SCALE = np.array([0, 2, 4, 5, 7, 9, 11, 12])  # semitones
C3_HZ, C4_HZ = 130.81, 261.63


def sounds_without_speech(duration_s: float = 20.0, seed: int = 0) -> dict[str, Samples]:
    """Signals by name, each (N,) float32 mono at 16 kHz; same seed, same samples.

    Raises:
        InputError: If the duration is below one second.
    """
    if not duration_s >= 1.0:
        raise InputError("duration of sounds without speech", duration_s, "at least 1 s", "Give a longer duration.")
    count = round(duration_s * SAMPLE_RATE)
    rng = np.random.default_rng(seed)
    white = rng.normal(size=count)
    return {
        "silence": np.zeros(count, dtype=np.float32),
        "hush": _at_level(white, -70.0),
        "white noise": _at_level(rng.normal(size=count), -30.0),
        "pink noise": _at_level(pink(rng.normal(size=count)), -30.0),
        "music": _at_level(music(count, rng), -20.0),
    }


def pink(white: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N,) white noise to noise whose power falls with frequency, from 20 Hz on."""
    frequency = np.fft.rfftfreq(len(white), 1 / SAMPLE_RATE)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(frequency, 20.0))
    return np.asarray(np.fft.irfft(spectrum, len(white)))


def music(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(N,) four chords in turn, a bass drum and a hi-hat on the beat, and a melody drawn by `rng`."""
    beat = round(BEAT_S * SAMPLE_RATE)
    out = np.zeros(count + 4 * beat)
    for start in range(0, count, beat):
        number = start // beat
        if number % 4 == 0:
            for step in CHORDS[number // 4 % len(CHORDS)]:
                out[start:start + 4 * beat] += 0.12 * _note(C3_HZ * 2 ** (step / 12), 4 * beat, decay_s=1.5)
        out[start:start + beat] += 0.5 * _drum(beat)
        out[start + beat // 2:start + beat] += 0.05 * rng.normal(size=beat - beat // 2) * _fade(beat - beat // 2, 0.03)
        for half in (0, beat // 2):
            pitch = C4_HZ * 2 ** (rng.choice(MAJOR_SCALE) / 12)
            out[start + half:start + half + beat // 2] += 0.25 * _note(pitch, beat // 2, decay_s=0.3)
    return out[:count]


def _note(pitch_hz: float, count: int, decay_s: float) -> npt.NDArray[np.float64]:
    phase = 2 * np.pi * pitch_hz * np.arange(count) / SAMPLE_RATE
    tone = sum((np.sin(k * phase) / k**1.5 for k in range(1, 7)), start=np.zeros(count))
    return tone * _fade(count, decay_s) * np.minimum(1.0, np.arange(count) / (0.005 * SAMPLE_RATE))


def _drum(count: int) -> npt.NDArray[np.float64]:
    time_s = np.arange(count) / SAMPLE_RATE
    return np.asarray(np.sin(2 * np.pi * (50 * time_s + 4 * (1 - np.exp(-time_s / 0.03)))) * _fade(count, 0.12))


def _fade(count: int, decay_s: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.exp(-np.arange(count) / (decay_s * SAMPLE_RATE)))


def _at_level(signal: npt.NDArray[np.float64], level_db: float) -> Samples:
    """Scale to an RMS level [dBFS], clipping nothing audible."""
    rms = np.sqrt(np.mean(signal**2))
    return np.asarray(np.clip(signal * (10 ** (level_db / 20) / max(rms, 1e-12)), -1.0, 1.0), dtype=np.float32)
