"""The whole node with robots that take no trajectories: it moves them, and lets them go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.parameter import Parameter
from rclpy.task import Future
from sensor_msgs.msg import JointState
from std_msgs.msg import Int16MultiArray

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.audio_messages import message_from_pcm
from speech_gesture_ros.nodes.conversions import joint_state_message, ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.gesture_node import FAILURE, SUCCESS, GestureNode
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.qos import AUDIO_OUT, JOINT_STATES_OUT
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController

RATE, CHUNK = 16_000, 640
ROBOT = load_robot(PipelineConfig())


class Speaker:
    """Somebody who speaks; everything else is up to the test."""

    def __init__(self, graph, bundle) -> None:
        self.graph, self._bundle = graph, bundle
        self.node = graph.add(rclpy.create_node("world"))
        self._rng = np.random.default_rng(5)
        self._audio = self.node.create_publisher(Int16MultiArray, "audio", AUDIO_OUT)
        self.node.create_timer(CHUNK / RATE, self._speak)

    def _speak(self) -> None:
        samples = self._rng.integers(-9000, 9000, (CHUNK, 1)).astype(np.int16)
        self._audio.publish(message_from_pcm(Int16MultiArray, samples, RATE, None))

    def now_ns(self) -> int:
        return self.node.get_clock().now().nanoseconds

    def gesture_node(self, **parameters) -> GestureNode:
        given = {"model": str(self._bundle), "autostart": False, "device": "cpu", **parameters}
        return self.graph.add(GestureNode(parameter_overrides=[Parameter(k, value=v) for k, v in given.items()]))


@pytest.fixture
def world(graph, interfaces, tiny_bundle) -> Speaker:
    return Speaker(graph, tiny_bundle)


def test_a_robot_that_is_only_a_picture_gestures_with_nothing_else_running(world):
    states: list[JointState] = []
    world.node.create_subscription(JointState, "joint_states", states.append, 10)
    node = world.gesture_node(**{"commands.interface": "joint_state"})
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS

    def moved() -> float:
        rows = [dict(zip(m.name, m.position)) for m in states]
        q = np.array([[row[name] for name in ROBOT.joint_names] for row in rows])
        return float(np.ptp(q, axis=0).max()) if len(q) else 0.0

    world.graph.until(lambda: moved() > 0.05, what="motion")
    assert node.trigger_deactivate() == SUCCESS
    world.graph.spin(1.5)
    count = len(states)
    assert not np.any(states[-1].velocity), "at rest in the end"
    world.graph.spin(0.3)
    assert len(states) == count, "and silent"


class ActionRobot:
    """Controllers behind actions; yields to nobody, says where it is."""

    def __init__(self, world: Speaker) -> None:
        self.world = world
        self.kind = message_type("control_msgs/action/FollowJointTrajectory")
        self.q = {name: float(q) for name, q in zip(ROBOT.joint_names, ROBOT.rest_q)}
        self.goals = 0
        self.refused: list[str] = []
        self.does_accept = True
        self.entries: list[float] = []  # how far the first goals of all controllers begin from where they stood [rad]
        self._states = world.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT)
        self._controllers = {}
        self._running: dict[str, Future] = {}
        self._servers = {}
        self._is_new = dict.fromkeys(ROBOT.groups, True)
        for group, names in ROBOT.groups.items():
            start = ROBOT.rest_q[ROBOT.indices(names)]
            self._controllers[group] = JointTrajectoryController(names, start=start)
            self.come(group)
        world.node.create_timer(0.02, self._cycle)

    def come(self, group: str) -> None:
        self._servers[group] = ActionServer(
            self.world.node, self.kind, f"{group}_controller/follow_joint_trajectory", partial(self._execute, group),
            goal_callback=partial(self._judge, group), cancel_callback=partial(self._cancel, group))

    def _cancel(self, group: str, handle) -> CancelResponse:
        if not self._running[group].done():
            self.end(group, "cancel")
        return CancelResponse.ACCEPT

    def vanish(self, group: str) -> None:
        self._servers.pop(group).destroy()

    def end(self, group: str, how: str) -> None:
        """A goal ends before its time, and the joints are held where they are, as joint_trajectory_controller does."""
        names = ROBOT.groups[group]
        self._controllers[group] = JointTrajectoryController(names, start=np.array([self.q[name] for name in names]))
        self._is_new = dict.fromkeys(ROBOT.groups, True)
        self._running[group].set_result(how)

    def _judge(self, group: str, goal) -> GoalResponse:
        if not self.does_accept:
            return GoalResponse.REJECT
        stood, now_ns = self._controllers[group].sample(self.world.now_ns())[0], self.world.now_ns()
        reason = self._controllers[group].accept(trajectory_from_message(goal.trajectory), now_ns)
        if self._is_new[group]:
            self._is_new[group] = False
            self.entries.append(float(np.abs(self._controllers[group].sample(now_ns)[0] - stood).max()))
        if reason:
            self.refused.append(reason)
            return GoalResponse.REJECT
        if group in self._running and not self._running[group].done():
            self._running[group].set_result("abort")
        self.goals += 1
        return GoalResponse.ACCEPT

    async def _execute(self, group: str, handle):
        trajectory = handle.request.trajectory
        self._running[group] = end = Future()
        end.ends_ns = ns_from_time(trajectory.header.stamp) + ns_from_time(trajectory.points[-1].time_from_start)
        how = await end
        {"succeed": handle.succeed, "cancel": handle.canceled}.get(how, handle.abort)()
        return self.kind.Result(error_string="" if how in ("succeed", "abort") else how)

    def _cycle(self) -> None:
        now_ns = self.world.now_ns()
        for group, names in ROBOT.groups.items():
            self.q.update(zip(names, self._controllers[group].sample(now_ns)[0].tolist()))
        for end in self._running.values():
            if not end.done() and now_ns > end.ends_ns:
                end.set_result("succeed")
        q = np.array([self.q[name] for name in ROBOT.joint_names])
        self._states.publish(joint_state_message(ROBOT.joint_names, q, 0 * q, now_ns))


def test_a_robot_that_knows_only_actions_gestures_and_is_not_mistaken_for_somebody_else_s(world):
    robot = ActionRobot(world)
    node = world.gesture_node(**{"commands.interface": "follow_joint_trajectory", "lead_s": 0.6})
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS
    rest = dict(robot.q)
    world.graph.until(lambda: robot.goals >= 4 * len(ROBOT.groups), what="goals")
    world.graph.until(lambda: max(abs(robot.q[n] - rest[n]) for n in rest) > 0.05, what="motion")
    assert not robot.refused
    assert not node._inhibitors.reasons(), "we do not yield to our own goals"


@pytest.mark.slow
def test_whatever_becomes_of_a_goal_is_told_and_the_robot_is_entered_anew_from_where_it_is(world, caplog):
    """Servers that come late, refuse, give up, obey another client's cancelling, and vanish."""
    caplog.set_level("INFO")
    robot = ActionRobot(world)
    robot.vanish("left_arm")
    node = world.gesture_node(**{"commands.interface": "follow_joint_trajectory", "lead_s": 0.6})
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS

    def told(line: str) -> None:
        world.graph.until(lambda: f"left_arm_controller/follow_joint_trajectory{line}" in caplog.text, what=line)
        world.graph.until(lambda: node._runner.agent.state.value == "inhibited", what="inhibited")

    def goes_on() -> None:
        robot.entries.clear()
        goals = robot.goals
        world.graph.until(lambda: robot.goals >= goals + 3 * len(ROBOT.groups), what="goals again")
        assert max(robot.entries, default=0.0) < 0.02, "no leap"
        caplog.clear()

    world.graph.until(lambda: "no action server left_arm_controller/follow" in caplog.text, what="waiting")
    assert robot.goals == 0
    robot.come("left_arm")
    goes_on()
    world.graph.until(lambda: not robot._running["left_arm"].done(), what="a goal")
    robot.end("left_arm", "abort")
    told(" did not complete a goal (status 6, error 0)")
    goes_on()
    kind = message_type("action_msgs/srv/CancelGoal")
    canceller = world.node.create_client(kind, "left_arm_controller/follow_joint_trajectory/_action/cancel_goal")
    for _ in range(30):  # its successor may be on the way already
        if "did not complete a goal (status 5" not in caplog.text:
            world.graph.call(canceller, kind.Request())
            world.graph.spin(0.2)
    told(" did not complete a goal (status 5")
    goes_on()
    robot.does_accept = False
    told(" rejected a goal")
    robot.does_accept = True
    goes_on()
    robot.vanish("left_arm")
    world.graph.until(lambda: "inhibited: no action server left_arm_controller/follow" in caplog.text, what="news")
    robot.come("left_arm")
    goes_on()
    assert "outlasts" not in caplog.text
    assert not robot.refused


class LowLevelRobot:
    """A robot with an arm_sdk: its own controller keeps the arms at rest, ours has a share of them by its weight."""

    def __init__(self, world: Speaker, indices: dict[str, int]) -> None:
        self._indices = indices
        self._state = message_type("unitree_hg/msg/LowState")()
        self._own = dict(zip(ROBOT.joint_names, ROBOT.rest_q.tolist()))
        self.q = dict(self._own)
        self.heard: list[tuple[int, float, dict[str, float]]] = []
        self._world = world
        self._states = world.node.create_publisher(message_type("unitree_hg/msg/LowState"), "lowstate", 10)
        world.node.create_subscription(message_type("unitree_hg/msg/LowCmd"), "arm_sdk", self._take, 100)
        world.node.create_timer(0.01, self._cycle)

    def _take(self, message) -> None:
        weight = float(message.motor_cmd[29].q)
        told = {name: float(message.motor_cmd[i].q) for name, i in self._indices.items()}
        self.heard.append((self._world.now_ns(), weight, told))
        self.q = {name: weight * told[name] + (1 - weight) * self._own[name] for name in told}

    def _cycle(self) -> None:
        for name, index in self._indices.items():
            self._state.motor_state[index].q = self.q[name]
        self._states.publish(self._state)


@pytest.fixture
def low_level_profile(tmp_path):
    indices = {name: i for i, name in enumerate(ROBOT.joint_names)}
    path = tmp_path / "sdk.yaml"
    path.write_text(yaml.safe_dump({"name": "sdk", "commands": {
        "interface": "unitree_arm_sdk", "rate_hz": 50.0, "ramp_s": 0.8,
        "joints": {name: {"index": i} for name, i in indices.items()}}}))
    return path, indices


def fail(node: GestureNode) -> None:
    def fail(now_ns):
        raise OSError("out of memory")

    node._runner.agent.update = fail


ENDS = {"closed": GestureNode.close, "deactivated": GestureNode.trigger_deactivate, "left by its model": fail}


@pytest.mark.parametrize("end", ENDS)
def test_a_low_level_robot_is_taken_slowly_moved_slowly_and_given_back(world, low_level_profile, end):
    path, indices = low_level_profile
    robot = LowLevelRobot(world, indices)
    node = world.gesture_node(profile=str(path), **{"commands.allow_low_level": True})
    assert node.trigger_configure() == SUCCESS
    world.graph.spin(0.3)
    assert not robot.heard, "nothing is told before it is activated"
    assert node.trigger_activate() == SUCCESS
    world.graph.until(lambda: robot.heard and robot.heard[-1][1] == 1.0, what="all weight")
    before = robot.heard[-1][2]
    world.graph.until(lambda: max(abs(robot.heard[-1][2][n] - before[n]) for n in before) > 0.05, what="motion")
    ENDS[end](node)
    world.graph.until(lambda: robot.heard[-1][1] <= 2 / (50 * 0.8) + 1e-6, what="all the way out")
    world.graph.spin(0.3)
    count = len(robot.heard)
    world.graph.spin(0.3)
    assert len(robot.heard) == count, "and silent"
    times = np.array([t for t, _, _ in robot.heard]) / NS
    weights = np.array([weight for _, weight, _ in robot.heard])
    q = np.array([list(told.values()) for _, _, told in robot.heard])
    np.testing.assert_allclose(q[weights < 0.99][0], ROBOT.rest_q, atol=1e-3)
    assert np.all(np.abs(np.diff(q, axis=0)) <= 0.5 * 2 / 50 * 1.01 + 1e-6), "at most two periods at 0.5 rad/s"
    assert np.abs(q[-1] - q[0]).max() / (times[-1] - times[0]) < 0.5
    assert np.abs(np.diff(weights)).max() <= 2 / (50 * 0.8) + 1e-6
    assert weights[0] <= 2 / (50 * 0.8) + 1e-6
    assert weights[-1] <= 2 / (50 * 0.8) + 1e-6


FALLS_ILL = """
import os
from speech_gesture_ros.nodes import gesture_node
class Node(gesture_node.GestureNode):
    def _apply_controls(self):
        if os.path.exists({flag!r}):
            raise ValueError("a bug in a callback")
        super()._apply_controls()
gesture_node.GestureNode = Node
gesture_node.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_process_that_ends_gives_a_low_level_robot_back_first(world, low_level_profile, tiny_bundle, interfaces,
                                                                domain_id, tmp_path, is_asked):
    """Asked to by ctrl-C, or because of an error that nobody thought of."""
    flag = tmp_path / "flag"
    path, indices = low_level_profile
    robot = LowLevelRobot(world, indices)
    given = {"model": tiny_bundle, "profile": path, "device": "cpu", "commands.allow_low_level": "true"}
    command = [sys.executable, "-c", FALLS_ILL.format(flag=str(flag)), "--ros-args",
               *(part for key, value in given.items() for part in ("-p", f"{key}:={value}"))]
    paths = os.pathsep.join([str(interfaces), *sys.path])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": paths})
    try:
        world.graph.until(lambda: robot.heard and robot.heard[-1][1] == 1.0, timeout_s=90.0, what="all weight")
        first = robot.heard[-1][2]
        world.graph.until(lambda: max(abs(robot.heard[-1][2][n] - first[n]) for n in first) > 0.02, what="motion")
        process.send_signal(signal.SIGINT) if is_asked else flag.touch()
        world.graph.until(lambda: process.poll() is not None, what="the end of the process")
    finally:
        process.kill()
        process.wait(10)
    assert process.returncode == (0 if is_asked else 1), (tmp_path / "log").read_text()
    world.graph.spin(0.3)
    weights = np.array([weight for _, weight, _ in robot.heard])
    assert weights[-1] <= 2 / (50 * 0.8) + 1e-6
    assert np.abs(np.diff(weights)).max() <= 2 / (50 * 0.8) + 1e-6


def test_a_low_level_robot_is_not_touched_unless_allowed(world, low_level_profile):
    path, indices = low_level_profile
    robot = LowLevelRobot(world, indices)
    node = world.gesture_node(profile=str(path))
    assert node.trigger_configure() == FAILURE
    world.graph.spin(0.3)
    assert not robot.heard
