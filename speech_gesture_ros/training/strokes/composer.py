"""Composition of human motion for recorded speech: the stroke process with ideal cues, posed exactly.

    speech ─► accents, voice, level ─► StrokeProcess ─► state of the strokes ─► pose_body ─► joint_xyz
    seed   ──────────────────────────────────┘

The process is the one that runs live; only cues and pose are exact here and learned there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.networks.strokes.laws import StrokeLaws
from speech_gesture_ros.networks.strokes.stroke_process import StrokeFrames, StrokeProcess
from speech_gesture_ros.training.strokes.body_pose import pose_body
from speech_gesture_ros.training.strokes.cue_targets import ideal_cues
from speech_gesture_ros.training.strokes.gestures import GESTURES

LOOK_AHEAD = 10  # [pose frames]
DEFAULT_LAWS = StrokeLaws()
USUAL_CONTROLS = GestureControls()


@dataclass(frozen=True)
class ComposedMotion:
    """Motion of one recording on the 25 Hz grid; frame k is at k / 25 s.

    Attributes:
        joint_xyz: (T, J, 3) canonical skeleton [m].
        strokes: T frames, from which it was posed.
        accents: Accents of the recording.
    """

    joint_xyz: npt.NDArray[np.float32]
    strokes: StrokeFrames
    accents: Accents


def compose_speech(samples: npt.NDArray[np.floating], *, seed: int, laws: StrokeLaws = DEFAULT_LAWS,
                   controls: GestureControls = USUAL_CONTROLS) -> ComposedMotion:
    """Compose the motion of one recording.

    Args:
        samples: (N,) mono samples at 16 kHz in [-1, 1].
        seed: Seed of the draws; the same seed gives the same motion.
        laws: Of the strokes.
        controls: Activity, handedness, styles and lock.

    Returns:
        T = N // 640 frames.

    Raises:
        InputError: If the samples are not one-dimensional.
    """
    return compose(detect_accents(samples), seed=seed, laws=laws, controls=controls)


def compose(accents: Accents, *, seed: int, laws: StrokeLaws = DEFAULT_LAWS,
            controls: GestureControls = USUAL_CONTROLS) -> ComposedMotion:
    """Compose the motion of known accents."""
    process = StrokeProcess(laws, GESTURES, seed, LOOK_AHEAD)
    process.set_controls(controls)
    strokes = process.push(ideal_cues(accents, LOOK_AHEAD))
    return ComposedMotion(pose_body(load_skeleton(), strokes.state, strokes.velocity), strokes, accents)
