r"""Accents of recorded speech: its prominent syllables, and the frames with speech.

Offline and non-causal; used to compose motion for recorded speech, and to measure motion relative to it.

      energy 250-3500 Hz     __/\_/\____/\/\___        nuclei: voiced peaks that rise at least 2 dB
      F0 (autocorrelation)    -'' '-.    .-' '-.        prominence P of a nucleus, rolling scores (z) over +-10 s:
      accents                    |        |             .40 z(F0 above its +-2.5 s median) + .15 z(F0 range)
                                                       + .30 z(level above the rolling median) + .25 z(log width)

The nuclei with the largest P are taken greedily, no two within 0.55 s; a weaker one needs a larger distance, so that a
phrase of even syllables has accents and a strong accent has no others close to it (`needed_spacing`). All references
roll (+-10 s): a loud minute does not suppress accents of the next one, and the result does not depend on where a file
was cut. The few nuclei of a short clip are scored mostly against corpus values (`PRIOR_MEAN`), so that a clip of two
seconds works, too.

F0 follows the windowed autocorrelation divided by the window's own (Boersma, Proc. Inst. Phonetic Sciences 17, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage, signal

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_POSE, SAMPLE_RATE, SAMPLES_PER_POSE

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

F0_RANGE_HZ = (65.0, 480.0)
VOICED_STRENGTH = 0.52  # of the normalised autocorrelation; white noise stays below 0.35
QUIETEST_DB = -62.0  # band level of the quietest speech
NUCLEUS_PROMINENCE_DB = 2.0
ACCENT_SPACING_S = (0.55, 1.1)  # of a clear accent and of the weakest
ACCENT_THRESHOLD = -0.4  # prominence; with the spacing it gives about 0.95 accents a second of speech
CLEAR_PROMINENCE = 0.1
MINOR_THRESHOLD = -1.2
MINOR_SPACING_S = 0.34
ROLLING_S = 10.0
MEASURE_WEIGHTS = np.array([0.40, 0.15, 0.30, 0.25])
PRIOR_WEIGHT = 8.0  # [nuclei]
PRIOR_MEAN = np.array([1.4, 3.2, -0.4, -1.85])  # excursion [st], range [st], level [dB], log width [log s]
PRIOR_SD = np.array([3.4, 3.4, 4.7, 0.75])


@dataclass(frozen=True)
class Accents:
    """Accents of one recording and the signals that they follow from. T25 = N // 640 frames, T100 frames at 100 Hz.

    Attributes:
        times_s: (A,) accent times [s], increasing.
        prominence: (A,) of each [standard deviations]; above `ACCENT_THRESHOLD`.
        speech: (T25,) True while someone speaks, at 25 Hz.
        level_db: (T25,) loudness of the 250-3500 Hz band over its rolling reference [dB], smoothed over 0.1 s.
        f0_hz: (T100,) fundamental frequency, NaN where unvoiced [Hz].
        minor_times_s: (M,) syllables between the accents, `MINOR_SPACING_S` from them and from each other [s].
        minor_prominence: (M,) of each, above `MINOR_THRESHOLD`.
    """

    times_s: Floats
    prominence: Floats
    speech: Bools
    level_db: Floats
    f0_hz: Floats
    minor_times_s: Floats = field(default_factory=lambda: np.zeros(0))
    minor_prominence: Floats = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.times_s)


def detect_accents(samples: npt.NDArray[np.floating]) -> Accents:
    """Find the accents of a recording.

    Args:
        samples: (N,) mono samples at 16 kHz in [-1, 1]; NaN and infinity count as 0.

    Raises:
        InputError: If the samples are not one-dimensional.
    """
    if np.ndim(samples) != 1:
        raise InputError("shape of the samples", np.shape(samples), "(N,)", "Mix down to one channel first.")
    clean = np.nan_to_num(np.asarray(samples, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    num_frames = len(clean) // SAMPLES_PER_POSE
    if num_frames == 0:
        empty = np.zeros(0)
        return Accents(empty, empty, np.zeros(0, dtype=bool), empty, empty)
    level = band_level_db(clean)
    f0, strength = track_f0(clean)
    f0, strength = f0[: len(level)], strength[: len(level)]
    reference = _rolling_percentile(level, 80.0)
    voiced = _drop_short_runs((strength > VOICED_STRENGTH) & (level > np.maximum(reference - 22.0, QUIETEST_DB)), 5)
    f0_hz = np.where(voiced, f0, np.nan)
    syllables, measures = nuclei(level, f0_hz)
    times, prominence = pick_accents(syllables, measures)
    minor, minor_prominence = pick_minor(syllables, prominences(syllables, measures), times)
    end_s = num_frames * SAMPLES_PER_POSE / SAMPLE_RATE
    keep, keep_minor = times < end_s, minor < end_s
    smooth = ndimage.gaussian_filter1d(level - reference, 5.0, mode="nearest")
    return Accents(times[keep], prominence[keep], speech_frames(voiced)[:num_frames],
                   smooth[::FEATURES_PER_POSE][:num_frames], f0_hz, minor[keep_minor], minor_prominence[keep_minor])


def band_level_db(samples: npt.NDArray[np.float32]) -> Floats:
    """Level of the 250-3500 Hz band every 10 ms, smoothed with a 20 ms Gaussian. (N,) to (T100,) [dB re full scale]."""
    band = signal.butter(2, (250.0, 3500.0), "bandpass", fs=SAMPLE_RATE, output="sos").astype(np.float32)
    forward = signal.sosfilt(band, samples)
    filtered = signal.sosfilt(band, forward[::-1])[::-1]  # both ways: no delay
    hop = SAMPLE_RATE // FEATURE_RATE
    num = -(-len(samples) // hop)
    power = np.zeros(num * hop, dtype=np.float32)
    power[: len(samples)] = filtered**2
    # Mean power of the two hops around each instant k * 10 ms.
    hops = power.reshape(num, hop).mean(axis=1, dtype=np.float64)
    centred = 0.5 * (hops + np.concatenate([hops[:1], hops[:-1]]))
    return np.asarray(10.0 * np.log10(ndimage.gaussian_filter1d(centred, 2.0, mode="nearest") + 1e-10))


def track_f0(samples: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Fundamental frequency by normalised autocorrelation every 10 ms.

    Args:
        samples: (N,) at 16 kHz.

    Returns:
        (T100,) best candidate [Hz], always finite, and (T100,) its strength in [0, 1].
    """
    rate = SAMPLE_RATE // 2
    hop, length, size = rate // FEATURE_RATE, 320, 512
    half = signal.resample_poly(np.append(samples, np.float32(0)), 1, 2).astype(np.float32)
    high_pass = signal.butter(2, 60.0, "highpass", fs=rate, output="sos").astype(np.float32)
    half = signal.sosfilt(high_pass, half).astype(np.float32)
    num = -(-len(samples) // (2 * hop))
    padded = np.pad(half, (length // 2, length + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop][:num]
    window = np.hanning(length + 2)[1:-1].astype(np.float32)
    shortest, longest = int(rate / F0_RANGE_HZ[1]), int(np.ceil(rate / F0_RANGE_HZ[0]))
    own = fft.irfft(np.abs(fft.rfft(window, size)) ** 2, size)[: longest + 2]
    # Short lags get a bonus: of two equal peaks the longer period is a multiple of the pitch period.
    lags = np.arange(shortest, longest + 1)
    bonus = (0.02 * np.log2(longest / lags)).astype(np.float32)
    f0, strength = np.empty(num), np.empty(num)
    for start in range(0, num, 4096):
        block = frames[start: start + 4096]
        spectrum = fft.rfft((block - block.mean(axis=1, keepdims=True)) * window, size, axis=1)
        corr = fft.irfft(spectrum.real**2 + spectrum.imag**2, size, axis=1)[:, : longest + 2]
        corr = corr / (corr[:, :1] + 1e-9) * (own[0] / own)
        left, top, right = (corr[:, shortest + d: longest + 1 + d] for d in (-1, 0, 1))
        # Parabola through each peak: at 480 Hz a period is 17 samples, and the maximum lies between two.
        bend = np.minimum(left - 2 * top + right, -1e-6)
        height = top - (left - right) ** 2 / (8 * bend)
        best = np.argmax(np.where((top > left) & (top >= right), height + bonus, -1.0), axis=1)
        rows = np.arange(len(block))
        shift = np.clip(0.5 * ((left - right) / bend)[rows, best], -0.5, 0.5)
        is_peak = ((top > left) & (top >= right))[rows, best]
        stop = start + len(block)
        f0[start:stop] = rate / (lags[best] + shift)
        strength[start:stop] = np.where(is_peak, np.clip(height[rows, best], 0.0, 1.0), 0.0)
    return ndimage.median_filter(f0, 5, mode="nearest"), ndimage.median_filter(strength, 3, mode="nearest")


def nuclei(level_db: Floats, f0_hz: Floats) -> tuple[Floats, Floats]:
    """Syllable nuclei and the measures of their prominence.

    Args:
        level_db: (T100,) band level [dB].
        f0_hz: (T100,) F0 [Hz], NaN where unvoiced.

    Returns:
        (K,) times [s] and (K, 4) F0 excursion [semitones], F0 range [semitones], level over the rolling median [dB],
        log width [log s].
    """
    voiced = np.isfinite(f0_hz)
    peaks, found = signal.find_peaks(level_db, prominence=NUCLEUS_PROMINENCE_DB, width=0, rel_height=0.5)
    near = ndimage.maximum_filter1d(voiced.astype(np.int8), 3).astype(bool)
    keep = near[peaks]
    peaks = peaks[keep]
    widths = np.clip(found["widths"][keep] / FEATURE_RATE, 0.03, 0.6)
    if len(peaks) == 0:
        return np.zeros(0), np.zeros((0, 4))
    marks = np.flatnonzero(voiced)
    semitones = 12.0 * np.log2(f0_hz[marks] / 100.0)
    rows = []
    for peak, width in zip(peaks, widths):
        around = semitones[np.searchsorted(marks, peak - 250): np.searchsorted(marks, peak + 251)]
        here = semitones[np.searchsorted(marks, peak - 8): np.searchsorted(marks, peak + 9)]
        if len(here) < 3:
            here = around[:1]
        low, mid, high = np.sort(here)[[len(here) // 8, len(here) // 2, -1 - len(here) // 8]]
        excursion = 0.5 * (mid + high) - np.median(around)
        rows.append((np.clip(excursion, -12.0, 12.0), np.clip(high - low, 0.0, 12.0), level_db[peak], np.log(width)))
    measures = np.array(rows)
    times = peaks / FEATURE_RATE
    for i, column in enumerate(_neighbourhoods(times)):
        rows[i] = (*measures[i, :2], measures[i, 2] - np.median(measures[column, 2]), measures[i, 3])
    return times, np.array(rows)


def prominences(times_s: Floats, measures: Floats) -> Floats:
    """Score nuclei relative to those within +-10 s.

    Args:
        times_s: (K,) nuclei [s].
        measures: (K, 4) as from `nuclei`.

    Returns:
        (K,) prominence.
    """
    score = np.empty(len(times_s))
    for i, near in enumerate(_neighbourhoods(times_s)):
        values = measures[near]
        share = len(values) / (len(values) + PRIOR_WEIGHT)
        mean = share * values.mean(axis=0) + (1 - share) * PRIOR_MEAN
        spread = np.sqrt(share * values.var(axis=0) + (1 - share) * PRIOR_SD**2)
        score[i] = MEASURE_WEIGHTS @ np.clip((measures[i] - mean) / spread, -2.5, 2.5)
    return score


def pick_accents(times_s: Floats, measures: Floats) -> tuple[Floats, Floats]:
    """Score nuclei and take the most prominent, greedily, `needed_spacing` apart.

    Args:
        times_s: (K,) nuclei [s].
        measures: (K, 4) as from `nuclei`.

    Returns:
        (A,) times [s] and (A,) prominence.
    """
    score = prominences(times_s, measures)
    taken: list[int] = []
    for i in np.argsort(-score, kind="stable"):
        if score[i] <= ACCENT_THRESHOLD:
            break
        room = needed_spacing(float(score[i]))
        if all(abs(times_s[i] - times_s[j]) >= room for j in taken):
            taken.append(int(i))
    order = np.sort(np.array(taken, dtype=np.int64))
    return times_s[order], score[order]


def pick_minor(times_s: Floats, score: Floats, accents_s: Floats) -> tuple[Floats, Floats]:
    """Nuclei between the accents, of (K,) with their scores: (M,) times [s] and (M,) prominence."""
    taken: list[int] = []
    for i in np.argsort(-score, kind="stable"):
        if score[i] <= MINOR_THRESHOLD:
            break
        others = np.concatenate([accents_s, times_s[taken]])
        if len(others) == 0 or np.abs(others - times_s[i]).min() >= MINOR_SPACING_S:
            taken.append(int(i))
    order = np.sort(np.array(taken, dtype=np.int64))
    return times_s[order], score[order]


def needed_spacing(prominence: float) -> float:
    """Distance [s] that an accent of this prominence must keep from more prominent ones."""
    weakness = (CLEAR_PROMINENCE - prominence) / (CLEAR_PROMINENCE - ACCENT_THRESHOLD)
    return float(np.interp(weakness, (0.0, 1.0), ACCENT_SPACING_S))


def speech_frames(voiced: Bools) -> Bools:
    """Speech at 25 Hz from voicing at 100 Hz, with unvoiced neighbours. (T100,) to (T25,)."""
    before, after = 12, 20  # a consonant before the first vowel, one after the last [10 ms]
    reach = np.ones(before + after + 1, dtype=bool)
    spread = ndimage.binary_dilation(voiced, reach, origin=(before - after) // 2)
    closed = ndimage.binary_closing(np.pad(spread, 20), np.ones(20, dtype=bool))[20:-20]
    return np.asarray(closed[::FEATURES_PER_POSE])


def _neighbourhoods(times_s: Floats) -> list[slice]:
    """Slice of all times within `ROLLING_S` of each time."""
    first = np.searchsorted(times_s, times_s - ROLLING_S, side="left")
    last = np.searchsorted(times_s, times_s + ROLLING_S, side="right")
    return [slice(int(a), int(b)) for a, b in zip(first, last)]


def _rolling_percentile(values: Floats, percent: float) -> Floats:
    """Percentile over +-10 s, computed every 0.1 s and interpolated. (T100,) to (T100,)."""
    coarse = values[::10]
    size = 2 * int(ROLLING_S * FEATURE_RATE / 10) + 1
    rolled = ndimage.percentile_filter(coarse, percent, size=min(size, 2 * len(coarse) - 1), mode="nearest")
    return np.asarray(np.interp(np.arange(len(values)), np.arange(len(coarse)) * 10, rolled))


def _drop_short_runs(flags: Bools, shortest: int) -> Bools:
    """Clear runs of True shorter than `shortest` frames."""
    return np.asarray(ndimage.binary_opening(flags, np.ones(shortest, dtype=bool)))
