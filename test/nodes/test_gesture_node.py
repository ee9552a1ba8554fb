"""The lifecycle node on real rclpy: configured, heard, obeyed, disturbed."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.parameter import Parameter
from std_srvs.srv import SetBool, Trigger

from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.gesture_node import FAILURE, SUCCESS
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController


def _perform(graph, world, node, count: int = 5) -> None:
    """Configure and activate, and wait for motion."""
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS
    graph.until(lambda: len(world.trajectories) >= count, what="trajectories")


def test_nothing_moves_before_it_is_activated(graph, world, make_node):
    node = make_node()
    assert node.trigger_configure() == SUCCESS
    graph.spin(1.0)
    assert not world.trajectories
    assert node.trigger_activate() == SUCCESS
    graph.until(lambda: world.trajectories, what="trajectories")


def test_it_starts_by_itself_when_told_to(graph, world, make_node):
    make_node(autostart=True)
    graph.until(lambda: world.trajectories, what="trajectories")


def test_every_trajectory_would_be_accepted_by_the_controller_and_ends_at_rest(graph, world, make_node):
    _perform(graph, world, make_node(), count=20)
    names = world.description.groups["left_arm"]
    controller = JointTrajectoryController(names, start=np.zeros(len(names)))
    for message in world.trajectories:
        stamp_ns = ns_from_time(message.header.stamp)
        assert controller.accept(trajectory_from_message(message), stamp_ns) is None
        assert not np.any(message.points[-1].velocities)


def test_the_skeleton_is_shown_in_the_robot_s_base_frame(graph, world, make_node):
    _perform(graph, world, make_node())
    graph.until(lambda: world.skeletons, what="a skeleton")
    assert world.skeletons[0].markers[0].header.frame_id == world.description.body.base


def test_the_voice_comes_back_whole_and_later_by_the_latency(graph, world, make_node):
    node = make_node()
    _perform(graph, world, node)
    latency_s = node._runner.agent.latency_s
    graph.until(lambda: len(world.voices) >= 10, what="the delayed voice")
    heard = [head for _, head in world.voices]
    first = [head for _, head in world.spoken].index(heard[0])
    assert heard == [head for _, head in world.spoken[first:first + len(heard)]]
    delays = [t - world.spoken[first + k][0] for k, (t, _) in enumerate(world.voices)]
    assert min(delays) >= latency_s - 0.06  # the latency grows with the first message, which is heard before
    assert np.median(delays) < latency_s + 0.3


def test_deactivating_goes_silent_and_activating_resumes(graph, world, make_node):
    node = make_node()
    _perform(graph, world, node)
    assert node.trigger_deactivate() == SUCCESS
    graph.spin(0.3)
    count = len(world.trajectories)
    graph.spin(0.7)
    assert len(world.trajectories) == count
    assert node.trigger_activate() == SUCCESS
    graph.until(lambda: len(world.trajectories) > count, what="trajectories again")


def test_the_enable_service_stops_and_starts_the_robot(graph, world, make_node):
    _perform(graph, world, make_node())
    client = world.node.create_client(SetBool, "gesture_node/enable")
    answer = graph.call(client, SetBool.Request(data=False))
    assert (answer.success, answer.message) == (True, "braking to rest, then silent")
    graph.spin(0.3)
    count = len(world.trajectories)
    graph.spin(0.7)
    assert len(world.trajectories) == count
    assert graph.call(client, SetBool.Request(data=True)).success
    graph.until(lambda: len(world.trajectories) > count, what="trajectories again")


def test_the_reset_service_answers_and_motion_goes_on(graph, world, make_node):
    _perform(graph, world, make_node())
    client = world.node.create_client(Trigger, "gesture_node/reset")
    assert graph.call(client, Trigger.Request()).success
    count = len(world.trajectories)
    graph.until(lambda: len(world.trajectories) > count + 5, what="trajectories again")


def test_without_audio_the_robot_is_left_alone_after_a_while(graph, world, make_node):
    _perform(graph, world, make_node(idle_timeout_s=1.0))
    world.is_speaking = False
    graph.spin(3.0)
    count = len(world.trajectories)
    graph.spin(0.7)
    assert len(world.trajectories) == count
    world.is_speaking = True
    graph.until(lambda: len(world.trajectories) > count, what="trajectories again")


def test_a_dry_run_computes_everything_and_sends_nothing(graph, world, make_node):
    node = make_node(dry_run=True)
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    graph.until(lambda: len(world.skeletons) > 10, what="skeletons")
    assert not world.trajectories
    node.set_parameters([Parameter("dry_run", value=False)])
    graph.until(lambda: world.trajectories, what="trajectories")


def test_diagnostics_tell_state_latency_and_stages(graph, world, make_node):
    _perform(graph, world, make_node())
    graph.until(lambda: any("state" in {v.key for v in s.values} for s in world.statuses), what="diagnostics")
    status = next(s for s in reversed(world.statuses) if "state" in {v.key for v in s.values})
    values = {v.key: v.value for v in status.values}
    assert status.name == "/gesture_node: gestures"
    assert float(values["latency_s"]) > 0.4
    for key in ("compute_ms.network.median", "compute_ms.retargeting.p99", "audio.gaps", "topic.lost_messages",
                "topic.queue_overflows"):
        assert key in values


def test_a_wrong_robot_fails_to_configure_and_can_be_corrected(graph, world, make_node, caplog):
    node = make_node(robot="no_such_robot")
    assert node.trigger_configure() == FAILURE
    assert "no_such_robot" in caplog.text
    node.set_parameters([Parameter("robot", value="demo_humanoid")])
    _perform(graph, world, node)


def test_parameters_are_locked_while_it_is_configured(graph, world, make_node):
    node = make_node()
    assert node.trigger_configure() == SUCCESS
    refused = node.set_parameters([Parameter("look_ahead_s", value=0.0)])[0]
    assert not refused.successful
    assert node.trigger_cleanup() == SUCCESS
    assert node.set_parameters([Parameter("look_ahead_s", value=0.0)])[0].successful
    _perform(graph, world, node)


def test_the_robot_may_come_on_a_topic(graph, world, make_node):
    from std_msgs.msg import String

    from speech_gesture_ros.nodes.qos import LATCHED

    make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    graph.spin(0.5)
    assert not world.trajectories
    urdf = String(data=world.description.model.urdf.text)
    world.node.create_publisher(String, "robot_description", LATCHED).publish(urdf)
    graph.until(lambda: world.trajectories, what="trajectories")


def test_a_failing_model_silences_the_node_and_is_reported(graph, world, make_node):
    node = make_node()
    _perform(graph, world, node)

    def fail(now_ns):
        raise OSError("out of memory")

    node._runner.agent.update = fail
    graph.until(lambda: any("out of memory" in s.message for s in world.statuses), what="the bad news")
    assert any(s.level == b"\x02" for s in world.statuses)
    graph.spin(0.3)
    count = len(world.trajectories)
    graph.spin(0.5)
    assert len(world.trajectories) == count


def test_a_configuration_that_fails_halfway_can_be_repeated(graph, world, make_node, caplog):
    node = make_node(**{"audio.type": "std_msgs/msg/Nonsense"})
    for _ in range(2):
        assert node.trigger_configure() == FAILURE
    assert "std_msgs/msg/Nonsense" in caplog.text
    node.set_parameters([Parameter("audio.type", value="auto")])
    _perform(graph, world, node)
