"""Trackers of the level and the pitch of the current voice: features are given relative to them.

Both are running means over *voiced* frames only, so pauses, noise and digital silence change nothing, even for an hour.
Errors are bounded:

- Level. The first voiced frame sets it (so that an input louder by g dB gives a level higher by g dB from then on);
  the time constant of the mean then grows to `ATTACK_S` upwards and `RELEASE_S` downwards, in seconds of voice. Voiced
  frames far below it (hum, a voice in the next room) lower it ten times more slowly; one far above it restarts it,
  because the level was that of hum. It stays within `LEVEL_RANGE_DB`.
- Pitch. A prior of 0.1 s at `TYPICAL_F0_HZ`, then the mean of log2 F0 with a time constant that grows to `PITCH_S`; a
  frame counts with a deviation of half an octave at most, so that octave errors have little effect.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE

Array = npt.NDArray[np.float64]

TYPICAL_LEVEL_DB = -26.0  # [dB re full scale] active speech level of most recordings (ITU-T P.56 practice)
LEVEL_RANGE_DB = (-70.0, 0.0)
ATTACK_S = 0.4  # [s of voice]
RELEASE_S = 3.0  # [s of voice]
FAR_DB = 20.0  # distance from the level beyond which a frame is of another source
FAR_BELOW_WEIGHT = 0.1

TYPICAL_F0_HZ = 150.0  # between the averages of men and women
PITCH_S = 4.0  # [s of voice]
PITCH_PRIOR_FRAMES = 10.0
MAX_DEVIATION_OCTAVES = 0.5

UNVOICED_BELOW, VOICED_ABOVE = 0.5, 0.8  # periodicity; between them the voicing is a share


def voicing_from_periodicity(periodicity: Array) -> Array:
    """Compute a soft decision: 0 below `UNVOICED_BELOW`, 1 above `VOICED_ABOVE`, smooth between. (T,) in [0, 1]."""
    share = np.minimum(np.maximum((periodicity - UNVOICED_BELOW) / (VOICED_ABOVE - UNVOICED_BELOW), 0.0), 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


@dataclass
class LevelTracker:
    """Level of the current voice [dB re full scale].

    Attributes:
        level_db: Current level.
        voiced_frames: Number of frames in the mean.
    """

    level_db: float = TYPICAL_LEVEL_DB
    voiced_frames: float = 0.0

    def track(self, energy_db: Array, voicing: Array) -> Array:
        """Update with consecutive frames; return the level after each, all (T,)."""
        low, high = LEVEL_RANGE_DB
        levels = []
        for energy, weight in zip(energy_db.tolist(), voicing.tolist()):
            if weight > 0.0:
                self.level_db += self._correction(min(max(energy, low), high) - self.level_db, weight)
            levels.append(self.level_db)
        return np.array(levels, dtype=np.float64)

    def _correction(self, above_db: float, weight: float) -> float:
        if above_db > FAR_DB:
            self.voiced_frames = 0.0
        if self.voiced_frames and above_db < -FAR_DB:
            weight *= FAR_BELOW_WEIGHT
        self.voiced_frames += weight
        time_constant = ATTACK_S if above_db > 0 else RELEASE_S
        return above_db * weight / min(self.voiced_frames, time_constant * FEATURE_RATE)


@dataclass
class PitchTracker:
    """Usual pitch of the current voice, as log2 of F0 in Hz.

    Attributes:
        log2_f0: Current usual pitch.
        voiced_frames: Number of frames in the mean, the prior included.
    """

    log2_f0: float = float(np.log2(TYPICAL_F0_HZ))
    voiced_frames: float = PITCH_PRIOR_FRAMES

    def track(self, log2_f0: Array, voicing: Array) -> Array:
        """Update with consecutive frames; return the usual pitch after each, all (T,)."""
        usual = []
        for pitch, weight in zip(log2_f0.tolist(), voicing.tolist()):
            if weight > 0.0:
                deviation = min(max(pitch - self.log2_f0, -MAX_DEVIATION_OCTAVES), MAX_DEVIATION_OCTAVES)
                self.voiced_frames = min(self.voiced_frames + weight, PITCH_S * FEATURE_RATE)
                self.log2_f0 += deviation * weight / self.voiced_frames
            usual.append(self.log2_f0)
        return np.array(usual, dtype=np.float64)
