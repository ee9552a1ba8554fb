"""Phones whose stated times are coarse, found again in the sound by a trained network.

kokoro states times in steps of 25 ms: against a network's alignment its phones begin with a deviation of 40 ms, those
of flite, which are exact, with 25 ms. Both errors are independent, so the middle of both times is nearer than either.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.phones import SILENCE
from speech_gesture_ros.training.face.alignment import align
from speech_gesture_ros.training.face.recorded_speech import Labels
from speech_gesture_ros.training.face.tracks import NUM_TARGETS, PHONES, FaceTrack, phone_indices

COARSE = ("kokoro",)  # speakers whose times are coarse
PAUSE_S = 0.03  # between two phones


def retimed(track: FaceTrack, listener: Labels) -> FaceTrack:
    """Return a track with each phone half-way between its stated time and the time found; others as they are."""
    stated = phones_of_frames(track.phones)
    if track.speaker not in COARSE or not stated:
        return track
    words: list[list[str]] = [[]]
    for i, phone in enumerate(stated):
        if i and phone.start_s > stated[i - 1].end_s + PAUSE_S:
            words.append([])
        words[-1].append(phone.name)
    try:
        found, _ = align(listener.listen(track.features[0])[1], PHONES, words)
    except InputError:
        return track
    if len(found) != len(stated):
        return track
    phones = tuple(TimedPhone(a.name, 0.5 * (a.start_s + b.start_s), 0.5 * (a.end_s + b.end_s))
                   for a, b in zip(stated, found))
    return replace(track, targets=articulate(phones, len(track))[:, :NUM_TARGETS].astype(np.float16),
                   phones=phone_indices(phones, len(track)))


def phones_of_frames(indices: npt.NDArray[np.int16]) -> list[TimedPhone]:
    """Return the phones of frames, each its index in `PHONES`; two of one name beside each other are one."""
    changes = np.flatnonzero(np.diff(indices)) + 1
    bounds = [0, *changes.tolist(), len(indices)]
    return [TimedPhone(PHONES[indices[a]], max(a - 0.5, 0.0) / FACE_RATE, (b - 0.5) / FACE_RATE)
            for a, b in itertools.pairwise(bounds) if indices[a] >= 0 and PHONES[indices[a]] != SILENCE]
