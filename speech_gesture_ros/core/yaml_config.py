"""Dataclasses from YAML files; an unknown key, a missing key and a wrong type are errors that name what is allowed."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.bounded_yaml import parse_yaml
from speech_gesture_ros.core.errors import ConfigError, InputError

T = TypeVar("T")

OTHER_KEYS = {"takes_other_keys": True}  # metadata of the dict field that takes the keys that are no field


MAX_CONFIG_BYTES = MIB
KIND = "configuration file"


def load_yaml(path: Path, max_bytes: int = MAX_CONFIG_BYTES) -> dict[str, Any]:
    """Read a YAML mapping.

    Args:
        path: The file.
        max_bytes: Bound of its size, which is checked before it is read [bytes].

    Raises:
        ConfigError: If the file is missing, too large, not YAML, too deep, or not a mapping.
    """
    try:
        data = parse_yaml(read_bounded(path, max_bytes, KIND).decode("utf-8-sig"))
    except InputError as error:
        raise ConfigError(error.thing, error.value, error.bound, error.remedy) from error
    except ValueError as error:  # not UTF-8, not YAML
        raise ConfigError(KIND, str(path), "valid YAML", str(error)) from error
    if not isinstance(data, dict):
        raise ConfigError(f"content of {path}", type(data).__name__, "a mapping", "Write 'key: value' lines.")
    return data


def from_mapping(cls: type[T], data: dict[str, Any], where: str = "configuration") -> T:
    """Return a dataclass built from a mapping; fields may be dataclasses, tuples and dicts, nested.

    Args:
        cls: A dataclass; its ``__post_init__`` may raise `ConfigError` for invalid combinations.
        data: Keys are field names.
        where: Prefix of error messages, usually the file.

    Raises:
        ConfigError: On an unknown key, a missing key or a value of the wrong type.
    """
    hints = get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    others = next((name for name, f in fields.items() if f.metadata.get("takes_other_keys")), None)
    if others is not None:
        del fields[others]
        values[others] = {key: value for key, value in data.items() if key not in fields}
    for key in data:
        if key not in fields and others is None:
            raise ConfigError(f"{where}: key", key, f"one of {sorted(fields)}", "Remove or rename it.")
    for name, field in fields.items():
        if name in data:
            values[name] = _convert(hints[name], data[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}: key {name!r}", None, "present", "Add it.")
    return cls(**values)


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return from_mapping(typing.cast("type[Any]", hint), value, where)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in args:
            return None
        return _convert(next(a for a in args if a is not type(None)), value, where)
    if origin is tuple and isinstance(value, (list, tuple)):
        inner = [args[0]] * len(value) if len(args) == 2 and args[1] is Ellipsis else list(args)
        if len(inner) != len(value):
            raise ConfigError(where, value, f"a list of {len(inner)} values", "Check the number of values.")
        return tuple(_convert(h, v, f"{where}[{i}]") for i, (h, v) in enumerate(zip(inner, value)))
    if origin is dict and isinstance(value, dict):
        return {k: _convert(args[1], v, f"{where}.{k}") for k, v in value.items()}
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _finite(value, where)
    if hint is Path and isinstance(value, (str, Path)):
        return Path(value)
    if hint is Any or (isinstance(hint, type) and type(value) is hint):
        return value
    raise ConfigError(where, value, f"of type {getattr(hint, '__name__', hint)}", "Check the value.")


def _finite(value: int | float, where: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ConfigError(where, value, "a finite number", "Correct the value.")
    return number
