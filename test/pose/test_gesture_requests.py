"""Wishes as text: understood, or refused with the reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.pose.gesture_requests import GestureRequest, InvalidRequest, parse_requests

KNOWN = ("nod", "stop")


def one(text: str) -> GestureRequest | InvalidRequest:
    (wish,) = parse_requests(text, KNOWN)
    return wish


@pytest.mark.parametrize("text", ["nod", " nod\n", '"nod"', '{"gesture": "nod"}', '["nod"]',
                                  '{"gesture": "nod", "at": null}'])
def test_a_name_is_enough(text):
    assert one(text) == GestureRequest("nod")


def test_everything_can_be_said():
    said = {"gesture": "stop", "at": 12.5, "amplitude": 0.5, "side": "left", "duration": 2, "repetitions": 3.0, "id": 7}
    assert one(json.dumps(said)) == GestureRequest("stop", at=12.5, amplitude=0.5, side="left", duration=2.0,
                                                   repetitions=3, id="7")


def test_one_bad_wish_does_not_spoil_the_others():
    good, bad, also_good = parse_requests('["nod", {"gesture": "dance", "id": "x"}, {"gesture": "stop"}]', KNOWN)
    assert (good, also_good) == (GestureRequest("nod"), GestureRequest("stop"))
    assert isinstance(bad, InvalidRequest)
    assert (bad.id, bad.gesture) == ("x", "dance")


@pytest.mark.parametrize(("text", "reason"), [
    ("dance", "gesture is 'dance', must be one of nod, stop"),
    ("", "gesture is ''"),
    ("{", "not JSON"),
    ("[1]", "must be a name or an object"),
    ("{}", "gesture is ''"),
    ('{"gesture": "nod", "when": 3}', "key is 'when', must be one of amplitude, at, delay"),
    ('{"gesture": "nod", "at": "soon"}', "at is 'soon', must be a number"),
    ('{"gesture": "nod", "at": true}', "must be a number"),
    ('{"gesture": "nod", "at": NaN}', "at is nan"),
    ('{"gesture": "nod", "at": 1, "delay": 1}', "one of the two"),
    ('{"gesture": "nod", "delay": -1}', "0 to 600"),
    ('{"gesture": "nod", "amplitude": 9}', "0.2 to 1.5"),
    ('{"gesture": "nod", "amplitude": NaN}', "0.2 to 1.5"),
    ('{"gesture": "nod", "side": "up"}', "one of left, right, both"),
    ('{"gesture": "nod", "side": 1}', "must be a string"),
    ('{"gesture": "nod", "repetitions": 1.5}', "a whole number"),
    ('{"gesture": "nod", "repetitions": 1e999}', "out of all bounds"),
    ('{"gesture": "nod", "duration": 1' + "0" * 400 + "}", "out of all bounds"),
    (json.dumps(["nod"] * 101), "must be 100 at most"),
    ("x" * 200_000, "characters"),
    ("[" * 50_000, "not JSON"),
])
def test_what_is_not_understood_is_refused_with_the_reason(text, reason):
    wish = one(text)
    assert isinstance(wish, InvalidRequest)
    assert reason in wish.reason


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.sampled_from(["gesture", "at", "delay", "side", "amplitude", "id", "other"]), inner),
                    max_leaves=6))
def test_nothing_that_json_can_say_is_an_error_of_ours(data):
    for wish in parse_requests(json.dumps(data), KNOWN):
        assert isinstance(wish, (GestureRequest, InvalidRequest))


@given(st.text())
def test_no_text_is_an_error_of_ours(text):
    for wish in parse_requests(text, KNOWN):
        assert isinstance(wish, (GestureRequest, InvalidRequest))
