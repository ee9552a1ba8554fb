"""A clip of recorded speech with recorded motion, and what is heard in it: what a paired evaluation starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.kinematics import Bools, Floats
from speech_gesture_ros.evaluation.metrics import onset_times
from speech_gesture_ros.evaluation.metrics.speech_match import sound_features

FPS = float(POSE_RATE)
Frames = npt.NDArray[np.floating]
SHORTEST_FRAMES = 2 * POSE_RATE


@dataclass(frozen=True)
class Sound:
    """What is heard in a clip of T frames.

    Attributes:
        accents_s: (A,) accents [s].
        onsets_s: (B,) onsets [s].
        speech: (T,) whether someone speaks.
        features: (T, 4) for the speech matcher.
    """

    accents_s: Floats
    onsets_s: Floats
    speech: Bools
    features: Floats

    def first(self, frames: int) -> Sound:
        """The beginning."""
        end = frames / FPS
        return Sound(self.accents_s[self.accents_s < end], self.onsets_s[self.onsets_s < end], self.speech[:frames],
                     self.features[:frames])


def listen(samples: npt.NDArray[np.floating]) -> Sound:
    """Everything that the figures need to know of (N,) samples at 16 kHz; T = N // 640."""
    accents = detect_accents(samples)
    return Sound(accents.times_s, onset_times(samples), accents.speech, sound_features(samples))


@dataclass(frozen=True)
class Example:
    """A clip of the test split.

    Attributes:
        name: Of the clip.
        samples: (N,) at 16 kHz.
        sound: What is heard.
        truth: (T, J, 3) recorded motion [m].
    """

    name: str
    samples: npt.NDArray[np.floating]
    sound: Sound
    truth: Frames


def make_example(name: str, samples: npt.NDArray[np.floating], truth: Frames) -> Example:
    """Cut sound and motion to whole common frames and listen.

    Raises:
        InputError: If the clip is shorter than 2 s.
    """
    count = min(len(samples) // SAMPLES_PER_POSE, len(truth))
    if count < SHORTEST_FRAMES:
        raise InputError(f"length of clip {name!r}", f"{count / FPS:.2f} s", "at least 2 s", "Leave it out.")
    samples = samples[:count * SAMPLES_PER_POSE]
    return Example(name, samples, listen(samples), np.asarray(truth[:count]))
