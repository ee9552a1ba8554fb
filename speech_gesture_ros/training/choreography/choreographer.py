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
from scipy import ndimage

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD, QUIETEST_DB, Accents, detect_accents
from speech_gesture_ros.networks.code_sampler import CodeFrames, CodeProcess, CodeSampler
from speech_gesture_ros.training.choreography.anatomy import pose_skeleton
from speech_gesture_ros.training.choreography.gestures import (
    CODE_NAMES,
    NUM_CODES,
    WRIST,
    body_targets,
    ready_target,
    rest_target,
    stroke_target,
)
from speech_gesture_ros.training.choreography.moves import PEAK_TO_MEAN, Move, append, play, rest_at, ruling

Floats = npt.NDArray[np.float64]

CODE_PROCESS = CodeProcess(CODE_NAMES, (1.2, 3.0), mirrored=True)  # jittered lengths: no clock shows
PREPARE_S = 0.25  # hands start before the voice (measured .2-.3 s)
RETRACT_S = 0.25  # after the voice stopped
LONGEST_PAUSE_S = 0.6  # shorter pauses are held through
HOLD_S = 0.2  # after a stroke
RECOIL = 0.55  # share of the way back to ready
SLOW_PEAK = 0.21  # [m/s] of everything that is no stroke: too slow to be one
FULL_PROMINENCE = 0.4  # from here on a stroke has full size
STROKE_S = (0.26, 0.50)
LONGEST_STROKE_M = 0.60
STROKE_LEAD_S = 0.02  # speed peak before the accent
BOB_M = 0.032  # rise of the hands with the loudness of the voice
LOOP_SPEED = 0.021  # [m/s] radius of the slow rounds between strokes over the time a round takes
NOD_DEG = 6.0  # on a very prominent accent; nods grow later than strokes
STRESS_DEG = 3.5  # head pitch with single syllables
HEAD_ROUND_DEG = 7.0
BREATH_DEG = 1.0
ARC = 0.10  # height of a stroke's arc over its length


@dataclass(frozen=True)
class Style:
    """How someone performs.

    Attributes:
        activity: Size of the strokes; 1 is a lively talker, 0.5 a calm one, 0 a listener.
        rest: Where the hands rest: "together" before the belly or "hanging" beside the hips.
    """

    activity: float = 1.0
    rest: str = "together"

    def __post_init__(self) -> None:
        if not 0.0 <= self.activity <= 1.5:
            raise ConfigError("activity of the style", self.activity, "in [0, 1.5]", "1 is a lively talker.")
        if self.rest not in ("together", "hanging"):
            raise ConfigError("rest of the style", self.rest, "'together' or 'hanging'", "Choose one.")


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


def choreograph(samples: npt.NDArray[np.floating], *, seed: int, style: Style = Style()) -> Performance:
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


def choreograph_rest(num_frames: int, *, seed: int, style: Style = Style()) -> Performance:
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
        arms, body = np.zeros((0, 2, 10)), np.zeros((0, 6))
    else:
        engaged = engagement(accents.speech)
        gains = stroke_gains(accents)
        arms = play(compose_moves(accents, gains, engaged, score, style), times)
        arms = arms + sway(score, engaged)[:, None, :] + bob(accents, engaged, style) + loop(score, engaged, style)
        body = move_body(accents, gains, engaged, score)
    xyz = pose_skeleton(load_skeleton(), arms, body)
    return Performance(xyz, score.code, score.next_code, score.phase, score.remaining, accents)


def engagement(speech: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(T,) whether the hands are up: speech with its short pauses, from a little before to a little after."""
    pause, before, after = (round(s * POSE_RATE) for s in (LONGEST_PAUSE_S, PREPARE_S, RETRACT_S))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speech.astype(np.int8), [0]])))
    up = np.zeros(len(speech), dtype=bool)
    last_off = -pause - 1 - before - len(speech)  # long ago
    for on, off in zip(edges[::2], edges[1::2]):
        up[max(0, (last_off if on - last_off <= pause else on) - before): off + after] = True
        last_off = off
    return up


def stroke_gains(accents: Accents) -> Floats:
    """(A,) size of the stroke of each accent: from 0 at the threshold to about 1, and a little with loudness."""
    certain = np.clip((accents.prominence - ACCENT_THRESHOLD) / (FULL_PROMINENCE - ACCENT_THRESHOLD), 0.0, 1.0)
    certain = certain * (2 - certain)
    frames = np.minimum(np.round(accents.times_s * POSE_RATE).astype(int), max(len(accents.level_db) - 1, 0))
    loud = np.tanh(accents.level_db[frames] / 6.0)
    return np.asarray(certain * (1.08 + 0.15 * loud))


def compose_moves(accents: Accents, gains: Floats, engaged: npt.NDArray[np.bool_], score: CodeFrames,
                  style: Style) -> list[Move]:
    """The line of moves of both arms, states (2, 10)."""
    rest = rest_target(style.rest)
    moves = [rest_at(rest)]
    edges = np.diff(np.concatenate([[0], engaged.astype(np.int8)]))
    # What calls for a move, in order: (time [s], kind, index).
    calls = [(int(frame) / POSE_RATE, "prepare", int(frame)) for frame in np.flatnonzero(edges > 0)]
    calls += [(int(frame) / POSE_RATE, "retract", int(frame)) for frame in np.flatnonzero(edges < 0)]
    calls += [(float(t), "stroke", i) for i, t in enumerate(accents.times_s)]
    busy_until = -1.0  # end of the last stroke: nothing slow interrupts it
    for time_s, kind, index in sorted(calls):
        if kind == "prepare":
            add_slow(moves, max(time_s, busy_until), ready_target(int(score.code[index]), style.rest))
        elif kind == "retract":
            add_slow(moves, max(time_s, busy_until), rest)
        else:
            frame = min(round(time_s * POSE_RATE), len(score) - 1)
            code = int(score.code[frame])
            add_stroke(moves, time_s, gains[index] * style.activity, stroke_target(code, float(score.phase[frame])))
            busy_until = moves[-1].stop_s
            end = moves[-1].state_at(busy_until)[0]
            add_slow(moves, busy_until + HOLD_S, end + RECOIL * (ready_target(code, style.rest) - end))
    return moves


def add_stroke(moves: list[Move], accent_s: float, gain: float, target: Floats) -> None:
    """Append a stroke whose wrists are fastest just before the accent; later moves give way to it."""
    middle = accent_s - STROKE_LEAD_S
    half = 0.5 * STROKE_S[0]
    for _ in range(2):  # the time it takes depends on how far it is, and from where on when it starts
        start = middle - half
        here = ruling(moves, start).state_at(start)[0]
        there = here + gain * (target - here)
        far = float(np.linalg.norm(there[:, WRIST] - here[:, WRIST], axis=1).max())
        shrink = LONGEST_STROKE_M * np.tanh(far / LONGEST_STROKE_M) / max(far, 1e-6)
        there = here + shrink * (there - here)
        half = 0.5 * float(np.clip(0.67 * (shrink * far) ** 0.38, *STROKE_S))
    append(moves, middle - half, 2 * half, there, _arc(there - here))


def _arc(step: Floats) -> Floats:
    """(2, 10) sideways excursion of a stroke: a hand swings forward and up over its way."""
    arc = np.zeros_like(step)
    way = step[:, WRIST]
    length = np.linalg.norm(way, axis=1, keepdims=True)
    over = np.array([0.6, 0.0, 0.8])
    unit = way / np.maximum(length, 1e-6)
    arc[:, WRIST] = ARC * length * (over - unit * (unit @ over)[:, None])
    return arc


def add_slow(moves: list[Move], start_s: float, target: Floats) -> None:
    """Append a move too slow to be seen as a stroke."""
    here = ruling(moves, start_s).state_at(start_s)[0]
    far = float(np.linalg.norm((target - here)[:, WRIST], axis=1).max())
    append(moves, start_s, max(0.8, PEAK_TO_MEAN * far / SLOW_PEAK), target)


def sway(score: CodeFrames, engaged: npt.NDArray[np.bool_]) -> Floats:
    """(T, 10) slow wandering of both arms between small offsets of the codes, less at rest."""
    offsets = np.zeros((NUM_CODES, 10))
    k = np.arange(NUM_CODES)
    # Golden-angle steps spread the offsets without any two codes alike.
    angle = 2.399963 * (k // 2)
    offsets[:, WRIST] = 0.022 * np.stack([np.cos(angle), 0.6 * np.sin(angle), np.sin(1.7 * angle + 0.5)], axis=1)
    return between_codes(offsets, score) * (0.4 + 0.6 * _presence(engaged, 10.0))


def _presence(engaged: npt.NDArray[np.bool_], width: float) -> Floats:
    """(T, 1) engagement with soft edges, `width` frames wide, in [0, 1]."""
    return np.asarray(ndimage.gaussian_filter1d(engaged.astype(np.float64), width, mode="nearest"))[:, None]


def loop(score: CodeFrames, engaged: npt.NDArray[np.bool_], style: Style) -> Floats:
    """(T, 2, 10) one small round of each hand per code, so that hands that hold a place still live."""
    p = 2 * np.pi * score.phase.astype(np.float64)[:, None]
    angle = 2.399963 * (score.code // 2)[:, None] + np.array([0.0, 0.9])
    flip = (score.code % 2 == 1)[:, None]
    angle = np.where(flip, angle[:, ::-1], angle)  # the mirror image's hands swap parts
    length_s = (score.remaining / np.maximum(1.0 - score.phase, 1e-3)).astype(np.float64)[:, None]
    size = LOOP_SPEED * length_s * 0.5 * (1 - np.cos(p)) * _presence(engaged, 6.0)
    out = np.zeros((len(score), 2, 10))
    out[:, :, 0] = 0.6 * size * np.cos(p + angle)
    out[:, :, 1] = 0.8 * size * np.sin(p + 1.3 * angle)
    out[:, :, 2] = size * np.cos(p + angle + 1.2)
    return style.activity * out


def between_codes(values: Floats, score: CodeFrames) -> Floats:
    """(T, C) smooth course from each code's value to the next one's. `values` is (NUM_CODES, C)."""
    s = score.phase.astype(np.float64)[:, None]
    s = s**3 * (10 - 15 * s + 6 * s * s)
    return np.asarray(values[score.code] * (1 - s) + values[score.next_code] * s)


def bob(accents: Accents, engaged: npt.NDArray[np.bool_], style: Style) -> Floats:
    """(T, 2, 10) hands rise and sink a little with the loudness of the voice."""
    slow = ndimage.gaussian_filter1d(loudness(accents) * engaged, 2.6, mode="nearest")
    out = np.zeros((len(slow), 2, 10))
    out[:, :, 2] = BOB_M * style.activity * slow[:, None]
    out[:, :, 0] = 0.4 * BOB_M * style.activity * slow[:, None]
    return out


def move_body(accents: Accents, gains: Floats, engaged: npt.NDArray[np.bool_], score: CodeFrames) -> Floats:
    """(T, 6) head and torso: postures taken at accents, slow turning, nods, stress of single syllables, breathing."""
    table = body_targets()
    up = _presence(engaged, 10.0)
    body: Floats = ndimage.gaussian_filter1d(postures(accents, gains, score), 5.0, axis=0, mode="nearest") * up
    turn = np.array([0.9, 0.8, 1.4, 0.6, 0.6, 0.6])  # gaze wanders further than the body
    body += between_codes(table * turn, score) * (0.25 + 0.75 * up)
    p = 2 * np.pi * score.phase.astype(np.float64)
    side = np.where(score.code % 2 == 1, 1.0, -1.0)
    body[:, 0] += np.radians(HEAD_ROUND_DEG) * side * np.sin(p) * 0.5 * (1 - np.cos(p)) * up[:, 0]
    body[:, 2] += np.radians(HEAD_ROUND_DEG) * side * np.sin(2 * p) * 0.25 * (1 - np.cos(p)) * up[:, 0]
    loud = loudness(accents)
    near, far = (ndimage.gaussian_filter1d(loud, width, mode="nearest") for width in (2.0, 12.0))
    body[:, 1] += np.radians(STRESS_DEG) * (near - far) + nods(accents, len(score))
    inhale = np.where((np.arange(NUM_CODES) // 2) % 2, 0.5, -0.5)[:, None]
    body[:, 4] -= np.radians(BREATH_DEG) * between_codes(inhale, score)[:, 0]
    return body


def postures(accents: Accents, gains: Floats, score: CodeFrames) -> Floats:
    """(T, 6) steps towards the posture of the code active at each accent."""
    steps = np.zeros((len(score), 6))
    for time_s, gain in zip(accents.times_s, gains):
        frame = min(round(float(time_s) * POSE_RATE), len(score) - 1)
        steps[frame:] += min(gain, 1.0) * (body_targets()[score.code[frame]] - steps[frame])
    return steps


def nods(accents: Accents, num_frames: int) -> Floats:
    """(T,) head pitch [rad]: a nod at each accent, lowest just after it."""
    pitch = np.zeros(num_frames)
    time = np.arange(num_frames) / POSE_RATE
    for time_s, size in zip(accents.times_s, np.clip((accents.prominence - 0.1) / 1.2, 0.0, 1.0)):
        near = slice(max(0, round((time_s - 0.6) * POSE_RATE)), round((time_s + 0.7) * POSE_RATE))
        pitch[near] += np.radians(NOD_DEG) * size * np.exp(-0.5 * ((time[near] - time_s - 0.06) / 0.14) ** 2)
    return pitch


def loudness(accents: Accents) -> Floats:
    """(T,) loudness of the voice squeezed to [-1, 1], 0 where nobody speaks."""
    return np.asarray(np.tanh(np.clip(accents.level_db, -30, 20) / 8.0) * accents.speech)
