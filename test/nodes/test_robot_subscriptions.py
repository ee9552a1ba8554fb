"""Messages from the robot on real rclpy: references, parameters of controllers, descriptions, the clock."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from builtin_interfaces.msg import Time
from rclpy.duration import Duration
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from std_msgs.msg import String

from speech_gesture_ros.agent.delivery_monitor import LATE_WINDOWS
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.controller_probe import parameter_faults
from speech_gesture_ros.nodes.controllers import Controller, controllers_of
from speech_gesture_ros.nodes.conversions import ns_from_time, time_from_ns
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT_QOS, LATCHED_QOS
from speech_gesture_ros.nodes.simulated_controllers import serve_parameters
from speech_gesture_ros.robot.command_interfaces.shipped import (
    FOLLOW_INTERFACE,
    FORWARD_INTERFACE,
    TRAJECTORY_INTERFACE,
)

CORRECT = {"allow_trajectory_replacement": False, "allow_nonzero_velocity_at_trajectory_end": False,
           "interpolate_from_desired_state": False}


@pytest.fixture
def add_controller(world):
    """Makes a node with the parameters of a controller; parameters that are None are not declared."""
    def add(group: str, **changes):
        node = world.graph.add(rclpy.create_node(f"{group}_controller"))
        values = {"joints": list(world.description.groups[group]), **CORRECT, **changes}
        for name, value in values.items():
            if value is not None:
                node.declare_parameter(name, value)
        return node

    return add


def controller_status(world):
    """Wait for a status of the controllers, and return the newest."""
    def found():
        return [status for status in world.statuses if status.name == "/gesture_node: controllers"]

    world.until(found, "a status of the controllers")
    return found()[-1]


# -- parameters of the controllers -----------------------------------------------------------------------------------


def test_correct_controllers_are_reported_in_one_line(world, add_controller, caplog):
    caplog.set_level("INFO")
    for group in world.description.groups:
        add_controller(group)
    world.activate()
    status = controller_status(world)
    assert status.level == b"\x00"
    for group in world.description.groups:
        assert (f"/{group}_controller is configured correctly (allow_trajectory_replacement false, "
                "interpolate_from_desired_state false)") in status.message
    values = {pair.key: pair.value for pair in status.values}
    assert values["left_arm_controller.allow_trajectory_replacement"] == "False"
    assert values["left_arm_controller.joints"] == ", ".join(world.description.groups["left_arm"])
    assert caplog.text.count("controllers: ") == 1


def test_the_simulated_controllers_answer_for_their_parameters_and_are_correct(world):
    simulator = world.graph.add(rclpy.create_node("mujoco_node"))
    serve_parameters(simulator, controllers_of(simulator, world.description))
    world.activate()
    status = controller_status(world)
    assert status.level == b"\x00"
    for group in world.description.groups:
        assert f"/{group}_controller is configured correctly (allow_trajectory_replacement false, " in status.message


def test_necessary_changes_are_reported_and_motion_does_not_wait_for_them(world, add_controller):
    add_controller("left_arm", allow_trajectory_replacement=True)
    add_controller("right_arm", allow_trajectory_replacement=None, open_loop_control=True,
                   interpolate_from_desired_state=None)
    add_controller("head", joints=["neck_yaw", "unknown_joint"])
    world.perform()
    status = controller_status(world)
    assert status.level == b"\x01"
    assert "/left_arm_controller: set allow_trajectory_replacement to false" in status.message
    assert "/right_arm_controller is configured correctly (open_loop_control true)" in status.message
    assert ("/head_controller: its joints are not those of the profile (only there: unknown_joint; only here: neck"
            in status.message)
    assert "/torso_controller does not answer" in status.message


def test_parameters_are_checked_again_at_each_activation(world, add_controller):
    for group in set(world.description.groups) - {"left_arm"}:
        add_controller(group)
    controller = add_controller("left_arm", allow_trajectory_replacement=True)
    node = world.activate()
    assert "set allow_trajectory_replacement" in controller_status(world).message
    controller.set_parameters([Parameter("allow_trajectory_replacement", value=False)])
    assert node.trigger_deactivate() == node.trigger_activate() == SUCCESS
    world.until(lambda: "/left_arm_controller is configured correctly" in controller_status(world).message,
                "the new report")


def test_a_forward_controller_must_have_the_same_joints_in_the_same_order():
    controller = Controller("/arm", FORWARD_INTERFACE, ("a", "b"))
    assert parameter_faults(controller, {"joints": ("a", "b"), "interface_name": "position"}) == []
    assert "another order (b, a)" in parameter_faults(controller, {"joints": ("b", "a")})[0]
    assert "must be 'position'" in parameter_faults(controller, {"joints": ("a", "b"), "interface_name": "velocity"})[0]
    assert parameter_faults(Controller("/arm", TRAJECTORY_INTERFACE, ("a", "b")), {"joints": ("b", "a")}) == []
    assert parameter_faults(controller, {}) == [], "unknown parameters are not judged"


@pytest.mark.parametrize("name", ["interpolate_from_desired_state", "open_loop_control"])
def test_goals_that_begin_when_they_arrive_must_begin_from_the_last_command(name):
    controller = Controller("/arm", FOLLOW_INTERFACE, ("a",), is_stamped=False)
    assert "set interpolate_from_desired_state (Humble: open_loop_control) to true" in parameter_faults(
        controller, {name: False})[0]
    assert parameter_faults(controller, {name: True}) == []
    stamped = Controller("/arm", FOLLOW_INTERFACE, ("a",))
    assert parameter_faults(stamped, {name: False}) == [], "with stamps it does not matter"


class Manager:
    """A controller_manager, which lists the state of each controller."""

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
def test_a_controller_that_is_not_active_inhibits_motion_until_it_is(interfaces, world, caplog):
    """If it were activated in the middle of a motion it would jump to it."""
    caplog.set_level("INFO")
    manager = Manager(world)
    node = world.perform()
    world.until(lambda: "controller /left_arm_controller is active" in caplog.text, "the state")
    manager.states["left_arm_controller"] = "inactive"
    world.until(lambda: world.reports("inhibited: not active: /left_arm_controller (ros2 control set_controller_state "
                                      "left_arm_controller active)"), "a status")
    assert caplog.text.count("controller /left_arm_controller is inactive") == 1
    assert controller_status(world).level == b"\x01"
    values = {pair.key: pair.value for pair in controller_status(world).values}
    assert (values["left_arm_controller.state"], values["head_controller.state"]) == ("inactive", "active")
    count = len(world.trajectories)
    world.run(0.5)
    assert len(world.trajectories) == count
    manager.states["left_arm_controller"] = "active"
    world.until(lambda: len(world.trajectories) > count + 5, "trajectories again")
    assert caplog.text.count("controller /left_arm_controller is active") == 2
    manager.states["left_arm_controller"] = "inactive"
    world.until(node.inhibitors.reasons, "a reason")
    manager.disappear()
    world.until(lambda: not node.inhibitors.reasons(), "the end of a reason without its manager")


def test_a_missing_subscriber_is_reported_once_and_the_robot_is_engaged_when_it_is_there(world, caplog):
    """A controller that subscribes in the middle of a motion would jump to it."""
    caplog.set_level("INFO")
    world.stop_controller("left_arm")
    world.activate()
    world.until(lambda: world.reports("inhibited: no subscriber on /left_arm_controller/joint_trajectory"), "a status")
    status = next(status for status in world.statuses if "no subscriber" in status.message)
    assert status.level == b"\x01"
    world.run(0.5)
    assert not world.newest, "the other arm does not move either"
    assert caplog.text.count("no subscriber") == 1
    world.start_controller("left_arm")
    world.until(lambda: len(world.trajectories) > 5, "trajectories")
    assert max(abs(v) for m in world.trajectories[:5] for p in m.points for v in p.velocities) <= 0.5
    count = len(world.trajectories)
    world.stop_controller("left_arm")
    world.statuses.clear()
    world.until(lambda: world.reports("inhibited: no subscriber"), "a status")
    world.start_controller("left_arm")
    world.until(lambda: len(world.trajectories) > count, "trajectories again")


# -- position at which the robot is engaged --------------------------------------------------------------------------


def test_the_robot_is_engaged_at_the_reference_of_its_controllers(interfaces, world):
    from control_msgs.msg import JointTrajectoryControllerState

    columns = world.columns("left_arm")
    reference = world.description.rest_q[columns] + 0.1
    publisher = world.node.create_publisher(JointTrajectoryControllerState, "left_arm_controller/controller_state",
                                            JOINT_STATES_OUT_QOS)
    message = JointTrajectoryControllerState(joint_names=world.description.groups["left_arm"])
    message.reference.positions = reference.tolist()
    world.node.create_timer(0.02, lambda: publisher.publish(message))
    node = world.make_node()
    assert node.trigger_configure() == SUCCESS
    robot = node.session.runner.agent.engagement.robot
    world.until(lambda: np.allclose(robot.position(world.now_ns)[columns], reference), "a reference")
    assert node.trigger_activate() == SUCCESS
    world.until(lambda: world.trajectories, "a trajectory")
    np.testing.assert_allclose(world.trajectories[0].points[0].positions, reference, atol=1e-3)


def test_the_delivery_of_a_window_is_measured_from_the_state_of_its_controller(interfaces, world):
    from control_msgs.msg import JointTrajectoryControllerState

    publisher = world.node.create_publisher(JointTrajectoryControllerState, "left_arm_controller/controller_state",
                                            JOINT_STATES_OUT_QOS)
    node = world.perform(count=5)
    delivery = node.session.runner.delivery
    assert delivery.longest_s == 0.0

    def state() -> JointTrajectoryControllerState:
        names = world.description.groups["left_arm"]
        message = JointTrajectoryControllerState(joint_names=names)
        message.header.stamp = time_from_ns(world.now_ns + NS // 100)
        followed_ns = ns_from_time(world.trajectories[-1].header.stamp)
        message.feedback.time_from_start = Duration(nanoseconds=world.now_ns + NS // 100 - followed_ns).to_msg()
        message.reference.positions = world.q[world.columns("left_arm")].tolist()
        return message

    world.until(lambda: publisher.publish(state()) or delivery.longest_s > 0.0, "a measured delivery")
    assert delivery.longest_s <= 0.1
    assert delivery.late == 0


def test_a_lead_that_late_windows_have_raised_is_kept_when_the_node_is_configured_again(world):
    node = world.perform(count=5)
    delivery, latency_s = node.session.runner.delivery, node.session.runner.agent.latency_s
    for k in range(LATE_WINDOWS):
        sent_ns = world.now_ns + k * NS // 25
        delivery.record(sent_ns, sent_ns)
        delivery.observe("/left_arm_controller", sent_ns, sent_ns + round(0.15 * NS))
    assert delivery.raised_s == pytest.approx(0.2)
    assert node.trigger_deactivate() == node.trigger_cleanup() == SUCCESS
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    agent, count = node.session.runner.agent, len(world.trajectories)
    world.until(lambda: len(world.trajectories) > count, "trajectories")
    assert agent.lead_s == pytest.approx(0.2)
    assert agent.latency_s == pytest.approx(latency_s + 0.1)


def test_joint_states_may_arrive_in_any_order_in_parts_and_with_any_stamp(world):
    """Stamps may come from another clock: the time of arrival counts."""
    world.is_present = False
    names, q = world.description.joint_names, world.description.rest_q + 0.05
    node = world.activate()
    publisher = world.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT_QOS)
    half = len(names) // 2
    parts = [JointState(name=[*names[half:][::-1], "wheel"], position=[*q[half:][::-1], 77.0]),
             JointState(name=[names[0], *names[:half]], position=[5.0, *q[:half]], velocity=[1.0])]
    parts[0].header.stamp, parts[1].header.stamp = Time(), Time(sec=2**31 - 1)

    def publish(count: int) -> None:
        for part in parts[:count]:
            publisher.publish(part)

    timer = world.node.create_timer(0.02, lambda: publish(1))
    world.until(lambda: world.reports(f"no position yet of {names[0]}, {names[1]}"), "the missing joints")
    assert not world.trajectories
    world.node.destroy_timer(timer)
    world.node.create_timer(0.02, lambda: publish(2))
    world.until(lambda: world.trajectories, "a trajectory")
    first = world.trajectories[0].points[0].positions
    np.testing.assert_allclose(first, q[world.columns("left_arm")], atol=1e-6)
    assert node.session.runner.agent.engagement.is_engaged


# -- robot_description -----------------------------------------------------------------------------------------------


@pytest.fixture
def describe(world):
    publisher = world.node.create_publisher(String, "robot_description", LATCHED_QOS)
    return lambda text: publisher.publish(String(data=text))


def test_a_malformed_description_is_reported_and_a_later_correct_one_is_used(world, describe, caplog):
    world.make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    for wrong in ("", "<robot", "<robot name='x'><link name='a'/></robot>", world.description.model.urdf.text[:2000]):
        caplog.clear()
        describe(wrong)
        expected = "robot_description cannot be used" if wrong else "empty robot_description ignored"
        world.graph.until(lambda expected=expected: expected in caplog.text, what=f"{expected} for {wrong[:20]!r}")
        assert "Traceback" not in caplog.text
    assert not world.trajectories
    describe(world.description.model.urdf.text)
    world.until(lambda: len(world.trajectories) > 3, "trajectories")


def test_a_repeated_description_changes_nothing_and_a_changed_one_is_reported(world, describe, caplog):
    describe(world.description.model.urdf.text)
    node = world.make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    world.until(lambda: world.trajectories, "trajectories")
    session = node.session
    describe(world.description.model.urdf.text)
    world.run(0.5)
    assert "robot_description changed" not in caplog.text
    describe(world.description.model.urdf.text + "\n<!-- newer -->")
    world.until(lambda: "robot_description changed" in caplog.text, "a report of the change")
    count = len(world.trajectories)
    world.until(lambda: len(world.trajectories) > count + 10, "trajectories of the same robot")
    assert node.session is session
    assert node.trigger_deactivate() == node.trigger_cleanup() == SUCCESS
    assert node.trigger_configure() == SUCCESS
    assert node.session.runner.agent.description.model.urdf.text.endswith("<!-- newer -->")


# -- model and clock -------------------------------------------------------------------------------------------------


def test_a_model_that_hangs_is_reported_while_it_hangs(world):
    agent = world.perform().session.runner.agent
    update, may_continue = agent.update, threading.Event()

    def hang(now_ns):
        assert may_continue.wait(60.0)
        return update(now_ns)

    agent.update = hang
    try:
        world.graph.until(lambda: world.reports("the model has not responded for"), what="the report")
        status = next(status for status in world.statuses if "has not responded" in status.message)
        assert status.level == b"\x02"
    finally:
        may_continue.set()
    count = len(world.trajectories)
    world.until(lambda: len(world.trajectories) > count + 5, "trajectories again")


def test_ros_time_that_pauses_or_jumps_is_reported_and_the_robot_is_engaged_again_slowly(world, caplog):
    world.perform()
    world.is_clock_running = False
    world.until(lambda: world.reports("ROS time stands still"), "a report of the pause")
    count = len(world.trajectories)
    world.run(0.4)
    assert len(world.trajectories) == count
    world.is_clock_running = True
    world.until(lambda: len(world.trajectories) > count + 5, "trajectories again")
    world.now_ns -= 60 * NS
    world.until(lambda: world.reports("the clock jumped: ROS time jumped back by"), "a report of the jump")
    count = len(world.trajectories)
    world.until(lambda: len(world.trajectories) > count + 5, "trajectories again")
    entry = [point for message in world.trajectories[count:count + 5] for point in message.points]
    assert max(np.abs(point.velocities).max() for point in entry) <= 0.5
    assert caplog.text.count("robot released: the clock jumped") == 1
    assert caplog.text.count("ROS time stands still: the robot brakes") == 1


# -- the description ---------------------------------------------------------------------------------------------------


def test_pairs_that_are_not_checked_are_logged_as_warnings_with_their_names(world, tmp_path, caplog):
    """A trunk that holds the upper arms in every pose."""
    path = tmp_path / "stout.urdf"
    torso = world.description.body.torso
    text = world.description.model.urdf.text
    assert text.count(f'<link name="{torso}">') == 1
    path.write_text(text.replace(f'<link name="{torso}">', f'<link name="{torso}"><collision><origin xyz="0 0 0.1"/>'
                                 '<geometry><box size="0.5 1.0 1.2"/></geometry></collision>'))
    assert world.make_node(robot=str(path)).trigger_configure() == SUCCESS
    (warning,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"
                  and "self-collision NOT checked between" in record.getMessage()]
    assert "trunk and left upper arm" in warning
    assert "trunk and right upper arm" in warning
