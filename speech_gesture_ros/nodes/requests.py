"""What may be asked of the node while it is configured; stop and resume may be asked always (`stop`).

~/enable           std_srvs/SetBool   false: brake to rest, then silence; true: perform
~/interrupt        std_srvs/Trigger   no stop: audio that waits is forgotten, the gesture ends as in a pause
~/reset            std_srvs/Trigger   forget everything heard
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

DISABLED = "disabled by ~/enable"


class Requests:
    """Services and a topic; what they ask for is done by the worker.

    Args:
        node: The node.
        runner: Who does it.
        worker: The thread that owns the runner.
        set_inhibitor: Called with who wants the robot to stand still, and why; "" for no longer.
        refuse: Called with wishes for gestures that nobody hears, because the node is not active.
        is_performing: Whether the node is active.
    """

    def __init__(self, node: Any, runner: AgentRunner, worker: Worker, set_inhibitor: Callable[[str, str], None],
                 refuse: Callable[[RequestStatus], None], is_performing: Callable[[], bool]) -> None:
        self._node, self._runner, self._worker = node, runner, worker
        self._set_inhibitor, self._refuse, self._is_performing = set_inhibitor, refuse, is_performing
        self._wishes = node.create_subscription(String, "~/gesture_request", self._take_wish, 50)
        self._services = [node.create_service(kind, name, serve) for kind, name, serve in (
            (SetBool, "~/enable", self._enable), (Trigger, "~/reset", self._reset),
            (Trigger, "~/interrupt", self._interrupt))]

    def close(self) -> None:
        """Take topic and services back."""
        self._node.destroy_subscription(self._wishes)
        for service in self._services:
            self._node.destroy_service(service)

    def _take_wish(self, message: String) -> None:
        now_ns = int(self._node.get_clock().now().nanoseconds)
        if self._is_performing():
            self._worker.submit(lambda: self._runner.request(message.data, now_ns))
        else:
            self._refuse(RequestStatus("", message.data[:80], "rejected", reason="the node is not active"))

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        self._set_inhibitor("enable", "" if request.data else DISABLED)
        response.success = True
        response.message = "performing" if request.data else "braking to rest, then silent"
        return response

    def _reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        return self._answer(response, self._runner.reset, "forgot everything heard")

    def _interrupt(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        return self._answer(response, self._runner.interrupt, "the gesture ends as in a pause")

    def _answer(self, response: Trigger.Response, task: Callable[[], None], done: str) -> Trigger.Response:
        response.success = self._worker.submit(task)
        response.message = done if response.success else "the model is too busy: ask again"
        return response
