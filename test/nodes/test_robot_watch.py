"""What the node hears of a robot, on real rclpy: references, settings of controllers, descriptions, and the clock."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from speech_gesture_ros.nodes.controller_probe import parameter_faults
from speech_gesture_ros.nodes.controllers import Controller
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT, LATCHED
from speech_gesture_ros.robot.command_interfaces.shipped import FOLLOW, FORWARD, TRAJECTORY

WELL_SET = {"allow_trajectory_replacement": False, "allow_nonzero_velocity_at_trajectory_end": False,
            "interpolate_from_desired_state": False}


@pytest.fixture
def add_controller(graph, world):
    """Makes a node that has the parameters of a controller; those that are None are not declared."""
    def add(group: str, **changes):
        node = graph.add(rclpy.create_node(f"{group}_controller"))
        values = {"joints": list(world.description.groups[group]), **WELL_SET, **changes}
        for name, value in values.items():
            if value is not None:
                node.declare_parameter(name, value)
        return node

    return add


def activated(node):
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS
    return node


def controller_status(graph, world):
    """The status about the controllers."""
    found = []

    def look() -> bool:
        found.extend(status for status in world.statuses if status.name == "/gesture_node: controllers")
        return bool(found)

    graph.until(look, what="a status about the controllers")
    return found[-1]


# -- the probe -------------------------------------------------------------------------------------------------------


def test_controllers_that_are_well_set_up_are_told_in_one_line(graph, world, make_node, add_controller, caplog):
    caplog.set_level("INFO")
    for group in world.description.groups:
        add_controller(group)
    activated(make_node())
    status = controller_status(graph, world)
    assert status.level == b"\x00"
    for group in world.description.groups:
        assert (f"/{group}_controller is configured correctly (allow_trajectory_replacement false, "
                "interpolate_from_desired_state false)") in status.message
    values = {pair.key: pair.value for pair in status.values}
    assert values["left_arm_controller.allow_trajectory_replacement"] == "False"
    assert values["left_arm_controller.joints"] == ", ".join(world.description.groups["left_arm"])
    assert caplog.text.count("controllers: ") == 1


def test_what_to_change_is_said_and_nothing_waits_for_it(graph, world, make_node, add_controller):
    add_controller("left_arm", allow_trajectory_replacement=True)
    add_controller("right_arm", allow_trajectory_replacement=None, open_loop_control=True,
                   interpolate_from_desired_state=None)
    add_controller("head", joints=["neck_yaw", "unknown_joint"])
    activated(make_node())
    graph.until(lambda: world.trajectories, what="trajectories, whatever the probe is doing")
    status = controller_status(graph, world)
    assert status.level == b"\x01"
    assert "/left_arm_controller: set allow_trajectory_replacement to false" in status.message
    assert "/right_arm_controller is configured correctly (open_loop_control true)" in status.message
    assert ("/head_controller: its joints are not those of the profile (only there: unknown_joint; only here: neck"
            in status.message)
    assert "/torso_controller does not answer" in status.message


def test_a_probe_is_made_anew_at_each_activation(graph, world, make_node, add_controller):
    for group in set(world.description.groups) - {"left_arm"}:
        add_controller(group)
    controller = add_controller("left_arm", allow_trajectory_replacement=True)
    node = activated(make_node())
    assert "set allow_trajectory_replacement" in controller_status(graph, world).message
    controller.set_parameters([Parameter("allow_trajectory_replacement", value=False)])
    assert node.trigger_deactivate() == node.trigger_activate() == SUCCESS
    graph.until(lambda: "/left_arm_controller is configured correctly" in controller_status(graph, world).message,
                what="the new report")


def test_a_forward_controller_must_have_our_joints_in_our_order():
    controller = Controller("/arm", FORWARD, ("a", "b"))
    assert parameter_faults(controller, {"joints": ("a", "b"), "interface_name": "position"}) == []
    assert "another order (b, a)" in parameter_faults(controller, {"joints": ("b", "a")})[0]
    assert "must be 'position'" in parameter_faults(controller, {"joints": ("a", "b"), "interface_name": "velocity"})[0]
    assert parameter_faults(Controller("/arm", TRAJECTORY, ("a", "b")), {"joints": ("b", "a")}) == []
    assert parameter_faults(controller, {}) == [], "what is not told is not judged"


@pytest.mark.parametrize("name", ["interpolate_from_desired_state", "open_loop_control"])
def test_goals_that_begin_when_they_arrive_must_begin_from_what_was_told(name):
    controller = Controller("/arm", FOLLOW, ("a",), is_stamped=False)
    assert "set interpolate_from_desired_state (Humble: open_loop_control) to true" in parameter_faults(
        controller, {name: False})[0]
    assert parameter_faults(controller, {name: True}) == []
    assert parameter_faults(Controller("/arm", FOLLOW, ("a",)), {name: False}) == [], "with stamps it does not matter"


class Manager:
    """A controller_manager: says what state each controller is in."""

    def __init__(self, world, name: str = "controller_manager") -> None:
        from controller_manager_msgs.msg import ControllerState
        from controller_manager_msgs.srv import ListControllers

        self.states = {f"{group}_controller": "active" for group in world.description.groups}
        self.states["wheels"] = "inactive"
        self._kind, self._node = ControllerState, world.node
        self._service = world.node.create_service(ListControllers, f"{name}/list_controllers", self._serve)

    def _serve(self, request, response):
        response.controller = [self._kind(name=name, state=state) for name, state in self.states.items()]
        return response

    def disappear(self) -> None:
        self._node.destroy_service(self._service)


@pytest.mark.slow
def test_a_controller_that_is_not_active_holds_the_robot_until_it_is(graph, interfaces, world, make_node, caplog):
    """Activated in the middle of our motion it would jump into it."""
    caplog.set_level("INFO")
    manager = Manager(world)
    node = activated(make_node())
    graph.until(lambda: len(world.trajectories) > 5, what="trajectories")
    assert "controller /left_arm_controller is active" in caplog.text
    manager.states["left_arm_controller"] = "inactive"
    graph.until(lambda: world.says("inhibited: not active: /left_arm_controller (ros2 control "
                                   "set_controller_state left_arm_controller active)"), what="a status")
    assert caplog.text.count("controller /left_arm_controller is inactive") == 1
    assert controller_status(graph, world).level == b"\x01"
    values = {pair.key: pair.value for pair in controller_status(graph, world).values}
    assert (values["left_arm_controller.state"], values["head_controller.state"]) == ("inactive", "active")
    count = len(world.trajectories)
    graph.spin(0.5)
    assert len(world.trajectories) == count
    manager.states["left_arm_controller"] = "active"
    graph.until(lambda: len(world.trajectories) > count + 5, what="trajectories again")
    assert caplog.text.count("controller /left_arm_controller is active") == 2
    manager.states["left_arm_controller"] = "inactive"
    graph.until(node._inhibitors.reasons, what="a reason")
    manager.disappear()
    graph.until(lambda: not node._inhibitors.reasons(), what="the end of a reason that nobody can take back any more")


def test_nobody_who_listens_is_told_once_and_the_robot_is_entered_when_somebody_does(graph, world, make_node, caplog):
    """A controller that begins to listen in the middle of our motion would jump into it."""
    caplog.set_level("INFO")
    world.deafen("left_arm")
    activated(make_node())
    graph.until(lambda: world.says("inhibited: no subscriber on /left_arm_controller/joint_trajectory"),
                what="a status")
    status = next(status for status in world.statuses if "no subscriber" in status.message)
    assert status.level == b"\x01"
    graph.spin(0.5)
    assert not world.newest, "the other arm is not moved either"
    assert caplog.text.count("no subscriber") == 1
    world.listen("left_arm")
    graph.until(lambda: len(world.trajectories) > 5, what="trajectories")
    assert max(abs(v) for m in world.trajectories[:5] for p in m.points for v in p.velocities) <= 0.5
    count = len(world.trajectories)
    world.deafen("left_arm")
    world.statuses.clear()
    graph.until(lambda: world.says("inhibited: no subscriber"), what="a status")
    world.listen("left_arm")
    graph.until(lambda: len(world.trajectories) > count, what="trajectories again")


# -- where the robot is entered --------------------------------------------------------------------------------------


def test_the_robot_is_entered_from_the_reference_of_its_controllers(graph, interfaces, world, make_node):
    from control_msgs.msg import JointTrajectoryControllerState

    names = world.description.groups["left_arm"]
    joints = world.description.indices(names)
    reference = world.description.rest_q[joints] + 0.1
    publisher = world.node.create_publisher(JointTrajectoryControllerState, "left_arm_controller/controller_state",
                                            JOINT_STATES_OUT)
    message = JointTrajectoryControllerState(joint_names=names)
    message.reference.positions = reference.tolist()
    world.node.create_timer(0.02, lambda: publisher.publish(message))
    node = make_node()
    assert node.trigger_configure() == SUCCESS
    robot, clock = node._runner.agent.engagement.robot, node.get_clock()
    graph.until(lambda: np.allclose(robot.position(clock.now().nanoseconds)[joints], reference), what="a reference")
    assert node.trigger_activate() == SUCCESS
    graph.until(lambda: world.trajectories, what="a trajectory")
    np.testing.assert_allclose(world.trajectories[0].points[0].positions, reference, atol=1e-3)


def test_joint_states_may_come_in_any_order_in_parts_and_with_any_stamp(graph, world, make_node):
    """Stamps are those of somebody else's clock: what counts is when a message arrives."""
    from builtin_interfaces.msg import Time

    world.is_present = False
    names, q = world.description.joint_names, world.description.rest_q + 0.05
    node = activated(make_node())
    publisher = world.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT)
    half = len(names) // 2
    parts = [JointState(name=[*names[half:][::-1], "wheel"], position=[*q[half:][::-1], 77.0]),
             JointState(name=[names[0], *names[:half]], position=[5.0, *q[:half]], velocity=[1.0])]
    parts[0].header.stamp, parts[1].header.stamp = Time(), Time(sec=2**31 - 1)

    def say(count: int) -> None:
        for part in parts[:count]:
            publisher.publish(part)

    talking = world.node.create_timer(0.02, lambda: say(1))
    graph.until(lambda: world.says(f"no position yet of {names[0]}, {names[1]}"), what="what is missing")
    assert not world.trajectories
    world.node.destroy_timer(talking)
    world.node.create_timer(0.02, lambda: say(2))
    graph.until(lambda: world.trajectories, what="a trajectory")
    first = world.trajectories[0].points[0].positions
    np.testing.assert_allclose(first, q[world.description.indices(world.description.groups["left_arm"])], atol=1e-6)
    assert node._runner.agent.engagement.is_engaged


# -- robot_description -----------------------------------------------------------------------------------------------


@pytest.fixture
def describe(world):
    publisher = world.node.create_publisher(String, "robot_description", LATCHED)
    return lambda text: publisher.publish(String(data=text))


def test_a_malformed_description_is_told_of_and_a_good_one_that_comes_later_is_taken(
        graph, world, make_node, describe, caplog):
    make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    for bad in ("", "<robot", "<robot name='x'><link name='a'/></robot>", world.description.model.urdf.text[:2000]):
        caplog.clear()
        describe(bad)
        complaint = "robot_description cannot be used" if bad else "empty robot_description ignored"
        graph.until(lambda complaint=complaint: complaint in caplog.text, what=f"a complaint about {bad[:20]!r}")
        assert "Traceback" not in caplog.text
    assert not world.trajectories
    describe(world.description.model.urdf.text)
    graph.until(lambda: len(world.trajectories) > 3, what="trajectories")


def test_a_description_that_comes_again_changes_nothing_and_a_changed_one_is_told_of(
        graph, world, make_node, describe, caplog):
    describe(world.description.model.urdf.text)
    node = make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    graph.until(lambda: world.trajectories, what="trajectories")
    agent = node._runner.agent
    describe(world.description.model.urdf.text)
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 10, what="more trajectories")
    assert "robot_description changed" not in caplog.text
    describe(world.description.model.urdf.text + "\n<!-- newer -->")
    graph.until(lambda: "robot_description changed" in caplog.text, what="a word about the change")
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 10, what="trajectories of the robot that is moving")
    assert node._runner.agent is agent
    assert node.trigger_deactivate() == node.trigger_cleanup() == SUCCESS
    assert node.trigger_configure() == SUCCESS
    assert node._runner.agent.description.model.urdf.text.endswith("<!-- newer -->")


# -- joints and clock ------------------------------------------------------------------------------------------------


def test_a_model_that_hangs_is_told_of_while_it_hangs(graph, world, make_node):
    node = activated(make_node())
    graph.until(lambda: world.trajectories, what="trajectories")
    agent, may_go_on = node._runner.agent, []
    update = agent.update

    def hang(now_ns):
        while not may_go_on:
            time.sleep(0.01)
        return update(now_ns)

    agent.update = hang
    try:
        graph.until(lambda: world.says("the model has not answered for"), what="the news")
        status = next(status for status in world.statuses if "has not answered" in status.message)
        assert status.level == b"\x02"
    finally:
        may_go_on.append(True)
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 5, what="trajectories again")


class SimulatedTime:
    """The clock of a simulation: goes on in steps of 10 ms, at the pace of the wall at most, while it is told to."""

    def __init__(self, graph) -> None:
        from rosgraph_msgs.msg import Clock

        self.now_ns, self.goes_on = 100 * 10**9, True
        self._message = Clock()
        self._node = graph.add(rclpy.create_node("simulation"))
        self._publisher = self._node.create_publisher(Clock, "/clock", 10)
        self._node.create_timer(0.01, self._step)

    def _step(self) -> None:
        from speech_gesture_ros.nodes.conversions import time_from_ns

        self.now_ns += 10**7 if self.goes_on else 0
        self._message.clock = time_from_ns(self.now_ns)
        self._publisher.publish(self._message)


def test_simulated_time_that_pauses_or_jumps_is_told_of_and_the_robot_is_entered_anew(graph, make_world, make_node,
                                                                                      caplog):
    time_goes = SimulatedTime(graph)
    world = make_world(parameter_overrides=[Parameter("use_sim_time", value=True)])
    activated(make_node(use_sim_time=True))
    graph.until(lambda: len(world.trajectories) > 5, what="trajectories")
    time_goes.goes_on = False
    graph.until(lambda: world.says("inhibited: ROS time stands still"), what="news of the pause")
    count = len(world.trajectories)
    graph.spin(0.4)
    assert len(world.trajectories) == count
    time_goes.goes_on = True
    graph.until(lambda: len(world.trajectories) > count + 5, what="trajectories again")
    time_goes.now_ns -= 60 * 10**9
    graph.until(lambda: world.says("the clock jumped: ROS time jumped back by"), what="news of the jump")
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 5, what="trajectories again")
    entry = [point for message in world.trajectories[count:count + 5] for point in message.points]
    assert max(np.abs(point.velocities).max() for point in entry) <= 0.5
    assert caplog.text.count("robot released: the clock jumped") == 1
    assert caplog.text.count("ROS time stands still: the robot brakes") == 1
