"""Stop, lock and external goals on real rclpy: services, topics and diagnostics."""

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

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.external_goals import STATUS_QOS
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.qos import LATCHED_QOS

ENTRY = 0.5  # [rad/s]


def call(world, name: str):
    return world.graph.call(world.node.create_client(Trigger, f"gesture_node/{name}"), Trigger.Request())


def is_inhibited(world, text: str) -> None:
    """Wait until the node reports a reason; from then on it must send nothing."""
    world.until(lambda: world.reports(f"inhibited: {text}"), f"a status with {text!r}")
    count = len(world.trajectories)
    world.run(0.5)
    assert len(world.trajectories) == count


def moves_again(world) -> None:
    """Wait for trajectories: they begin where the controllers hold the robot, and slowly."""
    stood = world.q[world.columns("left_arm")]
    count = len(world.trajectories)
    world.until(lambda: len(world.trajectories) >= count + 5, "trajectories again")
    entry = world.trajectories[count:count + 5]
    np.testing.assert_allclose(entry[0].points[0].positions, stood, atol=1e-6)
    assert max(np.abs(point.velocities).max() for message in entry for point in message.points) <= ENTRY
    assert not world.robot.rejected


def test_the_stop_service_replaces_the_published_window_and_resume_moves_again_slowly(world):
    world.perform(count=40)
    answer = call(world, "stop")
    assert (answer.success, answer.message) == (True, "braking to rest; call ~/resume to move again")
    is_inhibited(world, "stopped by ~/stop")
    stop, before = world.trajectories[-1], world.trajectories[-2]
    row = (ns_from_time(stop.header.stamp) - ns_from_time(before.header.stamp)) // 20_000_000
    assert 0 <= row < len(before.points)
    assert not np.any(stop.points[-1].velocities)
    answer = call(world, "resume")
    assert (answer.success, answer.message) == (True, "stop ended, slow entry")
    moves_again(world)


def test_a_stop_remains_through_deactivation_and_cleanup(world):
    node = world.make_node()
    assert call(world, "stop").success, "in every lifecycle state"
    for _ in range(2):
        assert node.trigger_configure() == node.trigger_activate() == SUCCESS
        world.statuses.clear()
        is_inhibited(world, "stopped by ~/stop")
        assert not world.trajectories
        assert node.trigger_deactivate() == node.trigger_cleanup() == SUCCESS
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    assert call(world, "resume").success
    world.until(lambda: world.trajectories, "trajectories")


def test_a_lock_stops_the_robot_while_it_is_true(world):
    lock = world.node.create_publisher(Bool, "gesture_node/lock", 10)
    world.perform()
    world.until(lambda: lock.get_subscription_count() > 0, "a subscription of the lock")
    lock.publish(Bool(data=True))
    is_inhibited(world, "locked by /gesture_node/lock")
    assert not call(world, "resume").success, "a lock cannot be resumed"
    lock.publish(Bool(data=False))
    moves_again(world)


def test_a_lock_is_subscribed_as_reliably_as_it_is_published(world):
    """A single message that is lost on a bad network is a robot that continues to move."""
    world.activate()

    def reliabilities() -> set[ReliabilityPolicy]:
        return {info.qos_profile.reliability for info in
                world.node.get_subscriptions_info_by_topic("/gesture_node/lock")}

    world.until(lambda: reliabilities() == {ReliabilityPolicy.BEST_EFFORT}, "a best-effort subscription")
    world.node.create_publisher(Bool, "gesture_node/lock", 10)
    world.until(lambda: reliabilities() == {ReliabilityPolicy.RELIABLE}, "a reliable subscription")
    best_effort = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    lock = world.node.create_publisher(Bool, "gesture_node/lock", best_effort)
    world.until(lambda: lock.get_subscription_count() > 0, "a subscription that matches both")
    lock.publish(Bool(data=True))
    world.until(lambda: world.reports("locked by /gesture_node/lock"), "a status")


def test_a_latched_lock_is_received_by_a_node_that_starts_later(world):
    lock = world.node.create_publisher(Bool, "/safety", LATCHED_QOS)
    lock.publish(Bool(data=True))
    world.activate(**{"lock.topic": "/safety"})
    world.until(lambda: world.reports("inhibited: locked by /safety"), "a status")
    lock.publish(Bool(data=False))
    world.until(lambda: len(world.trajectories) > 5, "trajectories")


def test_a_lock_with_a_timeout_must_be_refreshed(world):
    lock = world.node.create_publisher(Bool, "/safety", 10)
    refreshing = world.node.create_timer(0.1, lambda: lock.publish(Bool(data=False)))
    world.perform(**{"lock.topic": "/safety", "lock.timeout_s": 5.0})
    world.node.destroy_timer(refreshing)
    world.statuses.clear()
    is_inhibited(world, "locked: /safety not received for more than 5 s")
    world.node.create_timer(0.1, lambda: lock.publish(Bool(data=False)))
    moves_again(world)


class GoalStatuses:
    """Status topic of a controller's action server."""

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


def test_the_node_yields_to_an_external_goal_and_returns_slowly(world):
    goals = GoalStatuses(world)
    goals.publish(GoalStatus.STATUS_SUCCEEDED)
    node = world.perform(count=40)
    left, right = world.newest["left_arm"], world.newest["right_arm"]
    goals.publish(GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_EXECUTING)
    world.graph.until(node.inhibitors.reasons, what="an inhibitor")
    is_inhibited(world, "yielding to an external goal on /left_arm_controller")
    assert world.newest["left_arm"] is left, "a stop window would replace the external goal"
    stop = world.newest["right_arm"]
    assert stop is not right
    assert not np.any(stop.points[-1].velocities)
    goals.publish(GoalStatus.STATUS_SUCCEEDED, GoalStatus.STATUS_SUCCEEDED)
    moves_again(world)


def test_the_node_does_not_yield_to_its_own_goals(world, monkeypatch):
    monkeypatch.setattr(GestureOutputs, "has_sent_goal", lambda outputs, goal_id: goal_id == bytes([7]) * 16)
    goals = GoalStatuses(world)
    world.perform()
    goals.publish(GoalStatus.STATUS_EXECUTING)
    count = len(world.trajectories)
    world.until(lambda: len(world.trajectories) > count + 20, "trajectories")
    goals.publish(GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_EXECUTING)
    is_inhibited(world, "yielding to an external goal on /left_arm_controller")


def test_an_external_goal_ends_with_its_controller(world):
    goals = GoalStatuses(world)
    world.perform()
    goals.publish(GoalStatus.STATUS_EXECUTING)
    is_inhibited(world, "yielding to an external goal on /left_arm_controller")
    goals.disappear()
    moves_again(world)


def asks_to_yield(world):
    """Call ~/yield, and return the answer; time passes meanwhile."""
    client = world.node.create_client(Trigger, "gesture_node/yield")
    world.graph.until(client.service_is_ready, what="the service")
    future = client.call_async(Trigger.Request())
    world.until(future.done, "the answer")
    return future.result()


@pytest.mark.slow
def test_after_a_yield_no_window_can_replace_a_goal_and_the_robot_moves_again_after_the_goal(world):
    goals = GoalStatuses(world)
    world.perform(count=40)
    answer = asks_to_yield(world)
    assert (answer.success, answer.message) == (True, "at rest, send your goal within 5 s")
    stop = trajectory_from_message(world.newest["left_arm"])
    last_ns = max(t.stamp_ns + t.points[-1].time_from_start_ns
                  for t in map(trajectory_from_message, world.trajectories))
    assert last_ns < world.now_ns, "a window that arrives now would be refused"
    assert world.now_ns - stop.stamp_ns < 2 * NS
    is_inhibited(world, "yielding on request (~/yield)")
    goals.publish(GoalStatus.STATUS_EXECUTING)
    world.run(6.0)
    is_inhibited(world, "yielding to an external goal on /left_arm_controller")
    goals.publish(GoalStatus.STATUS_SUCCEEDED)
    moves_again(world)


@pytest.mark.slow
def test_a_yield_without_a_goal_ends_after_five_seconds(world, caplog):
    caplog.set_level("INFO", "speech_gesture_ros.nodes.yielding")
    world.perform()
    assert asks_to_yield(world).success
    world.run(4.5)
    line = "no goal within 5 s of ~/yield: the robot moves again"
    assert line not in caplog.messages
    moves_again(world)
    assert caplog.messages.count(line) == 1


def test_a_yield_is_answered_at_once_where_nothing_was_sent(world):
    world.activate(dry_run=True)
    begin_ns = world.now_ns
    assert asks_to_yield(world).success
    assert world.now_ns - begin_ns < NS // 2


def test_a_yield_is_refused_while_ros_time_stands_still(world):
    world.perform()
    world.is_clock_running = False
    client = world.node.create_client(Trigger, "gesture_node/yield")
    world.graph.until(client.service_is_ready, what="the service")
    waiting = client.call_async(Trigger.Request())
    assert call(world, "stop").success, "other services answer meanwhile"
    assert not waiting.done()
    answer = asks_to_yield(world)
    assert (answer.success, answer.message) == (False, "not at rest after 3 s: call again")


def test_interrupting_leaves_the_robot_engaged(world):
    agent = world.perform().session.runner.agent
    world.is_speaking = False
    assert call(world, "interrupt").success
    world.until(lambda: float(agent.report()["audio"]["padded_s"]) > 0.1, "silence")
    assert agent.engagement.is_engaged
    assert agent.report()["released"] == {}


def test_the_end_of_a_dry_run_engages_the_robot_where_it_is(world):
    node = world.activate(dry_run=True)
    world.until(lambda: len(world.skeletons) > 40, "skeletons")
    assert not world.trajectories
    stood = world.q[world.columns("left_arm")]
    node.set_parameters([Parameter("dry_run", value=False)])
    world.until(lambda: len(world.trajectories) >= 5, "trajectories")
    np.testing.assert_allclose(world.trajectories[0].points[0].positions, stood, atol=1e-3)
    assert max(np.abs(p.velocities).max() for m in world.trajectories[:5] for p in m.points) <= ENTRY
