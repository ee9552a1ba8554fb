"""Who is speaking, slowly: the level and the pitch of this voice, so that features are given relative to them.

Both trackers are running means over *voiced* frames only. Pauses, noise and digital silence therefore change nothing:
after an hour of silence the speaker is still expected as loud and as high as before. What can be wrong is bounded:

- Level. The first voiced frame sets it (so that an input turned up by g dB gives a level g dB higher from then on);
  the mean then lengthens to `ATTACK_S` upwards and `RELEASE_S` downwards, in seconds of voice. Voiced frames far
  below it (hum, someone in the next room) pull it down ten times more slowly; one far above it starts it anew, for
  then it was hum that had been learned. It stays within `LEVEL_RANGE_DB`.
- Pitch. A prior of 0.1 s at `TYPICAL_F0_HZ`, then the mean of log2 F0, lengthening to `PITCH_S`; a frame can pull by
  at most half an octave, as a median would have it, so that octave errors weigh little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURE_RATE

Array = npt.NDArray[np.float64]

TYPICAL_LEVEL_DB = -26.0  # [dB re full scale] active speech level most recordings aim at (ITU-T P.56 practice)
LEVEL_RANGE_DB = (-70.0, 0.0)
ATTACK_S = 0.4  # [s of voice]
RELEASE_S = 3.0  # [s of voice]
FAR_DB = 20.0
FAR_BELOW_WEIGHT = 0.1

TYPICAL_F0_HZ = 150.0  # between the averages of men and women
PITCH_S = 4.0  # [s of voice]
PITCH_PRIOR_FRAMES = 10.0
MAX_PULL_OCTAVES = 0.5

VOICED_FROM, VOICED_TO = 0.5, 0.8  # periodicity below and above which a frame is surely unvoiced and surely voiced


def voicing_from_periodicity(periodicity: Array) -> Array:
    """Soft decision: 0 below `VOICED_FROM`, 1 above `VOICED_TO`, smooth between. (T,) to (T,) in [0, 1]."""
    share = np.minimum(np.maximum((periodicity - VOICED_FROM) / (VOICED_TO - VOICED_FROM), 0.0), 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


@dataclass
class LevelTracker:
    """Level of this voice [dB re full scale].

    Attributes:
        level_db: The level now.
        voiced_frames: Frames it was learned from.
    """

    level_db: float = TYPICAL_LEVEL_DB
    voiced_frames: float = 0.0

    def track(self, energy_db: Array, voicing: Array) -> Array:
        """Learn from frames in order; return the level after each, all (T,)."""
        low, high = LEVEL_RANGE_DB
        levels = []
        for energy, weight in zip(energy_db.tolist(), voicing.tolist()):
            if weight > 0.0:
                self.level_db += self._pull(min(max(energy, low), high) - self.level_db, weight)
            levels.append(self.level_db)
        return np.array(levels, dtype=np.float64)

    def _pull(self, above_db: float, weight: float) -> float:
        if above_db > FAR_DB:
            self.voiced_frames = 0.0
        if self.voiced_frames and above_db < -FAR_DB:
            weight *= FAR_BELOW_WEIGHT
        self.voiced_frames += weight
        time_constant = ATTACK_S if above_db > 0 else RELEASE_S
        return above_db * weight / min(self.voiced_frames, time_constant * FEATURE_RATE)


@dataclass
class PitchTracker:
    """Usual pitch of this voice, as log2 of F0 in Hz.

    Attributes:
        log2_f0: The usual pitch now.
        voiced_frames: Frames it was learned from, the prior included.
    """

    log2_f0: float = float(np.log2(TYPICAL_F0_HZ))
    voiced_frames: float = PITCH_PRIOR_FRAMES

    def track(self, log2_f0: Array, voicing: Array) -> Array:
        """Learn from frames in order; return the usual pitch after each, all (T,)."""
        usual = []
        for pitch, weight in zip(log2_f0.tolist(), voicing.tolist()):
            if weight > 0.0:
                pull = min(max(pitch - self.log2_f0, -MAX_PULL_OCTAVES), MAX_PULL_OCTAVES)
                self.voiced_frames = min(self.voiced_frames + weight, PITCH_S * FEATURE_RATE)
                self.log2_f0 += pull * weight / self.voiced_frames
            usual.append(self.log2_f0)
        return np.array(usual, dtype=np.float64)
