"""Stop, lock and yielding on real rclpy: what is asked for over topics and services, and told on /diagnostics."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from action_msgs.msg import GoalStatus, GoalStatusArray
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.external_goals import STATUS_QOS
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.qos import LATCHED

ENTRY = 0.5  # [rad/s]


def perform(graph, world, node, count: int = 5) -> None:
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS
    before = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) >= before + count, what="trajectories")


def ask(world, name: str):
    return world.graph.call(world.node.create_client(Trigger, f"gesture_node/{name}"), Trigger.Request())


def stands(world, text: str) -> None:
    """Wait until the node says why it stands; from then on nothing may be sent."""
    world.graph.until(lambda: world.says(f"inhibited: {text}"), what=f"a status with {text!r}")
    count = len(world.trajectories)
    world.graph.spin(0.5)
    assert len(world.trajectories) == count
    assert not any(point.velocities != point.velocities for point in world.trajectories[-1].points)


def moves_again(world) -> None:
    """Wait for trajectories, and look at how they begin: from where the controllers hold the robot, and slowly."""
    stood = world.q[world.description.indices(world.description.groups["left_arm"])]
    count = len(world.trajectories)
    world.graph.until(lambda: len(world.trajectories) >= count + 5, what="trajectories again")
    entry = world.trajectories[count:count + 5]
    np.testing.assert_allclose(entry[0].points[0].positions, stood, atol=1e-6)
    assert max(np.abs(point.velocities).max() for message in entry for point in message.points) <= ENTRY
    assert not world.rejected


def test_the_stop_service_replaces_what_was_published_and_resume_moves_again_slowly(graph, world, make_node):
    node = make_node()
    perform(graph, world, node, count=40)
    answer = ask(world, "stop")
    assert (answer.success, answer.message) == (True, "braking to rest; call ~/resume to move again")
    stands(world, "stopped by ~/stop")
    stop, before = world.trajectories[-1], world.trajectories[-2]
    row = (ns_from_time(stop.header.stamp) - ns_from_time(before.header.stamp)) // 20_000_000
    assert 0 <= row < len(before.points)
    assert not np.any(stop.points[-1].velocities)
    answer = ask(world, "resume")
    assert (answer.success, answer.message) == (True, "stop ended, slow entry")
    moves_again(world)


def test_a_stop_outlives_deactivation_and_cleaning_up(graph, world, make_node):
    node = make_node()
    assert ask(world, "stop").success, "whatever state the node is in"
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    stands_without_having_moved(graph, world)
    assert node.trigger_deactivate() == node.trigger_cleanup() == SUCCESS
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    stands_without_having_moved(graph, world)
    assert ask(world, "resume").success
    graph.until(lambda: world.trajectories, what="trajectories")


def stands_without_having_moved(graph, world) -> None:
    world.statuses.clear()
    graph.until(lambda: world.says("inhibited: stopped by ~/stop"), what="a status")
    assert not world.trajectories


def test_a_lock_stops_the_robot_while_it_is_true(graph, world, make_node):
    lock = world.node.create_publisher(Bool, "gesture_node/lock", 10)
    perform(graph, world, make_node())
    graph.until(lambda: lock.get_subscription_count() > 0, what="somebody who heeds the lock")
    lock.publish(Bool(data=True))
    stands(world, "locked by /gesture_node/lock")
    assert not ask(world, "resume").success, "what is locked cannot be resumed"
    lock.publish(Bool(data=False))
    moves_again(world)


def test_a_lock_is_read_as_reliably_as_it_is_told(graph, world, make_node):
    """A single message that gets lost on a bad network is a robot that goes on moving."""
    node = make_node()
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS

    def reliabilities() -> set[ReliabilityPolicy]:
        return {info.qos_profile.reliability for info in
                world.node.get_subscriptions_info_by_topic("/gesture_node/lock")}

    graph.until(lambda: reliabilities() == {ReliabilityPolicy.BEST_EFFORT}, what="a reader who hears anybody")
    world.node.create_publisher(Bool, "gesture_node/lock", 10)
    graph.until(lambda: reliabilities() == {ReliabilityPolicy.RELIABLE}, what="a reader who misses nothing")
    careless = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    lock = world.node.create_publisher(Bool, "gesture_node/lock", careless)
    graph.until(lambda: lock.get_subscription_count() > 0, what="a reader who hears both")
    lock.publish(Bool(data=True))
    graph.until(lambda: world.says("locked by /gesture_node/lock"), what="a status")


def test_a_latched_lock_is_heeded_by_a_node_that_comes_later(graph, world, make_node):
    lock = world.node.create_publisher(Bool, "/safety", LATCHED)
    lock.publish(Bool(data=True))
    node = make_node(**{"lock.topic": "/safety"})
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    graph.until(lambda: world.says("inhibited: locked by /safety"), what="a status")
    lock.publish(Bool(data=False))
    graph.until(lambda: len(world.trajectories) > 5, what="trajectories")


def test_a_lock_with_a_timeout_must_be_refreshed(graph, world, make_node):
    lock = world.node.create_publisher(Bool, "/safety", 10)
    refreshing = world.node.create_timer(0.1, lambda: lock.publish(Bool(data=False)))
    perform(graph, world, make_node(**{"lock.topic": "/safety", "lock.timeout_s": 5.0}))
    world.node.destroy_timer(refreshing)
    world.statuses.clear()
    stands(world, "locked: /safety not received for more than 5 s")
    world.node.create_timer(0.1, lambda: lock.publish(Bool(data=False)))
    moves_again(world)


class Goals:
    """The action server of a controller, as far as its status goes."""

    def __init__(self, world) -> None:
        topic = "left_arm_controller/follow_joint_trajectory/_action/status"
        self._publisher = world.node.create_publisher(GoalStatusArray, topic, STATUS_QOS)
        self._world = world

    def publish(self, *statuses: int, first_id: int = 7) -> None:
        message = GoalStatusArray(status_list=[GoalStatus(status=status) for status in statuses])
        for number, goal in enumerate(message.status_list):
            goal.goal_info.goal_id.uuid = np.full(16, first_id + number, dtype=np.uint8)
        self._publisher.publish(message)

    def disappear(self) -> None:
        self._world.node.destroy_publisher(self._publisher)


def test_the_node_yields_to_an_external_goal_and_comes_back_slowly(graph, world, make_node, monkeypatch):
    goals, windows, send = Goals(world), [], GestureOutputs.send_window
    monkeypatch.setattr(GestureOutputs, "send_window", lambda outputs, window: (
        windows.append(window), send(outputs, window))[1])
    goals.publish(GoalStatus.STATUS_SUCCEEDED)
    node = make_node()
    perform(graph, world, node, count=40)
    goals.publish(GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_EXECUTING)
    stands(world, "yielding to an external goal on /left_arm_controller")
    for group, is_braked in (("left_arm", False), ("right_arm", True)):
        end = windows[-1].positions[-1, world.description.indices(world.description.groups[group])]
        told = np.array(world.newest[group].points[-1].positions)
        assert (np.abs(told - end).max() < 1e-9) == is_braked, "the external goal remains"
    goals.publish(GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_SUCCEEDED)
    moves_again(world)


def test_the_node_does_not_yield_to_itself(graph, world, make_node):
    goals, node = Goals(world), make_node()
    perform(graph, world, node)
    node._outputs.has_sent_goal = lambda goal_id: goal_id == bytes([7]) * 16
    node._robot._external_goals._has_sent_goal = node._outputs.has_sent_goal
    goals.publish(GoalStatus.STATUS_EXECUTING)
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 20, what="trajectories")
    goals.publish(GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_EXECUTING)
    stands(world, "yielding to an external goal on /left_arm_controller")


def test_a_controller_that_dies_in_the_middle_of_a_goal_is_yielded_to_no_longer(graph, world, make_node):
    goals = Goals(world)
    perform(graph, world, make_node())
    goals.publish(GoalStatus.STATUS_EXECUTING)
    stands(world, "yielding to an external goal on /left_arm_controller")
    goals.disappear()
    moves_again(world)


def test_interrupting_leaves_the_robot_engaged(graph, world, make_node):
    node = make_node()
    perform(graph, world, node)
    world.is_speaking = False
    assert ask(world, "interrupt").success
    graph.until(lambda: float(node._runner.agent.report()["audio"]["padded_s"]) > 0.1, what="silence")
    assert node._runner.agent.engagement.is_engaged
    assert node._runner.agent.report()["released"] == {}


def test_the_end_of_a_dry_run_enters_the_robot_from_where_it_is(graph, world, make_node):
    node = make_node(dry_run=True)
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    graph.until(lambda: len(world.skeletons) > 40, what="skeletons")
    assert not world.trajectories
    stood = world.q[world.description.indices(world.description.groups["left_arm"])]
    node.set_parameters([Parameter("dry_run", value=False)])
    graph.until(lambda: len(world.trajectories) >= 5, what="trajectories")
    np.testing.assert_allclose(world.trajectories[0].points[0].positions, stood, atol=1e-3)
    assert max(np.abs(p.velocities).max() for m in world.trajectories[:5] for p in m.points) <= ENTRY
