"""Coarse phone times are moved half-way to where a network finds the phones."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.training.face.retiming import phones_of_frames, retimed
from speech_gesture_ros.training.face.tracks import NUM_TARGETS, PHONES, FaceTrack


def frames(*parts: tuple[str, int]) -> np.ndarray:
    return np.concatenate([np.full(count, PHONES.index(name), np.int16) for name, count in parts])


STATED = frames(("pau", 10), ("m", 10), ("aa", 10), ("pau", 10))
FOUND = frames(("pau", 10), ("m", 6), ("aa", 14), ("pau", 10))  # the m is shorter than stated


class Sure:
    """A listener that is sure of the phones of its frames."""

    def listen(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(FOUND), NUM_TARGETS), np.float32), np.where(
            np.arange(len(PHONES)) == FOUND[:, None], 0.0, -8.0)


def track(speaker: str) -> FaceTrack:
    features, targets = (np.zeros(shape, np.float16) for shape in ((1, len(STATED), 90), (len(STATED), NUM_TARGETS)))
    features, targets = (np.zeros(shape, np.float16) for shape in ((1, len(STATED), 90), (len(STATED), NUM_TARGETS)))
    return FaceTrack(speaker, features, targets, np.ones(NUM_TARGETS, np.float32), STATED)


def test_phones_of_frames_begin_between_two_frames_and_pauses_are_left_out() -> None:
    assert phones_of_frames(STATED) == [TimedPhone("m", pytest.approx(0.19), pytest.approx(0.39)),
                                        TimedPhone("aa", pytest.approx(0.39), pytest.approx(0.59))]


def test_each_phone_is_moved_half_way_to_where_it_is_found() -> None:
    moved = retimed(track("kokoro"), Sure())
    m, aa = phones_of_frames(moved.phones)
    assert (m.start_s, m.end_s) == (pytest.approx(0.19), pytest.approx(0.35))
    assert aa.end_s == pytest.approx(0.59)
    assert moved.targets[14].sum() > 0.5


def test_exact_times_stay() -> None:
    exact = track("flite_awb")
    assert retimed(exact, Sure()) is exact
