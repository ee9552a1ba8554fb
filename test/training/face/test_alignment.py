"""Phones of a known text are found where the evidence for them is."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.training.face.alignment import align

NAMES = ("pau", "m", "aa", "s")


def evidence(*frames: str) -> np.ndarray:
    """(T, P) scores: 0 for the phone of each frame, -3 for the others."""
    return np.array([[0.0 if name == frame else -3.0 for name in NAMES] for frame in frames])


def test_each_phone_takes_the_frames_of_its_evidence() -> None:
    phones, score = align(evidence("pau", "pau", "m", "m", "m", "aa", "aa", "s", "pau"), NAMES, [("m", "aa"), ("s",)])
    assert [(p.name, round(p.start_s, 3), round(p.end_s, 3)) for p in phones] == [
        ("m", 0.03, 0.09), ("aa", 0.09, 0.13), ("s", 0.13, 0.15)]
    assert score == 0.0


def test_a_pause_between_words_is_taken_and_left_out_of_the_phones() -> None:
    phones, _ = align(evidence("m", "aa", "pau", "pau", "s", "s"), NAMES, [("m", "aa"), ("s",)])
    assert [(p.name, round(p.start_s, 3), round(p.end_s, 3)) for p in phones] == [
        ("m", 0.0, 0.01), ("aa", 0.01, 0.03), ("s", 0.07, 0.11)]


def test_no_phone_is_skipped_where_the_evidence_lacks_one() -> None:
    phones, score = align(evidence("m", "m", "aa", "aa"), NAMES, [("m", "s", "aa")])
    assert [p.name for p in phones] == ["m", "s", "aa"]
    assert score == pytest.approx(-3 / 4)


def test_a_text_that_is_longer_than_the_speech_is_refused() -> None:
    with pytest.raises(InputError, match="frames of an alignment"):
        align(evidence("m", "aa"), NAMES, [("m", "aa", "s")])
