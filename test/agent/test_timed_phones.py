"""Phones are tied to their sound, whichever of the two comes first."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.timed_phones import BEFORE_S, TimedPhones, phone_track
from speech_gesture_ros.core.face_channels import NUM_ARTICULATION, PROSODY_COLUMNS, VISEME_INDEX
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.dominance import TimedPhone, articulate

PHONES = [TimedPhone("m", 0.0, 0.1), TimedPhone("aa", 0.1, 0.3)]
MODEL = np.full(NUM_ARTICULATION, 0.25, np.float32)


def shown(phones: TimedPhones, count: int = 100) -> np.ndarray:
    return np.stack([phones.overlay(i, MODEL) for i in range(count)])


def expected(first_frame: int, count: int = 100) -> np.ndarray:
    """The rules applied to phones that begin at a frame of the stream."""
    shift = first_frame / FACE_RATE
    return articulate([TimedPhone(p.name, p.start_s + shift, p.end_s + shift) for p in PHONES], count)


def first_frame_of(rows: np.ndarray) -> int:
    """Frame at which the lips of the m are closed first."""
    return int(np.argmax(rows[:, VISEME_INDEX["PP"]] > 0.9))


def test_phones_before_their_sound_replace_the_model_around_it() -> None:
    phones = TimedPhones()
    phones.add(phone_track(PHONES))
    phones.take_sound(5 * NS, 40.0)
    rows, rules = shown(phones), expected(40)
    inside = slice(40 - round(BEFORE_S * FACE_RATE), 60)
    np.testing.assert_allclose(rows[inside, :PROSODY_COLUMNS.start], rules[inside, :PROSODY_COLUMNS.start], atol=1e-5)
    assert np.all(rows[inside, PROSODY_COLUMNS] == 0.25), "prosody of the sound"
    assert np.all(rows[:25] == 0.25)
    assert np.all(rows[80:] == 0.25)


def test_the_next_message_is_the_sound_and_later_ones_are_not() -> None:
    phones = TimedPhones()
    phones.take_sound(4 * NS, 10.0)
    phones.add(phone_track(PHONES))
    phones.take_sound(5 * NS, 40.0)
    phones.take_sound(6 * NS, 70.0)
    assert first_frame_of(shown(phones)) == first_frame_of(expected(40))


@pytest.mark.parametrize("comes_late", [False, True])
def test_a_stated_start_names_the_message(comes_late: bool) -> None:
    phones = TimedPhones()
    track = phone_track(PHONES, start_s=5.0)
    if not comes_late:
        phones.add(track)
    for k, arrival_s in enumerate((4.96, 4.98, 5.001, 5.021)):
        phones.take_sound(round(arrival_s * NS), 40.0 + k)
    if comes_late:
        phones.add(track)
    assert first_frame_of(shown(phones)) == first_frame_of(expected(42))


def test_a_sound_between_two_frames_is_interpolated() -> None:
    phones = TimedPhones()
    phones.add(phone_track(PHONES))
    phones.take_sound(NS, 40.5)
    rows = shown(phones)[:, VISEME_INDEX["aa"]]
    low, high = (expected(k)[:, VISEME_INDEX["aa"]] for k in (40, 41))
    np.testing.assert_allclose(rows[35:60], 0.5 * (low + high)[35:60], atol=1e-5)


def test_forgotten_phones_are_not_shown_and_the_number_that_waits_is_bounded() -> None:
    for forget in (TimedPhones.clear, TimedPhones.end_stream):
        phones = TimedPhones()
        phones.add(phone_track(PHONES))
        phones.take_sound(NS, 40.0)
        forget(phones)
        assert np.all(shown(phones) == 0.25)
    phones = TimedPhones()
    for _ in range(1000):
        phones.add(phone_track(PHONES[:1]))
    assert len(phones._waiting) <= 64
    assert phone_track([]).rows.shape[1] == NUM_ARTICULATION
