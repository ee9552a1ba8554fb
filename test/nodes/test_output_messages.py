"""What each kind of robot hears, over real DDS: joints, order, gains, weights; and that it comes to rest."""

from __future__ import annotations

import contextlib
import dataclasses
import time
import zlib

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray

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
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface, register_interface
from speech_gesture_ros.robot.commands import Commands, JointCommand
from speech_gesture_ros.robot.description import RobotDescription

REACH = 0.3  # [rad] of the motion, of every joint
TIME_S = 0.6  # it takes


@pytest.fixture(scope="module")
def humanoid() -> RobotDescription:
    return load_robot(PipelineConfig())


def told(robot: RobotDescription, topic: str = "commands", **commands) -> RobotDescription:
    """The robot told by an interface; the topic of every group is its name and `topic`."""
    topics = {group: f"{group}/{topic}" for group in robot.groups}
    low_level_speed = 3.0 if command_interface(commands["interface"]).is_low_level else 0.0
    return dataclasses.replace(robot, commands=from_mapping(Commands, commands), topics=topics,
                               low_level_speed=low_level_speed)


def only(robot: RobotDescription, group: str) -> dict[str, str]:
    """All groups but one are left alone."""
    return {name: "none" for name in robot.groups if name != group}


def motion(robot: RobotDescription, now_ns: int, start: np.ndarray | None = None) -> Window:
    """From where the robot stands upwards by REACH and to rest, beginning at once."""
    count = round(TIME_S * KNOT_RATE) + 1
    t = np.linspace(0, 1, count)[:, None]
    start = robot.rest_q if start is None else start
    way = REACH * np.where(start + REACH < robot.limits.upper, 1, -1)
    return Window(0, now_ns, start + way * (3 * t**2 - 2 * t**3), way * (6 * t - 6 * t**2) / TIME_S)


class World:
    """The outputs of a robot on one node, the robot's ears on another."""

    def __init__(self, graph) -> None:
        self.graph = graph
        self.ours = graph.add(rclpy.create_node("ours"))
        self.robot = graph.add(rclpy.create_node("robot"))
        self.measured = MeasuredJoints()
        self.outputs: list = []

    def make(self, description: RobotDescription) -> None:
        self.outputs = make_outputs(self.ours, description, self.measured, self.now_ns)
        for output in self.outputs:
            output.activate()

    def ready(self) -> None:
        self.graph.until(lambda: not any(output.reason for output in self.outputs), what="the outputs")

    def now_ns(self) -> int:
        return self.ours.get_clock().now().nanoseconds

    def hear(self, kind, topic: str) -> list:
        heard: list = []
        self.robot.create_subscription(kind, topic, heard.append, 1000)
        self.graph.until(lambda: self.ours.count_subscribers(topic), what=f"the robot on {topic}")
        return heard

    def send(self, window: Window) -> None:
        self.measured.follow(window)
        for output in self.outputs:
            output.send(window)

    def close(self) -> None:
        outputs, self.outputs = self.outputs, []
        for output in outputs:
            output.close()


@pytest.fixture
def world(graph, interfaces):
    world = World(graph)
    yield world
    world.close()


def perform(world: World, description: RobotDescription, heard: list) -> Window:
    """Send one motion and hear all of it, to rest."""
    world.ready()
    window = motion(description, world.now_ns())
    world.send(window)
    world.graph.spin(TIME_S + 0.2)
    assert len(heard) > 0.2 * TIME_S * description.commands.rate_hz
    return window


def test_a_forward_controller_is_told_its_joints_in_its_order_and_holds_those_that_are_not_ours(world, humanoid):
    arm = humanoid.groups["left_arm"]
    order = (arm[2], "left_gripper", *arm[:2], *arm[3:])
    robot = told(humanoid, interface="forward_position", groups=only(humanoid, "left_arm"), order={"left_arm": order},
                 joints={arm[0]: JointCommand(sign=-1.0, offset=0.2)})
    world.make(robot)
    assert "left_gripper" in world.outputs[0].reason
    world.measured.update(["left_gripper", "left_gripper"], [0.04, float("nan")])
    heard = world.hear(Float64MultiArray, "left_arm/commands")
    window = perform(world, robot, heard)
    data = np.array([message.data for message in heard])
    assert data.shape[1] == len(order)
    assert np.isfinite(data).all()
    np.testing.assert_allclose(data[:, 1], 0.04)
    columns = robot.indices(arm)
    last = window.positions[-1, columns]
    np.testing.assert_allclose(data[-1], [last[2], 0.04, 0.2 - last[0], last[1], *last[3:]])
    steps = np.abs(np.diff(data, axis=0))
    assert steps.max() > 0
    assert np.all(steps[-5:] == 0), "it comes to rest"


def test_nothing_is_said_any_more_once_the_robot_rests(world, humanoid):
    robot = told(humanoid, interface="forward_position", groups=only(humanoid, "head"))
    world.make(robot)
    heard = world.hear(Float64MultiArray, "head/commands")
    world.graph.spin(0.3)
    assert not heard
    perform(world, robot, heard)
    world.graph.spin(0.7)
    count = len(heard)
    world.graph.spin(0.3)
    assert len(heard) == count


def test_given_back_in_the_middle_of_a_motion_the_robot_still_comes_to_rest(world, humanoid):
    robot = told(humanoid, interface="forward_position", groups=only(humanoid, "head"))
    world.make(robot)
    heard = world.hear(Float64MultiArray, "head/commands")
    world.ready()
    window = motion(robot, world.now_ns())
    world.send(window)
    world.graph.spin(TIME_S / 3)
    before = len(heard)
    world.close()
    world.graph.spin(0.2)
    assert len(heard) > before
    np.testing.assert_allclose(heard[-1].data, window.positions[-1, robot.indices(robot.groups["head"])])


def test_a_picture_of_the_robot_has_every_joint_and_stands_at_rest_until_it_moves(world, humanoid):
    robot = dataclasses.replace(told(humanoid, interface="joint_state"),
                                topics=dict.fromkeys(humanoid.groups, "joint_states"))
    heard = world.hear(JointState, "joint_states")
    world.make(robot)
    world.graph.until(lambda: len(heard) > 20, what="joint states")
    names = heard[0].name
    assert set(robot.joint_names) <= set(names)
    assert len(set(names)) == len(names) == robot.model.urdf.text.count('type="revolute"')
    columns = [names.index(name) for name in robot.joint_names]
    for message in heard:
        np.testing.assert_allclose(np.array(message.position)[columns], robot.rest_q)
    window = perform(world, robot, heard)
    np.testing.assert_allclose(np.array(heard[-1].position)[columns], window.positions[-1])
    assert max(np.abs(np.array(message.velocity)[columns]).max() for message in heard) > 0.3
    stamps = [message.header.stamp.sec * NS + message.header.stamp.nanosec for message in heard]
    assert min(np.diff(stamps)) > 0


def test_a_robot_that_takes_joint_states_hears_of_our_joints_alone_and_only_in_motion(world, humanoid):
    robot = dataclasses.replace(told(humanoid, interface="joint_state", groups=only(humanoid, "head")),
                                topics=dict.fromkeys(humanoid.groups, "joint_command"))
    heard = world.hear(JointState, "joint_command")
    world.make(robot)
    world.graph.spin(0.3)
    assert not heard
    window = perform(world, robot, heard)
    head = robot.groups["head"]
    assert tuple(heard[0].name) == head
    np.testing.assert_allclose(heard[-1].position, window.positions[-1, robot.indices(head)])


def test_a_picture_stands_back_for_a_robot_that_is_there(world, humanoid):
    robot = dataclasses.replace(told(humanoid, interface="joint_state"),
                                topics=dict.fromkeys(humanoid.groups, "joint_states"))
    world.robot.create_publisher(JointState, "joint_states", 10)
    world.make(robot)
    world.graph.until(lambda: "another node publishes" in world.outputs[0].reason, what="a reason")


def test_naoqi_is_told_names_angles_and_how_fast(world, humanoid):
    arm = humanoid.groups["left_arm"]
    robot = told(humanoid, interface="joint_angles", groups=only(humanoid, "left_arm"), rate_hz=50.0,
                 joints={arm[0]: JointCommand(name="LShoulderPitch")})
    heard = world.hear(message_type("naoqi_bridge_msgs/msg/JointAnglesWithSpeed"), "left_arm/commands")
    world.make(robot)
    window = perform(world, robot, heard)
    assert list(heard[0].joint_names) == ["LShoulderPitch", *arm[1:]]
    np.testing.assert_allclose(heard[-1].joint_angles, window.positions[-1, robot.indices(arm)], atol=1e-6)
    speeds = np.array([message.speed for message in heard])
    top = (window.velocities[:, robot.indices(arm)] / robot.limits.velocity[robot.indices(arm)]).max()
    assert 1.1 * top < speeds.max() <= 1.0, "faster than the motion, or it would trail"
    assert speeds[-1] == pytest.approx(MIN_SPEED_SHARE)
    assert all(message.relative == 0 for message in heard)
    stamps = [message.header.stamp.sec * NS + message.header.stamp.nanosec for message in heard]
    assert min(np.diff(stamps)) > 0


def test_yarp_is_told_names_and_positions(world, humanoid):
    robot = told(humanoid, interface="position_direct", groups=only(humanoid, "head"))
    heard = world.hear(message_type("yarp_control_msgs/msg/PositionDirect"), "head/commands")
    world.make(robot)
    window = perform(world, robot, heard)
    assert list(heard[0].names) == list(robot.groups["head"])
    np.testing.assert_allclose(heard[-1].positions, window.positions[-1, robot.indices(robot.groups["head"])])


# -- low level ---------------------------------------------------------------------------------------------------------


def motors_of(robot: RobotDescription, first: int, **more) -> dict[str, JointCommand]:
    """Motor numbers in the opposite order of the joints, one of them the other way round."""
    count = len(robot.joint_names)
    joints = {name: JointCommand(options={"index": first + count - 1 - i, **more})
              for i, name in enumerate(robot.joint_names)}
    first_name = robot.joint_names[0]
    own = {**joints[first_name].options, "kp": 11.0, "kd": 0.5}
    return {**joints, first_name: JointCommand(sign=-1.0, offset=0.3, options=own)}


def values(robot: RobotDescription, q: np.ndarray) -> np.ndarray:
    """In messages."""
    result = np.array(q)
    result[0] = 0.3 - result[0]
    return result


def check_speeds(robot: RobotDescription, dq: np.ndarray) -> None:
    """Speeds are those of the motion, in the motors' sense, and zero in the end."""
    window = motion(robot, 0)
    way = values(robot, window.positions[-1]) - values(robot, window.positions[0])
    fastest = dq[np.abs(dq).argmax(axis=0), np.arange(dq.shape[1])]
    np.testing.assert_allclose(fastest, 1.5 * way / TIME_S, rtol=0.1)
    assert not dq[-1].any()


def check_ramps(weights: np.ndarray, ramp_s: float, rate_hz: float) -> None:
    """Fully in, fully out, never a jump."""
    assert weights.max() == pytest.approx(1.0)
    step = 1 / (ramp_s * rate_hz)
    assert weights[0] <= 2 * step + 1e-6
    assert weights[-1] <= 2 * step + 1e-6
    assert np.abs(np.diff(weights)).max() <= 2 * step + 1e-6
    peak = int(np.argmax(weights))
    assert np.all(np.diff(weights[:peak + 1]) >= 0)
    assert np.all(np.diff(weights[np.flatnonzero(weights == weights.max())[-1]:]) <= 0)


def perform_low_level(world: World, robot: RobotDescription, state, topic: str, kind: str) -> list:
    """The robot states its motors, is taken, moves, and is given back."""
    heard = world.hear(message_type(f"{kind}/msg/LowCmd"), topic)
    states = world.hear(JointState, "joint_states")
    publisher = world.robot.create_publisher(type(state), robot.commands.options["state_topic"], 10)
    world.robot.create_timer(0.005, lambda: publisher.publish(state))
    world.robot.create_subscription(JointState, "joint_states", lambda m: world.measured.update(m.name, m.position), 10)
    world.make(robot)
    assert world.outputs[0].reason
    world.graph.until(lambda: states, what="joint states from the robot's motors")
    np.testing.assert_allclose(states[0].position, robot.rest_q, atol=1e-5)
    assert list(states[0].name) == list(robot.joint_names)
    perform(world, robot, heard)
    world.close()
    world.graph.spin(0.3)
    return heard


RAMP = {"ramp_s": 0.5, "rate_hz": 50.0}


def test_unitree_is_told_motors_gains_and_a_weight_that_ramps(world, humanoid):
    count = len(humanoid.joint_names)
    robot = told(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 3), state_topic="state",
                 weight_index=29, kp=50.0, kd=2.0, **RAMP)
    topic = next(iter(robot.topics.values()))
    state = message_type("unitree_hg/msg/LowState")()
    indices = np.array([robot.commands.joint(name).options["index"] for name in robot.joint_names])
    for index, value in zip(indices.tolist(), values(robot, robot.rest_q)):
        state.motor_state[index].q = value
    heard = perform_low_level(world, robot, state, topic, "unitree_hg")
    motors = [message.motor_cmd for message in heard]
    weights = np.array([m[29].q for m in motors])
    check_ramps(weights, **RAMP)
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
    message = heard[len(heard) // 2]
    fields = [message.mode_pr, message.mode_machine]
    for m in message.motor_cmd:
        fields += [m.mode, m.q, m.dq, m.tau, m.kp, m.kd, m.reserve]
    assert message.crc == crc32_words(CRC_LAYOUT, [*fields, *message.reserve]) != 0


def test_the_check_sum_is_the_crc32_of_bytes_that_are_turned_round():
    # zlib's CRC-32 is the same sum over reflected bits, inverted at the end: an independent road to the same number.
    words = np.random.default_rng(3).integers(0, 2**32, 50, dtype=np.uint32)
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in words.astype(">u4").tobytes())
    expected = int(f"{zlib.crc32(turned) ^ 0xFFFFFFFF:032b}"[::-1], 2)
    assert crc32_words("<50I", words.tolist()) == expected


def test_booster_is_told_as_many_motors_as_it_has_each_with_a_weight(world, humanoid):
    robot = told(humanoid, interface="booster_low_cmd", joints=motors_of(humanoid, 2), state_topic="state", **RAMP)
    topic = next(iter(robot.topics.values()))
    state = message_type("booster_interface/msg/LowState")()
    motor = message_type("booster_interface/msg/MotorState")
    indices = [robot.commands.joint(name).options["index"] for name in robot.joint_names]
    count = max(indices) + 4
    state.motor_state_serial = [motor() for _ in range(count)]
    for index, value in zip(indices, values(robot, robot.rest_q)):
        state.motor_state_serial[index].q = value
    heard = perform_low_level(world, robot, state, topic, "booster_interface")
    assert {len(message.motor_cmd) for message in heard} == {count}
    assert {message.cmd_type for message in heard} == {type(heard[0]).CMD_TYPE_SERIAL}
    weights = np.array([[m.weight for m in message.motor_cmd] for message in heard])
    others = sorted(set(range(count)) - set(indices))
    assert not weights[:, others].any()
    for index in indices:
        np.testing.assert_array_equal(weights[:, index], weights[:, indices[0]])
    check_ramps(weights[:, indices[0]], **RAMP)
    q = np.array([[message.motor_cmd[i].q for i in indices] for message in heard])
    np.testing.assert_allclose(q[-1], values(robot, motion(robot, 0).positions[-1]), atol=1e-5)
    assert not any(message.motor_cmd[i].kp for message in heard for i in others)
    check_speeds(robot, np.array([[message.motor_cmd[i].dq for i in indices] for message in heard]))
    for message in (heard[0], heard[-1]):
        own = [message.motor_cmd[i] for i in indices]
        assert [(m.kp, m.kd) for m in own] == [(11.0, 0.5), *[(60.0, 1.5)] * (len(own) - 1)]
        assert not any(m.tau or m.mode for m in message.motor_cmd)


def test_low_level_commands_are_refused_unless_allowed(world, humanoid):
    robot = dataclasses.replace(told(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 0)),
                                low_level_speed=0.0)
    with pytest.raises(ConfigError, match=r"commands\.allow_low_level"):
        make_outputs(world.ours, robot, world.measured, world.now_ns)


@pytest.mark.parametrize("joints", [{}, "the weight's"])
def test_motors_without_a_number_or_with_that_of_the_weight_are_refused(world, humanoid, joints):
    if joints:
        joints = motors_of(humanoid, 29 - len(humanoid.joint_names) + 1)
    robot = told(humanoid, interface="unitree_arm_sdk", joints=joints)
    with pytest.raises(ConfigError, match="motor numbers"):
        make_outputs(world.ours, robot, world.measured, world.now_ns)


def test_an_interface_of_another_package_is_made_from_its_context(world, humanoid):
    contexts: list[OutputContext] = []
    interface = register_interface(CommandInterface("recorder", "{group}/record", output=contexts.append))
    robot = told(humanoid, topic="record", interface=interface.name, groups={"torso": "none"})
    make_outputs(world.ours, robot, world.measured, world.now_ns)
    assert [context.groups for context in contexts] == [(group,) for group in robot.groups if group != "torso"]
    assert contexts[0].topic == f"{contexts[0].groups[0]}/record"
    assert contexts[0].controller_joints == robot.groups[contexts[0].groups[0]]


def test_a_package_that_is_missing_is_named_with_where_to_get_it():
    with pytest.raises(MissingDependencyError, match=r"no_such_msgs.*workspace"):
        message_type("no_such_msgs/msg/Nothing")


def test_the_robot_is_told_while_nobody_spins(world, humanoid):
    robot = told(humanoid, interface="forward_position", groups=only(humanoid, "head"))
    world.make(robot)
    heard = world.hear(Float64MultiArray, "head/commands")
    world.ready()
    world.send(motion(robot, world.now_ns()))
    time.sleep(TIME_S + 0.3)
    last = motion(robot, 0).positions[-1, robot.indices(robot.groups["head"])].tolist()
    world.graph.until(lambda: heard and heard[-1].data.tolist() == pytest.approx(last), what="the end of the motion")
    assert len(heard) > 0.2 * TIME_S * robot.commands.rate_hz


def test_a_low_level_robot_that_fell_silent_is_not_taken_where_it_was(world, humanoid):
    """Switched off and on again its arms are elsewhere: at full weight they would be torn to where they were."""
    robot = told(humanoid, interface="unitree_arm_sdk", joints=motors_of(humanoid, 3), state_topic="state", **RAMP)
    world.measured = MeasuredJoints(age_s=0.3)
    heard = world.hear(message_type("unitree_hg/msg/LowCmd"), next(iter(robot.topics.values())))
    world.make(robot)
    world.measured.update(robot.joint_names, robot.rest_q.tolist())
    world.robot.create_publisher(message_type("unitree_hg/msg/LowState"), "state", 10).publish(
        message_type("unitree_hg/msg/LowState")())
    world.graph.until(lambda: heard, what="a command")
    world.graph.spin(1.2)
    weights = [message.motor_cmd[29].q for message in heard]
    assert max(weights) > 0.3
    assert weights[-1] <= 2 / (RAMP["ramp_s"] * RAMP["rate_hz"]) + 1e-6, "given back"
    heard.clear()
    world.graph.spin(0.3)
    assert not heard
    assert "no recent positions" in world.outputs[0].reason
    moved = robot.rest_q + 0.1
    world.measured.update(robot.joint_names, moved.tolist())
    world.graph.until(lambda: heard, what="a command")
    indices = [robot.commands.joint(name).options["index"] for name in robot.joint_names]
    np.testing.assert_allclose([heard[0].motor_cmd[i].q for i in indices], values(robot, moved), atol=1e-5)


class Failing:
    """A writer that fails as often as it is told to, as a network may."""

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


def wait(is_done) -> None:
    """For what a thread does by itself."""
    end = time.monotonic() + 20.0
    while not is_done():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_robot_that_cannot_be_told_any_more_is_given_back_as_far_as_it_can(humanoid, caplog):
    """One error while it moves: no more motion, but rest, and the way out for the weight, must still be said."""
    speed, writer = humanoid.limits.velocity, Failing()
    output = SampledOutput(writer, speed, 100.0, time.time_ns, lambda: humanoid.rest_q, ramp_s=0.5, name="arms")
    with contextlib.closing(output):
        output.activate()
        wait(lambda: not output.reason)
        output.send(motion(humanoid, time.time_ns()))
        writer.failures = 2
        wait(lambda: "arms: the network is down" in output.reason)
        assert not output.send(motion(humanoid, time.time_ns())), "nothing is taken any more"
    assert writer.weights[-1] <= 2 / (0.5 * 100) + 1e-6
    assert np.abs(np.diff(writer.weights)).max() <= 2 / (0.5 * 100) + 1e-6
    np.testing.assert_allclose(writer.rows[-1], motion(humanoid, 0).positions[-1])
    assert sum("network is down" in record.message for record in caplog.records) == 1, "told once"
