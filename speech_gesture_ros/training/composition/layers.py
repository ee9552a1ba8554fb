"""Slow motion that is added to the strokes: sway, circles, vertical motion with loudness; and head and torso.

Each layer is a function of the audio, the codes and the phase alone, so that all of it can be learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.composition.gestures import NUM_CODES
from speech_gesture_ros.training.composition.targets import ARM_COLUMNS, LEAN, SIDE, WRIST, body_targets

Floats = npt.NDArray[np.float64]

GOLDEN_ANGLE = 2.399963  # [rad]: multiples of it spread the offsets of the codes, and no two coincide
SWAY_M = 0.022
LOUDNESS_LIFT_M = 0.035  # rise of the hands with the loudness of the voice
CIRCLE_SPEED = 0.014  # [m/s] radius of the slow circles between strokes over the time of one circle
NOD_DEG = 9.0  # at a very prominent accent; nods grow later than strokes
NOD_DELAY_S, NOD_WIDTH_S, NOD_BEFORE_S, NOD_AFTER_S = 0.06, 0.14, 0.6, 0.7
HEAD_STRESS_DEG = 3.0  # head pitch with single syllables
TORSO_STRESS_DEG = 2.2  # torso pitch with single syllables
HEAD_CIRCLE_DEG = 15.0
TORSO_CIRCLE_DEG = 6.0
BREATH_DEG = 1.0
POSTURE_DEG = 3.8  # shifts of weight, every ten to thirty seconds
POSTURE_SCALE = np.array([1.3, 1.3, 1.3, 1.6, 1.6, 1.6])  # of the codes' postures
WANDER_SCALE = np.array([0.9, 0.8, 1.4, 0.6, 0.6, 0.6])  # of slow turning: the head turns further than the body
ACTIVITY_S = 0.25  # time constant of changes of activity
FULL_SHARE = 1.12  # of the way from rest to the target of a stroke at activity 1: gives the speeds of people
WANDER_S, SHIFT_S = 0.5, 1.0  # time constants of slow changes: of place and gaze, of weight


def sway(codes: CodeFrames, up: npt.NDArray[np.bool_]) -> Floats:
    """Return (T, 10) slow wandering of both arms between small offsets of the codes, less at rest."""
    offsets = np.zeros((NUM_CODES, ARM_COLUMNS))
    angle = GOLDEN_ANGLE * (np.arange(NUM_CODES) // 2)
    offsets[:, WRIST] = SWAY_M * np.stack([np.cos(angle), 0.6 * np.sin(angle), np.sin(1.7 * angle + 0.5)], axis=1)
    return low_pass_twice(offsets[codes.code], WANDER_S) * (0.4 + 0.6 * _smooth_share(up, 10.0))


def circles(codes: CodeFrames, up: npt.NDArray[np.bool_]) -> Floats:
    """Return (T, 2, 10) one small circle of each hand in each segment, so that held hands are not still."""
    p = 2 * np.pi * codes.phase.astype(np.float64)[:, None]
    angle = GOLDEN_ANGLE * (codes.code // 2)[:, None] + np.array([0.0, 0.9])
    flip = (codes.code % 2 == 1)[:, None]
    angle = np.where(flip, angle[:, ::-1], angle)  # the hands of the mirror image are exchanged
    length_s = (codes.remaining / np.maximum(1.0 - codes.phase, 1e-3)).astype(np.float64)[:, None]
    size = CIRCLE_SPEED * length_s * 0.5 * (1 - np.cos(p)) * _smooth_share(up, 6.0)
    out = np.zeros((len(codes), 2, ARM_COLUMNS))
    out[:, :, 0] = 0.6 * size * np.cos(p + angle)
    out[:, :, 1] = 0.8 * size * np.sin(p + 1.3 * angle)
    out[:, :, 2] = size * np.cos(p + angle + 1.2)
    return out


def loudness_lift(accents: Accents, up: npt.NDArray[np.bool_]) -> Floats:
    """Return (T, 2, 10) the rise of the hands with the loudness of the voice."""
    slow = ndimage.gaussian_filter1d(loudness(accents) * up, 2.6, mode="nearest")
    out = np.zeros((len(slow), 2, ARM_COLUMNS))
    out[:, :, 2] = LOUDNESS_LIFT_M * slow[:, None]
    out[:, :, 0] = 0.4 * LOUDNESS_LIFT_M * slow[:, None]
    return out


def body_motion(accents: Accents, gains: Floats, up: npt.NDArray[np.bool_], codes: CodeFrames) -> Floats:
    """Return (T, 6) head and torso: postures at accents, slow turning, nods, stress of syllables, breathing [rad]."""
    table = POSTURE_SCALE * body_targets()
    share = _smooth_share(up, 10.0)
    steps = postures(accents, gains, codes, table)
    body: Floats = ndimage.gaussian_filter1d(steps, 4.0, axis=0, mode="nearest") * share
    body += low_pass_twice((table * WANDER_SCALE)[codes.code], WANDER_S) * (0.25 + 0.75 * share)
    p = 2 * np.pi * codes.phase.astype(np.float64)
    side = np.where(codes.code % 2 == 1, 1.0, -1.0)
    sine, swell = side * np.sin(p) * 0.5 * (1 - np.cos(p)) * share[:, 0], 0.25 * (1 - np.cos(p)) * share[:, 0]
    body[:, 0] += np.radians(HEAD_CIRCLE_DEG) * sine
    body[:, 2] += np.radians(HEAD_CIRCLE_DEG) * side * np.sin(2 * p) * swell
    body[:, 5] += np.radians(TORSO_CIRCLE_DEG) * sine
    loud = loudness(accents)
    near, far = (ndimage.gaussian_filter1d(loud, width, mode="nearest") for width in (2.0, 12.0))
    body[:, 1] += np.radians(HEAD_STRESS_DEG) * (near - far) + nods(accents, len(codes))
    body[:, 4] += np.radians(TORSO_STRESS_DEG) * (near - far)
    body[:, 3:] += low_pass_twice(weight_shifts(codes), SHIFT_S) * (0.3 + 0.7 * share)
    inhale = np.where((codes.code // 2) % 2, 0.5, -0.5)[:, None]
    body[:, 4] -= np.radians(BREATH_DEG) * low_pass_twice(inhale, WANDER_S)[:, 0]
    return body


def weight_shifts(codes: CodeFrames) -> Floats:
    """Return (T, 3) torso yaw, pitch, roll of the posture in the codes' variation [rad]."""
    side, lean = codes.variation[:, SIDE].astype(np.float64), codes.variation[:, LEAN].astype(np.float64)
    return np.asarray(np.radians(POSTURE_DEG) * np.stack([-0.5 * side, lean, side], axis=1))


def postures(accents: Accents, gains: Floats, codes: CodeFrames, table: Floats) -> Floats:
    """Return (T, 6) steps towards the posture of the code active at each accent."""
    steps = np.zeros((len(codes), 6))
    for time_s, gain in zip(accents.times_s, gains):
        frame = min(round(float(time_s) * POSE_RATE), len(codes) - 1)
        steps[frame:] += min(gain, 1.0) * (table[codes.code[frame]] - steps[frame])
    return steps


def nods(accents: Accents, num_frames: int) -> Floats:
    """Return (T,) head pitch [rad]: a nod at each accent, lowest just after it."""
    pitch = np.zeros(num_frames)
    time = np.arange(num_frames) / POSE_RATE
    for time_s, size in zip(accents.times_s, np.clip((accents.prominence - 0.5) / 1.2, 0.0, 1.0)):
        near = slice(max(0, round((time_s - NOD_BEFORE_S) * POSE_RATE)), round((time_s + NOD_AFTER_S) * POSE_RATE))
        pitch[near] += np.radians(NOD_DEG) * size * np.exp(
            -0.5 * ((time[near] - time_s - NOD_DELAY_S) / NOD_WIDTH_S) ** 2)
    return pitch


def low_pass_twice(values: Floats, time_constant_s: float) -> Floats:
    """Return (T, C) values behind two first-order lags, causal; the first value is taken to have held before."""
    keep = float(np.exp(-1.0 / (POSE_RATE * time_constant_s)))
    out = values
    for _ in range(2):
        out, _ = signal.lfilter([1 - keep], [1, -keep], out, axis=0, zi=keep * out[:1])
    return np.asarray(out)


def activity_share(activity: npt.NDArray[np.floating]) -> Floats:
    """Return (T,) the share of the way from rest to the full motion: 0 at activity 0, 1.12 at 1, 1.29 at 1.5."""
    a = np.asarray(activity, dtype=np.float64)
    share = np.where(a < 1.0, a * (1.6 - 0.6 * a), 1.0 + 0.3 * (a - 1.0))
    return low_pass_twice(FULL_SHARE * share[:, None], ACTIVITY_S)[:, 0]


def loudness(accents: Accents) -> Floats:
    """Return (T,) the loudness of the voice compressed to [-1, 1], 0 without speech."""
    return np.asarray(np.tanh(np.clip(accents.level_db, -30, 20) / 8.0) * accents.speech)


def _smooth_share(up: npt.NDArray[np.bool_], width: float) -> Floats:
    """Return (T, 1) in [0, 1]: 1 where the hands are up, with smooth edges of `width` frames."""
    return np.asarray(ndimage.gaussian_filter1d(up.astype(np.float64), width, mode="nearest"))[:, None]
