"""Feature set "log_mel64": the log-mel spectrum of Speech2Gesture.

    samples ─► 400-sample periodic Hann, every 160, FFT of 512 ─► magnitude ─► 64 mel bands ─► ln(x + 1e-6)

After Ginosar et al., CVPR 2019 (arXiv 1906.04160) and the feature code that their project uses: HTK mel scale, 125 to
7500 Hz, triangles with straight sides in mel and height 1, without the constant bin. Features are not relative to the
level of the input: a louder voice gives larger values.

Frame n covers samples [160 n, 160 n + 400). N samples give N // 160 frames, the last one or two by `flush`, which
appends silence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.framing import WIN_LENGTH
from speech_gesture_ros.features.mel import N_FFT, power_spectrum, project_rows
from speech_gesture_ros.features.windowed_stage import WindowedStage, whole_recording

Array = npt.NDArray[np.float64]

N_MELS = 64
MIN_HZ, MAX_HZ = 125.0, 7500.0
LOG_OFFSET = 1e-6
LOG_MEL_MIN = float(np.log(LOG_OFFSET))  # of every band in digital silence
LOG_MEL_MAX = 8.0  # a full-scale square wave stays below it; only damaged input exceeds it

FEATURE_NAMES: tuple[str, ...] = tuple(f"log_mel_{band:02d}" for band in range(N_MELS))
NUM_FEATURES = len(FEATURE_NAMES)


def htk_mel_filterbank() -> Array:
    """Triangles of height 1 with sides straight in mel, (N_FFT // 2 + 1, N_MELS); the constant bin has weight 0."""
    bins = _mel_from_hz(np.asarray(np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE), dtype=np.float64))[:, None]
    corners = np.linspace(_mel_from_hz(np.array(MIN_HZ)), _mel_from_hz(np.array(MAX_HZ)), N_MELS + 2)
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return np.asarray(weights)


def _mel_from_hz(hz: Array) -> Array:
    """HTK mel scale (The HTK Book, 2006)."""
    return np.asarray(1127.0 * np.log1p(hz / 700.0))


_FILTERBANK = htk_mel_filterbank()


class LogMelStage(WindowedStage):
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, 64) float32 at 100 Hz."""

    def __init__(self) -> None:
        super().__init__(WIN_LENGTH, NUM_FEATURES)

    def _rows(self, windows: Array) -> Array:
        bands = project_rows(np.sqrt(power_spectrum(windows)), _FILTERBANK)
        return np.minimum(np.log(bands + LOG_OFFSET), LOG_MEL_MAX)


def open_stage() -> LogMelStage:
    """Make a stage for `features.sets`."""
    return LogMelStage()


def compute_log_mel(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Compute the features of a whole recording: (N,) mono at 16 kHz in [-1, 1] to (N // 160, 64).

    Raises:
        ValueError: If `samples` is not one-dimensional.
    """
    return whole_recording(LogMelStage(), samples)
