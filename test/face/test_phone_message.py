"""Messages of timed phones: notations, times, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.face.phone_message import MAX_TEXT, parse_phone_message


def names(**message: Any) -> list[str]:
    return [phone.name for phone in parse_phone_message(json.dumps(message)).phones]


def test_arpabet_with_stress_and_pauses() -> None:
    assert names(phones=[["HH", 0, 0.1], ["AH0", 0.1, 0.2], ["sil", 0.2, 0.3], ["OW1", 0.3, 0.4]]) == ["hh", "ax", "ow"]


def test_ipa_may_have_several_letters_which_share_the_time() -> None:
    message = parse_phone_message(json.dumps({"phones": [["ba", 0.0, 0.2]], "notation": "ipa"}))
    assert [(p.name, p.start_s, p.end_s) for p in message.phones] == [("b", 0.0, 0.1), ("aa", 0.1, 0.2)]


def test_visemes_become_their_typical_phones_and_the_start_is_kept() -> None:
    message = parse_phone_message('{"phones": [["PP", 0, 0.1], ["sil", 0.1, 0.3]], "notation": "viseme", "start": 5}')
    assert [phone.name for phone in message.phones] == ["p"]
    assert message.start_s == 5.0
    assert parse_phone_message('{"phones": []}').start_s is None


@pytest.mark.parametrize(("text", "part"), [
    ("", "a JSON object"), ("[]", 'an object with a list "phones"'), ('{"phones": 3}', 'a list "phones"'),
    ('{"phones": [["p", 0]]}', "phone 0 is ['p', 0], must be a list"),
    ('{"phones": [["p", 0, true]]}', "must be a list"),
    ('{"phones": [["p", 0, NaN]]}', "NaN is no number"),
    ('{"phones": [["p", 0, 1e999]]}', "must be a list"),
    ('{"phones": [["p", 0.2, 0.1]]}', "start and end of phone 0 (p) [s] is (0.2, 0.1)"),
    ('{"phones": [["p", 0, 500]]}', "0 to 120 s"),
    ('{"phones": [["p", 0, 0.1], ["b", 0.05, 0.2]]}', "start and end of phone 1 (b)"),
    ('{"phones": [["qq", 0, 0.1]]}', "phone 0 is 'qq', must be pau, p, b"),
    ('{"phones": [], "notation": "sampa"}', "notation of a phone message is 'sampa'"),
    ('{"phones": [], "begin": 1}', "key of a phone message is 'begin'"),
    ('{"phones": [], "start": -1}', "start of a phone message is -1"),
    ('{"phones": [' + '["p", 0, 1],' * 2001 + '["p", 0, 1]]}', "number of phones in a message is 2002"),
    (" " * (MAX_TEXT + 1), "length of a phone message"), ("[" * 100_000, "phone message"),
])
def test_a_malformed_message_is_refused_with_one_line(text: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_phone_message(text)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


JSON = st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
                    max_leaves=10)


@given(JSON, JSON)
def test_any_json_is_read_or_refused(phones: Any, start: Any) -> None:
    try:
        message = parse_phone_message(json.dumps({"phones": phones, "start": start}))
    except InputError:
        return
    assert all(0.0 <= phone.start_s < phone.end_s for phone in message.phones)
