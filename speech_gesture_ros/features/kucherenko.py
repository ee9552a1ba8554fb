"""What the published weights of Kucherenko et al. (2019) hear, from a 16 kHz stream, one frame every 10 ms.

    mfcc_00 .. mfcc_25   of the 11.6 ms from the frame's time on, as at 44.1 kHz; see `kucherenko_mfcc`
    energy               ln(intensity in dB) - 3, not below 0: silence is 0, loud speech 1.4
    energy_slope         its change since the frame before [1/ms]
    pitch                ln(f0 in Hz + 1) - 4, not below 0: unvoiced is 0
    pitch_slope          its change since the frame before [1/ms]

The authors computed whole recordings at 44.1 kHz; `kucherenko_offline` does it their way. Here all looks 25 ms ahead at
most, bands above 7.2 kHz are guessed from the others, and the pitch is what can be known by now (`boersma`).
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

_BEFORE = 512  # [samples] of the window before a frame's time; `WIN_LENGTH` come after it
_FRAME_MS = 1000 / FEATURE_RATE
_PEAK_RANGE = (0.003, 1.0)  # what may count as the loudest sample of a recording
_PEAK_KEPT = float(np.exp(-1 / (30.0 * FEATURE_RATE)))  # a burst is forgotten within half a minute


@cache
def speech_statistics(name: str) -> Array:
    """A table learned from wide-band recordings: "coefficients" or "covariance", see config/models/README.md."""
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
        self._intensity_window = boersma.intensity_window(SAMPLE_RATE)[:_BEFORE + WIN_LENGTH]
        self._repair = speech_statistics("coefficients")
        super().__init__(_BEFORE + WIN_LENGTH, len(FEATURE_NAMES))

    def reset(self) -> None:
        """Forget everything."""
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
        around = windows[:, _BEFORE - kucherenko_mfcc.WINDOW_BEFORE:_BEFORE + kucherenko_mfcc.WINDOW_AFTER]
        bands = kucherenko_mfcc.log_bands(kucherenko_mfcc.frames_from_16k(around))
        return kucherenko_mfcc.mfcc_from_log_bands(kucherenko_mfcc.repair(bands, self._repair))

    def _prosody(self, windows: Array) -> tuple[Array, Array]:
        half = self._pitch.length // 2
        candidates = self._pitch.candidates(windows[:, _BEFORE - half:_BEFORE + half])
        strength = boersma.with_global_peak(candidates, self._track_peak(candidates.peak))
        f0_hz = self._state.path.follow(candidates.f0_hz, strength)
        pitch, energy = boersma.prosody_columns(f0_hz, boersma.intensity_db(windows, self._intensity_window))
        return energy, pitch

    def _track_peak(self, peaks: Array) -> Array:
        tracked, (low, high) = [], _PEAK_RANGE
        for peak in peaks.tolist():
            self._state.peak = min(max(peak, self._state.peak * _PEAK_KEPT, low), high)
            tracked.append(self._state.peak)
        return np.array(tracked)


def open_stage() -> KucherenkoFeatureStage:
    """As `features.sets` opens it."""
    return KucherenkoFeatureStage()
