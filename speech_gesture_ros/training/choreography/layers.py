"""What lies over the strokes so that nothing freezes: sway, rounds, bob; and the body: posture, gaze, nods, breath.

Each layer is a function of the audio, the codes and the phase alone, so all of it can be learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.networks.code_sampler import CodeFrames
from speech_gesture_ros.training.choreography.gestures import NUM_CODES, WRIST, body_targets
from speech_gesture_ros.training.choreography.style import Style

Floats = npt.NDArray[np.float64]

BOB_M = 0.032  # rise of the hands with the loudness of the voice
LOOP_SPEED = 0.021  # [m/s] radius of the slow rounds between strokes over the time a round takes
NOD_DEG = 6.0  # on a very prominent accent; nods grow later than strokes
STRESS_DEG = 3.0  # head pitch with single syllables
HEAD_ROUND_DEG = 7.0
BREATH_DEG = 1.0


def sway(score: CodeFrames, engaged: npt.NDArray[np.bool_]) -> Floats:
    """(T, 10) slow wandering of both arms between small offsets of the codes, less at rest."""
    offsets = np.zeros((NUM_CODES, 10))
    k = np.arange(NUM_CODES)
    # Golden-angle steps spread the offsets without any two codes alike.
    angle = 2.399963 * (k // 2)
    offsets[:, WRIST] = 0.022 * np.stack([np.cos(angle), 0.6 * np.sin(angle), np.sin(1.7 * angle + 0.5)], axis=1)
    return between_codes(offsets, score) * (0.4 + 0.6 * _presence(engaged, 10.0))


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
    for time_s, size in zip(accents.times_s, np.clip((accents.prominence - 0.3) / 1.2, 0.0, 1.0)):
        near = slice(max(0, round((time_s - 0.6) * POSE_RATE)), round((time_s + 0.7) * POSE_RATE))
        pitch[near] += np.radians(NOD_DEG) * size * np.exp(-0.5 * ((time[near] - time_s - 0.06) / 0.14) ** 2)
    return pitch


def between_codes(values: Floats, score: CodeFrames) -> Floats:
    """(T, C) smooth course from each code's value to the next one's. `values` is (NUM_CODES, C)."""
    s = score.phase.astype(np.float64)[:, None]
    s = s**3 * (10 - 15 * s + 6 * s * s)
    return np.asarray(values[score.code] * (1 - s) + values[score.next_code] * s)


def loudness(accents: Accents) -> Floats:
    """(T,) loudness of the voice squeezed to [-1, 1], 0 where nobody speaks."""
    return np.asarray(np.tanh(np.clip(accents.level_db, -30, 20) / 8.0) * accents.speech)


def _presence(engaged: npt.NDArray[np.bool_], width: float) -> Floats:
    """(T, 1) engagement with soft edges, `width` frames wide, in [0, 1]."""
    return np.asarray(ndimage.gaussian_filter1d(engaged.astype(np.float64), width, mode="nearest"))[:, None]
