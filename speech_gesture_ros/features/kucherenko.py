"""Feature set "kucherenko2019": input of the published weights, from a 16 kHz stream, one frame every 10 ms.

    mfcc_00 .. mfcc_25   of the 11.6 ms from the frame's time on, as at 44.1 kHz; see `kucherenko_mfcc`
    energy               ln(intensity in dB) - 3, not below 0: silence is 0, loud speech 1.4
    energy_slope         its change since the frame before [1/ms]
    pitch                ln(f0 in Hz + 1) - 4, not below 0: unvoiced is 0
    pitch_slope          its change since the frame before [1/ms]

The authors computed these features for whole recordings at 44.1 kHz, as `kucherenko_offline` does. Here the look-ahead
is 25 ms, bands above 7.2 kHz are estimated from the others, and the pitch is that of the best path so far (`boersma`).
The model makes frames of 50 ms from these (`networks.kucherenko.frames`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.rates import FEATURE_RATE, SAMPLE_RATE
from speech_gesture_ros.features import boersma, kucherenko_mfcc
from speech_gesture_ros.features.framing import WIN_LENGTH
from speech_gesture_ros.features.windowed_stage import WindowedStage

Array = npt.NDArray[np.float64]

FEATURE_NAMES: tuple[str, ...] = (
    *(f"mfcc_{i:02d}" for i in range(kucherenko_mfcc.N_BANDS)), "energy", "energy_slope", "pitch", "pitch_slope",
)
SPEECH_STATISTICS = "kucherenko2019_speech.safetensors"

SAMPLES_BEFORE = 512  # of the window before a frame's time; `WIN_LENGTH` follow it
_FRAME_MS = 1000 / FEATURE_RATE
_PEAK_RANGE = (0.003, 1.0)  # of the tracked magnitude of the loudest sample
_PEAK_DECAY = float(np.exp(-1 / (30.0 * FEATURE_RATE)))  # a frame: time constant 30 s


@cache
def speech_statistics(name: str) -> Array:
    """Load a table fitted to wide-band recordings: "coefficients" or "covariance", see config/models/README.md."""
    tensors = load_file(str(resolve(SPEECH_STATISTICS, "config/models")))
    return np.asarray(tensors[name], dtype=np.float64)


@dataclass
class _State:
    path: boersma.PitchPath = field(default_factory=lambda: boersma.PitchPath(1 / FEATURE_RATE))
    peak: float = _PEAK_RANGE[0]
    last: tuple[float, float] | None = None  # energy and pitch of the frame before


class KucherenkoFeatureStage(WindowedStage):
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, 30) float32 at 100 Hz; N // 160 frames."""

    def __init__(self) -> None:
        self._pitch = boersma.PitchFrames(SAMPLE_RATE)
        self._intensity_window = boersma.intensity_window(SAMPLE_RATE)[:SAMPLES_BEFORE + WIN_LENGTH]
        self._coefficients = speech_statistics("coefficients")
        super().__init__(SAMPLES_BEFORE + WIN_LENGTH, len(FEATURE_NAMES))

    def reset(self) -> None:
        """Return to the state of a new stage."""
        super().reset()
        self._state = _State()

    def _rows(self, windows: Array) -> Array:
        energy, pitch = self._prosody(windows)
        before = self._state.last or (float(energy[0]), float(pitch[0]))
        self._state.last = float(energy[-1]), float(pitch[-1])
        slopes = [np.diff(column, prepend=value) / _FRAME_MS for column, value in zip((energy, pitch), before)]
        columns = np.stack([energy, slopes[0], pitch, slopes[1]], axis=1)
        return np.concatenate([self._mfcc(windows), columns], axis=1)

    def _mfcc(self, windows: Array) -> Array:
        around = windows[:, SAMPLES_BEFORE - kucherenko_mfcc.WINDOW_BEFORE:
                         SAMPLES_BEFORE + kucherenko_mfcc.WINDOW_AFTER]
        bands = kucherenko_mfcc.log_bands(kucherenko_mfcc.frames_from_16k(around))
        return kucherenko_mfcc.mfcc_from_log_bands(kucherenko_mfcc.restore_bands(bands, self._coefficients))

    def _prosody(self, windows: Array) -> tuple[Array, Array]:
        half = self._pitch.length // 2
        candidates = self._pitch.candidates(windows[:, SAMPLES_BEFORE - half:SAMPLES_BEFORE + half])
        strength = boersma.with_global_peak(candidates, self._track_peak(candidates.peak))
        f0_hz = self._state.path.follow(candidates.f0_hz, strength)
        pitch, energy = boersma.prosody_columns(f0_hz, boersma.intensity_db(windows, self._intensity_window))
        return energy, pitch

    def _track_peak(self, peaks: Array) -> Array:
        tracked, (low, high) = [], _PEAK_RANGE
        for peak in peaks.tolist():
            self._state.peak = min(max(peak, self._state.peak * _PEAK_DECAY, low), high)
            tracked.append(self._state.peak)
        return np.array(tracked)


def open_stage() -> KucherenkoFeatureStage:
    """Make a stage for `features.sets`."""
    return KucherenkoFeatureStage()
