"""The whole path over real DDS, one process for each node, and the robot after one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.qos import JOINT_STATES_IN_QOS, TRAJECTORY_QOS
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot

from ros_graph import without_shared_memory

START_S = 90.0  # importing torch on a busy machine
AT_REST = 0.02  # [rad/s]
MOVING = 0.1  # [rad/s]
ENTRY_SPEED = 0.5  # [rad/s]
ENTRY_NS = 46 * NS // 100  # slow entry lasts half a second, less the first knots


class Processes:
    """Nodes as child processes, with their output in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen] = {}

    def start(self, name: str, *arguments: str, **parameters: object) -> None:
        command = [sys.executable, "-m", f"speech_gesture_ros.nodes.{name}", *arguments, "--ros-args"]
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
    """Receives the robot's state, its trajectories and its report.

    Attributes:
        q, dq: Newest positions [rad] and velocities [rad/s].
        fastest: Highest velocity so far [rad/s].
        outside: Number of states outside the limits.
        trajectories: Messages to all controllers.
        report: Newest diagnostic values of the robot.
    """

    def __init__(self, graph) -> None:
        self.description = load_robot(PipelineConfig())
        self.q: np.ndarray | None = None
        self.dq = np.zeros(0)
        self.fastest = 0.0
        self.outside = 0
        self.trajectories: list[JointTrajectory] = []
        self.report: dict[str, str] = {}
        node = graph.add(rclpy.create_node("observer"))
        node.create_subscription(JointState, "joint_states", self._take_state, JOINT_STATES_IN_QOS)
        node.create_subscription(DiagnosticArray, "/diagnostics", self._take_diagnostics, 10)
        for group in self.description.groups:
            node.create_subscription(JointTrajectory, f"{group}_controller/joint_trajectory",
                                     self.trajectories.append, TRAJECTORY_QOS)

    def _take_state(self, message: JointState) -> None:
        if tuple(message.name) != self.description.joint_names:  # an error in a callback would hide the failure
            return
        self.q, self.dq = np.array(message.position), np.array(message.velocity)
        self.fastest = max(self.fastest, float(np.abs(self.dq).max()))
        limits = self.description.limits
        slack = 0.01 * (limits.upper - limits.lower)
        self.outside += bool(np.any((self.q < limits.lower - slack) | (self.q > limits.upper + slack)))

    def _take_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith("robot"):
                self.report = {v.key: v.value for v in status.values}

    @property
    def is_moving(self) -> bool:
        return self.dq.size > 0 and float(np.abs(self.dq).max()) > MOVING

    @property
    def is_at_rest(self) -> bool:
        return self.dq.size > 0 and float(np.abs(self.dq).max()) < AT_REST


@pytest.fixture
def domain_id(domain_id, tmp_path, monkeypatch) -> int:
    for name, value in without_shared_memory(tmp_path).items():
        monkeypatch.setenv(name, value)
    return domain_id


@pytest.fixture
def processes(domain_id, tmp_path, graph) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.end_all()


@pytest.fixture
def observer(graph) -> Observer:
    return Observer(graph)


@pytest.fixture
def system(processes, observer, graph, tiny_bundle):
    """A robot and a gesture node, with speech that never ends; returns the functions that start the processes."""
    speech = share_folder() / "config" / "demo" / "speech.flac"

    def start_audio():
        processes.start("audio_file_node", path=speech, loop="true")

    def start_gestures():
        processes.start("gesture_node", model=tiny_bundle, idle_timeout_s=1.0)

    def start_robot():
        processes.start("mujoco_node")

    start_robot(), start_gestures(), start_audio()
    graph.until(lambda: observer.is_moving, START_S, "the robot to move")
    return {"audio_file_node": start_audio, "gesture_node": start_gestures, "mujoco_node": start_robot}


def _stays_at_rest(graph, observer, seconds: float = 1.0) -> bool:
    fastest, observer.fastest = observer.fastest, 0.0
    graph.spin(seconds)
    fastest, observer.fastest = observer.fastest, fastest
    return fastest < MOVING


def _receives_nothing(graph, observer, seconds: float = 0.7) -> bool:
    count = len(observer.trajectories)
    graph.spin(seconds)
    return len(observer.trajectories) == count


def assert_only_late_ones_are_rejected(processes) -> None:
    """A busy machine may deliver a trajectory when it is over; there must be no other reason."""
    log = processes.output("mujoco_node")
    assert log.count("rejected a trajectory") == log.count("that ends in the past"), log


def test_speech_moves_the_robot_and_no_trajectory_is_wrong(graph, system, observer, processes):
    graph.spin(5.0)
    assert len(observer.trajectories) > 100  # of four controllers
    graph.until(lambda: int(observer.report.get("accepted", 0)) > 100, what="the report of the robot")
    assert_only_late_ones_are_rejected(processes)
    assert observer.report["limit_violations"] == "0"
    assert observer.outside == 0


@pytest.mark.parametrize("victim", ["audio_file_node", "gesture_node"])
def test_after_a_node_is_killed_the_robot_rests_until_it_returns(graph, system, observer, processes, victim):
    processes.end(victim)
    graph.until(lambda: observer.is_at_rest and _stays_at_rest(graph, observer), what="the robot to rest")
    assert observer.outside == 0
    graph.until(lambda: _receives_nothing(graph, observer), what="the release of the robot")
    system[victim]()
    graph.until(lambda: observer.is_moving, START_S, "the robot to move again")
    assert_only_late_ones_are_rejected(processes)


def test_a_restarted_robot_is_engaged_where_it_is_and_slowly(graph, system, observer, processes):
    processes.end("mujoco_node")
    graph.until(lambda: _receives_nothing(graph, observer), what="the release of a robot without joint states")
    before = len(observer.trajectories)
    observer.q = None
    system["mujoco_node"]()
    graph.until(lambda: len(observer.trajectories) > before, START_S, "the engagement")
    rest = observer.description.rest_q
    first = observer.trajectories[before]
    columns = observer.description.indices(tuple(first.joint_names))
    np.testing.assert_allclose(first.points[0].positions, rest[columns], atol=0.02)
    graph.until(lambda: observer.is_moving, what="the robot to move")
    begin_ns = ns_from_time(first.header.stamp)
    for message in observer.trajectories[before:]:
        trajectory = trajectory_from_message(message)
        assert not np.any(trajectory.points[-1].velocities)
        entry = [point for point in trajectory.points
                 if trajectory.stamp_ns + point.time_from_start_ns < begin_ns + ENTRY_NS]
        assert max((np.abs(point.velocities).max() for point in entry), default=0.0) <= ENTRY_SPEED + 1e-9


def test_a_killed_recorder_loses_nothing_and_no_other_node_is_affected(graph, system, observer, processes, tmp_path):
    from rosbags.highlevel import AnyReader

    path = tmp_path / "bag"
    for run, number in enumerate((signal.SIGKILL, signal.SIGINT)):
        processes.start("recorder_node", path=path)
        graph.until(lambda run=run: processes.output("recorder_node").count("recording /joint_states") > run,
                    START_S, "the recorder")
        graph.spin(1.5)
        status = processes.end("recorder_node", number)
    assert status == 0
    graph.until(lambda: observer.is_moving, what="the robot to go on moving")
    with AnyReader([path]) as reader:
        times_s = np.array([t * 1e-9 for c, t, _ in reader.messages() if c.topic == "/joint_states"])
    assert np.sum(np.diff(times_s) > 0.8) <= 1, "at most one gap: without a recorder"
    assert np.ptp(times_s) > 2.5, "both recordings are in it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_node_ends_without_errors_on_a_signal(graph, system, processes, number):
    for name in system:
        assert processes.end(name, number) == 0, processes.output(name)
        assert "Traceback" not in processes.output(name)


def test_the_audio_file_node_ends_with_its_file(processes, sound_file):
    processes.start("audio_file_node", path=sound_file, subscribers=0, start_delay_s=0.0)
    assert processes.wait("audio_file_node", 60.0) == 0
    assert "end of the file" in processes.output("audio_file_node")


def test_a_wrong_parameter_ends_a_node_with_one_line_and_no_traceback(processes):
    processes.start("audio_file_node", path="nowhere.wav")
    assert processes.wait("audio_file_node", 60.0) == 1
    assert "nowhere.wav" in processes.output("audio_file_node")
    assert "Traceback" not in processes.output("audio_file_node")


def test_audio_and_gestures_in_one_process_move_the_robot_and_outlast_the_file(graph, processes, observer, tiny_bundle,
                                                                                   sound_file):
    processes.start("mujoco_node")
    processes.start("all_in_one", "file", **{
        "audio_file_node:path": sound_file, "audio_file_node:type": "std_msgs/msg/Float32MultiArray",
        "audio_file_node:start_delay_s": 6.0, "gesture_node:model": tiny_bundle, "gesture_node:idle_timeout_s": 1.0})
    graph.until(lambda: observer.is_moving, START_S, "the robot to move")
    graph.until(lambda: "the stream ends" in processes.output("all_in_one"), what="the end of the stream")
    graph.until(lambda: observer.is_at_rest, what="the robot to rest")
    assert_only_late_ones_are_rejected(processes)
    output = processes.output("all_in_one")
    assert "[audio_file_node]: end of the file" in output
    assert "[gesture_node]: subscribed /audio as std_msgs/msg/Float32MultiArray" in output
    assert "unknown parameter" not in output
    assert processes.end("all_in_one", signal.SIGINT) == 0
    assert "Traceback" not in processes.output("all_in_one")


def test_a_source_that_does_not_exist_is_one_line(processes):
    processes.start("all_in_one", "radio")
    assert processes.wait("all_in_one", 60.0) == 2
    assert "invalid choice: 'radio'" in processes.output("all_in_one")
