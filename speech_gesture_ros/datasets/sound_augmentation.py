"""Augmentation of sound: gain, noise and band limits, as on the way to a robot; and sound without speech."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.rates import SAMPLE_RATE

Samples = npt.NDArray[np.float32]
GAIN_DB = 15.0
SNR_DB = (5.0, 30.0)
CUTOFF_HZ = (3600.0, 7600.0)
BAND_LIMIT_SHARE, NOISE_SHARE = 0.5, 0.75  # of the augmented versions
NON_SPEECH_KINDS = ("silence", "noise", "hum", "music", "intermittent noise")
NON_SPEECH_SHARES = (0.15, 0.4, 0.1, 0.25, 0.1)
NON_SPEECH_DB = (-60.0, -10.0)
INTERMITTENT_S = 0.5  # noise that is switched on and off
LEVEL_S = 0.05  # windows in which loudness is measured
TICK_S, TICK_DECAY = 0.125, 300.0  # length [s] and decay [samples] of percussion
FLOOR_HZ = 50.0  # below which coloured noise is flat
MAINS_HZ = (50.0, 60.0, 100.0, 120.0)
SCALE_HZ, SCALE = 110.0, (0, 2, 4, 5, 7, 9, 11, 12, 14, 16)  # lowest note; semitones above it


def augment(samples: Samples, noises: list[Samples], rng: np.random.Generator) -> Samples:
    """Return speech with any gain, usually noise, often a band limit, sometimes clipped.

    Args:
        samples: (N,) at 16 kHz.
        noises: Recorded noises to choose from, beside the synthetic ones.
        rng: Source of all draws.

    Returns:
        (N,) in [-1, 1].
    """
    out = samples.astype(np.float64)
    if rng.random() < BAND_LIMIT_SHARE:
        out = band_limit(out, rng.uniform(*CUTOFF_HZ))
    if rng.random() < NOISE_SHARE:
        noise = draw_noise(len(out), noises, rng)
        speech_rms, noise_rms = loud_rms(out), float(np.sqrt(np.mean(noise**2))) + 1e-9
        out = out + noise * (speech_rms / noise_rms) * 10 ** (-rng.uniform(*SNR_DB) / 20)
    out = out * 10 ** (rng.uniform(-GAIN_DB, GAIN_DB) / 20)
    return np.clip(out, -1.0, 1.0).astype(np.float32)


def band_limit(samples: npt.NDArray[np.floating], cutoff_hz: float) -> npt.NDArray[np.float64]:
    """Return the samples behind a causal low-pass, as of a telephone or a codec."""
    sos = signal.butter(6, cutoff_hz, fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sos, samples), dtype=np.float64)


def draw_noise(count: int, noises: list[Samples], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return (count,) of white, pink, brown or recorded noise, with an RMS of 1."""
    kind = rng.integers(6)
    if kind >= 3 and noises:
        noise = noises[int(rng.integers(len(noises)))]
        start = int(rng.integers(len(noise)))
        out = np.resize(np.roll(noise, -start), count).astype(np.float64)
    else:
        out = coloured_noise(count, (0.0, 1.0, 2.0)[int(kind) % 3], rng)
    return np.asarray(out / (np.sqrt(np.mean(out**2)) + 1e-9), dtype=np.float64)


def coloured_noise(count: int, slope: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return (count,) noise whose power falls as 1 / f^slope above `FLOOR_HZ`."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    return np.asarray(np.fft.irfft(spectrum / np.maximum(frequency, FLOOR_HZ) ** (slope / 2), count))


def draw_non_speech(count: int, noises: list[Samples], rng: np.random.Generator) -> Samples:
    """Return (count,) of silence, noise, hum or music."""
    kind = NON_SPEECH_KINDS[rng.choice(len(NON_SPEECH_KINDS), p=NON_SPEECH_SHARES)]
    level = 10 ** (rng.uniform(*NON_SPEECH_DB) / 20)
    if kind == "silence":
        return np.zeros(count, dtype=np.float32)
    if kind == "noise":
        out = draw_noise(count, noises, rng)
    elif kind == "hum":
        out = _hum(count, rng)
    elif kind == "music":
        out = draw_music(count, rng)
    else:
        length = round(INTERMITTENT_S * SAMPLE_RATE)
        out = draw_noise(count, noises, rng) * np.repeat(rng.random(count // length + 1) < 0.5, length)[:count]
    return np.asarray(np.clip(out * level / (np.sqrt(np.mean(out**2)) + 1e-9), -1.0, 1.0), dtype=np.float32)


def draw_music(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return (count,) of notes and chords with percussion: constant pitches, sudden onsets, a beat."""
    out = np.zeros(count)
    beat = int(SAMPLE_RATE * rng.uniform(0.25, 0.7))
    scale = SCALE_HZ * 2 ** (np.array(SCALE) / 12 + rng.uniform(0, 1.5))
    for start in range(0, count, beat):
        length = min(int(beat * rng.uniform(0.9, 3.0)), count - start)
        time = np.arange(length) / SAMPLE_RATE
        decay = np.exp(-time * rng.uniform(0.5, 5.0)) * np.minimum(time / 0.01, 1.0)
        for pitch in rng.choice(scale, size=int(rng.integers(1, 4)), replace=False):
            partials = sum(np.sin(2 * np.pi * k * pitch * time) / k**1.5 for k in range(1, 7))
            out[start:start + length] += decay * partials
        if rng.random() < 0.5:
            tick = min(round(TICK_S * SAMPLE_RATE), length)
            out[start:start + tick] += rng.standard_normal(tick) * np.exp(-np.arange(tick) / TICK_DECAY)
    return out


def loud_rms(samples: npt.NDArray[np.float64]) -> float:
    """Return the RMS of the loud half of the windows, so that pauses do not count."""
    length = round(LEVEL_S * SAMPLE_RATE)
    windows = samples[: len(samples) // length * length].reshape(-1, length)
    power = np.sort(np.mean(windows**2, axis=1))
    return float(np.sqrt(np.mean(power[len(power) // 2:]))) if len(power) else 0.0


def _hum(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    time = np.arange(count) / SAMPLE_RATE
    mains = rng.choice(MAINS_HZ)
    return np.asarray(sum(rng.uniform(0.2, 1.0) / k * np.sin(2 * np.pi * mains * k * time) for k in range(1, 8)))
