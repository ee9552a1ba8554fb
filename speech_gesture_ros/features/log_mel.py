"""Feature set "log_mel64": the spectrum that Speech2Gesture hears, nothing else and nothing tracked.

    samples ─► 400-sample periodic Hann, every 160, FFT of 512 ─► magnitude ─► 64 mel bands ─► ln(x + 1e-6)

Facts after Ginosar et al., CVPR 2019 (arXiv 1906.04160) and the feature code their project builds on: HTK's mel scale,
125 to 7500 Hz, triangles with straight sides in mel and height 1, the constant bin left out. The level of the input is
not taken out: a louder voice gives larger features.

Frame n covers samples [160 n, 160 n + 400). N samples give N // 160 frames, the last one or two by `flush`, which takes
silence for the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.framing import WIN_LENGTH, FrameBuffer
from speech_gesture_ros.features.mel import N_FFT, power_spectrum, project_rows

Array = npt.NDArray[np.float64]

N_MELS = 64
MIN_HZ, MAX_HZ = 125.0, 7500.0
LOG_OFFSET = 1e-6
SILENCE = float(np.log(LOG_OFFSET))  # what digital silence gives, in every band
LOUDEST = 8.0  # a full-scale square wave stays below: beyond lies only damage
_BLOCK_FRAMES = 256  # offline, so many frames at a time

FEATURE_NAMES: tuple[str, ...] = tuple(f"log_mel_{band:02d}" for band in range(N_MELS))
NUM_FEATURES = len(FEATURE_NAMES)


def htk_mel_filterbank(n_mels: int = N_MELS, min_hz: float = MIN_HZ, max_hz: float = MAX_HZ) -> Array:
    """Triangles of height 1 with sides straight in mel, (N_FFT // 2 + 1, n_mels); the constant bin weighs nothing."""
    bins = _mel_from_hz(np.asarray(np.fft.rfftfreq(N_FFT, 1 / SAMPLE_RATE), dtype=np.float64))[:, None]
    corners = np.linspace(_mel_from_hz(np.array(min_hz)), _mel_from_hz(np.array(max_hz)), n_mels + 2)
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return np.asarray(weights)


def _mel_from_hz(hz: Array) -> Array:
    """HTK's mel scale (The HTK Book, 2006)."""
    return np.asarray(1127.0 * np.log1p(hz / 700.0))


_FILTERBANK = htk_mel_filterbank()


class LogMelStage:
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, 64) float32 at 100 Hz."""

    def __init__(self) -> None:
        self.reset()

    @property
    def latency_s(self) -> float:
        """A frame is complete 25 ms after its time [s]."""
        return WIN_LENGTH / SAMPLE_RATE

    def reset(self) -> None:
        """Forget everything."""
        self._frames = FrameBuffer(WIN_LENGTH)

    def push(self, chunk: AudioChunk) -> FeatureChunk:
        """Feed consecutive samples; non-finite ones count as 0. Returns the frames they complete."""
        start = self._frames.frame_count
        return FeatureChunk(start, _features(self._frames.push(chunk.values)))

    def flush(self) -> FeatureChunk:
        """The frames that remain, as if silence followed: N // 160 altogether."""
        start = self._frames.frame_count
        return FeatureChunk(start, _features(self._frames.flush()))


def open_stage() -> LogMelStage:
    """As `features.sets` opens it."""
    return LogMelStage()


def compute_log_mel(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Features of a whole recording: (N,) mono at 16 kHz in [-1, 1] to (N // 160, 64).

    Raises:
        ValueError: If `samples` is not one-dimensional.
    """
    if np.ndim(samples) != 1:
        raise ValueError(f"samples have shape {np.shape(samples)}, must be (N,): mix channels down first")
    stage = LogMelStage()
    seconds_30 = 30 * SAMPLE_RATE  # bounds memory for hours of audio
    parts = [stage.push(AudioChunk(i, samples[i:i + seconds_30])).values for i in range(0, len(samples), seconds_30)]
    return np.concatenate([*parts, stage.flush().values])


def _features(windows: Array) -> npt.NDArray[np.float32]:
    blocks = [_block(windows[i:i + _BLOCK_FRAMES]) for i in range(0, len(windows), _BLOCK_FRAMES)]
    return np.concatenate(blocks) if blocks else np.empty((0, NUM_FEATURES), dtype=np.float32)


def _block(windows: Array) -> npt.NDArray[np.float32]:
    bands = project_rows(np.sqrt(power_spectrum(windows)), _FILTERBANK)
    return np.minimum(np.log(bands + LOG_OFFSET), LOUDEST).astype(np.float32)
