"""Whole recordings through a bundle of any architecture, as far as the motion that the robot follows.

sound ─┬─► features ─► model ───────┬─► PerformanceStage: idle motion and voice gate ─► motion
       └─► voice activity ──────────┘
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
from speech_gesture_ros.core.chunks import AudioChunk, concatenate
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.evaluation.acceptance.results import LOOK_AHEAD_S
from speech_gesture_ros.pipeline.gesture_pipeline import MAX_ANTICIPATION_S
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.pose.performance_stage import PerformanceStage

Samples = npt.NDArray[np.float32]
Motion = npt.NDArray[np.float32]
USUAL_CONTROLS = GestureControls()


@dataclass(frozen=True)
class Trial:
    """One recording.

    Attributes:
        samples: (N,) at 16 kHz, with silence around, N = 640 T.
        accents: Accents of the recording.
        seed: Seed of the model.
    """

    samples: Samples
    accents: Accents
    seed: int

    @classmethod
    def of(cls, samples: Samples, seed: int) -> Trial:
        """Return a recording (N,) cut to whole pose frames, with its accents."""
        whole = samples[:len(samples) // SAMPLES_PER_POSE * SAMPLES_PER_POSE]
        return cls(whole, detect_accents(whole), seed)


class Performer:
    """A model with everything behind it up to the robot, run on whole recordings.

    Args:
        folder: The model's bundle.
        seed: Of the model and the idle motion.
        look_ahead_s: Future speech a pose may use [s].
        controls: Controls of gesturing.
    """

    def __init__(self, folder: Path, seed: int, look_ahead_s: float = LOOK_AHEAD_S,
                 controls: GestureControls = USUAL_CONTROLS) -> None:
        self._model = SpeechToPose(folder, look_ahead_s, seed, "cpu")
        self._model.set_controls(controls)
        self._voice = VoiceActivityStage()
        self._performance = PerformanceStage(self._model.skeleton, seed=seed,
                                             anticipation_s=min(MAX_ANTICIPATION_S, look_ahead_s))
        self._performance.set_controls(controls)

    @property
    def skeleton(self) -> Skeleton:
        """Skeleton of the motion."""
        return self._model.skeleton

    def perform(self, samples: Samples) -> Motion:
        """Return the (T, J, 3) motion [m] of the next stream of (640 T,) samples."""
        for stage in (self._model, self._voice, self._performance):
            stage.reset()
        poses = concatenate([self._model.push(AudioChunk(0, samples)), self._model.flush()])
        activity = concatenate([self._voice.push(AudioChunk(0, samples)), self._voice.flush()])
        made = concatenate([self._performance.push(poses, activity), self._performance.flush()])
        return np.asarray(made.values)
