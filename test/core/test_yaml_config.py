from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml


@dataclass(frozen=True)
class Inner:
    gain: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    inner: Inner
    count: int = 3
    pair: tuple[float, float] = (0.0, 1.0)
    table: dict[str, float] = field(default_factory=dict)
    note: str | None = None


def test_nested_mappings_become_nested_dataclasses() -> None:
    data = {"inner": {"gain": 2, "names": ["a", "b"]}, "pair": [1, 2], "table": {"x": 1}, "note": "n"}
    outer = from_mapping(Outer, data)
    assert outer == Outer(Inner(2.0, ("a", "b")), 3, (1.0, 2.0), {"x": 1.0}, "n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"inner": {"gain": 1.0}, "cuont": 4}, "'cuont', must be one of"),
        ({"inner": {"gain": 1.0, "nmaes": []}}, "inner: key is 'nmaes'"),
        ({"count": 2}, "key 'inner' is None, must be present"),
        ({"inner": {"gain": "loud"}}, "inner: gain is 'loud', must be of type float"),
        ({"inner": {"gain": 1.0}, "count": True}, "count is True, must be of type int"),
        ({"inner": {"gain": 1.0}, "pair": [1.0]}, "pair is .*a list of 2 values"),
        ({"inner": {"gain": 1.0}, "table": {"x": "y"}}, "table.x is 'y'"),
    ],
)
def test_errors_name_the_place_the_value_and_what_is_allowed(data: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_mapping(Outer, data)


@pytest.mark.parametrize(
    ("text", "message"), [("- 1\n- 2\n", "a mapping"), ("a: [1\n", "valid YAML"), (None, "an existing file")]
)
def test_a_file_without_a_mapping_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "x.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_yaml(path)
