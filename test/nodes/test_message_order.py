"""Stamps of audio messages that repeat, go back, or are missing."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace

import pytest

from speech_gesture_ros.nodes.message_order import RECENT, MessageOrder


def message(stamp: tuple[int, int] | None, data: bytes = b"") -> SimpleNamespace:
    if stamp is None:
        return SimpleNamespace(data=data)
    return SimpleNamespace(header=SimpleNamespace(stamp=SimpleNamespace(sec=stamp[0], nanosec=stamp[1])), data=data)


def taken(*messages: SimpleNamespace) -> tuple[list[bool], dict[str, int]]:
    order = MessageOrder()
    return [order.takes(m) for m in messages], asdict(order.counts)


NO_FAULT = {"repeated_messages": 0, "same_stamps": 0, "earlier_stamps": 0}


def test_rising_stamps_are_no_fault() -> None:
    assert taken(message((1, 0)), message((1, 5)), message((2, 0))) == ([True] * 3, NO_FAULT)


@pytest.mark.parametrize("stamp", [None, (0, 0)])
def test_messages_without_a_stamp_are_never_repeated(stamp: tuple[int, int] | None) -> None:
    assert taken(*[message(stamp, b"silence")] * 3) == ([True] * 3, NO_FAULT)


def test_a_message_that_comes_twice_is_left_out_also_after_others() -> None:
    first, second = message((1, 0), b"a"), message((1, 5), b"b")
    assert taken(first, first, second, first) == ([True, False, True, False], NO_FAULT | {"repeated_messages": 2})


def test_messages_with_one_stamp_and_other_content_are_taken() -> None:
    assert taken(message((1, 0), b"a"), message((1, 0), b"b")) == ([True, True], NO_FAULT | {"same_stamps": 1})


def test_messages_with_earlier_stamps_are_taken_as_they_come() -> None:
    out = taken(message((5, 0), b"a"), message((4, 999_999_999), b"b"), message((5, 1), b"c"))
    assert out == ([True] * 3, NO_FAULT | {"earlier_stamps": 1})


def test_a_recording_that_begins_again_is_taken_whole() -> None:
    recording = [message((k + 1, 0), bytes([k])) for k in range(RECENT + 2)]
    out, counts = taken(*recording, *recording)
    assert all(out)
    assert counts == NO_FAULT | {"earlier_stamps": 1}
