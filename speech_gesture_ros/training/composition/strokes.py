"""The hands' strokes: when they rise, where they go at an accent, how far, and how they drift back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD, MINOR_THRESHOLD, Accents
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.composition.moves import PEAK_TO_MEAN, Move, append, rest_at, ruling
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.composition.targets import (
    BUSY,
    SIZE,
    TEMPO,
    WRIST,
    arm_arcs,
    ready_target,
    rest_target,
    stroke_target,
    variant_weights,
)

Floats = npt.NDArray[np.float64]

PREPARE_S = 0.25  # hands start before the voice (measured .2-.3 s)
RETRACT_S = 0.25  # after the voice stopped
LONGEST_PAUSE_S = 0.6  # shorter pauses are held through
RECOIL = 0.55  # share of the way back to ready
SLOW_PEAK = 0.16  # [m/s] of everything that is no stroke: too slow to be one
FULL_PROMINENCE = 0.4  # from here on a stroke has full size
STROKE_S = (0.20, 0.50)
STROKE_LAW = (0.52, 0.34)  # duration = a path^b: people's, longer strokes are faster
LONGEST_STROKE_M = 0.60
STROKE_LEAD_S = 0.02  # speed peak before the accent
FLATNESS = 8.0
FOLLOW_THROUGH = 0.15  # speed left at the end of a stroke, over its mean: people do not stop between strokes
ARC = 0.10  # height of a stroke's arc over its length
SIZE_SHARE, TEMPO_SHARE = 0.22, 0.15  # by which a segment's strokes are larger and slower than others
CALM_RAISES = 0.6  # prominence by which the threshold rises from a lively talker to a listener
LIVELY_GROWS = 0.4
MINOR_GAIN = 0.85  # strokes between accents, at most
MINOR_BUSY = 0.6  # variation from which on there are any


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


def stroke_gains(accents: Accents, activity: npt.NDArray[np.floating] | float = 1.0) -> Floats:
    """(A,) size of the stroke of each accent: from 0 at the threshold to about 1, and a little with loudness.

    Args:
        accents: Of the recording.
        activity: (A,) at each of them: the calmer, the more prominent an accent must be.
    """
    lively = np.asarray(activity, dtype=np.float64)
    threshold = ACCENT_THRESHOLD + CALM_RAISES * np.maximum(1.0 - lively, 0.0)
    certain = np.clip((accents.prominence - threshold) / (FULL_PROMINENCE - ACCENT_THRESHOLD), 0.0, 1.0)
    certain = certain * (2 - certain)
    grown = 1.0 + LIVELY_GROWS * np.maximum(lively - 1.0, 0.0)
    return np.asarray(certain * grown * (1.15 + 0.15 * _loud(accents, accents.times_s)))


def minor_gains(accents: Accents, busy: Floats, activity: Floats) -> Floats:
    """(M,) size of the strokes between accents: only in busy segments, more for the lively."""
    likely = np.clip((accents.minor_prominence - MINOR_THRESHOLD) / 0.8, 0.0, 1.0)
    eager = np.clip((busy - MINOR_BUSY + 0.8 * (activity - 1.0)) / 0.4, 0.0, 1.0)
    return np.asarray(MINOR_GAIN * likely * eager)


def _loud(accents: Accents, times_s: Floats) -> Floats:
    frames = np.minimum(np.round(times_s * POSE_RATE).astype(int), max(len(accents.level_db) - 1, 0))
    return np.asarray(np.tanh(accents.level_db[frames] / 6.0))


def compose_moves(accents: Accents, engaged: npt.NDArray[np.bool_], score: CodeFrames,
                  style: Style) -> tuple[list[Move], list[Move]]:
    """The lines of moves of left and right arm, states (10,)."""
    calls = _calls(accents, engaged, score)
    left, right = (compose_hand(hand, calls, score, style) for hand in range(2))
    return left, right


def _calls(accents: Accents, engaged: npt.NDArray[np.bool_], score: CodeFrames) -> list[tuple[float, str, float]]:
    """What calls for a move, in order: (time [s], kind, gain)."""
    edges = np.diff(np.concatenate([[0], engaged.astype(np.int8)]))
    calls = [(int(frame) / POSE_RATE, "prepare", 1.0) for frame in np.flatnonzero(edges > 0)]
    calls += [(int(frame) / POSE_RATE, "retract", 1.0) for frame in np.flatnonzero(edges < 0)]
    major, minor = (np.minimum(np.round(times * POSE_RATE).astype(int), len(score) - 1)
                    for times in (accents.times_s, accents.minor_times_s))
    gains = stroke_gains(accents, score.activity[major])
    calls += [(float(t), "stroke", float(g)) for t, g in zip(accents.times_s, gains)]
    gains = minor_gains(accents, score.variation[minor, BUSY].astype(np.float64),
                        score.activity[minor].astype(np.float64))
    calls += [(float(t), "minor", float(g)) for t, g in zip(accents.minor_times_s, gains) if g > 0.01]
    return sorted(calls)


def compose_hand(hand: int, calls: list[tuple[float, str, float]], score: CodeFrames, style: Style) -> list[Move]:
    """The line of moves of one arm (0 left), states (10,)."""
    rest = rest_target(style.rest)[hand]
    moves = [rest_at(rest)]
    busy_until = -1.0  # end of the last stroke: nothing slow interrupts it
    for time_s, kind, gain in calls:
        frame = min(round(time_s * POSE_RATE), len(score) - 1)
        code, variation = int(score.code[frame]), score.variation[frame].astype(np.float64)
        ready = ready_target(code, variation, style.rest)[hand]
        if kind in ("prepare", "retract"):
            add_slow(moves, max(time_s, busy_until), ready if kind == "prepare" else rest)
            continue
        phase = float(score.phase[frame])
        target = stroke_target(code, phase, variation)[hand]
        if kind == "minor":  # a beat on the way back
            target = ready + 0.3 * (target - ready)
        bow = np.einsum("v,vc->c", variant_weights(phase), arm_arcs()[code, :, hand])
        sized = gain * (1.0 + SIZE_SHARE * variation[SIZE])
        add_stroke(moves, time_s, sized, target, bow, 1.0 + TEMPO_SHARE * variation[TEMPO])
        busy_until = moves[-1].stop_s
        end = moves[-1].state_at(busy_until)[0]
        add_slow(moves, busy_until, end + RECOIL * (ready - end))
    return moves


def add_stroke(moves: list[Move], accent_s: float, gain: float, target: Floats, bow: Floats, tempo: float) -> None:
    """Append a stroke whose wrist is fastest just before the accent; later moves give way to it."""
    middle = accent_s - STROKE_LEAD_S
    half = 0.5 * STROKE_S[0]
    for _ in range(2):  # the time it takes depends on how far it is, and from where on when it starts
        start = middle - half
        here = ruling(moves, start).state_at(start)[0]
        there = here + gain * (target - here)
        far = float(np.linalg.norm((there - here)[WRIST]))
        shrink = LONGEST_STROKE_M * np.tanh(far / LONGEST_STROKE_M) / max(far, 1e-6)
        there = here + shrink * (there - here)
        half = 0.5 * float(np.clip(tempo * STROKE_LAW[0] * (shrink * far) ** STROKE_LAW[1], *STROKE_S))
    speed = FOLLOW_THROUGH * (there - here) / (2 * half)
    append(moves, middle - half, 2 * half, there, _arc(there - here, bow), speed, FLATNESS * (there - here))


def _arc(step: Floats, bow: Floats) -> Floats:
    """(10,) sideways excursion of a stroke: a hand swings forward and up over its way, and as its gesture bows."""
    arc = np.zeros_like(step)
    way = step[WRIST]
    length = float(np.linalg.norm(way))
    over = np.array([0.6, 0.0, 0.8])
    unit = way / max(length, 1e-6)
    side = ARC * over + bow
    arc[WRIST] = length * (side - unit * float(unit @ side))
    return arc


def add_slow(moves: list[Move], start_s: float, target: Floats) -> None:
    """Append a move too slow to be seen as a stroke."""
    here = ruling(moves, start_s).state_at(start_s)[0]
    far = float(np.linalg.norm((target - here)[WRIST]))
    append(moves, start_s, max(0.8, PEAK_TO_MEAN * far / SLOW_PEAK), target)
