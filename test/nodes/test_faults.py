"""Everything that may go wrong, on the whole node over real DDS: rest, one word about it, and a slow way back.

What the node publishes is recorded with the instant at which it does; what a robot makes of it follows, however busy
this machine is. test_watchdogs.py has the same faults in counted time.
"""

from __future__ import annotations

import logging
import time
from functools import partial

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from speech_gesture_ros.agent import fault_report
from speech_gesture_ros.agent.agent_runner import AgentRunner
from speech_gesture_ros.control.command_stream import sample
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT

STEP_NS = NS // 200
ENTRY = 0.5 * (1 + 1e-3)  # [rad/s]
ENTRY_NS = 46 * NS // 100  # what is entered must be slow for half a second, less the first knots
STOP_NS, BRAKE_NS = NS // 10, 8 * NS // 10  # the promise, and the longest brake there is
OF_A_BUSY_MACHINE = ("no audio for", "audio were lost", "late window", "messages were lost")


class Tape:
    """Windows that the node sends, and the instants at which it applies an inhibitor."""

    def __init__(self, node, monkeypatch) -> None:
        self.windows: list[tuple[int, Window]] = []
        self.stops: list[int] = []
        send, apply_inhibitors = GestureOutputs.send_window, AgentRunner.apply_inhibitors

        def record_window(outputs: GestureOutputs, window: Window) -> bool:
            self.windows.append((now_ns(node), window))
            return send(outputs, window)

        def record_stop(runner: AgentRunner) -> None:
            if runner.agent.inhibitors.reasons():
                self.stops.append(now_ns(node))
            apply_inhibitors(runner)

        monkeypatch.setattr(GestureOutputs, "send_window", record_window)
        monkeypatch.setattr(AgentRunner, "apply_inhibitors", record_stop)

    def commanded(self, begin_ns: int, end_ns: int) -> tuple[np.ndarray, np.ndarray]:
        """Instants (T,) [ns] and the highest speed of any joint then [rad/s]."""
        times = np.arange(begin_ns, end_ns, STEP_NS)
        published = np.array([at_ns for at_ns, _ in self.windows])
        rows = np.searchsorted(published, times, "right") - 1
        return times, np.array([np.abs(sample(self.windows[row][1], now_ns)[1]).max() if row >= 0 else 0.0
                                for row, now_ns in zip(rows.tolist(), times.tolist())])

    def leaps(self) -> list[float]:
        """How far each window is, where the robot is as it arrives, from the one before it [rad]."""
        return [float(np.abs(sample(window, at_ns)[0] - sample(before, at_ns)[0]).max())
                for (_, before), (at_ns, window) in zip(self.windows, self.windows[1:])]


def now_ns(node) -> int:
    return int(node.get_clock().now().nanoseconds)


class Fault:
    """Something that goes wrong, and ends again."""

    def __init__(self, world, node, monkeypatch) -> None:
        self.world, self.node = world, node
        self.patch = monkeypatch
        self.lock = world.node.create_publisher(Bool, "gesture_node/lock", 10)
        self.services = {name: world.node.create_client(Trigger, f"gesture_node/{name}") for name in ("stop", "resume")}
        self.states = world.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT)

    def stop(self, is_there: bool) -> None:
        self.world.graph.call(self.services["stop" if is_there else "resume"], Trigger.Request())

    def locked(self, is_there: bool) -> None:
        self.lock.publish(Bool(data=is_there))

    def silent_robot(self, is_there: bool) -> None:
        self.world.is_present = not is_there

    def robot_without_numbers(self, is_there: bool) -> None:
        self.world.is_present = not is_there
        if is_there:
            message = JointState(name=list(self.world.description.joint_names))
            message.position = np.where(np.arange(len(message.name)) == 4, np.nan, self.world.q).tolist()
            self._timer = self.world.node.create_timer(0.05, lambda: self.states.publish(message))
        else:
            self.world.node.destroy_timer(self._timer)

    def blocked_robot(self, is_there: bool) -> None:
        stood = self.world.q.copy()
        _exchange(is_there, self.world._controllers, "sample", lambda _: lambda now_ns: (stood, 0 * stood))

    def late_model(self, is_there: bool) -> None:
        def late(update, now_ns):
            output = update(now_ns)
            time.sleep(0.1 if output.window is not None else 0.0)
            return output

        _exchange(is_there, self.node._runner.agent, "update", lambda update: partial(late, update))

    def model_without_numbers(self, is_there: bool) -> None:
        def poison(push, chunk):
            poses = push(chunk)
            return PoseChunk(poses.start_index, np.full_like(poses.values, np.nan))

        _exchange(is_there, self.node._runner.agent.pipeline.model, "push", lambda push: partial(poison, push))


def _exchange(is_there, owner, name, changed) -> None:
    """Put something else in the place of a method, or take it away again."""
    if is_there:
        setattr(owner, name, changed(getattr(owner, name)))
    else:
        delattr(owner, name)


@pytest.mark.parametrize(("name", "line", "status"), [
    ("stop", "inhibited: stopped by ~/stop", "inhibited: stopped by ~/stop"),
    ("locked", "inhibited: locked by /gesture_node/lock", "inhibited: locked by /gesture_node/lock"),
    ("silent_robot", "robot released: stale joint states: none for more than 0.5 s", "stale joint states"),
    ("robot_without_numbers", "robot released: stale joint states", "not a number: the position of {joint}; stale"),
    ("blocked_robot", "robot released: tracking error:", "tracking error:"),
    ("late_model", "robot released: late window:", "the machine is too busy"),
    ("model_without_numbers", "robot released: model output not finite", "model output not finite"),
])
def test_a_fault_ends_in_rest_is_told_once_and_the_way_back_is_slow(graph, world, make_node, monkeypatch, caplog, name,
                                                                     line, status):
    monkeypatch.setattr(fault_report, "CLEAR_NS", NS // 2)
    names = world.description.joint_names
    status = status.format(joint=names[4])
    caplog.set_level("INFO")
    node = make_node(tracking_tolerance=0.05, lead_s=0.5)  # which is patient with a busy machine
    tape = Tape(node, monkeypatch)
    assert node.trigger_configure() == SUCCESS
    fault = Fault(world, node, monkeypatch)
    assert node.trigger_activate() == SUCCESS
    graph.until(lambda: fault.lock.get_subscription_count() > 0, what="somebody who heeds the lock")

    def is_moving() -> bool:
        present_ns = now_ns(node)
        return len(tape.windows) > 30 and tape.commanded(present_ns, present_ns + 1)[1].max() > 0.1

    graph.until(lambda: is_moving() and node._runner.agent.engagement.is_engaged, what="motion")
    caplog.clear()
    tape.stops.clear()
    world.statuses.clear()
    getattr(fault, name)(True)

    def lines() -> list[logging.LogRecord]:
        return [record for record in caplog.records if line in record.message]

    graph.until(lines, what=line)
    graph.until(lambda: world.says(status), what="a status")
    worst = max((s for s in world.statuses if status in s.message), key=lambda s: s.level)
    assert worst.level == b"\x01"
    assert any(joint in lines()[0].message for joint in names) or name != "blocked_robot"
    graph.spin(1.5)
    if name in ("stop", "locked"):
        times, speeds = tape.commanded(tape.stops[0], now_ns(node))
        assert times[speeds > 1e-6].max(initial=0) <= tape.stops[0] + STOP_NS + BRAKE_NS
    elif name != "blocked_robot":  # which is tried again, slowly
        told_ns = int(lines()[0].created * NS)
        times, speeds = tape.commanded(told_ns, now_ns(node))
        assert times[speeds > 1e-6].max(initial=0) <= told_ns + STOP_NS + BRAKE_NS
    lifted_ns = now_ns(node)
    getattr(fault, name)(False)
    graph.until(lambda: tape.windows[-1][0] > lifted_ns + NS, what="the way back")
    entries = [record.created for record in caplog.records if record.message.startswith("engaged: ")]
    assert entries
    for entry in entries:
        first_ns = next(at_ns for at_ns, _ in tape.windows if at_ns > entry * NS)
        assert tape.commanded(first_ns, first_ns + ENTRY_NS)[1].max() <= ENTRY
    assert max(tape.leaps()) < (0.1 if name == "blocked_robot" else 1e-3), "which is entered where it was held"
    graph.until(lambda: node._runner.agent.report()["fault"] == "", what="the end of the fault")
    assert len(lines()) == 1
    others = [record.message for record in caplog.records if record.levelno >= logging.WARNING and record not in lines()
              and not record.message.startswith("controllers: ")
              and not any(word in record.message for word in OF_A_BUSY_MACHINE)]
    assert not others
