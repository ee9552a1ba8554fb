from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from speech_gesture_ros.core import bounded_yaml
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


# -- hostile files -----------------------------------------------------------------------------------------------------


def alias_bomb(levels: int, width: int = 9) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    lines = ["m0: &m0 {k0: 1}"]
    lines += [f"m{i}: &m{i} {{<<: [{', '.join([f'*m{i - 1}'] * 9)}], k{i}: 1}}" for i in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(("text", "reason"), [
    (alias_bomb(9), "aliases add more than 10000 nodes"),
    (merge_bomb(9), "aliases add more than 10000 nodes"),
    ("a: &a [*a]", "the node 'a' contains itself"),
    ("a: &a {b: {c: *a}}", "the node 'a' contains itself"),
    ("a: " + "[" * 5000 + "]" * 5000, "nested deeper than 100"),
    ("\n".join(" " * i + "a:" for i in range(500)), "nested deeper than 100"),
    ("a: " + "9" * 5000, "valid YAML"),
    ("a: 2024-13-45", "month must be in 1..12"),
    ("a: !!python/object/apply:os.system ['true']", "valid YAML"),
    ("a: *nowhere", "undefined alias"),
    ("a: \x00", "valid YAML"),
    ("[a]: &x\n ? *x", "valid YAML"),
], ids=["aliases", "merges", "itself", "itself deeper", "flow depth", "block depth", "integer", "date", "tag", "anchor",
        "control character", "key"])
def test_hostile_yaml_is_refused_before_values_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str,
                                                        reason: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    if "nodes" in reason or "nested" in reason or "itself" in reason:
        monkeypatch.setattr(bounded_yaml.yaml, "load", None)
    with pytest.raises(ConfigError, match=reason) as refused:
        load_yaml(tmp_path / "x.yaml")
    assert len(str(refused.value)) < 2000
    assert "\n" not in str(refused.value)


def test_an_alias_used_as_intended_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("base: &base {velocity: 1.0}\nleft: {<<: *base, name: l}\nright: *base\n")
    data = load_yaml(tmp_path / "x.yaml")
    assert data["left"] == {"velocity": 1.0, "name": "l"}
    assert data["right"] == {"velocity": 1.0}


def test_angles_with_a_unit_are_radians(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: !degrees 180\nb: !degrees -90.0\nc: !radians 1.5\n")
    assert load_yaml(path) == pytest.approx({"a": math.pi, "b": -math.pi / 2, "c": 1.5})
    path.write_text("a: !degrees many\n")
    with pytest.raises(ConfigError, match="must be a number"):
        load_yaml(path)


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "x.yaml").open("wb") as file:
        file.truncate(2**40)  # a hole
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(ConfigError, match=r"size of .*x.yaml is '1048576.0 MiB', must be at most 1 MiB"):
        load_yaml(tmp_path / "x.yaml")


def test_a_folder_and_an_endless_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be an existing file"):
        load_yaml(tmp_path)
    with pytest.raises(ConfigError, match="must be an existing file"):
        load_yaml(Path("/dev/zero"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"inner: gain is .*, must be a finite number"):
        from_mapping(Outer, {"inner": {"gain": value}})
