"""Breathiness, vocal effort and rate of a voice.

Prominence of the cepstral peak    height of the peak at the period above a line through the cepstrum [dB]: low in
    breathy voice (Hillenbrand, Cleveland and Erickson, JSHR 37, 1994)
Effort    energy above 1 kHz over that below [dB]: rises with vocal loudness and does not depend on the gain of the
    recording ("alpha ratio", Sundberg and Nordenberg, JASA 120, 2006)
Rate    nuclei of syllables per second of speech, pauses left out: peaks of the level in voiced frames (de Jong and
    Wempe, Behavior Research Methods 41, 2009)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.boersma import MAX_F0_HZ, MIN_F0_HZ
from speech_gesture_ros.features.voice.voiced_frames import VoicedFrames, centred_windows

Array = npt.NDArray[np.float64]

CEPSTRUM_LENGTH, CEPSTRUM_FFT = 640, 1024  # 40 ms
LINE_FROM_S = 0.001  # of the line under the cepstral peak
SPLIT_HZ, EFFORT_HZ = 1000.0, (60.0, 5000.0)
PEAK_DB, SPEECH_DB = 2.0, 25.0  # prominence of a nucleus; below the loudest frames, up to which it is speech
SMOOTHING_HZ = 8.0
MAX_FRAMES = 6000
_TINY = 1e-12


def cepstral_peak_prominence(samples: npt.NDArray[np.floating], frames: VoicedFrames) -> float:
    """Return the median over voiced frames [dB]; NaN without any.

    Args:
        samples: (N,) mono at 16 kHz.
        frames: Of these samples.
    """
    windows = _voiced_windows(samples, frames)
    if not len(windows):
        return float("nan")
    spectrum = np.abs(np.fft.fft(windows * np.hamming(CEPSTRUM_LENGTH), CEPSTRUM_FFT, axis=1))
    cepstrum = np.abs(np.fft.ifft(20 * np.log10(spectrum + _TINY), axis=1))
    level = 20 * np.log10(cepstrum[:, :CEPSTRUM_FFT // 2] + _TINY)
    first, low, high = (int(s * SAMPLE_RATE) for s in (LINE_FROM_S, 1 / MAX_F0_HZ, 1 / MIN_F0_HZ))
    at = np.arange(first, level.shape[1], dtype=np.float64)
    slope, offset = np.polyfit(at, level[:, first:].T, 1)
    peak = low + level[:, low:high].argmax(axis=1)
    return float(np.median(level[np.arange(len(peak)), peak] - (slope * peak + offset)))


def vocal_effort(samples: npt.NDArray[np.floating], frames: VoicedFrames) -> float:
    """Return the energy of voiced frames above over that below 1 kHz [dB]; NaN without any.

    Args:
        samples: (N,) mono at 16 kHz.
        frames: Of these samples.
    """
    windows = _voiced_windows(samples, frames)
    if not len(windows):
        return float("nan")
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(CEPSTRUM_LENGTH), CEPSTRUM_FFT, axis=1))).mean(axis=0)
    hz = np.fft.rfftfreq(CEPSTRUM_FFT, 1 / SAMPLE_RATE)
    low, high = ((hz >= a) & (hz < b) for a, b in ((EFFORT_HZ[0], SPLIT_HZ), (SPLIT_HZ, EFFORT_HZ[1])))
    return float(10 * np.log10((power[high].sum() + _TINY) / (power[low].sum() + _TINY)))


def syllable_rate(frames: VoicedFrames) -> float:
    """Return syllables per second of speech; NaN without speech."""
    level = frames.level_db
    if not len(frames.voiced):
        return float("nan")
    loudest = np.percentile(level[frames.voiced], 95)
    speech = level > loudest - SPEECH_DB
    smooth = signal.sosfiltfilt(signal.butter(2, SMOOTHING_HZ, fs=100, output="sos"), np.maximum(level, loudest - 50.0),
                                padlen=min(len(level) - 1, 30))
    peaks, _ = signal.find_peaks(smooth, prominence=PEAK_DB)
    nuclei = peaks[(frames.f0_hz[peaks] > 0.0) & speech[peaks]]
    return float(100.0 * len(nuclei) / max(1, int(speech.sum())))


def _voiced_windows(samples: npt.NDArray[np.floating], frames: VoicedFrames) -> Array:
    """Return the samples around voiced frames, at most `MAX_FRAMES` of them: (n, CEPSTRUM_LENGTH)."""
    chosen = frames.voiced[::max(1, -(-len(frames.voiced) // MAX_FRAMES))]
    return np.asarray(centred_windows(np.asarray(samples, dtype=np.float64), CEPSTRUM_LENGTH)[chosen])
