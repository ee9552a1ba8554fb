"""Composition of human motion for recorded speech: the motion that the streaming network is trained on.

    speech ──► accents ────────► strokes: the wrist is fastest on the accent
    seed   ──► codes, phase ───► places the hands go to
                                         │
      rest ─ prepare ─ stroke ─ hold ─ drift back ─ stroke ─ ... ─ retract ─ rest
        0.25 s before the voice                       0.25 s into a pause of more than 0.6 s

Everything but the codes is a function of the audio, continuous where that is possible: the size of a stroke grows from
zero with prominence, so that motion does not switch at the threshold of accents, and with local loudness. A network
that gets the audio and the codes can therefore learn the motion exactly. Slow motion is added to the strokes, so that
the body is never still: sway between offsets of the codes, vertical motion with the loudness, breathing.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import QUIETEST_DB, Accents, detect_accents
from speech_gesture_ros.evaluation.acceptance.trials import ComposedReference
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess, CodeSampler
from speech_gesture_ros.training.composition.gestures import CODE_FAMILIES, CODE_NAMES, ONE_HANDED
from speech_gesture_ros.training.composition.layers import activity_share, body_motion, circles, loudness_lift, sway
from speech_gesture_ros.training.composition.moves import evaluate_moves
from speech_gesture_ros.training.composition.skeleton_pose import pose_skeleton
from speech_gesture_ros.training.composition.strokes import compose_moves, hands_up, stroke_gains
from speech_gesture_ros.training.composition.style import DEFAULT_STYLE, Style
from speech_gesture_ros.training.composition.targets import (
    ARM_COLUMNS,
    NUM_SLOW_VARIATIONS,
    VARIATIONS,
    mirror_variation,
    rest_target,
)

BODY_COLUMNS = 6
BODY_AT_REST = 0.25  # share of the body's motion at activity 0
CODE_PROCESS = CodeProcess(CODE_NAMES, (1.2, 3.0), mirrored=True, families=CODE_FAMILIES,  # lengths vary: no period
                           one_handed=ONE_HANDED, variations=VARIATIONS,
                           slow_variations=NUM_SLOW_VARIATIONS, announce_s=0.6)


@dataclass(frozen=True)
class ComposedMotion:
    """Motion of one recording on the 25 Hz grid; frame k is at k / 25 s.

    Attributes:
        joint_xyz: (T, J, 3) canonical skeleton [m].
        codes: T frames, from which it was composed.
        accents: Accents on which the strokes were put.
    """

    joint_xyz: npt.NDArray[np.float32]
    codes: CodeFrames
    accents: Accents


def compose_speech(samples: npt.NDArray[np.floating], *, seed: int, style: Style = DEFAULT_STYLE) -> ComposedMotion:
    """Compose the motion of one recording.

    Args:
        samples: (N,) mono samples at 16 kHz in [-1, 1].
        seed: Seed of the codes; the same seed gives the same motion.
        style: Style of the motion.

    Returns:
        T = N // 640 frames.

    Raises:
        InputError: If the samples are not one-dimensional.
    """
    accents = detect_accents(samples)
    return compose(accents, draw_codes(len(accents.speech), seed, style.activity), style)


def no_accents(num_frames: int) -> Accents:
    """Return the accents of T frames without speech."""
    empty = np.zeros(0)
    return Accents(empty, empty, np.zeros(num_frames, dtype=bool), np.full(num_frames, QUIETEST_DB), empty)


def draw_codes(num_frames: int, seed: int, activity: npt.NDArray[np.floating] | float = 1.0) -> CodeFrames:
    """Draw the codes of T frames with the sampler of the run-time model; activity is (T,) or constant."""
    codes = CodeSampler(CODE_PROCESS, seed).take(num_frames)
    activities = np.broadcast_to(np.asarray(activity, dtype=np.float32), (num_frames,)).copy()
    return dataclasses.replace(codes, activity=activities)


def compose(accents: Accents, codes: CodeFrames, style: Style = DEFAULT_STYLE) -> ComposedMotion:
    """Compose the motion of known accents and codes; the activity is that of the codes."""
    num = len(codes)
    times = np.arange(num) / POSE_RATE
    if num == 0:
        arms, body = np.zeros((0, 2, ARM_COLUMNS)), np.zeros((0, BODY_COLUMNS))
    else:
        up = hands_up(accents.speech)
        frames = np.minimum(np.round(accents.times_s * POSE_RATE).astype(int), num - 1)
        gains = stroke_gains(accents, codes.activity[frames])
        rest = rest_target(style.rest)
        arms = np.stack([evaluate_moves(arm, times) for arm in compose_moves(accents, up, codes, style)], axis=1)
        arms = arms + loudness_lift(accents, up) + circles(codes, up)
        share = activity_share(codes.activity)
        arms = rest + share[:, None, None] * (arms - rest) + sway(codes, up)[:, None, :]
        body = body_motion(accents, gains, up, codes) * (BODY_AT_REST + (1.0 - BODY_AT_REST) * share[:, None])
    return ComposedMotion(pose_skeleton(load_skeleton(), arms, body), codes, accents)


COMPOSED_REFERENCE = ComposedReference(CODE_PROCESS, lambda accents, codes: compose(accents, codes).joint_xyz,
                                       mirror_variation)
