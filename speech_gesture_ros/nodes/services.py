"""Services and requests of a configured node; stop and resume are available always (`stop`).

~/enable           std_srvs/SetBool   false: brake to rest and inhibit motion; true: move
~/interrupt        std_srvs/Trigger   no stop: audio not performed yet is dropped, the gesture ends as in a pause
~/reset            std_srvs/Trigger   drop all audio and requests
~/gesture_request  std_msgs/String    gestures by name
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from std_msgs.msg import String
from std_srvs.srv import SetBool, Trigger

from speech_gesture_ros.agent.agent_runner import AgentRunner
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.agent.worker import Worker

ENABLE_INHIBITOR = "enable"  # name of this motion inhibitor
DISABLED_REASON = "disabled by ~/enable"
MAX_ECHO = 80  # characters of a rejected request that its status repeats


class GestureServices:
    """Services and a subscription; the worker carries them out.

    Args:
        node: The node.
        runner: Runner of the agent.
        worker: Thread that owns the runner.
        set_inhibitor: Called with the name of an inhibitor and its reason; "" clears it.
        send_status: Called with the status of requests that are rejected because the node is not active.
        is_active: Returns True while the node is active.
    """

    def __init__(self, node: Any, runner: AgentRunner, worker: Worker, set_inhibitor: Callable[[str, str], None],
                 send_status: Callable[[RequestStatus], None], is_active: Callable[[], bool]) -> None:
        self._node, self._runner, self._worker = node, runner, worker
        self._set_inhibitor, self._send_status, self._is_active = set_inhibitor, send_status, is_active
        self._requests = node.create_subscription(String, "~/gesture_request", self._take_request, 50)
        self._services = [node.create_service(kind, name, serve) for kind, name, serve in (
            (SetBool, "~/enable", self._enable), (Trigger, "~/reset", self._reset),
            (Trigger, "~/interrupt", self._interrupt))]

    def close(self) -> None:
        """Destroy subscription and services."""
        self._node.destroy_subscription(self._requests)
        for service in self._services:
            self._node.destroy_service(service)

    def _take_request(self, message: String) -> None:
        now_ns = int(self._node.get_clock().now().nanoseconds)
        if self._is_active():
            self._worker.submit(lambda: self._runner.request(message.data, now_ns))
        else:
            self._send_status(RequestStatus("", message.data[:MAX_ECHO], "rejected", reason="the node is not active"))

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._set_inhibitor(ENABLE_INHIBITOR, "" if request.data else DISABLED_REASON)
        response.success, response.message = True, "enabled" if request.data else "disabled: braking to rest"
        return response

    def _reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        return self._submit(self._runner.reset, response, "all audio and requests dropped")

    def _interrupt(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        return self._submit(self._runner.interrupt, response, "audio dropped, the gesture ends as in a pause")

    def _submit(self, task: Callable[[], None], response: Trigger.Response, done: str) -> Trigger.Response:
        response.success = self._worker.submit(task)
        response.message = done if response.success else "not done, the model's queue is full: call again"
        return response
