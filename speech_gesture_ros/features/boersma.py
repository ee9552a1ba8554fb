"""Pitch and intensity as Praat computes them, after the papers, for models that were trained on Praat's output.

Pitch: the autocorrelation of a Hann-windowed frame divided by that of the window (Boersma, IFA Proceedings 17, 1993).
Its peaks are candidates of the period; "unvoiced" is one more. The best path through the candidates is chosen:

    strength(peak)     = height - octave_cost * log2(ceiling * period)
    strength(unvoiced) = voicing_threshold + max(0, 2 - (local peak / global peak) * (1 + voicing_threshold) / silence)
    cost of a step       |log2 of the ratio| * jump_cost, or a fixed cost for a start or end of voice

Offline the whole path is known. A stream gives, at each frame, the end of the best path *so far*: it has no delay, and
no frame is corrected by later ones.

Intensity: mean square under a Kaiser window of 64 ms, in dB above 20 uPa, a full-scale sine being 91 dB.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MIN_F0_HZ, MAX_F0_HZ = 75.0, 600.0
WINDOW_S = 3.0 / MIN_F0_HZ
VOICING_THRESHOLD, SILENCE_THRESHOLD = 0.45, 0.03
OCTAVE_COST, JUMP_COST, VOICE_COST = 0.01, 0.35, 0.14  # the last two per 10 ms
NUM_CANDIDATES = 8  # peaks kept besides "unvoiced"; Praat keeps 14, the last of which are never chosen
INTENSITY_HALF_S = 0.032  # half of the intensity window
_REFERENCE_POWER = 4e-10  # (20 uPa)^2
_MIN_POWER = 1e-30
_BLOCK_FRAMES = 256  # computed at a time: bounds memory offline


@dataclass(frozen=True)
class PitchCandidates:
    """Candidates of the pitch of each frame.

    Attributes:
        f0_hz: (T, NUM_CANDIDATES + 1); the first column is 0, unvoiced.
        strength: (T, NUM_CANDIDATES + 1); -inf where there is no such candidate. That of "unvoiced" still lacks the
            global peak, see `with_global_peak`.
        peak: (T,) largest magnitude in the middle of the windowed frame.
    """

    f0_hz: Array
    strength: Array
    peak: Array


class PitchFrames:
    """Pitch analysis of frames at one sample rate.

    Attributes:
        length: Samples of a frame, which is centred on its time.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self.length = round(WINDOW_S * sample_rate) // 2 * 2
        self._fft = 1 << int(np.ceil(np.log2(1.5 * self.length)))
        self._window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.length) + 0.5) / self.length)
        autocorrelation = np.fft.irfft(np.abs(np.fft.rfft(self._window, self._fft)) ** 2)
        self._low, self._high = int(sample_rate / MAX_F0_HZ), int(sample_rate / MIN_F0_HZ) + 1
        self._normal = autocorrelation[:self._high + 2] / autocorrelation[0]
        self._half_period = int(0.5 * sample_rate / MIN_F0_HZ)

    def candidates(self, frames: Array) -> PitchCandidates:
        """Compute the candidates of frames (T, length)."""
        parts = [self._block(frames[i:i + _BLOCK_FRAMES]) for i in range(0, max(1, len(frames)), _BLOCK_FRAMES)]
        return PitchCandidates(*(np.concatenate([getattr(part, name) for part in parts])
                            for name in ("f0_hz", "strength", "peak")))

    def _block(self, frames: Array) -> PitchCandidates:
        mean = self._middle(frames, 2 * self._half_period).mean(axis=1, keepdims=True)
        windowed = (frames - mean) * self._window
        spectrum = np.fft.rfft(windowed, self._fft, axis=1)
        correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, self._fft, axis=1)[:, :self._high + 2]
        sounding = correlation[:, :1] > _MIN_POWER
        r = np.where(sounding, correlation / np.where(sounding, correlation[:, :1], 1.0), 0.0) / self._normal

        before, at, after = (r[:, self._low - 1 + i:self._high + i] for i in range(3))
        curvature = 2 * at - before - after
        is_peak = (at > before) & (at >= after) & (at > 0.5 * VOICING_THRESHOLD)
        slope = 0.5 * (after - before)
        safe = np.where(is_peak, curvature, 1.0)
        period = (np.arange(self._low, self._low + at.shape[1]) + slope / safe) / self._rate
        height = at + 0.5 * slope**2 / safe
        height = np.where(height > 1.0, 1.0 / np.where(height > 1.0, height, 1.0), height)
        in_range = is_peak & (period > 0)
        cost = OCTAVE_COST * np.log2(np.where(in_range, MAX_F0_HZ * period, 1.0))
        strength = np.where(in_range, height - cost, -np.inf)
        best = np.argsort(-strength, axis=1, kind="stable")[:, :NUM_CANDIDATES]
        chosen = np.take_along_axis(strength, best, axis=1)
        f0 = 1.0 / np.where(chosen > -np.inf, np.take_along_axis(period, best, axis=1), 1.0)
        unvoiced = np.zeros((len(frames), 1))
        return PitchCandidates(np.concatenate([unvoiced, f0], axis=1), np.concatenate([unvoiced, chosen], axis=1),
                          np.abs(self._middle(windowed, self._half_period)).max(axis=1))

    def _middle(self, frames: Array, half: int) -> Array:
        return frames[:, self.length // 2 - half:self.length // 2 + half]


def with_global_peak(candidates: PitchCandidates, global_peak: npt.ArrayLike) -> Array:
    """Fill in the strength of "unvoiced", (T, NUM_CANDIDATES + 1), from the global peak, () or (T,)."""
    loudness = np.minimum(1.0, candidates.peak / np.maximum(global_peak, 1e-12))
    strength = candidates.strength.copy()
    silent = 2.0 - loudness * (1.0 + VOICING_THRESHOLD) / SILENCE_THRESHOLD
    strength[:, 0] = VOICING_THRESHOLD + np.maximum(0.0, silent)
    # Voiced candidates outside the range are dropped.
    f0 = candidates.f0_hz[:, 1:]
    strength[:, 1:][(f0 > MAX_F0_HZ) | (f0 < MIN_F0_HZ)] = -np.inf
    return np.asarray(strength)


@dataclass
class PitchPath:
    """Best path through the candidates, frame by frame.

    Attributes:
        step_s: Time between frames [s].
        score: (NUM_CANDIDATES + 1,) of the best path that ends in each candidate of the last frame; None at the start.
        log2_f0: (NUM_CANDIDATES + 1,) of the last frame.
    """

    step_s: float
    score: Array | None = field(default=None, repr=False)
    log2_f0: Array | None = field(default=None, repr=False)

    def follow(self, f0_hz: Array, strength: Array) -> Array:
        """Advance by frames (T, C); return the pitch at the end of the best path after each, (T,) [Hz], 0 unvoiced."""
        return np.array([f0[self._step(f0, s)[0]] for f0, s in zip(f0_hz, strength)], dtype=np.float64)

    def best(self, f0_hz: Array, strength: Array) -> Array:
        """Return the best path of all frames (T, C) of a recording: (T,) [Hz], 0 unvoiced."""
        origins, last = [], 0
        for f0, s in zip(f0_hz, strength):
            last, origin = self._step(f0, s)
            origins.append(origin)
        path = np.zeros(len(f0_hz))
        for t in range(len(f0_hz) - 1, -1, -1):
            path[t] = f0_hz[t, last]
            last = int(origins[t][last])
        return path

    def _step(self, f0_hz: Array, strength: Array) -> tuple[int, npt.NDArray[np.intp]]:
        """Advance by a frame; return the candidate that ends the best path, and the best predecessor of each."""
        log2_f0 = np.log2(np.maximum(f0_hz, 1.0))
        origin = np.arange(len(f0_hz))
        if self.score is None or self.log2_f0 is None:
            self.score = strength
        else:
            per_step = 0.01 / self.step_s
            cost = JUMP_COST * per_step * np.abs(self.log2_f0[:, None] - log2_f0)
            cost[0, 1:] = cost[1:, 0] = VOICE_COST * per_step
            cost[0, 0] = 0.0
            total = self.score[:, None] - cost
            origin = total.argmax(axis=0)
            self.score = total[origin, np.arange(len(origin))] + strength
            self.score = self.score - self.score.max()  # bounded over hours of stream
        self.log2_f0 = log2_f0
        return int(np.argmax(self.score)), origin


def intensity_window(sample_rate: int) -> Array:
    """Kaiser window of an intensity frame, of odd length, centred."""
    half = int(INTENSITY_HALF_S * sample_rate)
    x = np.arange(-half, half + 1) / (INTENSITY_HALF_S * sample_rate)
    return np.asarray(np.i0((2 * np.pi**2 + 0.5) * np.sqrt(np.maximum(0.0, 1 - x**2))))


def intensity_db(frames: Array, window: Array) -> Array:
    """Intensity of frames (T, L) under a window (L,), without the mean of each frame: (T,) [dB above 20 uPa]."""
    centred = frames - frames.mean(axis=1, keepdims=True)
    power = ((centred * centred)[:, None, :] @ window)[:, 0] / window.sum() / _REFERENCE_POWER
    return np.asarray(10 * np.log10(np.maximum(power, _MIN_POWER)))


def prosody_columns(f0_hz: Array, intensity: Array) -> tuple[Array, Array]:
    """Pitch and energy on the scale of Chiu and Marsella (2011): ln(f0 + 1) - 4 and ln(dB) - 3, never below 0."""
    pitch = np.maximum(0.0, np.log(f0_hz + 1.0) - 4.0)
    energy = np.maximum(0.0, np.log(np.maximum(intensity, np.finfo(np.float64).eps)) - 3.0)
    return np.asarray(pitch), np.asarray(energy)
