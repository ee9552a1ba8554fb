"""Real gesture_node process in a simulated world, in wall time: ideal robot, speaker, judge, and start after its end.

The robot publishes joint states 50 times a second and follows what the node sends. The process is started again, as
launch files do with `respawn`, when it has ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from hostile_kind import Kind
from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import SetParameters
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Int16MultiArray, String
from trajectory_msgs.msg import JointTrajectory
from window_judge import WindowJudge

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.audio_messages import int16_from_float, message_from_pcm
from speech_gesture_ros.nodes.conversions import joint_state_message
from speech_gesture_ros.nodes.qos import AUDIO_OUT_QOS, JOINT_STATES_OUT_QOS, LATCHED_QOS
from speech_gesture_ros.retargeting import RobotConfig, load_robot

from ros_graph import Graph

RATE, MESSAGE = 16_000, 320  # of the speaker [Hz, samples]
PERIOD_S = 0.02
START_S, RECOVER_S, ANSWER_S = 120.0, 60.0, 20.0  # longest waits on a busy machine
ALL = 1000  # depth of a queue: a busy judge loses nothing
QOS = {"audio": AUDIO_OUT_QOS, "audio_info": LATCHED_QOS, "joint_states": JOINT_STATES_OUT_QOS}


class HostileWorld:
    """World, process and judge.

    Args:
        graph: Graph of an initialised rclpy.
        domain_id: Its domain.
        log: File that takes the output of the process.
        parameters: Parameters of the node.

    Attributes:
        judge: Judge of all messages to the controllers.
        starts: Number of times the process was started.
        ended: Number of times it ended by itself.
    """

    def __init__(self, graph: Graph, domain_id: int, log: Path, parameters: dict[str, str]) -> None:
        self.graph, self._domain_id, self._log, self._parameters = graph, domain_id, log, parameters
        self.description = load_robot(RobotConfig())
        self.judge = WindowJudge(self.description)
        self.starts = self.ended = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._node = graph.add(rclpy.create_node("hostile_world"))
        speech = load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")
        self._speech, self._said, self._begin_s = int16_from_float(speech[:, None]), 0, time.monotonic()
        self._publishers: dict[tuple[str, Any], Any] = {}
        self._states = self.publisher("joint_states", JointState)
        self._voice: Any = self.publisher("audio", Int16MultiArray)
        self._lock = self.publisher("gesture_node/lock", Bool)
        self._set = self._node.create_client(SetParameters, "gesture_node/set_parameters")
        for group, topic in self.description.topics.items():
            self._node.create_subscription(JointTrajectory, topic, partial(self._take, group), ALL)
        self._node.create_timer(PERIOD_S, self._step)

    def publisher(self, topic: str, kind: Any) -> Any:
        """Return the publisher of a type on a topic, made once."""
        key = topic, kind
        if key not in self._publishers:
            self._publishers[key] = self._node.create_publisher(kind, topic, QOS.get(topic, 50))
        return self._publishers[key]

    def describe(self, urdf: str) -> None:
        """Publish a robot on robot_description."""
        key = "robot_description", String
        if key not in self._publishers:
            self._publishers[key] = self._node.create_publisher(String, "robot_description", LATCHED_QOS)
        self._publishers[key].publish(String(data=urdf))

    # -- process -----------------------------------------------------------------------------------------------------

    def start(self, **more: str) -> None:
        """Start the process."""
        command = [sys.executable, "-m", "speech_gesture_ros.nodes.gesture_node", "--ros-args"]
        for key, value in (self._parameters | more).items():
            command += ["-p", f"{key}:={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT,
                                             env=os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"})
        self.starts += 1

    def check(self) -> None:
        """Start the process again if it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            self.ended += 1
            self.judge.examples.setdefault("ended", f"status {self._process.returncode}")
            self.start()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    # -- time --------------------------------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.graph.spin(seconds)
        self.check()

    def is_moving_within(self, timeout_s: float, least: int = 8) -> bool:
        """Return whether the node sends messages again; wait for them."""
        end_s, before = time.monotonic() + timeout_s, self.judge.windows
        while self.judge.windows < before + least:
            if time.monotonic() > end_s:
                return False
            self.run(0.1)
        return True

    def recover(self) -> bool:
        """Undo what hostile messages may have set, and return whether the node sends messages again."""
        self._lock.publish(Bool(data=False))
        is_moving = self.is_moving_within(RECOVER_S)
        self.judge.is_jump_allowed = False
        return is_moving

    # -- attacks -----------------------------------------------------------------------------------------------------

    def send(self, kind: Kind, count: int, rng: np.random.Generator, period_s: float) -> None:
        """Send some messages of a kind."""
        self.judge.is_jump_allowed = kind.is_lie
        with self._attacker(kind) as publisher:
            for _ in range(count):
                with suppress(RuntimeError):  # the middleware may refuse it
                    publisher.publish(kind.make(rng))
                self.run(period_s)
        self.run(0.2)

    def set_parameters(self, parameters: list[Parameter]) -> list[bool] | None:
        """Return whether each parameter was taken; None without an answer in time."""
        end_s = time.monotonic() + ANSWER_S
        while not self._set.service_is_ready() and time.monotonic() < end_s:
            self.run(0.1)
        future = self._set.call_async(SetParameters.Request(parameters=parameters))
        while not future.done() and time.monotonic() < end_s:
            self.run(0.05)
        return [result.successful for result in future.result().results] if future.done() else None

    @contextmanager
    def _attacker(self, kind: Kind) -> Iterator[Any]:
        """Give the publisher of a kind; other audio than the speaker's has a participant of its own and the topic."""
        if not kind.topic.startswith("audio") or kind.type is Int16MultiArray:
            yield self.publisher(kind.topic, kind.type)
            return
        self._node.destroy_publisher(self._publishers.pop(("audio", Int16MultiArray)))
        self._voice = None
        context = rclpy.Context()
        rclpy.init(args=[], context=context, domain_id=self._domain_id)
        node = rclpy.create_node("attacker", context=context)
        try:
            publisher = node.create_publisher(kind.type, kind.topic, QOS[kind.topic])
            if kind.topic == "audio_info":  # is subscribed together with bytes
                from speech_gesture_ros.nodes.audio_messages import audio_type

                data = audio_type("audio_common_msgs/msg/AudioData")
                voice = node.create_publisher(data, "audio", AUDIO_OUT_QOS)
                timer = self._node.create_timer(PERIOD_S, lambda: voice.publish(data(data=b"\x01\x00" * MESSAGE)))
            self._wait(lambda: publisher.get_subscription_count() > 0, 5.0)
            yield publisher
        finally:
            if kind.topic == "audio_info":
                self._node.destroy_timer(timer)
            node.destroy_node()
            context.try_shutdown()
            self._voice = self.publisher("audio", Int16MultiArray)

    def _wait(self, is_done: Callable[[], bool], timeout_s: float) -> None:
        end_s = time.monotonic() + timeout_s
        while not is_done() and time.monotonic() < end_s:
            self.run(0.05)

    # -- robot and speaker -------------------------------------------------------------------------------------------

    def _take(self, group: str, message: JointTrajectory, info: dict[str, int]) -> None:
        self.judge.take(group, message, info["source_timestamp"], info["received_timestamp"])

    def _step(self) -> None:
        robot, now_ns = self.judge.robot, time.time_ns()
        q = robot.step(now_ns)
        self._states.publish(joint_state_message(self.description.joint_names, q, robot.speeds[-1], now_ns))
        for records in (robot.times_ns, robot.commanded, robot.speeds, robot.jumps):
            del records[:-10]  # hours would fill the memory
        due = round((time.monotonic() - self._begin_s) * RATE) // MESSAGE * MESSAGE
        if due - self._said > RATE:
            self._said = due - RATE
        while self._said < due:
            start = self._said % (len(self._speech) - MESSAGE)
            self._said += MESSAGE
            if self._voice is not None:
                samples = self._speech[start : start + MESSAGE]
                self._voice.publish(message_from_pcm(Int16MultiArray, samples, RATE, None))

    @property
    def is_at_rest(self) -> bool:
        """True if the robot is not commanded to move."""
        return not np.any(np.abs(self.judge.robot.command(time.time_ns())[1]) > 1e-6)

    def stop_for(self, seconds: float) -> None:
        """Stop the process for a while, as a debugger or a busy machine does."""
        self.send_signal(signal.SIGSTOP)
        self.graph.spin(seconds)
        self.send_signal(signal.SIGCONT)


