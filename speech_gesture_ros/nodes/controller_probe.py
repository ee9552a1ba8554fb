"""Whether the controllers are set up to follow us: asked once, at activation, and told in one line.

    <controller>/get_parameters ◄── one name a request ──┐   a stock controller answers nothing at all
                                                          └── to a request with one name it does not know
Nothing waits for the answers: the robot moves meanwhile, and a controller that does not answer is said to. Why each
setting matters: docs/controllers.md.
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
from speech_gesture_ros.robot.command_interfaces.shipped import FORWARD

log = logging.getLogger(__name__)

Values = Mapping[str, "bool | tuple[str, ...] | str"]

REPLACES = "allow_trajectory_replacement"
FROM_DESIRED = ("interpolate_from_desired_state", "open_loop_control")  # the latter on Humble
NAMES = ("joints", "interface_name", REPLACES, *FROM_DESIRED, "allow_nonzero_velocity_at_trajectory_end")
PATIENCE_S = 5.0  # how long answers are waited for
LOOK_S = 0.1
FIELDS = {ParameterType.PARAMETER_BOOL: "bool_value", ParameterType.PARAMETER_STRING: "string_value",
          ParameterType.PARAMETER_STRING_ARRAY: "string_array_value"}


def faults(controller: Controller, values: Values) -> list[str]:
    """What should be changed at a controller that has these parameters, one line each."""
    found = []
    joints = values.get("joints")
    if isinstance(joints, tuple) and joints:
        ours, theirs = set(controller.joints), set(joints)
        if ours != theirs:
            found.append(f"its joints are not ours (only there: {_listed(theirs - ours)}; only here: "
                         f"{_listed(ours - theirs)}): it will refuse all we send; correct the profile")
        elif controller.interface == FORWARD and joints != controller.joints:
            found.append(f"its joints come in another order ({', '.join(joints)}): correct commands/order in the "
                         "profile, or joints will be mistaken for each other")
    if controller.interface == FORWARD and values.get("interface_name", "position") != "position":
        found.append(f"interface_name is {values['interface_name']!r}: it must be 'position'")
    if values.get(REPLACES) is True:
        found.append("set allow_trajectory_replacement to false: every window is replayed late, from its first point")
    from_desired = [values[name] for name in FROM_DESIRED if name in values]
    if not controller.is_stamped and from_desired and True not in from_desired:
        found.append(f"set {FROM_DESIRED[0]} (Humble: {FROM_DESIRED[1]}) to true: goals that begin when they arrive "
                     "begin where the robot is measured, which is behind where it was told to be")
    return found


def _capabilities(values: Values) -> str:
    said = [f"{name} {str(values[name]).lower()}" for name in (REPLACES, *FROM_DESIRED) if name in values]
    return f" ({', '.join(said)})" if said else ""


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


class ControllerProbe:
    """Asks all controllers for their parameters, without waiting.

    Args:
        node: The node.
        controllers: Whom to ask.
        on_done: Called once, when all have answered or time is up, with whether all is well, the line that tells it,
            and everything that was found, by controller and parameter.
    """

    def __init__(self, node: Any, controllers: Iterable[Controller],
                 on_done: Callable[[bool, str, dict[str, dict[str, str]]], None]) -> None:
        self._node, self._on_done = node, on_done
        self._controllers = tuple(controllers)
        self._values: dict[str, dict[str, Any]] = {c.name: {} for c in self._controllers}
        self._clients = {c.name: node.create_client(GetParameters, f"{c.name}/get_parameters")
                         for c in self._controllers}
        self._asked: dict[str, set[str]] = {}
        self._end_s = time.monotonic() + PATIENCE_S
        self._timer: Any = node.create_timer(LOOK_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def close(self) -> None:
        """Ask no longer."""
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._clients = {}

    def _look(self) -> None:
        for name, client in self._clients.items():
            if name not in self._asked and client.service_is_ready():
                self._asked[name] = set(NAMES)
                for parameter in NAMES:
                    future = client.call_async(GetParameters.Request(names=[parameter]))
                    future.add_done_callback(partial(self._take, name, parameter))
        is_complete = all(name in self._asked and not self._asked[name] for name in self._values)
        if is_complete or time.monotonic() > self._end_s:
            self.close()
            self._tell()

    def _take(self, name: str, parameter: str, future: Any) -> None:
        self._asked[name].discard(parameter)
        values: list[ParameterValue] = [] if future.exception() else future.result().values
        if values and values[0].type in FIELDS:
            value = getattr(values[0], FIELDS[values[0].type])
            self._values[name][parameter] = value if isinstance(value, (bool, str)) else tuple(value)

    def _tell(self) -> None:
        lines, is_well = [], True
        for controller in self._controllers:
            name = controller.name
            if name not in self._asked:
                lines.append(f"{name} does not answer (no {name}/get_parameters)")
                is_well = False
                continue
            found = faults(controller, self._values[name])
            is_well &= not found
            lines.append(f"{name}: {'; '.join(found)}" if found else
                         f"{name} is well set up{_capabilities(self._values[name])}")
        values = {name: {key: _text(value) for key, value in said.items()} for name, said in self._values.items()}
        self._on_done(is_well, " | ".join(lines), values)


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
