"""Parameters as data: a settings dataclass declares, checks, reads and documents the parameters of a node.

@dataclass(frozen=True)
class MySettings:
rate_hz: float = parameter(20.0, "Publishing rate [Hz].", low=1.0, high=100.0)

declare(node, MySettings)      descriptors with description and range; wrong values are refused with a reason
read(node, MySettings)         a frozen, typed MySettings
parameter_rows(MySettings)     the table, for the reference page and the default YAML
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from speech_gesture_ros.core.errors import ConfigError, shown

T = TypeVar("T")

TYPE_NAMES: dict[type, str] = {bool: "bool", int: "integer", float: "double", str: "string"}

log = logging.getLogger(__name__)

ROS_PARAMETERS = ("use_sim_time", "start_type_description_service")  # every node has them
ROS_PREFIXES = ("qos_overrides.", "diagnostic_updater.")
PARAMETER_REMEDY = "Correct the launch argument or the parameter file."


@dataclass(frozen=True)
class ParameterRow:
    """One parameter.

    Attributes:
        name: Dotted ROS name.
        attribute: Field of the settings dataclass.
        kind: bool, int, float or str.
        default: Default value.
        description: One line.
        low: Smallest value; None for no bound.
        high: Largest value; None for no bound.
        choices: Allowed values; empty for any.
        is_live: True if a running node takes a new value at once; others are read at configure.
        check: Raises `ConfigError` for a wrong value inside type and bounds; None for no such check.
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
        """Allowed values as text."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        return "any"

    def bounds_for(self, value: object) -> str:
        """Return the allowed values as text, as the check of a wrong value states them."""
        try:
            if self.check is not None:
                self.check(value)
        except ConfigError as error:
            return error.bound
        return self.bounds

    def fault(self, value: object) -> str | None:
        """Return an error for a value that is not allowed, None for one that is."""
        if self.kind is float and (isinstance(value, bool) or not isinstance(value, (int, float))):
            return f"parameter {self.name!r} is {shown(value)}, must be {TYPE_NAMES[float]}, {self.bounds}"
        is_wrong = isinstance(value, float) and not math.isfinite(value)
        is_wrong |= bool(self.choices) and value not in self.choices
        if self.low is not None and self.high is not None and isinstance(value, (int, float)):
            is_wrong |= not self.low <= value <= self.high
        if is_wrong:
            return f"parameter {self.name!r} is {shown(value)}, must be {self.bounds}"
        try:
            if self.check is not None:
                self.check(value)
        except ConfigError as error:
            return f"parameter {self.name!r}: {error}"
        return None


def parameter(default: T, description: str, *, name: str = "", low: float | None = None, high: float | None = None,
              choices: tuple[str, ...] = (), is_live: bool = False, check: Callable[[T], object] | None = None) -> T:
    """Return a field of a settings dataclass; `name` only where the ROS name has dots."""
    metadata = {"name": name, "description": description, "low": low, "high": high, "choices": choices,
                "is_live": is_live, "check": check}
    made: T = field(default=default, metadata=metadata)
    return made


def parameter_rows(settings: type) -> tuple[ParameterRow, ...]:
    """Return the parameters of a settings dataclass."""
    return _rows(settings)


@functools.cache
def _rows(settings: type) -> tuple[ParameterRow, ...]:
    hints = get_type_hints(settings)
    return tuple(
        ParameterRow(**{**f.metadata, "name": f.metadata["name"] or f.name}, attribute=f.name, kind=hints[f.name],
            default=f.default)
        for f in sorted(dataclasses.fields(settings), key=lambda f: f.name not in settings.__annotations__)
    )


def from_text(settings: type, name: str, text: str) -> bool | int | float | str:
    """Return the value of a parameter that was given as text, for example by a launch argument.

    Raises:
        ConfigError: If it is not of the parameter's type, or out of bounds.
    """
    row = next(row for row in parameter_rows(settings) if row.name == name)
    try:
        value = {"true": True, "false": False}[text.strip().lower()] if row.kind is bool else row.kind(text)
    except (KeyError, ValueError):
        bound = "true or false" if row.kind is bool else f"{TYPE_NAMES[row.kind]}, {row.bounds}"
        raise ConfigError(f"parameter {name!r}", text, bound, PARAMETER_REMEDY) from None
    if row.fault(value):
        raise ConfigError(f"parameter {name!r}", value, row.bounds_for(value), PARAMETER_REMEDY)
    made: bool | int | float | str = value
    return made


def declare(node: Any, settings: type, is_locked: Callable[[], bool] = lambda: False) -> None:
    """Declare all parameters of a node; wrong values are refused with a reason.

    Args:
        node: A `rclpy.node.Node`.
        settings: The dataclass.
        is_locked: Returns True while only live parameters may change.
    """
    from rcl_interfaces.msg import (
        FloatingPointRange,
        IntegerRange,
        ParameterDescriptor,
        SetParametersResult,
    )

    table = {row.name: row for row in parameter_rows(settings)}

    def check(parameters: Iterable[Any]) -> Any:
        for given in parameters:
            row = table.get(given.name)
            if row is None:
                continue
            fault = row.fault(given.value)
            if not fault and not row.is_live and is_locked():
                fault = f"parameter {row.name!r} is read at configure: clean up the node first, then set it"
            if fault:
                return SetParametersResult(successful=False, reason=fault)
        return SetParametersResult(successful=True)

    for row in table.values():
        # Numbers without a point are integers to ROS: `ros2 param set ... 1` must set a double as well.
        descriptor = ParameterDescriptor(description=row.description, additional_constraints=row.bounds,
                                         dynamic_typing=row.kind is float)
        if row.low is not None and row.high is not None:
            if row.kind is float:
                descriptor.floating_point_range = [
                    FloatingPointRange(from_value=float(row.low), to_value=float(row.high))]
            else:
                descriptor.integer_range = [
                    IntegerRange(from_value=int(row.low), to_value=int(row.high), step=1)]
        _declare_one(node, row, descriptor)
    node.add_on_set_parameters_callback(check)
    _warn_of_unknown(node.get_name(), getattr(node, "_parameter_overrides", {}), table)


def _warn_of_unknown(node_name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Log parameters of the command line, a file or launch that the node does not have."""
    known = list(known)
    for name in sorted(set(given) - set(known)):
        if name in ROS_PARAMETERS or name.startswith(ROS_PREFIXES):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f": is {near[0]!r} meant?" if near else ""
        log.warning("unknown parameter %r of %s is ignored%s", name, node_name, hint)


def _declare_one(node: Any, row: ParameterRow, descriptor: Any) -> None:
    from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException

    try:
        given = node.declare_parameter(row.name, row.default, descriptor).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        raise ConfigError(f"parameter {row.name!r}", "out of type or range",
                          f"{TYPE_NAMES[row.kind]}, {row.bounds}", f"{PARAMETER_REMEDY} ({error})") from error
    if row.fault(given):
        raise ConfigError(f"parameter {row.name!r}", given, row.bounds_for(given), PARAMETER_REMEDY)


def read(node: Any, settings: type[T]) -> T:
    """Return the present values."""
    return settings(**{row.attribute: row.kind(node.get_parameter(row.name).value) for row in parameter_rows(settings)})
