"""Phones of a known text found in recorded speech: the most probable path through them (Viterbi, 1967).

    words ─► pause? phone phone ... pause? phone ... pause?  ─┐
    probability of each phone in each frame ──────────────────┴─► begin and end of each phone

A pause may stand between words; nothing else is skipped, and every phone takes at least one frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.phones import SILENCE

Array = npt.NDArray[np.float64]


def align(scores: Array, names: Sequence[str], words: Sequence[Sequence[str]]) -> tuple[list[TimedPhone], float]:
    """Find the phones of words in speech.

    Args:
        scores: (T, P) logarithm of the evidence of each phone in each face frame; frame k is at k / 50 s.
        names: (P,) names of the phones, with "pau".
        words: Phones of each word, as in `names`.

    Returns:
        The phones with their times, without pauses, and the mean score of a frame on the path.

    Raises:
        InputError: If there are no words, or fewer frames than phones.
    """
    states, optional = [SILENCE], [True]
    for word in words:
        states += [*word, SILENCE]
        optional += [*(False for _ in word), True]
    if len(states) < 2 or len(scores) < sum(not skip for skip in optional):
        raise InputError("frames of an alignment", len(scores), f"at least one for each of {len(states)} phones",
                         "Check that the text is that of the recording.")
    column = {name: i for i, name in enumerate(names)}
    evidence = scores[:, [column[name] for name in states]]
    path, total = _best_path(evidence, np.array(optional))
    changes = np.flatnonzero(np.diff(path)) + 1
    bounds = [0, *changes.tolist(), len(path)]
    phones = [TimedPhone(states[path[a]], max(a - 0.5, 0.0) / FACE_RATE, (b - 0.5) / FACE_RATE)
              for a, b in itertools.pairwise(bounds) if states[path[a]] != SILENCE]
    return phones, total / len(scores)


def _best_path(evidence: Array, optional: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], float]:
    """(T, S) evidence of states in order, some of which may be skipped, to the state of each frame and the score."""
    count, size = evidence.shape
    skip = np.concatenate([[False, False], optional[1:-1]])  # of the state before: from two states back
    best = np.full(size, -np.inf)
    best[0] = evidence[0, 0]
    if size > 1 and optional[0]:
        best[1] = evidence[0, 1]
    steps = np.zeros((count, size), np.int8)
    for t in range(1, count):
        one = np.concatenate([[-np.inf], best[:-1]])
        two = np.where(skip, np.concatenate([[-np.inf, -np.inf], best[:-2]]), -np.inf)
        choices = np.stack([best, one, two])
        steps[t] = choices.argmax(axis=0)
        best = choices.max(axis=0) + evidence[t]
    state = size - 1
    if optional[-1] and best[-2] > best[-1]:
        state = size - 2
    total = float(best[state])
    path = np.empty(count, np.int64)
    for t in range(count - 1, -1, -1):
        path[t] = state
        state -= int(steps[t, state])
    return path, total
