"""Strokes of the hands: when the hands rise, where they go at an accent, how far, and how they drift back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD, MINOR_THRESHOLD, Accents
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.composition.moves import PEAK_TO_MEAN, Move, append, move_at, rest_at
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.composition.targets import (
    BUSY,
    SIZE,
    TEMPO,
    WRIST,
    arm_bows,
    ready_target,
    rest_target,
    stroke_target,
    variant_weights,
)

Floats = npt.NDArray[np.float64]

PREPARE_S = 0.25  # hands start before the voice (measured: 0.2 to 0.3 s)
RETRACT_S = 0.25  # after the voice stopped
LONGEST_PAUSE_S = 0.6  # hands stay up through shorter pauses
RECOIL_SHARE = 0.55  # of the way back to the ready pose
SLOW_PEAK = 0.16  # [m/s] peak speed of everything but strokes: below that of a stroke
FULL_PROMINENCE = 0.4  # from which a stroke has full size
STROKE_S = (0.20, 0.50)
STROKE_LAW = (0.52, 0.34)  # duration = a path^b, as measured of people: longer strokes are faster
LONGEST_STROKE_M = 0.60
STROKE_LEAD_S = 0.02  # speed peak before the accent
FLATNESS = 8.0  # of a stroke's course of speed, see `moves.Move`
FOLLOW_THROUGH = 0.15  # speed at the end of a stroke, over its mean: people do not stop between strokes
ARC_HEIGHT = 0.10  # height of a stroke's arc over its length
ARC_DIRECTION = np.array([0.6, 0.0, 0.8])  # forward and up
SIZE_SHARE, TEMPO_SHARE = 0.22, 0.15  # by which a segment's strokes are larger and slower than others
CALM_RAISES = 0.6  # rise of the prominence threshold from activity 1 to 0
LIVELY_GROWS = 0.4  # growth of the strokes per activity above 1
MINOR_GAIN = 0.85  # of strokes between accents, at most
MINOR_BUSY = 0.6  # variation above which there are any
MINOR_SHARE = 0.3  # of the way from the ready pose to the target
MIN_MINOR_GAIN = 0.01
MIN_SLOW_S = 0.8


def hands_up(speech: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return (T,) whether the hands are up: speech with its short pauses, from a little before to a little after."""
    pause, before, after = (round(s * POSE_RATE) for s in (LONGEST_PAUSE_S, PREPARE_S, RETRACT_S))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speech.astype(np.int8), [0]])))
    up = np.zeros(len(speech), dtype=bool)
    last_off = -pause - 1 - before - len(speech)  # long before the first frame
    for on, off in zip(edges[::2], edges[1::2]):
        up[max(0, (last_off if on - last_off <= pause else on) - before): off + after] = True
        last_off = off
    return up


def stroke_gains(accents: Accents, activity: npt.NDArray[np.floating] | float = 1.0) -> Floats:
    """Return (A,) the size of the stroke of each accent: from 0 at the threshold to about 1, and a little by loudness.

    Args:
        accents: Accents of the recording.
        activity: (A,) at each of them: the lower, the more prominent an accent must be.
    """
    activities = np.asarray(activity, dtype=np.float64)
    threshold = ACCENT_THRESHOLD + CALM_RAISES * np.maximum(1.0 - activities, 0.0)
    certain = np.clip((accents.prominence - threshold) / (FULL_PROMINENCE - ACCENT_THRESHOLD), 0.0, 1.0)
    certain = certain * (2 - certain)
    grown = 1.0 + LIVELY_GROWS * np.maximum(activities - 1.0, 0.0)
    return np.asarray(certain * grown * (1.15 + 0.15 * _loudness_at(accents, accents.times_s)))


def minor_gains(accents: Accents, busy: Floats, activity: Floats) -> Floats:
    """Return (M,) the size of the strokes between accents: only in busy segments, larger with activity."""
    likely = np.clip((accents.minor_prominence - MINOR_THRESHOLD) / 0.8, 0.0, 1.0)
    eager = np.clip((busy - MINOR_BUSY + 0.8 * (activity - 1.0)) / 0.4, 0.0, 1.0)
    return np.asarray(MINOR_GAIN * likely * eager)


def compose_moves(accents: Accents, up: npt.NDArray[np.bool_], codes: CodeFrames,
                  style: Style) -> tuple[list[Move], list[Move]]:
    """Return the moves of left and right arm, states (10,)."""
    events = _events(accents, up, codes)
    left, right = (compose_hand(hand, events, codes, style) for hand in range(2))
    return left, right


def compose_hand(hand: int, events: list[tuple[float, str, float]], codes: CodeFrames, style: Style) -> list[Move]:
    """Return the moves of one arm (0 left), states (10,), from (time [s], kind, gain) events."""
    rest = rest_target(style.rest)[hand]
    moves = [rest_at(rest)]
    busy_until = -1.0  # end of the last stroke: no slow move interrupts it
    for time_s, kind, gain in events:
        frame = min(round(time_s * POSE_RATE), len(codes) - 1)
        code, variation = int(codes.code[frame]), codes.variation[frame].astype(np.float64)
        ready = ready_target(code, variation, style.rest)[hand]
        if kind in ("prepare", "retract"):
            add_slow(moves, max(time_s, busy_until), ready if kind == "prepare" else rest)
            continue
        phase = float(codes.phase[frame])
        target = stroke_target(code, phase, variation)[hand]
        if kind == "minor":  # a beat on the way back
            target = ready + MINOR_SHARE * (target - ready)
        bow = np.einsum("v,vc->c", variant_weights(phase), arm_bows()[code, :, hand])
        sized = gain * (1.0 + SIZE_SHARE * variation[SIZE])
        add_stroke(moves, time_s, sized, target, bow, 1.0 + TEMPO_SHARE * variation[TEMPO])
        busy_until = moves[-1].stop_s
        end = moves[-1].state_at(busy_until)[0]
        add_slow(moves, busy_until, end + RECOIL_SHARE * (ready - end))
    return moves


def add_stroke(moves: list[Move], accent_s: float, gain: float, target: Floats, bow: Floats, tempo: float) -> None:
    """Append a stroke whose wrist is fastest just before the accent; moves that would start later are removed."""
    middle = accent_s - STROKE_LEAD_S
    half = 0.5 * STROKE_S[0]
    for _ in range(2):  # duration depends on the distance, and distance on the start
        start = middle - half
        here = move_at(moves, start).state_at(start)[0]
        there = here + gain * (target - here)
        far = float(np.linalg.norm((there - here)[WRIST]))
        shrink = LONGEST_STROKE_M * np.tanh(far / LONGEST_STROKE_M) / max(far, 1e-6)
        there = here + shrink * (there - here)
        half = 0.5 * float(np.clip(tempo * STROKE_LAW[0] * (shrink * far) ** STROKE_LAW[1], *STROKE_S))
    speed = FOLLOW_THROUGH * (there - here) / (2 * half)
    append(moves, middle - half, 2 * half, there, _arc(there - here, bow), speed, FLATNESS * (there - here))


def add_slow(moves: list[Move], start_s: float, target: Floats) -> None:
    """Append a move that is slower than a stroke."""
    here = move_at(moves, start_s).state_at(start_s)[0]
    far = float(np.linalg.norm((target - here)[WRIST]))
    append(moves, start_s, max(MIN_SLOW_S, PEAK_TO_MEAN * far / SLOW_PEAK), target)


def _events(accents: Accents, up: npt.NDArray[np.bool_], codes: CodeFrames) -> list[tuple[float, str, float]]:
    """Return (time [s], kind, gain) of everything that starts a move, in order of time."""
    edges = np.diff(np.concatenate([[0], up.astype(np.int8)]))
    events = [(int(frame) / POSE_RATE, "prepare", 1.0) for frame in np.flatnonzero(edges > 0)]
    events += [(int(frame) / POSE_RATE, "retract", 1.0) for frame in np.flatnonzero(edges < 0)]
    major, minor = (np.minimum(np.round(times * POSE_RATE).astype(int), len(codes) - 1)
                    for times in (accents.times_s, accents.minor_times_s))
    gains = stroke_gains(accents, codes.activity[major])
    events += [(float(t), "stroke", float(g)) for t, g in zip(accents.times_s, gains)]
    gains = minor_gains(accents, codes.variation[minor, BUSY].astype(np.float64),
                        codes.activity[minor].astype(np.float64))
    events += [(float(t), "minor", float(g)) for t, g in zip(accents.minor_times_s, gains) if g > MIN_MINOR_GAIN]
    return sorted(events)


def _loudness_at(accents: Accents, times_s: Floats) -> Floats:
    frames = np.minimum(np.round(times_s * POSE_RATE).astype(int), max(len(accents.level_db) - 1, 0))
    return np.asarray(np.tanh(accents.level_db[frames] / 6.0))


def _arc(step: Floats, bow: Floats) -> Floats:
    """Return (10,) the sideways excursion of a stroke: an arc forward and up, and the bow of its gesture."""
    arc = np.zeros_like(step)
    way = step[WRIST]
    length = float(np.linalg.norm(way))
    unit = way / max(length, 1e-6)
    side = ARC_HEIGHT * ARC_DIRECTION + bow
    arc[WRIST] = length * (side - unit * float(unit @ side))
    return arc
