"""The whole path over real DDS, a process a node; and what becomes of the robot when one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
pytest.importorskip("mujoco", reason="needs MuJoCo: pip install '.[sim]'")

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.conversions import trajectory_from_message
from speech_gesture_ros.nodes.qos import JOINT_STATES_IN, TRAJECTORY
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot

START_S = 60.0  # importing torch on a busy machine
AT_REST = 0.02  # [rad/s]
MOVING = 0.1  # [rad/s]
ENTRY_SPEED = 0.5  # [rad/s]


class Processes:
    """Nodes as child processes, with their output in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen] = {}

    def start(self, name: str, **parameters: object) -> None:
        command = [sys.executable, "-m", f"speech_gesture_ros.nodes.{name}", "--ros-args"]
        for key, value in parameters.items():
            command += ["-p", f"{key}:={value}"]
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT,
                                                   env=os.environ | {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"})

    def end(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait; the exit status."""
        process = self._running.pop(name)
        process.send_signal(number)
        return process.wait(30)

    def wait(self, name: str, timeout_s: float) -> int:
        return self._running.pop(name).wait(timeout_s)

    def output(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def end_all(self) -> None:
        for name in list(self._running):
            self.end(name)


class Observer:
    """Looks on: where the robot is, how fast, what it was told, what it complained of."""

    def __init__(self, graph) -> None:
        self.description = load_robot(PipelineConfig())
        self.q: np.ndarray | None = None
        self.dq = np.zeros(0)
        self.fastest = 0.0
        self.outside = 0
        self.trajectories: list[tuple[float, JointTrajectory]] = []
        self.robot_says: dict[str, str] = {}
        node = graph.add(rclpy.create_node("observer"))
        node.create_subscription(JointState, "joint_states", self._see, JOINT_STATES_IN)
        node.create_subscription(DiagnosticArray, "/diagnostics", self._hear, 10)
        for group in self.description.groups:
            node.create_subscription(JointTrajectory, f"{group}_controller/joint_trajectory",
                                     lambda m: self.trajectories.append((time.monotonic(), m)), TRAJECTORY)

    def _see(self, message: JointState) -> None:
        if tuple(message.name) != self.description.joint_names:  # an error in a callback would leave rclpy half spun
            return
        self.q, self.dq = np.array(message.position), np.array(message.velocity)
        self.fastest = max(self.fastest, float(np.abs(self.dq).max()))
        limits = self.description.limits
        slack = 0.01 * (limits.upper - limits.lower)
        self.outside += bool(np.any((self.q < limits.lower - slack) | (self.q > limits.upper + slack)))

    def _hear(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith("robot"):
                self.robot_says = {v.key: v.value for v in status.values}

    @property
    def is_moving(self) -> bool:
        return self.dq.size > 0 and float(np.abs(self.dq).max()) > MOVING

    @property
    def is_at_rest(self) -> bool:
        return self.dq.size > 0 and float(np.abs(self.dq).max()) < AT_REST


@pytest.fixture
def processes(domain_id, tmp_path, graph) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.end_all()
    graph.spin(0.5)  # our own nodes hear of it before they are destroyed


@pytest.fixture
def observer(graph) -> Observer:
    return Observer(graph)


@pytest.fixture
def stage(processes, observer, graph, tiny_bundle):
    """A robot and an agent that gesture to a voice that never ends."""
    speech = share_folder() / "config" / "demo" / "speech.flac"

    def speak():
        processes.start("audio_file_node", path=speech, loop="true")

    def perform():
        processes.start("gesture_node", model=tiny_bundle, idle_timeout_s=1.0)

    def embody():
        processes.start("mujoco_node")

    embody(), perform(), speak()
    graph.until(lambda: observer.is_moving, START_S, "the robot to move")
    return {"audio_file_node": speak, "gesture_node": perform, "mujoco_node": embody}


def _stays_at_rest(graph, observer, seconds: float = 1.0) -> bool:
    fastest, observer.fastest = observer.fastest, 0.0
    graph.spin(seconds)
    fastest, observer.fastest = observer.fastest, fastest
    return fastest < MOVING


def test_speech_moves_the_robot_and_nothing_is_rejected(graph, stage, observer, processes):
    graph.spin(5.0)
    assert len(observer.trajectories) > 4 * 5 * 10  # four controllers, five seconds, most of 25 a second
    graph.until(lambda: int(observer.robot_says.get("accepted", 0)) > 100, what="the robot's report")
    assert observer.robot_says["rejected"] == "0", processes.output("mujoco_node")
    assert observer.robot_says["limit_violations"] == "0"
    assert observer.outside == 0


@pytest.mark.parametrize("victim", ["audio_file_node", "gesture_node"])
def test_a_killed_node_leaves_the_robot_at_rest_and_its_return_resumes(graph, stage, observer, processes, victim):
    processes.end(victim)
    graph.until(lambda: observer.is_at_rest and _stays_at_rest(graph, observer), what="the robot to rest")
    assert observer.outside == 0
    count = len(observer.trajectories)
    graph.spin(0.5)
    assert len(observer.trajectories) == count, "nothing is sent to a robot that is left alone"
    stage[victim]()
    graph.until(lambda: observer.is_moving, START_S, "the robot to move again")
    assert observer.robot_says["rejected"] == "0", processes.output("mujoco_node")


def test_a_restarted_robot_is_entered_anew_from_where_it_is_and_slowly(graph, stage, observer, processes):
    processes.end("mujoco_node")
    graph.spin(1.5)
    before = len(observer.trajectories)
    graph.spin(0.7)
    assert len(observer.trajectories) == before, "nothing is sent to a robot that does not say where it is"
    observer.q = None
    stage["mujoco_node"]()
    graph.until(lambda: len(observer.trajectories) > before, START_S, "the re-entry")
    rest = observer.description.rest_q
    began_s, first = observer.trajectories[before]
    columns = observer.description.indices(tuple(first.joint_names))
    np.testing.assert_allclose(first.points[0].positions, rest[columns], atol=0.02)
    graph.until(lambda: time.monotonic() > began_s + 0.4)
    for at_s, message in observer.trajectories[before:]:
        if at_s < began_s + 0.35:  # told in the first half second, less the lead
            speeds = [np.abs(point.velocities).max() for point in trajectory_from_message(message).points]
            assert max(speeds) <= ENTRY_SPEED + 1e-9
    graph.until(lambda: observer.is_moving, what="the robot to move")
    for _, message in observer.trajectories[before:]:
        assert not np.any(trajectory_from_message(message).points[-1].velocities)


def test_a_killed_recorder_disturbs_nobody_and_loses_nothing(graph, stage, observer, processes, tmp_path):
    from rosbags.highlevel import AnyReader

    path = tmp_path / "bag"
    for life, number in enumerate((signal.SIGKILL, signal.SIGINT)):
        processes.start("recorder_node", path=path)
        graph.until(lambda life=life: processes.output("recorder_node").count("recording /joint_states") > life,
                    START_S, "the recorder")
        graph.spin(1.5)
        status = processes.end("recorder_node", number)
    assert status == 0
    graph.until(lambda: observer.is_moving, what="the robot to go on moving")
    with AnyReader([path]) as reader:
        times_s = np.array([t * 1e-9 for c, t, _ in reader.messages() if c.topic == "/joint_states"])
    assert np.sum(np.diff(times_s) > 0.8) <= 1, "at most one gap: while there was no recorder"
    assert np.ptp(times_s) > 2.5, "both lives are in it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every_node_ends_quietly_when_asked(graph, stage, processes, number):
    for name in stage:
        assert processes.end(name, number) == 0, processes.output(name)
        assert "Traceback" not in processes.output(name)


def test_the_file_node_ends_by_itself_with_the_file(processes, sound_file):
    processes.start("audio_file_node", path=sound_file, subscribers=0, start_delay_s=0.0)
    assert processes.wait("audio_file_node", 60.0) == 0
    assert "end of the file" in processes.output("audio_file_node")


def test_a_wrong_parameter_ends_a_node_with_one_line_and_no_traceback(processes):
    processes.start("audio_file_node", path="nowhere.wav")
    assert processes.wait("audio_file_node", 60.0) == 1
    assert "nowhere.wav" in processes.output("audio_file_node")
    assert "Traceback" not in processes.output("audio_file_node")
