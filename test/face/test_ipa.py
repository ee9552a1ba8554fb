"""IPA of speech synthesis to phones."""

from __future__ import annotations

import pytest

from speech_gesture_ros.face.ipa import PHONE_OF, phones_from_ipa
from speech_gesture_ros.face.phones import SHAPES


def test_every_symbol_maps_to_a_phone_that_has_a_shape() -> None:
    assert set(PHONE_OF.values()) <= set(SHAPES)


@pytest.mark.parametrize(("ipa", "phones"), [
    ("p", ("p",)), ("iː", ("iy",)), ("tʃ", ("ch",)), ("aɪ", ("ay",)), ("ˈoʊ", ("ow",)), ("ɔːɹ", ("ao", "r")),
    ("ɑ̃", ("aa",)), ("ç", ("y",)), ("p͡f", ("p", "f")), ("øː", ("oe",)), ("ʰ", ()), ("", ()), ("1_ ", ()),
])
def test_symbols_become_phones(ipa: str, phones: tuple[str, ...]) -> None:
    assert phones_from_ipa(ipa) == phones
