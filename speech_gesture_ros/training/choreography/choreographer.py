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

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import QUIETEST_DB, Accents, detect_accents
from speech_gesture_ros.networks.code_sampler import CodeFrames, CodeProcess, CodeSampler
from speech_gesture_ros.training.choreography.anatomy import pose_skeleton
from speech_gesture_ros.training.choreography.gestures import ARM_COLUMNS, CODE_NAMES
from speech_gesture_ros.training.choreography.layers import bob, loop, move_body, sway
from speech_gesture_ros.training.choreography.moves import play
from speech_gesture_ros.training.choreography.strokes import compose_moves, engagement, stroke_gains
from speech_gesture_ros.training.choreography.style import LIVELY, Style

__all__ = ["CODE_PROCESS", "Performance", "Style", "choreograph", "choreograph_rest", "draw_score", "perform",
           "stroke_gains"]

CODE_PROCESS = CodeProcess(CODE_NAMES, (1.2, 3.0), mirrored=True)  # jittered lengths: no clock shows


@dataclass(frozen=True)
class Performance:
    """A composed performance on the 25 Hz grid; frame k is at k / 25 s.

    Attributes:
        joint_xyz: (T, J, 3) canonical skeleton [m].
        code: (T,) gesture code in [0, NUM_CODES).
        next_code: (T,) the code after it.
        phase: (T,) [0, 1) through the code's segment.
        remaining: (T,) time until the next segment [s].
        accents: What the strokes were put on.
    """

    joint_xyz: npt.NDArray[np.float32]
    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    accents: Accents


def choreograph(samples: npt.NDArray[np.floating], *, seed: int, style: Style = LIVELY) -> Performance:
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
    return perform(accents, draw_score(len(accents.speech), seed), style)


def choreograph_rest(num_frames: int, *, seed: int, style: Style = LIVELY) -> Performance:
    """The performance of T frames in which nobody speaks, whatever can be heard: silence, noise, music."""
    nothing = np.zeros(0)
    accents = Accents(nothing, nothing, np.zeros(num_frames, dtype=bool), np.full(num_frames, QUIETEST_DB), nothing)
    return perform(accents, draw_score(num_frames, seed), style)


def draw_score(num_frames: int, seed: int) -> CodeFrames:
    """Draw the codes of T frames with the sampler that also draws them live."""
    return CodeSampler(CODE_PROCESS, seed).take(num_frames)


def perform(accents: Accents, score: CodeFrames, style: Style) -> Performance:
    """Play a score to accents; `choreograph` with both already known."""
    num = len(score)
    times = np.arange(num) / POSE_RATE
    if num == 0:
        arms, body = np.zeros((0, 2, ARM_COLUMNS)), np.zeros((0, 6))
    else:
        engaged = engagement(accents.speech)
        gains = stroke_gains(accents)
        arms = play(compose_moves(accents, gains, engaged, score, style), times)
        arms = arms + sway(score, engaged)[:, None, :] + bob(accents, engaged, style) + loop(score, engaged, style)
        body = move_body(accents, gains, engaged, score)
    xyz = pose_skeleton(load_skeleton(), arms, body)
    return Performance(xyz, score.code, score.next_code, score.phase, score.remaining, accents)
