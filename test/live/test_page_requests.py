"""Requests of a page are checked: kinds, names, ranges, length; anything else is refused in one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.live.page_requests import KINDS, SLIDERS, PageRequest, parse_request

NAMES = {"gesture": ("nod",), "expression": ("happy",), "face_style": ("clear",), "family": ("beat",),
         "play": ("a.wav",)}


@pytest.mark.parametrize(("text", "request_"), [
    ('{"kind": "control", "name": "activity", "value": 0.5}', PageRequest("control", "activity", 0.5)),
    ('{"kind": "family", "name": "beat", "value": 0}', PageRequest("family", "beat", 0.0)),
    ('{"kind": "gesture", "name": "nod", "value": 7}', PageRequest("gesture", "nod")),
    ('{"kind": "play", "name": "a.wav"}', PageRequest("play", "a.wav")),
    ('{"kind": "stop"}', PageRequest("stop")),
    ('{"kind": "microphone", "value": 1}', PageRequest("microphone", value=1.0)),
])
def test_requests_are_read(text: str, request_: PageRequest) -> None:
    assert parse_request(text, NAMES) == request_


@pytest.mark.parametrize(("text", "named"), [
    ("nod", "request"), ("[]", "request"), ('{"kind": "format"}', "request"), ("[" * 900, "request"),
    ('{"kind": "gesture", "name": "rude"}', "name of a gesture"),
    ('{"kind": "gesture", "name": 3}', "name of a gesture"),
    ('{"kind": "play", "name": "/etc/passwd"}', "name of a play"),
    ('{"kind": "control", "name": "activity", "value": 9}', "activity"),
    ('{"kind": "control", "name": "activity", "value": NaN}', "activity"),
    ('{"kind": "control", "name": "activity", "value": true}', "activity"),
    ('{"kind": "control", "name": "activity", "value": "1"}', "activity"),
    ('{"kind": "control", "name": "activity"}', "activity"),
    ('{"kind": "control", "name": "volume", "value": 1}', "name of a control"),
    ('{"kind": "family", "name": "beat", "value": -1}', "beat"),
    ('{"kind": "microphone", "value": 1e999}', "microphone"), ('{"kind": "stop"}' + " " * 1000, "length"),
])
def test_others_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_request(text, NAMES)
    assert refused.value.thing.startswith(named)
    assert "\n" not in str(refused.value)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["kind", "name", "value", "x"]), inner | st.sampled_from(KINDS), max_size=4)))
def test_any_json_is_a_request_in_range_or_refused(data: object) -> None:
    try:
        request = parse_request(json.dumps(data), NAMES)
    except InputError:
        return
    assert request.kind in KINDS
    if request.kind == "control":
        low, high, _ = SLIDERS[request.name]
        assert low <= request.value <= high
