"""What lies over the strokes so that nothing freezes: sway, rounds, bob; and the body: posture, gaze, nods, breath.

Each layer is a function of the audio, the codes and the phase alone, so all of it can be learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage, signal

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.composition.gestures import NUM_CODES
from speech_gesture_ros.training.composition.targets import LEAN, SIDE, WRIST, body_targets

Floats = npt.NDArray[np.float64]

BOB_M = 0.035  # rise of the hands with the loudness of the voice
LOOP_SPEED = 0.014  # [m/s] radius of the slow rounds between strokes over the time a round takes
NOD_DEG = 9.0  # on a very prominent accent; nods grow later than strokes
STRESS_DEG = 3.0  # head pitch with single syllables
SWING_DEG = 2.2  # torso pitch with single syllables
HEAD_ROUND_DEG = 15.0
TORSO_ROUND_DEG = 6.0
BREATH_DEG = 1.0
POSTURE_DEG = 3.8  # shifts of weight, every ten to thirty seconds
POSTURE_SCALE = np.array([1.3, 1.3, 1.3, 1.6, 1.6, 1.6])  # of the codes' postures
LIVELY_S = 0.25
FULL_SHARE = 1.12  # of the way from rest to where strokes lead: people's speeds
WANDER_S, SHIFT_S = 0.5, 1.0  # time constants of slow changes: of place and gaze, of weight


def sway(score: CodeFrames, engaged: npt.NDArray[np.bool_]) -> Floats:
    """(T, 10) slow wandering of both arms between small offsets of the codes, less at rest."""
    offsets = np.zeros((NUM_CODES, 10))
    k = np.arange(NUM_CODES)
    # Golden-angle steps spread the offsets without any two codes alike.
    angle = 2.399963 * (k // 2)
    offsets[:, WRIST] = 0.022 * np.stack([np.cos(angle), 0.6 * np.sin(angle), np.sin(1.7 * angle + 0.5)], axis=1)
    return follow(offsets[score.code], WANDER_S) * (0.4 + 0.6 * _presence(engaged, 10.0))


def loop(score: CodeFrames, engaged: npt.NDArray[np.bool_]) -> Floats:
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
    return out


def bob(accents: Accents, engaged: npt.NDArray[np.bool_]) -> Floats:
    """(T, 2, 10) hands rise and sink a little with the loudness of the voice."""
    slow = ndimage.gaussian_filter1d(loudness(accents) * engaged, 2.6, mode="nearest")
    out = np.zeros((len(slow), 2, 10))
    out[:, :, 2] = BOB_M * slow[:, None]
    out[:, :, 0] = 0.4 * BOB_M * slow[:, None]
    return out


def move_body(accents: Accents, gains: Floats, engaged: npt.NDArray[np.bool_], score: CodeFrames) -> Floats:
    """(T, 6) head and torso: postures taken at accents, slow turning, nods, stress of single syllables, breathing."""
    table = POSTURE_SCALE * body_targets()
    up = _presence(engaged, 10.0)
    body: Floats = ndimage.gaussian_filter1d(postures(accents, gains, score, table), 4.0, axis=0, mode="nearest") * up
    turn = np.array([0.9, 0.8, 1.4, 0.6, 0.6, 0.6])  # gaze wanders further than the body
    body += follow((table * turn)[score.code], WANDER_S) * (0.25 + 0.75 * up)
    p = 2 * np.pi * score.phase.astype(np.float64)
    side = np.where(score.code % 2 == 1, 1.0, -1.0)
    sine, swell = side * np.sin(p) * 0.5 * (1 - np.cos(p)) * up[:, 0], 0.25 * (1 - np.cos(p)) * up[:, 0]
    body[:, 0] += np.radians(HEAD_ROUND_DEG) * sine
    body[:, 2] += np.radians(HEAD_ROUND_DEG) * side * np.sin(2 * p) * swell
    body[:, 5] += np.radians(TORSO_ROUND_DEG) * sine
    loud = loudness(accents)
    near, far = (ndimage.gaussian_filter1d(loud, width, mode="nearest") for width in (2.0, 12.0))
    body[:, 1] += np.radians(STRESS_DEG) * (near - far) + nods(accents, len(score))
    body[:, 4] += np.radians(SWING_DEG) * (near - far)
    body[:, 3:] += follow(shifts(score), SHIFT_S) * (0.3 + 0.7 * up)
    inhale = np.where((score.code // 2) % 2, 0.5, -0.5)[:, None]
    body[:, 4] -= np.radians(BREATH_DEG) * follow(inhale, WANDER_S)[:, 0]
    return body


def shifts(score: CodeFrames) -> Floats:
    """(T, 3) torso yaw, pitch, roll of the posture that the score asks for [rad]."""
    side, lean = score.variation[:, SIDE].astype(np.float64), score.variation[:, LEAN].astype(np.float64)
    return np.asarray(np.radians(POSTURE_DEG) * np.stack([-0.5 * side, lean, side], axis=1))


def postures(accents: Accents, gains: Floats, score: CodeFrames, table: Floats) -> Floats:
    """(T, 6) steps towards the posture of the code active at each accent."""
    steps = np.zeros((len(score), 6))
    for time_s, gain in zip(accents.times_s, gains):
        frame = min(round(float(time_s) * POSE_RATE), len(score) - 1)
        steps[frame:] += min(gain, 1.0) * (table[score.code[frame]] - steps[frame])
    return steps


def nods(accents: Accents, num_frames: int) -> Floats:
    """(T,) head pitch [rad]: a nod at each accent, lowest just after it."""
    pitch = np.zeros(num_frames)
    time = np.arange(num_frames) / POSE_RATE
    for time_s, size in zip(accents.times_s, np.clip((accents.prominence - 0.5) / 1.2, 0.0, 1.0)):
        near = slice(max(0, round((time_s - 0.6) * POSE_RATE)), round((time_s + 0.7) * POSE_RATE))
        pitch[near] += np.radians(NOD_DEG) * size * np.exp(-0.5 * ((time[near] - time_s - 0.06) / 0.14) ** 2)
    return pitch


def follow(values: Floats, time_constant_s: float) -> Floats:
    """(T, C) values reached softly and causally: two first-order lags; the first value is taken to have held before."""
    keep = float(np.exp(-1.0 / (POSE_RATE * time_constant_s)))
    out = values
    for _ in range(2):
        out, _ = signal.lfilter([1 - keep], [1, -keep], out, axis=0, zi=keep * out[:1])
    return np.asarray(out)


def liveliness(activity: npt.NDArray[np.floating]) -> Floats:
    """(T,) share of the way from rest to the full motion, softly: 0 at activity 0, 1.12 at 1, 1.29 at 1.5."""
    a = np.asarray(activity, dtype=np.float64)
    share = np.where(a < 1.0, a * (1.6 - 0.6 * a), 1.0 + 0.3 * (a - 1.0))
    return follow(FULL_SHARE * share[:, None], LIVELY_S)[:, 0]


def loudness(accents: Accents) -> Floats:
    """(T,) loudness of the voice squeezed to [-1, 1], 0 where nobody speaks."""
    return np.asarray(np.tanh(np.clip(accents.level_db, -30, 20) / 8.0) * accents.speech)


def _presence(engaged: npt.NDArray[np.bool_], width: float) -> Floats:
    """(T, 1) engagement with soft edges, `width` frames wide, in [0, 1]."""
    return np.asarray(ndimage.gaussian_filter1d(engaged.astype(np.float64), width, mode="nearest"))[:, None]
