"""Messages of each command interface over real DDS: joints, order, gains, weights, and rest at the end."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import zlib
from collections.abc import Callable

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.lifecycle import LifecycleNode
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.nodes.outputs.choice import make_outputs
from speech_gesture_ros.nodes.outputs.joint_angles import MIN_SPEED_SHARE
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.nodes.outputs.sampled_output import SampledOutput
from speech_gesture_ros.nodes.outputs.unitree_arm_sdk import CRC_LAYOUT
from speech_gesture_ros.nodes.outputs.unitree_crc import crc32_words
from speech_gesture_ros.retargeting import RobotConfig, load_robot
from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface, register_interface
from speech_gesture_ros.robot.commands import Commands, JointCommand
from speech_gesture_ros.robot.description import RobotDescription

from ros_graph import poll, running_clock

REACH = 0.3  # [rad] of the motion, of every joint
MOTION_S = 0.6  # duration of the motion
STEP_NS = NS // 50
LINGER_S = 0.5  # the position at rest is published for so long
RAMP = {"ramp_s": 0.5, "rate_hz": 50.0}
LARGEST_STEP = 2 / (RAMP["ramp_s"] * RAMP["rate_hz"]) + 1e-6  # of a weight: two periods


@pytest.fixture(scope="module")
def humanoid() -> RobotDescription:
    return load_robot(RobotConfig())


def with_commands(robot: RobotDescription, topic: str = "commands", **commands) -> RobotDescription:
    """Return the robot with a section `commands`; the topic of every group is its name and `topic`."""
    topics = {group: f"{group}/{topic}" for group in robot.groups}
    low_level_speed = 3.0 if command_interface(commands["interface"]).is_low_level else 0.0
    return dataclasses.replace(robot, commands=from_mapping(Commands, commands), topics=topics,
                               low_level_speed=low_level_speed)


def only(robot: RobotDescription, group: str) -> dict[str, str]:
    """Return `groups` of a profile with a single group that is commanded."""
    return {name: "none" for name in robot.groups if name != group}


def motion(robot: RobotDescription, now_ns: int, start: np.ndarray | None = None) -> Window:
    """Return a motion by REACH, from the rest pose to rest, beginning at once."""
    count = round(MOTION_S * KNOT_RATE) + 1
    t = np.linspace(0, 1, count)[:, None]
    start = robot.rest_q if start is None else start
    way = REACH * np.where(start + REACH < robot.limits.upper, 1, -1)
    return Window(0, now_ns, start + way * (3 * t**2 - 2 * t**3), way * (6 * t - 6 * t**2) / MOTION_S)


class Bench:
    """Outputs of a robot on one node, their subscriber on another, and counted time.

    The threads of the outputs run on the clock of the machine, so time is counted no faster than that.
    """

    def __init__(self, graph) -> None:
        self.graph, self.now_ns = graph, 100 * NS
        self.commander = graph.add(rclpy.create_node("commander"))
        self.robot = graph.add(rclpy.create_node("robot"))
        self.measured = MeasuredJoints(steady_ns=lambda: self.now_ns)
        self.outputs: list = []

    def make(self, description: RobotDescription) -> None:
        """Make and activate the outputs."""
        self.outputs = make_outputs(self.commander, description, self.measured, lambda: self.now_ns)
        for output in self.outputs:
            output.activate()

    def subscribe(self, kind, topic: str) -> list:
        """Return the list of messages that are received on a topic."""
        received: list = []
        self.robot.create_subscription(kind, topic, received.append, 1000)
        self.graph.until(lambda: self.commander.count_subscribers(topic), what=f"a subscription of {topic}")
        return received

    def run(self, seconds: float, received: list | None = None) -> None:
        """Let time pass in steps of 20 ms, each with at least one message if a list of messages is given."""
        for _ in range(round(seconds * NS / STEP_NS)):
            count = len(received) if received is not None else -1
            self.now_ns += STEP_NS
            self.graph.spin(STEP_NS / NS)
            if received is not None:
                self.graph.until(lambda count=count: len(received) > count, what="a message")

    def until(self, is_done: Callable[[], object], what: str) -> None:
        limit_ns = self.now_ns + 60 * NS
        while not is_done():
            assert self.now_ns < limit_ns, f"waited in vain for {what}"
            self.run(STEP_NS / NS)

    def send(self, window: Window) -> None:
        """Send a window to all outputs."""
        self.measured.follow(window)
        for output in self.outputs:
            output.send(window)

    def perform(self, description: RobotDescription, received: list) -> Window:
        """Send one motion and receive all of it, to rest."""
        self.until(lambda: not any(output.reason for output in self.outputs), "the outputs")
        window = motion(description, self.now_ns)
        self.send(window)
        self.run(MOTION_S + 0.2, received)
        return window

    def close(self) -> None:
        """Close the outputs, which wait until the robot rests."""
        outputs, self.outputs = self.outputs, []
        with running_clock(self._advance, STEP_NS / NS):
            for output in outputs:
                output.close()

    def _advance(self) -> None:
        self.now_ns += STEP_NS


@pytest.fixture
def bench(graph, interfaces):
    bench = Bench(graph)
    yield bench
    bench.close()


def test_a_forward_controller_gets_its_joints_in_its_order_and_other_joints_are_held(bench, humanoid):
    arm = humanoid.groups["left_arm"]
    order = (arm[2], "left_gripper", *arm[:2], *arm[3:])
    robot = with_commands(humanoid, interface="forward_position", groups=only(humanoid, "left_arm"),
                          order={"left_arm": order}, joints={arm[0]: JointCommand(sign=-1.0, offset=0.2)})
    bench.make(robot)
    assert "left_gripper" in bench.outputs[0].reason
    bench.measured.update(["left_gripper", "left_gripper"], [0.04, float("nan")])
    received = bench.subscribe(Float64MultiArray, "left_arm/commands")
    window = bench.perform(robot, received)
    data = np.array([message.data for message in received])
    assert data.shape[1] == len(order)
    assert np.isfinite(data).all()
    np.testing.assert_allclose(data[:, 1], 0.04)
    columns = robot.indices(arm)
    last = window.positions[-1, columns]
    np.testing.assert_allclose(data[-1], [last[2], 0.04, 0.2 - last[0], last[1], *last[3:]])
    steps = np.abs(np.diff(data, axis=0))
    assert steps.max() > 0
    assert np.all(steps[-5:] == 0), "it comes to rest"


def test_nothing_is_published_once_the_robot_rests(bench, humanoid):
    robot = with_commands(humanoid, interface="forward_position", groups=only(humanoid, "head"))
    bench.make(robot)
    received = bench.subscribe(Float64MultiArray, "head/commands")
    bench.run(0.3)
    assert not received
    bench.perform(robot, received)
    bench.run(0.7)
    count = len(received)
    bench.run(0.3)
    assert len(received) == count


def test_a_robot_that_is_released_in_the_middle_of_a_motion_still_comes_to_rest(bench, humanoid):
    robot = with_commands(humanoid, interface="forward_position", groups=only(humanoid, "head"))
    bench.make(robot)
    received = bench.subscribe(Float64MultiArray, "head/commands")
    bench.until(lambda: not bench.outputs[0].reason, "the output")
    window = motion(robot, bench.now_ns)
    bench.send(window)
    bench.run(MOTION_S / 3)
    before = len(received)
    bench.close()
    bench.run(0.2)
    assert len(received) > before
    np.testing.assert_allclose(received[-1].data, window.positions[-1, robot.indices(robot.groups["head"])])


def test_joint_states_without_a_robot_contain_every_joint_and_the_rest_pose_until_it_moves(bench, humanoid):
    robot = dataclasses.replace(with_commands(humanoid, interface="joint_state"),
                                topics=dict.fromkeys(humanoid.groups, "joint_states"))
    received = bench.subscribe(JointState, "joint_states")
    bench.make(robot)
    bench.graph.until(lambda: len(received) > 20, what="joint states")
    names = received[0].name
    assert set(robot.joint_names) <= set(names)
    assert len(set(names)) == len(names) == robot.model.urdf.text.count('type="revolute"')
    columns = [names.index(name) for name in robot.joint_names]
    for message in received:
        np.testing.assert_allclose(np.array(message.position)[columns], robot.rest_q)
    window = bench.perform(robot, received)
    np.testing.assert_allclose(np.array(received[-1].position)[columns], window.positions[-1])
    assert max(np.abs(np.array(message.velocity)[columns]).max() for message in received) > 0.3
    stamps = [message.header.stamp.sec * NS + message.header.stamp.nanosec for message in received]
    assert min(np.diff(stamps)) >= 0


def test_joint_states_as_commands_contain_the_commanded_joints_only_and_only_in_motion(bench, humanoid):
    robot = dataclasses.replace(with_commands(humanoid, interface="joint_state", groups=only(humanoid, "head")),
                                topics=dict.fromkeys(humanoid.groups, "joint_command"))
    received = bench.subscribe(JointState, "joint_command")
    bench.make(robot)
    bench.run(0.3)
    assert not received
    window = bench.perform(robot, received)
    head = robot.groups["head"]
    assert tuple(received[0].name) == head
    np.testing.assert_allclose(received[-1].position, window.positions[-1, robot.indices(head)])


def test_another_publisher_of_joint_states_is_a_reason_not_to_move(bench, humanoid):
    robot = dataclasses.replace(with_commands(humanoid, interface="joint_state"),
                                topics=dict.fromkeys(humanoid.groups, "joint_states"))
    bench.robot.create_publisher(JointState, "joint_states", 10)
    bench.make(robot)
    bench.graph.until(lambda: "another node publishes" in bench.outputs[0].reason, what="a reason")


def test_naoqi_gets_names_angles_and_speeds(bench, humanoid):
    arm = humanoid.groups["left_arm"]
    robot = with_commands(humanoid, interface="joint_angles", groups=only(humanoid, "left_arm"), rate_hz=50.0,
                          joints={arm[0]: JointCommand(name="LShoulderPitch")})
    received = bench.subscribe(message_type("naoqi_bridge_msgs/msg/JointAnglesWithSpeed"), "left_arm/commands")
    bench.make(robot)
    window = bench.perform(robot, received)
    assert list(received[0].joint_names) == ["LShoulderPitch", *arm[1:]]
    np.testing.assert_allclose(received[-1].joint_angles, window.positions[-1, robot.indices(arm)], atol=1e-6)
    speeds = np.array([message.speed for message in received])
    top = (window.velocities[:, robot.indices(arm)] / robot.limits.velocity[robot.indices(arm)]).max()
    assert 1.1 * top < speeds.max() <= 1.0, "faster than the motion, or it would lag"
    assert speeds[-1] == pytest.approx(MIN_SPEED_SHARE)
    assert all(message.relative == 0 for message in received)
    stamps = [message.header.stamp.sec * NS + message.header.stamp.nanosec for message in received]
    assert min(np.diff(stamps)) >= 0


def test_yarp_gets_names_and_positions(bench, humanoid):
    robot = with_commands(humanoid, interface="position_direct", groups=only(humanoid, "head"))
    received = bench.subscribe(message_type("yarp_control_msgs/msg/PositionDirect"), "head/commands")
    bench.make(robot)
    window = bench.perform(robot, received)
    assert list(received[0].names) == list(robot.groups["head"])
    np.testing.assert_allclose(received[-1].positions, window.positions[-1, robot.indices(robot.groups["head"])])


# -- low level ---------------------------------------------------------------------------------------------------------


def motors_of(robot: RobotDescription, first: int, **more) -> dict[str, JointCommand]:
    """Return motor numbers in the opposite order of the joints; one motor counts in the opposite direction."""
    count = len(robot.joint_names)
    joints = {name: JointCommand(options={"index": first + count - 1 - i, **more})
              for i, name in enumerate(robot.joint_names)}
    first_name = robot.joint_names[0]
    own = {**joints[first_name].options, "kp": 11.0, "kd": 0.5}
    return {**joints, first_name: JointCommand(sign=-1.0, offset=0.3, options=own)}


def values(robot: RobotDescription, q: np.ndarray) -> np.ndarray:
    """Return (N,) positions [rad] as values of messages."""
    result = np.array(q)
    result[0] = 0.3 - result[0]
    return result


def check_speeds(robot: RobotDescription, dq: np.ndarray) -> None:
    """Speeds are those of the motion, in the direction of the motors, and zero at the end."""
    window = motion(robot, 0)
    way = values(robot, window.positions[-1]) - values(robot, window.positions[0])
    fastest = dq[np.abs(dq).argmax(axis=0), np.arange(dq.shape[1])]
    np.testing.assert_allclose(fastest, 1.5 * way / MOTION_S, rtol=0.02)
    assert not dq[-1].any()


def check_ramps(weights: np.ndarray) -> None:
    """The weight rises from 0 to 1 and falls to 0 without a jump."""
    assert weights.max() == pytest.approx(1.0)
    assert weights[0] <= LARGEST_STEP
    assert weights[-1] <= LARGEST_STEP
    assert np.abs(np.diff(weights)).max() <= LARGEST_STEP
    peak = int(np.argmax(weights))
    assert np.all(np.diff(weights[:peak + 1]) >= 0)
    assert np.all(np.diff(weights[np.flatnonzero(weights == weights.max())[-1]:]) <= 0)


def perform_low_level(bench: Bench, robot: RobotDescription, state, topic: str, kind: str) -> list:
    """Publish motor states; engage, move and release the robot; return all commands."""
    received = bench.subscribe(message_type(f"{kind}/msg/LowCmd"), topic)
    states = bench.subscribe(JointState, "joint_states")
    publisher = bench.robot.create_publisher(type(state), robot.commands.options["state_topic"], 10)
    bench.robot.create_timer(0.005, lambda: publisher.publish(state))
    bench.robot.create_subscription(JointState, "joint_states", lambda m: bench.measured.update(m.name, m.position), 10)
    bench.make(robot)
    assert bench.outputs[0].reason
    bench.graph.until(lambda: states, what="joint states from the motor states")
    np.testing.assert_allclose(states[0].position, robot.rest_q, atol=1e-5)
    assert list(states[0].name) == list(robot.joint_names)
    bench.perform(robot, received)
    bench.close()
    bench.run(0.3)
    return received


def test_unitree_gets_motors_gains_and_a_ramped_weight(bench, humanoid):
    count = len(humanoid.joint_names)
    robot = with_commands(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 3), state_topic="state",
                          weight_index=29, kp=50.0, kd=2.0, **RAMP)
    topic = next(iter(robot.topics.values()))
    state = message_type("unitree_hg/msg/LowState")()
    indices = np.array([robot.commands.joint(name).options["index"] for name in robot.joint_names])
    for index, value in zip(indices.tolist(), values(robot, robot.rest_q)):
        state.motor_state[index].q = value
    received = perform_low_level(bench, robot, state, topic, "unitree_hg")
    motors = [message.motor_cmd for message in received]
    weights = np.array([m[29].q for m in motors])
    check_ramps(weights)
    q = np.array([[m[i].q for i in indices] for m in motors])
    np.testing.assert_allclose(q[weights < 0.99][: 5], np.tile(values(robot, robot.rest_q), (5, 1)), atol=1e-5)
    window = motion(robot, 0)
    np.testing.assert_allclose(q[-1], values(robot, window.positions[-1]), atol=1e-5)
    check_speeds(robot, np.array([[m[i].dq for i in indices] for m in motors]))
    for m in (motors[0], motors[len(motors) // 2]):
        kp, kd = [50.0] * count, [2.0] * count
        kp[0], kd[0] = 11.0, 0.5
        np.testing.assert_allclose([m[i].kp for i in indices], kp)
        np.testing.assert_allclose([m[i].kd for i in indices], kd)
        for i in set(range(35)) - set(indices.tolist()) - {29}:
            assert (m[i].q, m[i].dq, m[i].tau, m[i].kp, m[i].kd, m[i].mode) == (0, 0, 0, 0, 0, 0)
        assert not any(m[i].tau or m[i].mode for i in indices)
    message = received[len(received) // 2]
    fields = [message.mode_pr, message.mode_machine]
    for m in message.motor_cmd:
        fields += [m.mode, m.q, m.dq, m.tau, m.kp, m.kd, m.reserve]
    assert message.crc == crc32_words(CRC_LAYOUT, [*fields, *message.reserve]) != 0


def test_the_check_sum_is_the_crc32_of_bit_reversed_bytes():
    # zlib's CRC-32 is the same sum over reflected bits, inverted at the end: an independent computation.
    words = np.random.default_rng(3).integers(0, 2**32, 50, dtype=np.uint32)
    reflected = bytes(int(f"{byte:08b}"[::-1], 2) for byte in words.astype(">u4").tobytes())
    expected = int(f"{zlib.crc32(reflected) ^ 0xFFFFFFFF:032b}"[::-1], 2)
    assert crc32_words("<50I", words.tolist()) == expected


def test_booster_gets_as_many_motors_as_it_has_each_with_a_weight(bench, humanoid):
    robot = with_commands(humanoid, interface="booster_low_cmd", joints=motors_of(humanoid, 2), state_topic="state",
                          **RAMP)
    topic = next(iter(robot.topics.values()))
    state = message_type("booster_interface/msg/LowState")()
    motor = message_type("booster_interface/msg/MotorState")
    indices = [robot.commands.joint(name).options["index"] for name in robot.joint_names]
    count = max(indices) + 4
    state.motor_state_serial = [motor() for _ in range(count)]
    for index, value in zip(indices, values(robot, robot.rest_q)):
        state.motor_state_serial[index].q = value
    received = perform_low_level(bench, robot, state, topic, "booster_interface")
    assert {len(message.motor_cmd) for message in received} == {count}
    assert {message.cmd_type for message in received} == {type(received[0]).CMD_TYPE_SERIAL}
    weights = np.array([[m.weight for m in message.motor_cmd] for message in received])
    others = sorted(set(range(count)) - set(indices))
    assert not weights[:, others].any()
    for index in indices:
        np.testing.assert_array_equal(weights[:, index], weights[:, indices[0]])
    check_ramps(weights[:, indices[0]])
    q = np.array([[message.motor_cmd[i].q for i in indices] for message in received])
    np.testing.assert_allclose(q[-1], values(robot, motion(robot, 0).positions[-1]), atol=1e-5)
    assert not any(message.motor_cmd[i].kp for message in received for i in others)
    check_speeds(robot, np.array([[message.motor_cmd[i].dq for i in indices] for message in received]))
    for message in (received[0], received[-1]):
        own = [message.motor_cmd[i] for i in indices]
        assert [(m.kp, m.kd) for m in own] == [(11.0, 0.5), *[(60.0, 1.5)] * (len(own) - 1)]
        assert not any(m.tau or m.mode for m in message.motor_cmd)


def test_low_level_commands_are_refused_unless_allowed(bench, humanoid):
    robot = dataclasses.replace(with_commands(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 0)),
                                low_level_speed=0.0)
    with pytest.raises(ConfigError, match=r"commands\.allow_low_level"):
        make_outputs(bench.commander, robot, bench.measured, lambda: bench.now_ns)


@pytest.mark.parametrize("joints", [{}, "that of the weight"])
def test_motors_without_a_number_or_with_that_of_the_weight_are_refused(bench, humanoid, joints):
    if joints:
        joints = motors_of(humanoid, 29 - len(humanoid.joint_names) + 1)
    robot = with_commands(humanoid, interface="unitree_arm_sdk", joints=joints)
    with pytest.raises(ConfigError, match="motor numbers"):
        make_outputs(bench.commander, robot, bench.measured, lambda: bench.now_ns)


def test_an_interface_of_another_package_is_made_from_its_context(bench, humanoid):
    contexts: list[OutputContext] = []
    interface = register_interface(CommandInterface("recorder", "{group}/record", output=contexts.append))
    robot = with_commands(humanoid, topic="record", interface=interface.name, groups={"torso": "none"})
    make_outputs(bench.commander, robot, bench.measured, lambda: bench.now_ns)
    assert [context.groups for context in contexts] == [(group,) for group in robot.groups if group != "torso"]
    assert contexts[0].topic == f"{contexts[0].groups[0]}/record"
    assert contexts[0].controller_joints == robot.groups[contexts[0].groups[0]]


def test_a_missing_package_is_named_with_its_source():
    with pytest.raises(MissingDependencyError, match=r"no_such_msgs.*workspace"):
        message_type("no_such_msgs/msg/Nothing")


def test_a_low_level_robot_without_states_is_released_and_engaged_where_it_is_afterwards(bench, humanoid):
    """If it is switched off and on its arms are elsewhere: at full weight they would jump back."""
    robot = with_commands(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 3), state_topic="state",
                          **RAMP)
    bench.measured = MeasuredJoints(age_s=0.3, steady_ns=lambda: bench.now_ns)
    received = bench.subscribe(message_type("unitree_hg/msg/LowCmd"), next(iter(robot.topics.values())))
    bench.make(robot)
    bench.measured.update(robot.joint_names, robot.rest_q.tolist())
    bench.robot.create_publisher(message_type("unitree_hg/msg/LowState"), "state", 10).publish(
        message_type("unitree_hg/msg/LowState")())
    bench.graph.until(lambda: received, what="a command")
    bench.run(1.2)
    weights = [message.motor_cmd[29].q for message in received]
    assert max(weights) > 0.3
    assert weights[-1] <= LARGEST_STEP, "released"
    received.clear()
    bench.run(0.3)
    assert not received
    assert "no recent positions" in bench.outputs[0].reason
    moved = robot.rest_q + 0.1
    bench.measured.update(robot.joint_names, moved.tolist())
    bench.graph.until(lambda: received, what="a command")
    indices = [robot.commands.joint(name).options["index"] for name in robot.joint_names]
    np.testing.assert_allclose([received[0].motor_cmd[i].q for i in indices], values(robot, moved), atol=1e-5)


class FailingWriter:
    """A writer that fails a given number of times, as a network may."""

    reason = ""

    def __init__(self) -> None:
        self.weights: list[float] = []
        self.rows: list[np.ndarray] = []
        self.failures = 0

    def write(self, command, now_ns):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the network is down")
        self.weights.append(command.weight)
        self.rows.append(command.positions)

    def close(self):
        pass


def test_after_a_failed_message_the_robot_still_comes_to_rest_and_is_released(humanoid, caplog):
    """The thread needs no executor: it follows the window to rest and lowers the weight."""
    speed, writer = humanoid.limits.velocity, FailingWriter()
    output = SampledOutput(writer, speed, 100.0, time.time_ns, lambda: humanoid.rest_q, ramp_s=0.5, name="arms")
    with contextlib.closing(output):
        output.activate()
        poll(lambda: not output.reason, "the output")
        output.send(motion(humanoid, time.time_ns()))
        writer.failures = 2
        poll(lambda: "arms: the network is down" in output.reason, "the failure")
        assert not output.send(motion(humanoid, time.time_ns())), "no more windows"
    assert writer.weights[-1] <= 2 / (0.5 * 100) + 1e-6
    assert np.abs(np.diff(writer.weights)).max() <= 2 / (0.5 * 100) + 1e-6
    np.testing.assert_allclose(writer.rows[-1], motion(humanoid, 0).positions[-1])
    assert sum("network is down" in record.message for record in caplog.records) == 1, "logged once"


def test_a_window_has_the_bytes_of_its_message_and_no_others(bench, humanoid):
    """Bags keep messages as they are sent; readers refuse one that is longer than its content."""
    from rosbags.typesys import Stores, get_typestore

    bench.commander = bench.graph.add(LifecycleNode("lifecycle_commander"))
    bench.make(humanoid)
    bench.commander.trigger_configure()
    bench.commander.trigger_activate()
    received: list[bytes] = []
    bench.robot.create_subscription(JointTrajectory, humanoid.topics["left_arm"], received.append, 10, raw=True)
    bench.measured.update(humanoid.joint_names, humanoid.rest_q)
    output = next(output for output in bench.outputs if output.name == "left_arm")
    bench.until(lambda: not output.reason, "a subscription")
    bench.send(motion(humanoid, bench.now_ns))
    bench.until(lambda: received, "the window")
    message = get_typestore(Stores.LATEST).deserialize_cdr(received[0], "trajectory_msgs/msg/JointTrajectory")
    assert tuple(message.joint_names) == humanoid.groups["left_arm"]
