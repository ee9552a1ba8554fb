"""Analysis of the speech of one recording for the metrics: accents, onsets, voice activity, features."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.evaluation.kinematics import Bools, Floats
from speech_gesture_ros.evaluation.metrics.onsets import onset_times
from speech_gesture_ros.evaluation.metrics.speech_match import sound_features


@dataclass(frozen=True)
class SpeechAnalysis:
    """Speech of T frames at 25 Hz.

    Attributes:
        accents_s: (A,) accents [s].
        onsets_s: (B,) onsets [s].
        is_speech: (T,) True while someone speaks.
        features: (T, 4) for the speech matcher.
    """

    accents_s: Floats
    onsets_s: Floats
    is_speech: Bools
    features: Floats

    @classmethod
    def of_accents(cls, accents: Accents) -> SpeechAnalysis:
        """Make an analysis without onsets and features, for metrics that need neither."""
        return cls(accents.times_s, np.zeros(0), accents.speech, np.zeros((len(accents.speech), 0)))

    def __len__(self) -> int:
        return len(self.is_speech)

    def first(self, frames: int) -> SpeechAnalysis:
        """Return the analysis of the first frames."""
        end_s = frames / POSE_RATE
        return SpeechAnalysis(self.accents_s[self.accents_s < end_s], self.onsets_s[self.onsets_s < end_s],
                              self.is_speech[:frames], self.features[:frames])


def analyse_speech(samples: npt.NDArray[np.floating]) -> SpeechAnalysis:
    """Analyse (N,) mono samples at 16 kHz; T = N // 640.

    Raises:
        InputError: If the samples are not one-dimensional.
    """
    analysis = SpeechAnalysis.of_accents(detect_accents(samples))
    return replace(analysis, onsets_s=onset_times(samples), features=sound_features(samples))
