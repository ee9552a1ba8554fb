"""Parameters as data: a settings dataclass is the table that declares, checks, reads and documents them.

@dataclass(frozen=True)
class MySettings:
rate_hz: float = parameter(20.0, "How often.", low=1.0, high=100.0)

declare(node, MySettings)     descriptors with description and range; wrong values are refused with a reason
read(node, MySettings)        a frozen, typed MySettings
rows(MySettings)              the same as rows, for the reference page and the default YAML
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from speech_gesture_ros.core.errors import ConfigError

T = TypeVar("T")

KINDS: dict[type, str] = {bool: "bool", int: "integer", float: "double", str: "string"}


_REMEDY = "Correct the launch argument or the parameter file."


@dataclass(frozen=True)
class Row:
    """One parameter.

    Attributes:
        name: Dotted ROS name.
        attribute: Field of the settings dataclass.
        kind: bool, int, float or str.
        default: Value if none is given.
        description: One line for people.
        low: Smallest value, None for no bound.
        high: Largest value.
        choices: The only values allowed; empty for any.
        is_live: Whether a running node takes a new value at once; all others are taken when it is configured.
        check: Raises `ConfigError` for a value that its type and bounds do not rule out; None for nothing more.
    """

    name: str
    attribute: str
    kind: type
    default: Any
    description: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    is_live: bool
    check: Callable[[Any], object] | None

    @property
    def bounds(self) -> str:
        """The values allowed, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        return "any"

    def fault(self, value: object) -> str | None:
        """Why a value cannot be taken; None if it can."""
        is_wrong = isinstance(value, float) and not math.isfinite(value)
        is_wrong |= bool(self.choices) and value not in self.choices
        if self.low is not None and self.high is not None and isinstance(value, (int, float)):
            is_wrong |= not self.low <= value <= self.high
        if is_wrong:
            return f"parameter {self.name!r} is {value!r}, must be {self.bounds}"
        try:
            if self.check is not None:
                self.check(value)
        except ConfigError as error:
            return f"parameter {self.name!r}: {error}"
        return None


def parameter(default: T, description: str, *, name: str = "", low: float | None = None, high: float | None = None,
              choices: tuple[str, ...] = (), is_live: bool = False, check: Callable[[T], object] | None = None) -> T:
    """A field of a settings dataclass; `name` only where the ROS name has dots."""
    metadata = {"name": name, "description": description, "low": low, "high": high, "choices": choices,
                "is_live": is_live, "check": check}
    made: T = field(default=default, metadata=metadata)
    return made


def rows(settings: type) -> tuple[Row, ...]:
    """The table of a settings dataclass."""
    hints = get_type_hints(settings)
    return tuple(
        Row(**{**f.metadata, "name": f.metadata["name"] or f.name}, attribute=f.name, kind=hints[f.name],
            default=f.default)
        for f in dataclasses.fields(settings)
    )


def from_text(settings: type, name: str, text: str) -> bool | int | float | str:
    """The value of a parameter that was given as text, a launch argument say.

    Raises:
        ConfigError: If it is not of the parameter's type, or out of bounds.
    """
    row = next(row for row in rows(settings) if row.name == name)
    try:
        value = {"true": True, "false": False}[text.strip().lower()] if row.kind is bool else row.kind(text)
    except (KeyError, ValueError):
        bound = "true or false" if row.kind is bool else f"{KINDS[row.kind]}, {row.bounds}"
        raise ConfigError(f"parameter {name!r}", text, bound, _REMEDY) from None
    if row.fault(value):
        raise ConfigError(f"parameter {name!r}", value, row.bounds, _REMEDY)
    made: bool | int | float | str = value
    return made


def declare(node: Any, settings: type, is_locked: Callable[[], bool] = lambda: False) -> None:
    """Declare all parameters of a node; from now on wrong values are refused with a reason.

    Args:
        node: A `rclpy.node.Node`.
        settings: The dataclass.
        is_locked: Whether the node has taken its settings, so that only live ones may change.
    """
    from rcl_interfaces.msg import (
        FloatingPointRange,
        IntegerRange,
        ParameterDescriptor,
        SetParametersResult,
    )

    table = {row.name: row for row in rows(settings)}

    def check(parameters: Iterable[Any]) -> Any:
        for given in parameters:
            row = table.get(given.name)
            if row is None:
                continue
            fault = row.fault(given.value)
            if not fault and not row.is_live and is_locked():
                fault = f"parameter {row.name!r} is taken at configure: clean up the node first, then set it"
            if fault:
                return SetParametersResult(successful=False, reason=fault)
        return SetParametersResult(successful=True)

    for row in table.values():
        descriptor = ParameterDescriptor(description=row.description, additional_constraints=row.bounds)
        if row.low is not None and row.high is not None:
            if row.kind is float:
                descriptor.floating_point_range = [
                    FloatingPointRange(from_value=float(row.low), to_value=float(row.high))]
            else:
                descriptor.integer_range = [
                    IntegerRange(from_value=int(row.low), to_value=int(row.high), step=1)]
        _declare_one(node, row, descriptor)
    node.add_on_set_parameters_callback(check)


def _declare_one(node: Any, row: Row, descriptor: Any) -> None:
    from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException

    try:
        given = node.declare_parameter(row.name, row.default, descriptor).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        raise ConfigError(f"parameter {row.name!r}", "out of type or range",
                          f"{KINDS[row.kind]}, {row.bounds}", f"{_REMEDY} ({error})") from error
    if row.fault(given):
        raise ConfigError(f"parameter {row.name!r}", given, row.bounds, _REMEDY)


def read(node: Any, settings: type[T]) -> T:
    """The values now, typed."""
    return settings(**{row.attribute: row.kind(node.get_parameter(row.name).value) for row in rows(settings)})
