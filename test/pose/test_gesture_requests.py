"""Gesture requests as text: parsed, or rejected with the reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.pose.gesture_requests import GestureRequest, InvalidRequest, parse_requests

KNOWN = ("nod", "stop")


def one(text: str) -> GestureRequest | InvalidRequest:
    (request,) = parse_requests(text, KNOWN)
    return request


@pytest.mark.parametrize("text", ["nod", " nod\n", '"nod"', '{"gesture": "nod"}', '["nod"]',
                                  '{"gesture": "nod", "at": null}'])
def test_a_name_is_enough(text):
    assert one(text) == GestureRequest("nod")


def test_every_field_can_be_given():
    fields = {"gesture": "stop", "at": 12.5, "amplitude": 0.5, "side": "left", "duration": 2,
              "repetitions": 3.0, "id": 7}
    assert one(json.dumps(fields)) == GestureRequest("stop", at=12.5, amplitude=0.5, side="left", duration=2.0,
                                                   repetitions=3, id="7")


def test_an_invalid_request_does_not_affect_the_others():
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
    ("[" * 50_000, "nested deeper than 20 levels"),
    ('{"id": ' + "[" * 900 + "]" * 900 + "}", "nested deeper than 20 levels"),
    ('{"gesture": "nod", "repetitions": NaN}', "a whole number"),
    ('{"gesture": "nod", "at": ' + "1" * 5000 + "}", "not JSON"),
])
def test_an_invalid_request_is_rejected_with_the_reason(text, reason):
    request = one(text)
    assert isinstance(request, InvalidRequest)
    assert reason in request.reason


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                        st.sampled_from(["gesture", "at", "delay", "side", "amplitude", "id", "other"]), inner),
                    max_leaves=6))
def test_any_json_gives_requests_or_reasons(data):
    for request in parse_requests(json.dumps(data), KNOWN):
        assert isinstance(request, (GestureRequest, InvalidRequest))


@pytest.mark.slow
@given(st.text())
def test_any_text_gives_requests_or_reasons(text):
    for request in parse_requests(text, KNOWN):
        assert isinstance(request, (GestureRequest, InvalidRequest))
