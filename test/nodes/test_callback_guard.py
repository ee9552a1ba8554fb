"""Errors in callbacks are counted and logged in one line, and the node goes on."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.node import Node
from rclpy.parameter import Parameter
from std_msgs.msg import String
from std_srvs.srv import Trigger

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes import running
from speech_gesture_ros.nodes.callback_guard import LOG_PERIOD_S, CallbackGuard, GuardedCallbacks


class GuardedNode(GuardedCallbacks, Node):
    """Fails in every callback."""

    def __init__(self) -> None:
        super().__init__("guarded")
        self.taken: list[str] = []
        self.declare_parameter("value", 1.0)
        self.create_subscription(String, "text", self._take, 10)
        self.create_service(Trigger, "serve", self._serve)
        self.create_service(Trigger, "serve_later", self._serve_later)

    def _take(self, message: String) -> None:
        self.taken.append(message.data)
        if message.data == "hostile":
            raise RecursionError("x" * 10_000)

    def _serve(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        raise ValueError("Exceeds the limit (4300 digits)")

    async def _serve_later(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._serve(request, response)


def fail() -> None:
    raise KeyError("limit")


def test_errors_are_counted_and_one_of_each_minute_is_logged_in_one_line(caplog):
    now_ns = 0
    guard = CallbackGuard(lambda: now_ns)
    callback = guard.wrap("joint_states", fail)
    for _ in range(1000):
        callback()
    assert guard.counts == {"joint_states": 1000}
    now_ns = round(LOG_PERIOD_S * NS) + 1
    callback()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        """joint_states refused, 1 so far: KeyError: "'limit'\"""",
        """joint_states refused, 1001 so far: KeyError: "'limit'\""""]


def test_a_node_goes_on_after_errors_in_a_subscription_and_a_service(graph, caplog):
    node, other = graph.add(GuardedNode()), graph.add(Node("other"))
    publisher, client = other.create_publisher(String, "text", 10), other.create_client(Trigger, "serve")
    graph.until(publisher.get_subscription_count, what="the subscription")
    publisher.publish(String(data="hostile"))
    publisher.publish(String(data="usual"))
    graph.until(lambda: len(node.taken) == 2, what="both messages")
    answer = graph.call(client, Trigger.Request())
    assert not answer.success
    assert answer.message == "ValueError: 'Exceeds the limit (4300 digits)'"
    assert graph.call(other.create_client(Trigger, "serve_later"), Trigger.Request()) == answer
    assert node.guard.counts == {"text": 1, "serve": 1, "serve_later": 1}
    assert all(len(record.getMessage()) < 500 for record in caplog.records)


def test_services_of_parameters_answer_also_when_a_check_fails(graph):
    from rcl_interfaces.srv import SetParameters

    node, other = graph.add(GuardedNode()), graph.add(Node("other"))
    node.add_on_set_parameters_callback(lambda parameters: fail())
    client = other.create_client(SetParameters, "guarded/set_parameters")
    graph.call(client, SetParameters.Request(parameters=[Parameter("value", value=2.0).to_parameter_msg()]))
    assert sum(node.guard.counts.values()) == 1
    assert node.get_parameter("value").value == 1.0


class BrokenExecutor:
    """Fails a number of times, then the node is no longer wanted."""

    def __init__(self, errors: int) -> None:
        self.left = errors

    def spin_once(self, timeout_sec: float) -> None:
        self.left -= 1
        raise RuntimeError("failed to take a message")


def test_errors_outside_callbacks_are_counted(caplog):
    executor, guard = BrokenExecutor(running.MAX_ERRORS - 1), CallbackGuard()
    running._spin(executor, guard, lambda: executor.left > 0)
    assert guard.counts == {"message": running.MAX_ERRORS - 1}
    assert len(caplog.records) == 1


def test_a_process_in_which_nothing_succeeds_any_more_ends_so_that_launch_starts_it_again():
    executor = BrokenExecutor(10 * running.MAX_ERRORS)
    with pytest.raises(RuntimeError, match="failed to take"):
        running._spin(executor, CallbackGuard(), lambda: True)
