"""MFCC as the 2019 model's authors took them: at 44.1 kHz, of the first 512 samples of every frame.

Their library (python_speech_features 0.6) was asked for windows of 67 ms with an FFT of 512 points, which cuts each to
its first 11.6 ms: what it warns of, the published weights have learned. So here, with its other defaults: no window,
pre-emphasis 0.97, 26 triangles on the mel scale from 0 to 22.05 kHz, orthonormal DCT, lifter 22, and the logarithm of
the frame's energy in place of the first coefficient. Samples count in steps of a 16-bit converter.

From 16 kHz audio the same frame is one matrix product away, because 10 ms are 160 samples here and 441 there:

    window at 16 kHz ── resample and pre-emphasise, a constant matrix ──► 512 samples at 44.1 kHz

What lies above 7.2 kHz is not in the audio. Those bands are guessed from the lower ones: see `repair`.
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

RATE = 44_100  # [Hz] that the model expects
N_FFT = 512
N_BANDS = 26
FULL_SCALE = 32_768.0
PRE_EMPHASIS = 0.97
LIFTER = 22
INTACT_HZ = 7_200.0  # up to here 16 kHz audio says it all
KERNEL_HALF = 48  # [samples at 16 kHz] of the resampling kernel
WINDOW_BEFORE, WINDOW_AFTER = KERNEL_HALF, 186 + KERNEL_HALF  # [samples at 16 kHz] around a frame's time
_TINY = float(np.finfo(np.float64).eps)  # what takes the place of no energy


@cache
def _corners() -> npt.NDArray[np.int64]:
    """(N_BANDS + 2,) FFT bins where triangles begin, peak and end."""
    highest = 2595 * np.log10(1 + RATE / 2 / 700)
    hz = 700 * (10 ** (np.linspace(0.0, highest, N_BANDS + 2) / 2595) - 1)
    return np.floor((N_FFT + 1) * hz / RATE).astype(np.int64)


@cache
def filterbank() -> Array:
    """(N_FFT // 2 + 1, N_BANDS) triangles of height 1."""
    bins = np.arange(N_FFT // 2 + 1)[:, None]
    low, peak, high = _corners()[:-2], _corners()[1:-1], _corners()[2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = (bins - low) / (peak - low), (high - bins) / (high - peak)
    inside_left, inside_right = (bins >= low) & (bins < peak), (bins >= peak) & (bins < high)
    return np.where(inside_left, rising, np.where(inside_right, falling, 0.0))


@cache
def intact_bands() -> int:
    """How many of the lower bands 16 kHz audio holds completely."""
    return int((_corners()[2:] * RATE / N_FFT <= INTACT_HZ).sum())


def log_bands(frames: npt.NDArray[np.floating]) -> Array:
    """Log energies of frames.

    Args:
        frames: (T, N_FFT) pre-emphasised samples at `RATE` in steps of a 16-bit converter.

    Returns:
        (T, N_BANDS + 1) natural logarithms of the band energies and, last, of the energy of the whole frame.
    """
    spectrum = np.fft.rfft(frames, N_FFT, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / N_FFT
    energies = np.concatenate([project_rows(power, filterbank()), power.sum(axis=1, keepdims=True)], axis=1)
    return np.asarray(np.log(np.where(energies == 0.0, _TINY, energies)))


def mfcc_from_log_bands(bands: Array) -> Array:
    """(T, N_BANDS + 1) log energies to (T, N_BANDS) coefficients."""
    lift = 1 + LIFTER / 2 * np.sin(np.pi * np.arange(N_BANDS) / LIFTER)
    coefficients = np.asarray(dct(bands[:, :N_BANDS], type=2, axis=1, norm="ortho")) * lift
    coefficients[:, 0] = bands[:, N_BANDS]
    return coefficients


def frames_at_44k(samples: npt.NDArray[np.floating], step: int) -> Array:
    """Frames of a whole recording at `RATE` every `step` samples, as the authors' library cuts them.

    Args:
        samples: (N,) in [-1, 1] at `RATE`.
        step: [samples].

    Returns:
        (T, N_FFT), T as many as the library gives for its windows of 67 ms.
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
    positions = np.arange(-1, N_FFT) * SAMPLE_RATE / RATE  # one more in front, for the pre-emphasis
    distance = positions - np.arange(-WINDOW_BEFORE, WINDOW_AFTER)[:, None]
    cutoff = (INTACT_HZ + SAMPLE_RATE / 2) / SAMPLE_RATE  # of the Nyquist frequency, midway between kept and lost
    window = i0(8.0 * np.sqrt(np.maximum(0.0, 1 - (distance / KERNEL_HALF) ** 2))) * (abs(distance) <= KERNEL_HALF)
    kernel = np.sinc(cutoff * distance) * window
    kernel *= FULL_SCALE / kernel.sum(axis=0)
    return np.ascontiguousarray(kernel[:, 1:] - PRE_EMPHASIS * kernel[:, :-1])


def frames_from_16k(windows: npt.NDArray[np.floating]) -> Array:
    """(T, WINDOW_BEFORE + WINDOW_AFTER) samples at 16 kHz, the frame's time at WINDOW_BEFORE, to (T, N_FFT)."""
    return project_rows(np.asarray(windows, dtype=np.float64), _resampling())


def repair(bands: Array, coefficients: Array) -> Array:
    """Replace the bands that 16 kHz audio lacks, and the energy of the frame, by what the intact bands let expect.

    Args:
        bands: (T, N_BANDS + 1) log energies of frames from 16 kHz audio.
        coefficients: (L + 1, N_BANDS + 1 - L) linear regression on the L intact bands; the last row is the constant.

    Returns:
        (T, N_BANDS + 1).
    """
    intact = bands[:, :intact_bands()]
    guessed = project_rows(intact, coefficients[:-1]) + coefficients[-1]
    # Beyond what was ever heard a straight line says anything: guesses stay below the loudest intact band.
    guessed = np.minimum(guessed, intact.max(axis=1, keepdims=True) + 3.0)
    return np.concatenate([intact, guessed], axis=1)
