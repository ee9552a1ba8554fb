"""Check of the controllers' parameters: requested once at activation, reported in one line.

    <controller>/get_parameters ◄── one request for each parameter ──┐   to a request with one unknown name
                                                                      └── a stock controller answers nothing at all
The robot moves meanwhile; a controller that does not answer is reported. Reasons for each setting: docs/controllers.md.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from rcl_interfaces.msg import ParameterType, ParameterValue
from rcl_interfaces.srv import GetParameters
from rclpy.clock import Clock, ClockType

from speech_gesture_ros.nodes.controllers import Controller
from speech_gesture_ros.robot.command_interfaces.shipped import FORWARD_INTERFACE

log = logging.getLogger(__name__)

Values = Mapping[str, "bool | tuple[str, ...] | str"]

REPLACEMENT_PARAMETER = "allow_trajectory_replacement"
FROM_DESIRED_PARAMETERS = ("interpolate_from_desired_state", "open_loop_control")  # the latter on Humble
REQUESTED_PARAMETERS = ("joints", "interface_name", REPLACEMENT_PARAMETER, *FROM_DESIRED_PARAMETERS,
                        "allow_nonzero_velocity_at_trajectory_end")
ANSWER_TIMEOUT_S = 5.0
POLL_PERIOD_S = 0.1
VALUE_FIELDS = {ParameterType.PARAMETER_BOOL: "bool_value", ParameterType.PARAMETER_STRING: "string_value",
                ParameterType.PARAMETER_STRING_ARRAY: "string_array_value"}


def parameter_faults(controller: Controller, values: Values) -> list[str]:
    """Return what must be changed at a controller with these parameters, one line each."""
    found = []
    joints = values.get("joints")
    if isinstance(joints, tuple) and joints:
        expected, present = set(controller.joints), set(joints)
        if expected != present:
            found.append(f"its joints are not those of the profile (only there: {_listed(present - expected)}; only "
                         f"here: {_listed(expected - present)}): it will reject all commands; correct the profile")
        elif controller.interface == FORWARD_INTERFACE and joints != controller.joints:
            found.append(f"its joints have another order ({', '.join(joints)}): correct commands/order in the profile, "
                         "or joints are commanded with each other's positions")
    if controller.interface == FORWARD_INTERFACE and values.get("interface_name", "position") != "position":
        found.append(f"interface_name is {values['interface_name']!r}: it must be 'position'")
    if values.get(REPLACEMENT_PARAMETER) is True:
        found.append("set allow_trajectory_replacement to false: every window is replayed late, from its first point")
    from_desired = [values[name] for name in FROM_DESIRED_PARAMETERS if name in values]
    if not controller.is_stamped and from_desired and True not in from_desired:
        newer, humble = FROM_DESIRED_PARAMETERS
        found.append(f"set {newer} (Humble: {humble}) to true: goals that begin when they arrive "
                     "begin at the measured position, which lags behind the commanded one")
    return found


def _capabilities(values: Values) -> str:
    names = (REPLACEMENT_PARAMETER, *FROM_DESIRED_PARAMETERS)
    found = [f"{name} {str(values[name]).lower()}" for name in names if name in values]
    return f" ({', '.join(found)})" if found else ""


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


class ControllerProbe:
    """Requests the parameters of all controllers, without waiting.

    Args:
        node: The node.
        controllers: The controllers.
        on_done: Called once, when all have answered or time is up, with: True if there is nothing to change, the line
            that reports the result, and all values by controller and parameter.
    """

    def __init__(self, node: Any, controllers: Iterable[Controller],
                 on_done: Callable[[bool, str, dict[str, dict[str, str]]], None]) -> None:
        self._node, self._on_done = node, on_done
        self._controllers = tuple(controllers)
        self._values: dict[str, dict[str, Any]] = {c.name: {} for c in self._controllers}
        self._clients = {c.name: node.create_client(GetParameters, f"{c.name}/get_parameters")
                         for c in self._controllers}
        self._pending: dict[str, set[str]] = {}  # controller to the parameters it has not answered for
        self._end_s = time.monotonic() + ANSWER_TIMEOUT_S
        self._timer: Any = node.create_timer(POLL_PERIOD_S, self._poll, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Destroy timer and clients."""
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._clients = {}

    def _poll(self) -> None:
        for name, client in self._clients.items():
            if name not in self._pending and client.service_is_ready():
                self._pending[name] = set(REQUESTED_PARAMETERS)
                for parameter in REQUESTED_PARAMETERS:
                    future = client.call_async(GetParameters.Request(names=[parameter]))
                    future.add_done_callback(partial(self._take, name, parameter))
        is_complete = all(name in self._pending and not self._pending[name] for name in self._values)
        if is_complete or time.monotonic() > self._end_s:
            self.close()
            self._report()

    def _take(self, name: str, parameter: str, future: Any) -> None:
        self._pending[name].discard(parameter)
        values: list[ParameterValue] = [] if future.exception() else future.result().values
        if values and values[0].type in VALUE_FIELDS:
            value = getattr(values[0], VALUE_FIELDS[values[0].type])
            self._values[name][parameter] = value if isinstance(value, (bool, str)) else tuple(value)

    def _report(self) -> None:
        lines, is_well = [], True
        for controller in self._controllers:
            name = controller.name
            if name not in self._pending:
                lines.append(f"{name} does not answer (no {name}/get_parameters)")
                is_well = False
                continue
            found = parameter_faults(controller, self._values[name])
            is_well &= not found
            lines.append(f"{name}: {'; '.join(found)}" if found else
                         f"{name} is configured correctly{_capabilities(self._values[name])}")
        values = {name: {key: _text(value) for key, value in found.items()} for name, found in self._values.items()}
        self._on_done(is_well, " | ".join(lines), values)


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
