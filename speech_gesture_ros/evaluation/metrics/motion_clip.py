"""Motion to evaluate, with its speech, and the motion that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.evaluation.metrics.frechet import Encoder, GestureWindows
from speech_gesture_ros.evaluation.metrics.speech_match import SpeechMatcher
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis

Frames = npt.NDArray[np.floating]


@dataclass(frozen=True)
class MotionClip:
    """A motion of T frames at 25 Hz.

    Attributes:
        joint_xyz: (T, J, 3) human joints, or (T, 2, 3) the wrists of a robot [m].
        speech: Of T frames; None if not known.
        recorded: (T, J, 3) recorded motion for the same speech [m]; None if there is none.
    """

    joint_xyz: Frames
    speech: SpeechAnalysis | None = None
    recorded: Frames | None = None

    @classmethod
    def of(cls, joint_xyz: Frames, speech: SpeechAnalysis | None = None, recorded: Frames | None = None) -> MotionClip:
        """Make a clip of the frames that motion, speech and recorded motion have in common."""
        count = min(len(part) for part in (joint_xyz, speech, recorded) if part is not None)
        return cls(np.asarray(joint_xyz[:count], dtype=np.float64), None if speech is None else speech.first(count),
                   None if recorded is None else recorded[:count])


@dataclass(frozen=True)
class MotionReference:
    """Recorded motion and fitted tools that motions are compared with, the same for every set of an evaluation.

    Attributes:
        motions: Recorded motions for the metrics of distributions, each (T, J, 3) [m].
        windows: Of the FGD extractor; None where the training split is too short.
        encode: The FGD extractor, likewise.
        matcher: Speech matcher fitted on the training split, likewise.
    """

    motions: Sequence[Frames] = ()
    windows: GestureWindows | None = None
    encode: Encoder | None = None
    matcher: SpeechMatcher | None = None
