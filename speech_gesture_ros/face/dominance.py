"""Timed phones to tracks of visemes and articulators: coarticulation by dominance functions.

Every phone has, for each group of articulators, a target, a strength `a` and a dominance that falls with the distance
in time from the core of the phone (Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", 1993):

    D(t) = a exp(-distance(t) / reach)        track(t) = sum(D target) / sum(D)

Here the distance is from the middle part of a phone (`CORE_SHARE`), not from its centre: long phones are held.
Contacts (lips, lip and teeth, teeth) are no averages: each is reached in full, within ramps of `RAMP_S`, for at least
`SHORTEST_CONTACT_S` (70 to 80 ms: documentation of Rhubarb lip-sync), and holds the jaw up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import (
    ARTICULATOR_INDEX,
    NUM_ARTICULATION,
    PROSODY_COLUMNS,
    VISEME_COLUMNS,
    VISEME_INDEX,
    VISEMES,
)
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.phones import SHAPES, SILENCE, PhoneShape

Array = npt.NDArray[np.float64]

CORE_SHARE = 0.4  # share of a phone around its centre in which its dominance is largest
REACH_S = {"jaw": 0.045, "lips": 0.055, "tongue": 0.03, "viseme": 0.02}
RAMP_S = 0.05
SHORTEST_CONTACT_S = 0.07
CONTACTS = {"close": 0.08, "labiodental": 0.14, "sibilant": 0.12}  # and the largest opening of the jaw at the contact
GROUPS = {"lips": ("rounding", "spread", "protrusion", "upper"), "tongue": ("tip", "back")}
FIRST_PART = 0.55  # share of the first shape of a diphthong


@dataclass(frozen=True)
class TimedPhone:
    """One phone of speech.

    Attributes:
        name: Name in `phones.SHAPES`.
        start_s: Beginning [s]; of a stop, the beginning of its closure.
        end_s: End [s].
    """

    name: str
    start_s: float
    end_s: float


def articulate(phones: Sequence[TimedPhone], num_frames: int) -> npt.NDArray[np.float32]:
    """Return the articulation of timed phones; time without a phone is silence.

    Args:
        phones: In the order of time, without overlaps.
        num_frames: Frames of the result at `FACE_RATE`; frame k is at k / 50 s.

    Returns:
        (num_frames, NUM_ARTICULATION): visemes, articulators, and prosody: loudness 1 in vowels, half in consonants.

    Raises:
        InputError: If a phone is unknown, has no duration, or overlaps the one before.
    """
    segments = _segments(check_phones(phones), num_frames / FACE_RATE)
    t = np.arange(num_frames) / FACE_RATE
    out = np.zeros((num_frames, NUM_ARTICULATION))
    first = len(VISEMES)
    distance = _distances(t, segments)
    shapes = [shape for shape, _, _ in segments]
    one_hot = np.eye(len(VISEMES))[[VISEME_INDEX[s.viseme] for s in shapes]]
    strength = np.array([0.2 if s.lip_strength < 0.05 else 1.0 for s in shapes])  # h takes the shape of its neighbours
    out[:, VISEME_COLUMNS] = _weighted(distance, strength, REACH_S["viseme"], one_hot)
    jaw = _weighted(distance, np.array([s.jaw_strength for s in shapes]), REACH_S["jaw"],
                    np.array([[s.jaw] for s in shapes]))[:, 0]
    for group, names in GROUPS.items():
        strength = np.array([s.lip_strength if group == "lips" else 1.0 for s in shapes])
        targets = np.array([[getattr(s, name) for name in names] for s in shapes])
        columns = [first + ARTICULATOR_INDEX[name] for name in names]
        out[:, columns] = _weighted(distance, strength, REACH_S[group], targets)
    for name, jaw_limit in CONTACTS.items():
        contact = _contact(t, segments, name)
        out[:, first + ARTICULATOR_INDEX[name]] = contact
        jaw = np.minimum(jaw, 1.0 - (1.0 - jaw_limit) * contact)
    out[:, first + ARTICULATOR_INDEX["jaw"]] = jaw
    loud = np.array([[1.0 if s.is_vowel else 0.0 if s.viseme == "sil" else 0.5] for s in shapes])
    out[:, PROSODY_COLUMNS.start] = _weighted(distance, np.ones(len(shapes)), REACH_S["viseme"], loud)[:, 0]
    out[:, PROSODY_COLUMNS.start + 1] = 0.5
    return np.clip(out, 0.0, 1.0).astype(np.float32)


def check_phones(phones: Sequence[TimedPhone]) -> Sequence[TimedPhone]:
    """Return the phones, checked.

    Raises:
        InputError: If one is unknown, has no duration, or overlaps the one before by more than a millisecond.
    """
    end = 0.0
    for i, phone in enumerate(phones):
        if phone.name not in SHAPES:
            raise InputError(f"phone {i}", phone.name, f"one of {sorted(SHAPES)}", "Convert it, see `face.ipa`.")
        if not end - 1e-3 <= phone.start_s < phone.end_s < np.inf:
            raise InputError(f"start and end of phone {i} ({phone.name}) [s]", (phone.start_s, phone.end_s),
                             f"in order, from {end:g} s on", "Correct the times.")
        end = phone.end_s
    return phones


def _segments(phones: Sequence[TimedPhone], seconds: float) -> list[tuple[PhoneShape, float, float]]:
    """Shapes with start and end [s] that cover all time: diphthongs in two, silence before, between and after."""
    silence, out, end = SHAPES[SILENCE][0], [], -1.0
    for phone in phones:
        if phone.start_s > end + 1e-3:
            out.append((silence, end, phone.start_s))
        shapes = SHAPES[phone.name]
        middle = phone.start_s + FIRST_PART * (phone.end_s - phone.start_s)
        bounds = [phone.start_s, phone.end_s] if len(shapes) == 1 else [phone.start_s, middle, phone.end_s]
        out += [(shape, bounds[i], bounds[i + 1]) for i, shape in enumerate(shapes)]
        end = phone.end_s
    return [*out, (silence, end, max(end, seconds) + 1.0)]


def _distances(t: Array, segments: list[tuple[PhoneShape, float, float]]) -> Array:
    """(T, S) distance of each time from the core of each segment [s]; silence is all core."""
    start, end = (np.array([s[i] for s in segments]) for i in (1, 2))
    core = np.array([1.0 if s[0].viseme == "sil" else CORE_SHARE for s in segments])
    margin = 0.5 * (1.0 - core) * (end - start)
    return np.asarray(np.maximum(np.maximum(start + margin - t[:, None], t[:, None] - end + margin), 0.0))


def _weighted(distance: Array, strength: Array, reach_s: float, targets: Array) -> Array:
    """(T, S) distances, (S,) strengths, (S, C) targets to (T, C) mean of the targets by dominance."""
    dominance = strength * np.exp(-np.minimum(distance / reach_s, 200.0))
    return np.asarray(dominance @ targets / dominance.sum(axis=1, keepdims=True))


def _contact(t: Array, segments: list[tuple[PhoneShape, float, float]], name: str) -> Array:
    """(T,) trapezoids of the contacts, the largest of all segments."""
    out = np.zeros(len(t))
    for shape, start, end in segments:
        height = getattr(shape, name)
        if height > 0.0:
            release = start + shape.closed_until * (end - start)
            lacking = max(0.0, SHORTEST_CONTACT_S - (release - start))
            outside = np.maximum(np.maximum(start - lacking / 2 - t, t - release - lacking / 2), 0.0)
            out = np.maximum(out, height * np.maximum(1.0 - outside / RAMP_S, 0.0))
    return out


