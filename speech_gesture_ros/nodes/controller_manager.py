"""Whether our controllers are active, as ros2_control's managers say: asked about once a second.

    <namespace>/controller_manager/list_controllers ──► inactive ──► a reason to stand still, told once

An inactive controller listens and does not move. Were it activated in the middle of our motion it would jump there; so
the robot is entered when it is active, from where it is. What no manager lists is not judged: not everything on our
topics is a ros2_control controller.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.nodes.outputs.message_types import message_type

log = logging.getLogger(__name__)

ACTIVE = "active"
SERVICE = "{}/controller_manager/list_controllers"


class ControllerManagers:
    """Asks the manager in the namespace of each controller.

    Args:
        node: The node.
        names: Full names of the controllers.

    Attributes:
        states: What was said last of each controller, as "active" or "inactive"; those not listed are missing.
    """

    def __init__(self, node: Any, names: Iterable[str]) -> None:
        self._node = node
        self._ours: dict[str, list[str]] = {}  # service to controllers
        self._waiting: dict[str, Any] = {}  # service to the answer that is to come
        self._clients: dict[str, Any] = {}
        self._told: dict[str, str] = {}
        self.states: Mapping[str, str] = {}
        for name in names:
            self._ours.setdefault(SERVICE.format(name.rpartition("/")[0]), []).append(name)
        if not self._ours:
            return
        try:
            kind = message_type("controller_manager_msgs/srv/ListControllers")
        except MissingDependencyError:
            log.info("controller_manager_msgs is not installed: nobody tells whether controllers are active")
            return
        self._request = kind.Request()
        self._clients = {service: node.create_client(kind, service) for service in self._ours}

    @property
    def reason(self) -> str:
        """Which controllers are not active; "" if none is known to be so. For any thread."""
        idle = [name for name, state in self.states.items() if state != ACTIVE]
        if not idle:
            return ""
        return f"not active: {', '.join(idle)} (ros2 control set_controller_state {idle[0].rpartition('/')[2]} active)"

    def look(self) -> None:
        """Ask; call about once a second."""
        for service, client in self._clients.items():
            if not client.service_is_ready():
                self._waiting.pop(service, None)
                self._take(service, {})
            elif service not in self._waiting:
                self._waiting[service] = answer = client.call_async(self._request)
                answer.add_done_callback(partial(self._take_answer, service))

    def close(self) -> None:
        """Ask no longer."""
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._clients = {}

    def _take_answer(self, service: str, answer: Any) -> None:
        if answer in self._waiting.values():  # otherwise its manager was gone in between
            del self._waiting[service]
            self._take_list(service, answer)

    def _take_list(self, service: str, answer: Any) -> None:
        result = None if answer.exception() else answer.result()
        if result is not None:
            self._take(service, {controller.name: controller.state for controller in result.controller})

    def _take(self, service: str, listed: Mapping[str, str]) -> None:
        said = {name: listed.get(name.rpartition("/")[2]) for name in self._ours[service]}
        self.states = {name: state for name, state in {**self.states, **said}.items() if state is not None}
        for name, state in self.states.items():
            if self._told.get(name) != state:
                self._told[name] = state
                log.log(logging.INFO if state == ACTIVE else logging.WARNING, "controller %s is %s", name, state)
