"""The hands' strokes: when they rise, where they go at an accent, how far, and how they drift back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD, Accents
from speech_gesture_ros.networks.code_sampler import CodeFrames
from speech_gesture_ros.training.choreography.gestures import WRIST, ready_target, rest_target, stroke_target
from speech_gesture_ros.training.choreography.moves import PEAK_TO_MEAN, Move, append, rest_at, ruling
from speech_gesture_ros.training.choreography.style import Style

Floats = npt.NDArray[np.float64]

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
ARC = 0.10  # height of a stroke's arc over its length


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
