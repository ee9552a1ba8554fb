"""Feature set "prosodic_mel": log-mel spectrum and prosody, both relative to the speaker.

Columns (`FEATURE_NAMES`), each about unit size in speech:

    mel_00 .. mel_39   log-mel relative to the tracked level; 45 dB below it a band fades into a constant floor
    energy             energy relative to the tracked level, one unit is 20 dB, same floor
    level              the tracked level itself, in units of 20 dB from a typical -26 dBFS: the only column that
                       depends on the gain of the input; it changes slowly
    voicing            0 unvoiced to 1 voiced
    f0                 pitch relative to the speaker's usual pitch [half octaves], faded to 0 where unvoiced
    f0_delta           its slope over 40 ms [units of 5 octaves/s], 0 unless voiced throughout

Frame n covers samples [160 n, 160 n + 400) and, for pitch, some before; silence precedes the stream. N samples give
N // 160 frames: one for each complete hop, the last one or two by `flush`, which appends silence. Tracked values are
those *after* the frame, so that the first voiced frame is already relative to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE
from speech_gesture_ros.features.level import (
    TYPICAL_LEVEL_DB,
    LevelTracker,
    PitchTracker,
    voicing_from_periodicity,
)
from speech_gesture_ros.features.mel import N_MELS, log_mel_from_power, power_spectrum
from speech_gesture_ros.features.prosody import PITCH_LENGTH, energy_db_from_power, pitch
from speech_gesture_ros.features.windowed_stage import WindowedStage, whole_recording

Array = npt.NDArray[np.float64]

FEATURE_NAMES: tuple[str, ...] = (
    *(f"mel_{band:02d}" for band in range(N_MELS)), "energy", "level", "voicing", "f0", "f0_delta",
)
NUM_FEATURES = len(FEATURE_NAMES)

FLOOR_DB = -45.0  # relative to the tracked level
DELTA_FRAMES = 4
_DB_PER_NEPER = 10 / np.log(10)
_MAX_ABS = 4.0
# Over 4 minutes of 15 speakers a band averages -2 dB (lowest) to -32 dB (highest) and varies by 13 to 18 dB.
_SPREAD_DB = np.array([16.0] * N_MELS + [20.0])  # bands, energy


@dataclass
class _State:
    level: LevelTracker = field(default_factory=LevelTracker)
    pitch: PitchTracker = field(default_factory=PitchTracker)
    past: Array = field(default_factory=lambda: np.zeros((2, DELTA_FRAMES)))  # log2_f0 and voicing


class ProsodicMelStage(WindowedStage):
    """AudioChunk (N,) at 16 kHz in [-1, 1] to FeatureChunk (T, NUM_FEATURES) float32 at 100 Hz."""

    def __init__(self) -> None:
        super().__init__(PITCH_LENGTH, NUM_FEATURES)

    def reset(self) -> None:
        """Return to the state of a new stage."""
        super().reset()
        self._state = _State()

    def _rows(self, windows: Array) -> npt.NDArray[np.float32]:
        state = self._state
        power = power_spectrum(windows)
        energy_db = energy_db_from_power(power)
        f0_hz, periodicity = pitch(windows)
        voicing = voicing_from_periodicity(periodicity)
        log2_f0 = np.log2(f0_hz)
        level_db = state.level.track(energy_db, voicing)
        octaves = (log2_f0 - state.pitch.track(log2_f0, voicing)).clip(-1.0, 1.0)

        columns = np.empty((len(windows), NUM_FEATURES))
        columns[:, :N_MELS] = log_mel_from_power(power) * _DB_PER_NEPER
        columns[:, N_MELS] = energy_db
        columns[:, :N_MELS + 1] = _relative_to_level(columns[:, :N_MELS + 1], level_db)
        columns[:, N_MELS + 1] = (level_db - TYPICAL_LEVEL_DB) / 20.0
        columns[:, N_MELS + 2] = voicing
        columns[:, N_MELS + 3] = 2.0 * octaves * voicing
        columns[:, N_MELS + 4] = self._f0_delta(log2_f0, voicing)
        return columns.clip(-_MAX_ABS, _MAX_ABS).astype(np.float32)

    def _f0_delta(self, log2_f0: Array, voicing: Array) -> Array:
        state = self._state
        tracks = np.empty((2, DELTA_FRAMES + len(voicing)))
        tracks[:, :DELTA_FRAMES] = state.past
        pitches, voices = tracks
        pitches[DELTA_FRAMES:], voices[DELTA_FRAMES:] = log2_f0, voicing
        state.past = tracks[:, -DELTA_FRAMES:].copy()
        octaves_per_s = (pitches[DELTA_FRAMES:] - pitches[:-DELTA_FRAMES]) * FEATURE_RATE / DELTA_FRAMES
        spans: Array = np.ndarray((len(voicing), DELTA_FRAMES + 1), voices.dtype, voices, strides=2 * voices.strides)
        # A larger step is an octave error or a new syllable, not a slope. Voiced throughout: the least of the span.
        return np.asarray((octaves_per_s / 5.0).clip(-1.0, 1.0) * spans.min(axis=1))


def open_stage() -> ProsodicMelStage:
    """Make a stage for `features.sets`."""
    return ProsodicMelStage()


def _relative_to_level(power_db: Array, level_db: Array) -> Array:
    """Bands and energy of any gain to about unit range: (T, N_MELS + 1) dB, (T,) dB to (T, N_MELS + 1).

    Powers are added to a constant one at `FLOOR_DB`, so that differences far below it disappear.
    """
    nepers = np.logaddexp((power_db - level_db[:, None]) / _DB_PER_NEPER, FLOOR_DB / _DB_PER_NEPER)
    return np.asarray((nepers * _DB_PER_NEPER + 20.0) / _SPREAD_DB)


def compute_prosodic_mel(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Compute the features of a whole recording, equal to those of `ProsodicMelStage` for any chunking.

    Args:
        samples: (N,) mono at 16 kHz in [-1, 1].

    Returns:
        (N // 160, NUM_FEATURES).

    Raises:
        ValueError: If `samples` is not one-dimensional.
    """
    return whole_recording(ProsodicMelStage(), samples)
