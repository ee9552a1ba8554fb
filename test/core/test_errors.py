import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError, shown


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


def doubling(depth: int) -> list:
    """A small graph whose full text has 2**depth elements."""
    value: list = ["x"]
    for _ in range(depth):
        value = [value, value]
    return value


@pytest.mark.parametrize("value", [
    "x" * 10_000_000, 10**5000, -(10**100_000), list(range(10**6)), dict.fromkeys(range(10**5), "v"), nested(5000),
    doubling(60), np.zeros((1000, 1000)), b"\x00" * 10**6, {"k": "y" * 10**6}, ["line\nbreak"] * 500,
], ids=lambda value: type(value).__name__)
def test_any_value_is_shown_in_one_short_line(value: object) -> None:
    text = str(InputError("thing", value, "small", "Make it small."))
    assert text.startswith("thing is ")
    assert text.endswith(", must be small. Make it small.")
    assert len(text) < 400
    assert "\n" not in text


def test_usual_values_are_shown_in_full() -> None:
    for value in (3, 2.5, "name", "/home/user/" + "folder/" * 20 + "file.wav", ["a", "b"], (1, 2, 3), None, {"a": [1]}):
        assert shown(value) == repr(value)


def test_messages_of_other_programs_become_one_line() -> None:
    assert str(InputError("file", "a", "valid", "line 1\n  in 'x'\r\n  column 3")).endswith(
        "must be valid. line 1 in 'x' column 3")


def test_long_names_and_bounds_are_shortened() -> None:
    assert len(str(InputError("joint " + "n" * 10**6, 1, "one of " + "n" * 10**6, "Remove " + "n" * 10**6))) < 4000
