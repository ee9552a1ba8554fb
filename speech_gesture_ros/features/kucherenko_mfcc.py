"""MFCC as computed by the authors of the 2019 model: at 44.1 kHz, of the first 512 samples of every frame.

Their library (python_speech_features 0.6) was used with windows of 67 ms and an FFT of 512 points, which truncates each
window to its first 11.6 ms (the library warns of it); the published weights were trained on that. So it is done here,
with the library's other defaults: no window, pre-emphasis 0.97, 26 triangles on the mel scale from 0 to 22.05 kHz,
orthonormal DCT, lifter 22, and the logarithm of the frame's energy in place of the first coefficient. Samples are in
steps of 16 bits.

From 16 kHz audio the same frame is one matrix product, because 10 ms are 160 samples at 16 kHz and 441 at 44.1 kHz:

    window at 16 kHz ── resample and pre-emphasise, a constant matrix ──► 512 samples at 44.1 kHz

Bands above 7.2 kHz are not in the audio; they are estimated from the lower ones by `restore_bands`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.fft import dct
from scipy.special import i0

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.mel import project_rows

Array = npt.NDArray[np.float64]

PUBLISHED_SAMPLE_RATE = 44_100  # [Hz] of the recordings that the published weights were trained on
N_FFT = 512
N_BANDS = 26
FULL_SCALE = 32_768.0
PRE_EMPHASIS = 0.97
LIFTER = 22
INTACT_HZ = 7_200.0  # highest frequency that 16 kHz audio holds unchanged
KERNEL_HALF = 48  # [samples at 16 kHz] of the resampling kernel
WINDOW_BEFORE, WINDOW_AFTER = KERNEL_HALF, 186 + KERNEL_HALF  # [samples at 16 kHz] around a frame's time
_MIN_ENERGY = float(np.finfo(np.float64).eps)  # in place of 0


@cache
def _corners(sample_rate: int) -> npt.NDArray[np.int64]:
    """(N_BANDS + 2,) FFT bins of the triangles' corners, equally spaced on the HTK mel scale up to half the rate."""
    highest = 2595 * np.log10(1 + sample_rate / 2 / 700)
    hz = 700 * (10 ** (np.linspace(0.0, highest, N_BANDS + 2) / 2595) - 1)
    return np.floor((N_FFT + 1) * hz / sample_rate).astype(np.int64)


@cache
def filterbank(sample_rate: int) -> Array:
    """(N_FFT // 2 + 1, N_BANDS) triangles of height 1 for a sample rate [Hz]."""
    bins = np.arange(N_FFT // 2 + 1)[:, None]
    corners = _corners(sample_rate)
    low, peak, high = corners[:-2], corners[1:-1], corners[2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = (bins - low) / (peak - low), (high - bins) / (high - peak)
    inside_left, inside_right = (bins >= low) & (bins < peak), (bins >= peak) & (bins < high)
    return np.where(inside_left, rising, np.where(inside_right, falling, 0.0))


@cache
def intact_bands() -> int:
    """Return the number of lower bands that 16 kHz audio holds unchanged."""
    upper_hz = _corners(PUBLISHED_SAMPLE_RATE)[2:] * PUBLISHED_SAMPLE_RATE / N_FFT
    return int((upper_hz <= INTACT_HZ).sum())


def log_bands(frames: npt.NDArray[np.floating]) -> Array:
    """Compute the log energies of frames.

    Args:
        frames: (T, N_FFT) pre-emphasised samples at `PUBLISHED_SAMPLE_RATE` in steps of 16 bits.

    Returns:
        (T, N_BANDS + 1) natural logarithms of the band energies and, last, of the energy of the whole frame.
    """
    spectrum = np.fft.rfft(frames, N_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / N_FFT
    bands = project_rows(power, filterbank(PUBLISHED_SAMPLE_RATE))
    energies = np.concatenate([bands, power.sum(axis=1, keepdims=True)], axis=1)
    return np.asarray(np.log(np.where(energies == 0.0, _MIN_ENERGY, energies)))


@cache
def lifter_gains() -> Array:
    """(N_BANDS,) gains of the cepstral lifter."""
    return np.asarray(1 + LIFTER / 2 * np.sin(np.pi * np.arange(N_BANDS) / LIFTER))


def mfcc_from_log_bands(bands: Array) -> Array:
    """(T, N_BANDS + 1) log energies to (T, N_BANDS) coefficients."""
    coefficients = np.asarray(dct(bands[:, :N_BANDS], type=2, axis=1, norm="ortho")) * lifter_gains()
    coefficients[:, 0] = bands[:, N_BANDS]
    return coefficients


def frames_at_44k(samples: npt.NDArray[np.floating], step: int) -> Array:
    """Cut a recording at `PUBLISHED_SAMPLE_RATE` into frames every `step` samples, as the authors' library does.

    Args:
        samples: (N,) in [-1, 1].
        step: [samples].

    Returns:
        (T, N_FFT), with T as in the library for windows of 67 ms.
    """
    window = 2940  # [samples] 66.67 ms
    whole = np.asarray(samples, dtype=np.float64) * FULL_SCALE
    emphasised = np.append(whole[:1], whole[1:] - PRE_EMPHASIS * whole[:-1])
    count = 1 if len(whole) <= window else 1 + -(-(len(whole) - window) // step)
    padded = np.concatenate([emphasised, np.zeros((count - 1) * step + window)])
    return np.asarray(padded[np.arange(count)[:, None] * step + np.arange(N_FFT)])


@cache
def _resampling() -> Array:
    """(WINDOW_BEFORE + WINDOW_AFTER, N_FFT): samples around a frame's time at 16 kHz to its frame at 44.1 kHz."""
    positions = np.arange(-1, N_FFT) * SAMPLE_RATE / PUBLISHED_SAMPLE_RATE  # the first for the pre-emphasis
    distance = positions - np.arange(-WINDOW_BEFORE, WINDOW_AFTER)[:, None]
    cutoff = (INTACT_HZ + SAMPLE_RATE / 2) / SAMPLE_RATE  # of the Nyquist frequency, midway between intact and lost
    window = i0(8.0 * np.sqrt(np.maximum(0.0, 1 - (distance / KERNEL_HALF) ** 2))) * (abs(distance) <= KERNEL_HALF)
    kernel = np.sinc(cutoff * distance) * window
    kernel *= FULL_SCALE / kernel.sum(axis=0)
    return np.ascontiguousarray(kernel[:, 1:] - PRE_EMPHASIS * kernel[:, :-1])


def frames_from_16k(windows: npt.NDArray[np.floating]) -> Array:
    """(T, WINDOW_BEFORE + WINDOW_AFTER) samples at 16 kHz, the frame's time at WINDOW_BEFORE, to (T, N_FFT)."""
    return project_rows(np.asarray(windows, dtype=np.float64), _resampling())


def restore_bands(bands: Array, coefficients: Array) -> Array:
    """Replace the bands that 16 kHz audio lacks, and the energy of the frame, by estimates from the intact bands.

    Args:
        bands: (T, N_BANDS + 1) log energies of frames from 16 kHz audio.
        coefficients: (L + 1, N_BANDS + 1 - L) linear regression on the L intact bands; the last row is the constant.

    Returns:
        (T, N_BANDS + 1).
    """
    intact = bands[:, :intact_bands()]
    estimated = project_rows(intact, coefficients[:-1]) + coefficients[-1]
    # A linear extrapolation has no bound: estimates are limited relative to the loudest intact band.
    estimated = np.minimum(estimated, intact.max(axis=1, keepdims=True) + 3.0)
    return np.concatenate([intact, estimated], axis=1)
