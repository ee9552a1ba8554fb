"""A voice of known pitch and vocal tract: pulses through the resonances of a tube, vowels and pauses alternate."""

from __future__ import annotations

import numpy as np
from scipy import signal

RATE = 16_000
SPEED = 350.0  # of sound [m/s]
# Factors of the first two resonances of a straight tube: a neutral, an open, a front and a back vowel.
VOWELS = ((1.0, 1.0), (1.4, 0.85), (0.6, 1.4), (0.7, 0.6))


def tube_voice(f0_hz: float = 120.0, tract_cm: float = 17.0, seconds: float = 3.0, tilt: float = 0.95,
               noise: float = 0.0, semitones: float = 2.0, syllables_s: float = 4.0) -> np.ndarray:
    """Return (N,) samples at 16 kHz in [-1, 1].

    Args:
        f0_hz: Median of the pitch.
        tract_cm: Length of the tube.
        seconds: Duration.
        tilt: Pole of the source's low-pass filter: less is a harder voice.
        noise: Of the breath, relative to the pulses.
        semitones: The pitch swings by so much up and down, twice.
        syllables_s: Vowels per second.
    """
    rng = np.random.default_rng(0)
    t = np.arange(int(seconds * RATE)) / RATE
    pitch = f0_hz * 2.0 ** (semitones / 12.0 * np.sin(4 * np.pi * t / seconds))
    phase = np.cumsum(pitch) / RATE
    source = (np.diff(np.floor(phase), prepend=0.0) > 0).astype(float)
    source = signal.lfilter([1.0], [1.0, -tilt], source) - source.mean() / (1.0 - tilt)
    source += noise * source.std() * rng.standard_normal(len(t))
    out = np.zeros(len(t))
    vowel = (t * syllables_s).astype(int) % len(VOWELS)
    for k, factors in enumerate(VOWELS):
        sound = source
        for number in range(1, 9):
            factor = factors[number - 1] if number <= 2 else 1.0
            hz = factor * (2 * number - 1) * SPEED / (4 * tract_cm / 100)
            if hz < 7500:
                radius = np.exp(-np.pi * (60.0 + 0.02 * hz) / RATE)
                poles = [1.0, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2]
                sound = signal.lfilter([sum(poles)], poles, sound)
        out += np.where(vowel == k, sound, 0.0)
    envelope = np.sin(np.pi * (t * syllables_s % 1.0)) ** 0.7
    out *= envelope
    return (0.3 * out / np.abs(out).max()).astype(np.float32)
