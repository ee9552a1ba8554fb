"""Complex spectrogram of a voice, compressed: the input of Speech2Face.

    6 s of sound, repeated if shorter ─► STFT: Hann of 25 ms, hop of 10 ms, 512 points ─► real, imaginary: sign |x|^0.3

After Oh et al., "Speech2Face: Learning the face behind a voice" (CVPR 2019).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

WINDOW, HOP, NUM_POINTS = 400, 160, 512  # [samples]
NUM_BINS = NUM_POINTS // 2 + 1
POWER = 0.3
MIN_S, MAX_S = 0.5, 60.0  # of sound that is used [s]
_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)


def voice_spectrogram(samples: npt.NDArray[np.floating], seconds: float) -> npt.NDArray[np.float32]:
    """Return the spectrogram of the begin of a recording.

    Args:
        samples: (S,) mono at 16 kHz in [-1, 1].
        seconds: Length that is used; a shorter recording is repeated [s].

    Returns:
        (2, T, 257) compressed real and imaginary parts, T of `num_frames(seconds)`.

    Raises:
        InputError: If there are fewer samples than one window, or a value is not finite.
    """
    sound = np.asarray(samples, dtype=np.float32)
    if sound.ndim != 1 or len(sound) < WINDOW or not np.isfinite(sound).all():
        raise InputError("recording of the voice", f"{sound.shape} samples", f"{WINDOW} or more finite samples at "
                         f"{SAMPLE_RATE} Hz", "Record more.")
    length = round(seconds * SAMPLE_RATE)
    sound = np.resize(sound, length) if len(sound) < length else sound[:length]
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * _HANN, NUM_POINTS)
    parts = np.stack([spectrum.real, spectrum.imag])
    return np.asarray(np.sign(parts) * np.abs(parts) ** POWER, dtype=np.float32)


def num_frames(seconds: float) -> int:
    """Return the number of frames of a spectrogram; 598 for 6 s."""
    return (round(seconds * SAMPLE_RATE) - WINDOW) // HOP + 1
