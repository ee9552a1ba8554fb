"""World of a gesture node in counted ROS time: an ideal robot, a speaker, and everything that the node publishes.

    step: ROS time + 20 ms ──► joint states, audio ──► received by the node ──► its model is idle ──► windows ──► robot

The test sets ROS time, in steps, and a step ends when the node has processed everything that was published in it. So
the result does not depend on the speed of the machine, and a test takes as long as the computation.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.clock import ClockType
from rclpy.parameter import Parameter
from rclpy.time import Time
from sensor_msgs.msg import JointState
from std_msgs.msg import Int16MultiArray, String
from trajectory_msgs.msg import JointTrajectory
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.agent.worker import Worker
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_messages import message_from_pcm
from speech_gesture_ros.nodes.conversions import joint_state_message, trajectory_from_message
from speech_gesture_ros.nodes.gesture_node import SUCCESS, GestureNode
from speech_gesture_ros.nodes.qos import AUDIO_IN_QOS, AUDIO_OUT_QOS, JOINT_STATES_OUT_QOS
from speech_gesture_ros.retargeting import RobotConfig, load_robot
from speech_gesture_ros.robot.command_interfaces.shipped import TRAJECTORY_INTERFACE
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.ideal_robot import IdealRobot

from ros_graph import Graph, running_clock

SAMPLE_RATE, MESSAGE_SAMPLES = 16_000, 640  # messages of 40 ms
STEP_NS = NS // 50
MESSAGE_NS = MESSAGE_SAMPLES * NS // SAMPLE_RATE
MAX_LATE_NS = NS  # audio that is later than this, or early, is left out: the clock has jumped
START_NS = 1_000 * NS
RECEIVE_TIMEOUT_S = 2.0  # wall time until a message that was lost is given up
LIMIT_S = 60.0  # ROS time that `until` waits at most


@cache
def demo_robot() -> RobotDescription:
    """Return the description of the demo humanoid, made once for all worlds."""
    return load_robot(RobotConfig())


class RosWorld:
    """The robot and the audio of one or more gesture nodes, behind topics.

    Args:
        graph: Graph of the test.
        bundle: Model bundle of the gesture nodes.
        is_paced: True for outputs with threads and timers in wall time: steps take at least their ROS time.

    Attributes:
        node: The world's own node.
        robot: The ideal robot.
        now_ns: ROS time [ns].
        steady_ns: Time of the clock that is never set [ns].
        is_clock_running: False while ROS time stands still, and robot and speaker with it.
        is_present: False while the robot publishes no joint states.
        is_speaking: False while there is no audio.
        speech: (T,) samples that are repeated; None for noise.
        trajectories: Messages to the left arm.
        newest: Newest message of each group.
        skeletons, statuses: Messages on ~/skeleton, statuses on /diagnostics.
        published_audio, delayed_audio: First samples and ROS time [ns] of audio published, and received on ~/audio_out.
        request_statuses: Objects on ~/gesture_status.
    """

    def __init__(self, graph: Graph, bundle: Path, *, is_paced: bool = False) -> None:
        self.graph, self._bundle, self._is_paced = graph, bundle, is_paced
        self.description = demo_robot()
        self.robot = IdealRobot(self.description)
        self.now_ns, self.steady_ns = START_NS, 0
        self.is_clock_running = True
        self.is_present = self.is_speaking = True
        self.speech: np.ndarray | None = None
        self.trajectories: list[JointTrajectory] = []
        self.newest: dict[str, JointTrajectory] = {}
        self.skeletons: list[MarkerArray] = []
        self.statuses: list[DiagnosticStatus] = []
        self.published_audio: list[tuple[int, list[int]]] = []
        self.delayed_audio: list[tuple[int, list[int]]] = []
        self.request_statuses: list[dict[str, Any]] = []
        self._rng = np.random.default_rng(5)
        self._next_audio_ns, self._spoken = START_NS, 0
        self._gesture_nodes: list[GestureNode] = []
        self._clocks: list[Any] = []
        self.node = self.add(rclpy.create_node("world", parameter_overrides=[Parameter("use_sim_time", value=True)]))
        self._states = self.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT_QOS)
        self._audio = self.node.create_publisher(Int16MultiArray, "audio", AUDIO_OUT_QOS)
        self._requests = self.node.create_publisher(String, "gesture_node/gesture_request", 50)
        self._controllers: dict[str, Any] = {}
        self._received = dict.fromkeys(self.description.topics, 0)  # trajectories of each group
        self._missed: dict[tuple[Any, str], int] = {}  # session and group: sent without being received
        for group in self.description.topics:
            self.start_controller(group)
        subscribe = self.node.create_subscription
        subscribe(MarkerArray, "gesture_node/skeleton", self.skeletons.append, 10)
        subscribe(DiagnosticArray, "/diagnostics", lambda m: self.statuses.extend(m.status), 10)
        subscribe(Int16MultiArray, "gesture_node/audio_out",
                  lambda m: self.delayed_audio.append((self.now_ns, list(m.data[:4]))), AUDIO_IN_QOS)
        subscribe(String, "gesture_node/gesture_status", lambda m: self.request_statuses.append(json.loads(m.data)), 50)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def add(self, node: Any) -> Any:
        """Add a node that has `use_sim_time`, and set its clock."""
        self.graph.add(node)
        self._clocks.append(node.get_clock())
        self._set_clocks()
        return node

    def make_node(self, **parameters: Any) -> GestureNode:
        """Return a gesture node that does not start by itself unless a parameter says so."""
        given = {"model": str(self._bundle), "autostart": False, "device": "cpu", "use_sim_time": True, **parameters}
        overrides = [Parameter(name, value=value) for name, value in given.items()]
        node = self.add(GestureNode(steady_ns=lambda: self.steady_ns, parameter_overrides=overrides))
        self._gesture_nodes.append(node)
        return node

    def close(self) -> None:
        """Close the gesture nodes, which may wait until the robot rests."""
        with self.running_clock():
            for node in self._gesture_nodes:
                node.close()

    def activate(self, **parameters: Any) -> GestureNode:
        """Return a gesture node that is active."""
        node = self.make_node(**parameters)
        assert node.trigger_configure() == SUCCESS
        assert node.trigger_activate() == SUCCESS
        return node

    def perform(self, count: int = 5, **parameters: Any) -> GestureNode:
        """Return a gesture node that has sent some trajectories."""
        node = self.activate(**parameters)
        self.until(lambda: len(self.trajectories) >= count, "trajectories")
        return node

    # -- time --------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let 20 ms pass."""
        begin_s = time.monotonic()
        self.steady_ns += STEP_NS
        sessions = [node.session for node in self._gesture_nodes if node.session is not None]
        if self.is_clock_running:
            self.now_ns += STEP_NS
            self._set_clocks()
            self._publish(sessions)
        for session in sessions:
            for _ in range(2):  # the first task may follow an update that began before
                _wait_for_worker(session.worker)
            self._wait(lambda session=session: self._has_windows(session))
        self.graph.spin_idle()
        if self._is_paced:
            self.graph.spin(max(0.0, STEP_NS / NS - (time.monotonic() - begin_s)))

    def run(self, seconds: float) -> None:
        """Let ROS time pass."""
        for _ in range(round(seconds * NS / STEP_NS)):
            self.step()

    def until(self, is_done: Callable[[], object], what: str = "") -> None:
        """Let time pass until a condition is met; fail, naming it, if it is not met in time."""
        end_ns = self.steady_ns + round(LIMIT_S * NS)
        while not is_done():
            assert self.steady_ns < end_ns, f"waited {LIMIT_S:g} s of ROS time in vain for {what or is_done}"
            self.step()

    @contextmanager
    def running_clock(self) -> Iterator[None]:
        """Let ROS time pass with wall time, for calls that wait for it."""
        with running_clock(lambda: self.pass_time(STEP_NS / NS), STEP_NS / NS):
            yield

    def pass_time(self, seconds: float) -> None:
        """Let time pass during a computation of the node, from its thread."""
        self.steady_ns += round(seconds * NS)
        self.now_ns += round(seconds * NS)
        self._set_clocks()

    def _set_clocks(self) -> None:
        for clock in self._clocks:
            clock.set_ros_time_override(Time(nanoseconds=self.now_ns, clock_type=ClockType.ROS_TIME))

    # -- robot and speaker -------------------------------------------------------------------------------------------

    def start_controller(self, group: str) -> None:
        """Subscribe the trajectories of a group."""
        self._controllers[group] = self.node.create_subscription(
            JointTrajectory, self.description.topics[group], partial(self._follow, group), 10)
        for node in self._gesture_nodes:
            if node.session is not None:
                missed = node.session.outputs.sent.get(group, 0) - self._received[group]
                self._missed[node.session, group] = missed

    def stop_controller(self, group: str) -> None:
        """Destroy the subscription of a group."""
        self.node.destroy_subscription(self._controllers.pop(group))

    def remove_robot(self) -> None:
        """Destroy the publisher of joint states, for robots whose joint states the node publishes itself."""
        self.is_present = False
        self.node.destroy_publisher(self._states)

    @property
    def q(self) -> np.ndarray:
        """(N,) present positions of the robot [rad]."""
        return self.robot.q

    def columns(self, group: str) -> np.ndarray:
        """Return the columns of a group's joints."""
        return self.description.indices(self.description.groups[group])

    def request(self, data: object) -> None:
        """Publish a gesture request: a name, or an object that becomes JSON."""
        self.graph.until(lambda: self._requests.get_subscription_count() > 0, what="a subscription of requests")
        self._requests.publish(String(data=data if isinstance(data, str) else json.dumps(data)))

    def reports(self, text: str) -> bool:
        """Return whether a diagnostic status contains a text."""
        return any(text in status.message for status in self.statuses)

    def _follow(self, group: str, message: JointTrajectory) -> None:
        self.newest[group] = message
        self._received[group] += 1
        if group == "left_arm":
            self.trajectories.append(message)
        self.robot.accept(group, trajectory_from_message(message), self.now_ns)

    def _publish(self, sessions: list[Any]) -> None:
        """Publish joint states and audio, and wait until all configured nodes have received them."""
        now_ns = self.now_ns
        q = self.robot.step(now_ns)
        received: list[Callable[[], bool]] = []
        if self.is_present:
            speed = self.robot.speeds[-1]
            self._states.publish(joint_state_message(self.description.joint_names, q, speed, now_ns))
            received += [partial(_has_joints, session, now_ns) for session in sessions]
        count = self._publish_audio(now_ns)
        received += [partial(_has_audio, session, session.audio.counts.messages + count) for session in sessions
                     if session.audio.type_name]
        self._wait(lambda: all(is_done() for is_done in received))

    def _publish_audio(self, now_ns: int) -> int:
        """Publish the audio that is due, and return the number of messages."""
        is_audible = self.is_speaking and self._audio.get_subscription_count() > 0
        if not (is_audible and -MESSAGE_NS <= now_ns - self._next_audio_ns <= MAX_LATE_NS):
            self._next_audio_ns = now_ns
        count = 0
        while is_audible and self._next_audio_ns <= now_ns:
            samples = self._next_samples()
            self.published_audio.append((now_ns, samples[:4, 0].tolist()))
            self._audio.publish(message_from_pcm(Int16MultiArray, samples, SAMPLE_RATE, None))
            self._next_audio_ns += MESSAGE_NS
            count += 1
        return count

    def _has_windows(self, session: Any) -> bool:
        """Return whether all controllers have received what the node has sent them since they were started."""
        commands = session.runner.agent.description.commands
        counts = {group: count for group, count in session.outputs.sent.items()
                  if group in self._controllers and commands.of_group(group) == TRAJECTORY_INTERFACE}
        return all(self._received[group] + self._missed.setdefault((session, group), -self._received[group])
                   >= count for group, count in counts.items())

    def _wait(self, is_done: Callable[[], bool]) -> None:
        """Spin until something was received; a message that was lost is given up after a while."""
        end_s = time.monotonic() + RECEIVE_TIMEOUT_S
        while not is_done() and time.monotonic() < end_s:
            self.graph.executor.spin_once(timeout_sec=0.01)

    def _next_samples(self) -> np.ndarray:
        if self.speech is None:
            return self._rng.integers(-9000, 9000, (MESSAGE_SAMPLES, 1)).astype(np.int16)
        start = self._spoken % (len(self.speech) - MESSAGE_SAMPLES)
        self._spoken += MESSAGE_SAMPLES
        return (self.speech[start : start + MESSAGE_SAMPLES, None] * 32767).astype(np.int16)


def _has_joints(session: Any, now_ns: int) -> bool:
    return bool(np.isfinite(session.robot.readings.fresh(now_ns, 0.0)).any())


def _has_audio(session: Any, count: int) -> bool:
    return bool(session.audio.counts.messages >= count)


def _wait_for_worker(worker: Worker) -> None:
    """Wait until the worker has done all its tasks, unless it has failed."""
    is_done = threading.Event()
    worker.submit(is_done.set)
    while not is_done.wait(0.01) and worker.failure is None:
        pass
