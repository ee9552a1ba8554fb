"""The whole node with robots that take no trajectories: they are engaged, moved and released."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from sensor_msgs.msg import JointState

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.gesture_node import FAILURE, SUCCESS, GestureNode
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.retargeting import RobotConfig, load_robot

from action_controller import ActionController

ROBOT = load_robot(RobotConfig())
RAMP_S, RATE_HZ = 0.8, 50.0
LARGEST_STEP = 2 / (RATE_HZ * RAMP_S) + 1e-6  # of a weight: two periods


def test_a_robot_that_exists_only_as_joint_states_gestures_with_no_other_node(paced_world):
    world = paced_world
    world.remove_robot()
    states: list[JointState] = []
    world.node.create_subscription(JointState, "joint_states", states.append, 1000)
    node = world.activate(**{"commands.interface": "joint_state"})

    def moved() -> float:
        rows = [dict(zip(m.name, m.position)) for m in (*states[:1], *states[-1:])]
        q = np.array([[row[name] for name in ROBOT.joint_names] for row in rows])
        return float(np.ptp(q, axis=0).max()) if len(q) else 0.0

    world.until(lambda: moved() > 0.05, "motion")
    assert node.trigger_deactivate() == SUCCESS
    world.run(1.5)
    count = len(states)
    assert not np.any(states[-1].velocity), "at rest in the end"
    world.run(0.3)
    assert len(states) == count, "and no more messages"


class ActionRobot:
    """Robot with a controller behind an action for each group; takes the place of `RosWorld.robot`."""

    def __init__(self, world) -> None:
        world.robot = self
        self.controllers = {
            group: ActionController(world.node, f"{group}_controller/follow_joint_trajectory", names,
                                    ROBOT.rest_q[ROBOT.indices(names)], lambda: world.now_ns)
            for group, names in ROBOT.groups.items()}
        self.q = ROBOT.rest_q.copy()
        self.speeds = [np.zeros(len(self.q))]

    def step(self, now_ns: int) -> np.ndarray:
        for group, names in ROBOT.groups.items():
            self.controllers[group].step()
            self.q[ROBOT.indices(names)] = self.controllers[group].q
        return self.q

    @property
    def goals(self) -> int:
        return sum(len(controller.goals) for controller in self.controllers.values())


def test_a_robot_with_actions_gestures_and_its_own_goals_are_not_external(paced_world):
    world = paced_world
    robot = ActionRobot(world)
    rest = robot.q.copy()
    node = world.activate(**{"commands.interface": "follow_joint_trajectory", "lead_s": 0.6})
    world.until(lambda: robot.goals >= 4 * len(ROBOT.groups), "goals")
    world.until(lambda: np.abs(robot.q - rest).max() > 0.05, "motion")
    assert not any(controller.rejected for controller in robot.controllers.values())
    assert not node.inhibitors.reasons(), "no yielding to its own goals"


@pytest.mark.slow
def test_every_end_of_a_goal_is_reported_and_the_robot_is_engaged_again_where_it_is(paced_world, caplog):
    """Servers that start late, reject, abort, execute another client's cancellation, and end."""
    caplog.set_level("INFO")
    world = paced_world
    robot = ActionRobot(world)
    left = robot.controllers["left_arm"]
    left.stop()
    node = world.activate(**{"commands.interface": "follow_joint_trajectory", "lead_s": 0.6})
    state = node.session.runner.agent.engagement

    def is_reported(line: str) -> None:
        world.until(lambda: f"left_arm_controller/follow_joint_trajectory{line}" in caplog.text, line)
        world.until(lambda: not state.is_engaged, "the release")

    def continues() -> None:
        entries = len(left.entries)
        goals = robot.goals
        world.until(lambda: robot.goals >= goals + 3 * len(ROBOT.groups), "goals again")
        assert max(left.entries[entries:], default=0.0) < 0.02, "no jump"
        caplog.clear()

    world.until(lambda: "no action server left_arm_controller/follow" in caplog.text, "a report of the missing server")
    assert robot.goals == 0
    left.start()
    continues()
    world.until(lambda: left.is_busy, "a goal")
    left.abort()
    is_reported(" did not complete a goal (status 6, error 0)")
    continues()
    kind = message_type("action_msgs/srv/CancelGoal")
    canceller = world.node.create_client(kind, "left_arm_controller/follow_joint_trajectory/_action/cancel_goal")
    for _ in range(30):  # the next goal may be on its way already
        if "did not complete a goal (status 5" not in caplog.text:
            world.graph.call(canceller, kind.Request())
            world.run(0.2)
    is_reported(" did not complete a goal (status 5")
    continues()
    for controller in robot.controllers.values():
        controller.does_accept = False
    is_reported(" rejected a goal")
    for controller in robot.controllers.values():
        controller.does_accept = True
    continues()
    left.stop()
    world.until(lambda: "inhibited: no action server left_arm_controller/follow" in caplog.text, "a report")
    left.start()
    continues()
    assert "outlasts" not in caplog.text
    assert not any(controller.rejected for controller in robot.controllers.values())


class LowLevelRobot:
    """Robot with an arm_sdk: its own controller keeps the arms at rest, and shares them by the weight of the commands.

    Attributes:
        received: Time [ns], weight and positions [rad] of every command.
    """

    def __init__(self, node: Any, indices: dict[str, int], now_ns: Callable[[], int]) -> None:
        self._indices, self._now_ns = indices, now_ns
        self._state = message_type("unitree_hg/msg/LowState")()
        self._own = dict(zip(ROBOT.joint_names, ROBOT.rest_q.tolist()))
        self.q = dict(self._own)
        self.received: list[tuple[int, float, dict[str, float]]] = []
        self._states = node.create_publisher(message_type("unitree_hg/msg/LowState"), "lowstate", 10)
        node.create_subscription(message_type("unitree_hg/msg/LowCmd"), "arm_sdk", self._take, 1000)
        node.create_timer(0.02, self._publish_state)

    @property
    def weight(self) -> float:
        return self.received[-1][1] if self.received else 0.0

    def distance(self, start: dict[str, float]) -> float:
        """Return the largest distance of the newest command from given positions [rad]."""
        return max(abs(self.received[-1][2][name] - start[name]) for name in start)

    def _take(self, message) -> None:
        weight = float(message.motor_cmd[29].q)
        commanded = {name: float(message.motor_cmd[i].q) for name, i in self._indices.items()}
        self.received.append((self._now_ns(), weight, commanded))
        self.q = {name: weight * q + (1 - weight) * self._own[name] for name, q in commanded.items()}

    def _publish_state(self) -> None:
        for name, index in self._indices.items():
            self._state.motor_state[index].q = self.q[name]
        self._states.publish(self._state)


@pytest.fixture
def low_level_profile(tmp_path):
    indices = {name: i for i, name in enumerate(ROBOT.joint_names)}
    path = tmp_path / "sdk.yaml"
    path.write_text(yaml.safe_dump({"name": "sdk", "commands": {
        "interface": "unitree_arm_sdk", "rate_hz": RATE_HZ, "ramp_s": RAMP_S,
        "joints": {name: {"index": i} for name, i in indices.items()}}}))
    return path, indices


def fail(node: GestureNode) -> None:
    def fail(now_ns):
        raise OSError("out of memory")

    assert node.session is not None
    node.session.runner.agent.update = fail


ENDS = {"closed": GestureNode.close, "deactivated": GestureNode.trigger_deactivate, "model failed": fail}


@pytest.mark.parametrize("end", ENDS)
def test_a_low_level_robot_is_engaged_slowly_moved_slowly_and_released_slowly(paced_world, low_level_profile, end):
    world = paced_world
    world.remove_robot()
    path, indices = low_level_profile
    robot = LowLevelRobot(world.node, indices, lambda: world.now_ns)
    node = world.make_node(profile=str(path), **{"commands.allow_low_level": True})
    assert node.trigger_configure() == SUCCESS
    world.run(0.3)
    assert not robot.received, "no command before it is activated"
    assert node.trigger_activate() == SUCCESS
    world.until(lambda: robot.weight == 1.0, "the full weight")
    start = robot.received[-1][2]
    world.until(lambda: robot.distance(start) > 0.05, "motion")
    with world.running_clock():
        ENDS[end](node)
    world.until(lambda: robot.weight <= LARGEST_STEP, "the end of the weight")
    world.run(0.3)
    count = len(robot.received)
    world.run(0.3)
    assert len(robot.received) == count, "no more commands"
    times = np.array([t for t, _, _ in robot.received]) / NS
    weights = np.array([weight for _, weight, _ in robot.received])
    q = np.array([list(commanded.values()) for _, _, commanded in robot.received])
    np.testing.assert_allclose(q[weights < 0.99][0], ROBOT.rest_q, atol=1e-3)
    assert np.all(np.abs(np.diff(q, axis=0)) <= 0.5 * 2 / RATE_HZ * 1.01 + 1e-6), "at most two periods at 0.5 rad/s"
    assert np.abs(q[-1] - q[0]).max() / (times[-1] - times[0]) < 0.5
    assert np.abs(np.diff(weights)).max() <= LARGEST_STEP
    assert weights[0] <= LARGEST_STEP
    assert weights[-1] <= LARGEST_STEP


FAILS_LATER = """
import os
from speech_gesture_ros.nodes import gesture_session
class Session(gesture_session.GestureSession):
    def set_controls(self, controls, is_dry):
        if os.path.exists({flag!r}):
            raise SystemExit("an error that ends the process")
        super().set_controls(controls, is_dry)
from speech_gesture_ros.nodes import gesture_node
gesture_node.GestureSession = Session
gesture_node.main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("is_signalled", [True, False])
def test_a_process_that_ends_releases_a_low_level_robot_first(graph, low_level_profile, tiny_bundle, interfaces,
                                                              domain_id, tmp_path, is_signalled):
    """By SIGINT, or by an error that no guard catches."""
    flag = tmp_path / "flag"
    path, indices = low_level_profile
    observer = graph.add(rclpy.create_node("robot"))
    robot = LowLevelRobot(observer, indices, lambda: observer.get_clock().now().nanoseconds)
    given = {"model": tiny_bundle, "profile": path, "device": "cpu", "commands.allow_low_level": "true"}
    speech = share_folder() / "config" / "demo" / "speech.flac"
    commands = [["-c", FAILS_LATER.format(flag=str(flag)), "--ros-args",
                 *(part for key, value in given.items() for part in ("-p", f"{key}:={value}"))],
                ["-m", "speech_gesture_ros.nodes.audio_file_node", "--ros-args", "-p", f"path:={speech}", "-p",
                 "loop:=true"]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(interfaces), *sys.path])}
    with (tmp_path / "log").open("wb") as log:
        processes = [subprocess.Popen([sys.executable, *command], stdout=log, stderr=log, env=environment)
                     for command in commands]
    node = processes[0]
    try:
        graph.until(lambda: robot.weight == 1.0, timeout_s=90.0, what="the full weight")
        start = robot.received[-1][2]
        graph.until(lambda: robot.distance(start) > 0.02, what="motion")
        node.send_signal(signal.SIGINT) if is_signalled else flag.touch()
        graph.until(lambda: node.poll() is not None, what="the end of the process")
    finally:
        for process in processes:
            process.terminate()  # a killed peer over shared memory can crash this process: see `without_shared_memory`
            process.wait(10)
    assert node.returncode == (0 if is_signalled else 1), (tmp_path / "log").read_text()
    graph.until(lambda: robot.weight <= LARGEST_STEP, what="the last command")
    weights = np.array([weight for _, weight, _ in robot.received])
    assert np.abs(np.diff(weights)).max() <= LARGEST_STEP


def test_a_low_level_robot_is_not_commanded_unless_allowed(paced_world, low_level_profile):
    world = paced_world
    path, indices = low_level_profile
    robot = LowLevelRobot(world.node, indices, lambda: world.now_ns)
    assert world.make_node(profile=str(path)).trigger_configure() == FAILURE
    world.run(0.3)
    assert not robot.received
