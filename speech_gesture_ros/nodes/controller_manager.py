"""Activity of the commanded controllers, as reported by the ros2_control managers about once a second.

    <namespace>/controller_manager/list_controllers ──► inactive ──► a motion inhibitor, logged once

An inactive controller receives commands and does not move. If it were activated in the middle of a motion it would jump
there; so the robot is engaged once the controller is active. Controllers that no manager lists are not judged: a topic
need not belong to ros2_control.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.nodes.outputs.message_types import message_type

log = logging.getLogger(__name__)

ACTIVE_STATE = "active"  # controller_manager_msgs/ControllerState
LIST_SERVICE = "{}/controller_manager/list_controllers"


class ControllerManagers:
    """Client of the manager in the namespace of each controller.

    Args:
        node: The node.
        names: Full names of the controllers.

    Attributes:
        states: Latest state of each controller, as "active" or "inactive"; controllers that are not listed are missing.
    """

    def __init__(self, node: Any, names: Iterable[str]) -> None:
        self._node = node
        self._names: dict[str, list[str]] = {}  # service to controllers
        self._pending: dict[str, Any] = {}  # service to its future
        self._clients: dict[str, Any] = {}
        self._logged: dict[str, str] = {}
        self.states: Mapping[str, str] = {}
        for name in names:
            self._names.setdefault(LIST_SERVICE.format(name.rpartition("/")[0]), []).append(name)
        if not self._names:
            return
        try:
            kind = message_type("controller_manager_msgs/srv/ListControllers")
        except MissingDependencyError:
            log.info("controller_manager_msgs is not installed: inactive controllers are not detected")
            return
        self._request = kind.Request()
        self._clients = {service: node.create_client(kind, service) for service in self._names}

    @property
    def reason(self) -> str:
        """Controllers that are not active; "" if there are none. For any thread."""
        idle = [name for name, state in self.states.items() if state != ACTIVE_STATE]
        if not idle:
            return ""
        return f"not active: {', '.join(idle)} (ros2 control set_controller_state {idle[0].rpartition('/')[2]} active)"

    def poll(self) -> None:
        """Request the states; call about once a second."""
        for service, client in self._clients.items():
            if not client.service_is_ready():
                self._pending.pop(service, None)
                self._update(service, {})
            elif service not in self._pending:
                self._pending[service] = future = client.call_async(self._request)
                future.add_done_callback(partial(self._take_answer, service))

    def close(self) -> None:
        """Destroy the clients."""
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._clients = {}

    def _take_answer(self, service: str, future: Any) -> None:
        if future not in self._pending.values():  # the manager ended in between
            return
        del self._pending[service]
        result = None if future.exception() else future.result()
        if result is not None:
            self._update(service, {controller.name: controller.state for controller in result.controller})

    def _update(self, service: str, listed: Mapping[str, str]) -> None:
        """Take the states that a manager lists; the other controllers of its namespace become unknown."""
        found = {name: listed.get(name.rpartition("/")[2]) for name in self._names[service]}
        self.states = {name: state for name, state in {**self.states, **found}.items() if state is not None}
        for name, state in self.states.items():
            if self._logged.get(name) != state:
                self._logged[name] = state
                log.log(logging.INFO if state == ACTIVE_STATE else logging.WARNING, "controller %s is %s", name, state)
