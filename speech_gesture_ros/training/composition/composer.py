"""Composes a human performance for recorded speech: the motion from which the streaming network learns.

    speech ──► accents ──────────────► strokes: the wrist is fastest on the accent
    seed   ──► score (codes, phase) ─► which places the hands go to
                                         │
      rest ─ prepare ─ stroke ─ hold ─ drift back ─ stroke ─ ... ─ retract ─ rest
        0.25 s before the voice                       0.25 s into a pause of more than 0.6 s

Everything but the score is a function of the audio, smooth where it can be: size grows from zero with prominence, so an
accent at the threshold is no switch, and with local loudness. What the hands do under a given code is therefore
something a network that hears the audio and knows the code can learn to the last centimetre. Slow layers lie over the
strokes so that nothing ever freezes: a sway between the codes' own offsets, a bob with the loudness, breathing.
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
from speech_gesture_ros.training.composition.layers import bob, liveliness, loop, move_body, sway
from speech_gesture_ros.training.composition.moves import play
from speech_gesture_ros.training.composition.skeleton_pose import pose_skeleton
from speech_gesture_ros.training.composition.strokes import compose_moves, engagement, stroke_gains
from speech_gesture_ros.training.composition.style import LIVELY, Style
from speech_gesture_ros.training.composition.targets import (
    ARM_COLUMNS,
    POSTURES,
    VARIATIONS,
    mirror_variation,
    rest_target,
)

__all__ = ["CODE_PROCESS", "COMPOSED_REFERENCE", "ComposedMotion", "Style", "choreograph", "choreograph_rest",
           "draw_score", "nobody_speaks", "perform", "stroke_gains"]

CODE_PROCESS = CodeProcess(CODE_NAMES, (1.2, 3.0), mirrored=True, families=CODE_FAMILIES,  # jittered: no clock shows
                           one_handed=ONE_HANDED, variations=VARIATIONS, slow_variations=POSTURES, announce_s=0.6)


@dataclass(frozen=True)
class ComposedMotion:
    """A composed performance on the 25 Hz grid; frame k is at k / 25 s.

    Attributes:
        joint_xyz: (T, J, 3) canonical skeleton [m].
        code: (T,) gesture code in [0, NUM_CODES).
        next_code: (T,) the code after it.
        phase: (T,) [0, 1) through the code's segment.
        remaining: (T,) time until the next segment [s].
        variation: (T, V) how the segment differs from others of its code.
        activity: (T,) how lively.
        accents: What the strokes were put on.
    """

    joint_xyz: npt.NDArray[np.float32]
    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    variation: npt.NDArray[np.float32]
    activity: npt.NDArray[np.float32]
    accents: Accents


def choreograph(samples: npt.NDArray[np.floating], *, seed: int, style: Style = LIVELY) -> ComposedMotion:
    """Compose the performance of one recording.

    Args:
        samples: (N,) mono samples at 16 kHz in [-1, 1].
        seed: Draws the score; the same seed gives the same performance.
        style: How it is performed.

    Returns:
        T = N // 640 frames.

    Raises:
        InputError: If the samples are not one-dimensional.
    """
    accents = detect_accents(samples)
    return perform(accents, draw_score(len(accents.speech), seed, style.activity), style)


def choreograph_rest(num_frames: int, *, seed: int, style: Style = LIVELY) -> ComposedMotion:
    """The performance of T frames in which nobody speaks, whatever can be heard: silence, noise, music."""
    return perform(nobody_speaks(num_frames), draw_score(num_frames, seed, style.activity), style)


def nobody_speaks(num_frames: int) -> Accents:
    """What is found in T frames without speech."""
    nothing = np.zeros(0)
    return Accents(nothing, nothing, np.zeros(num_frames, dtype=bool), np.full(num_frames, QUIETEST_DB), nothing)


def draw_score(num_frames: int, seed: int, activity: npt.NDArray[np.floating] | float = 1.0) -> CodeFrames:
    """Draw the codes of T frames with the sampler that also draws them live; activity (T,) or one for all."""
    score = CodeSampler(CODE_PROCESS, seed).take(num_frames)
    lively = np.broadcast_to(np.asarray(activity, dtype=np.float32), (num_frames,)).copy()
    return dataclasses.replace(score, activity=lively)


def perform(accents: Accents, score: CodeFrames, style: Style = LIVELY) -> ComposedMotion:
    """Play a score to accents; `choreograph` with both already known. Activity is the score's."""
    num = len(score)
    times = np.arange(num) / POSE_RATE
    if num == 0:
        arms, body = np.zeros((0, 2, ARM_COLUMNS)), np.zeros((0, 6))
    else:
        engaged = engagement(accents.speech)
        frames = np.minimum(np.round(accents.times_s * POSE_RATE).astype(int), num - 1)
        gains = stroke_gains(accents, score.activity[frames])
        rest = rest_target(style.rest)
        arms = np.stack([play(line, times) for line in compose_moves(accents, engaged, score, style)], axis=1)
        arms = arms + bob(accents, engaged) + loop(score, engaged)
        share = liveliness(score.activity)
        arms = rest + share[:, None, None] * (arms - rest) + sway(score, engaged)[:, None, :]
        body = move_body(accents, gains, engaged, score) * (0.25 + 0.75 * share[:, None])
    xyz = pose_skeleton(load_skeleton(), arms, body)
    return ComposedMotion(xyz, score.code, score.next_code, score.phase, score.remaining, score.variation,
                          score.activity, accents)


COMPOSED_REFERENCE = ComposedReference(CODE_PROCESS, lambda accents, codes: perform(accents, codes).joint_xyz,
                                       mirror_variation)
