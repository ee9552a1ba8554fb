"""The lifecycle node on real rclpy: configured, activated, disturbed."""

from __future__ import annotations

import threading
from unittest.mock import patch

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.parameter import Parameter
from std_msgs.msg import Int16MultiArray, String
from std_srvs.srv import SetBool, Trigger

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes import gesture_node
from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.gesture_node import FAILURE, SUCCESS
from speech_gesture_ros.nodes.qos import LATCHED_QOS
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController

ONE_S = 1.0
STEP_NS = NS // 50  # of the world


def stamp_ns(skeleton) -> int:
    return ns_from_time(skeleton.markers[0].header.stamp)


def sends_nothing(world, seconds: float = ONE_S) -> bool:
    """Return whether no trajectory is sent for some time."""
    count = len(world.trajectories)
    world.run(seconds)
    return len(world.trajectories) == count


def sends_again(world, count: int = 5) -> None:
    before = len(world.trajectories)
    world.until(lambda: len(world.trajectories) > before + count, "trajectories again")


def test_nothing_moves_before_it_is_activated(world):
    node = world.make_node()
    assert node.trigger_configure() == SUCCESS
    assert sends_nothing(world)
    assert node.trigger_activate() == SUCCESS
    sends_again(world)


def test_it_starts_by_itself_if_autostart_is_set(world):
    world.make_node(autostart=True)
    world.until(lambda: world.trajectories, "trajectories")


def test_every_trajectory_would_be_accepted_by_the_controller_and_ends_at_rest(world):
    world.perform(count=20)
    names = world.description.groups["left_arm"]
    controller = JointTrajectoryController(names, start=np.zeros(len(names)))
    for message in world.trajectories:
        stamp_ns = ns_from_time(message.header.stamp)
        assert controller.accept(trajectory_from_message(message), stamp_ns) is None
        assert not np.any(message.points[-1].velocities)
    assert not world.robot.rejected


def test_the_skeleton_is_published_in_the_robot_s_base_frame(world):
    world.perform()
    world.until(lambda: world.skeletons, "a skeleton")
    assert world.skeletons[0].markers[0].header.frame_id == world.description.body.base


def test_every_human_pose_is_published_when_it_is_performed_with_that_time_as_its_stamp(world):
    node, lags_ns, count = world.perform(), [], len(world.skeletons)

    def has_enough() -> bool:
        nonlocal count
        lags_ns.extend(world.now_ns - stamp_ns(message) for message in world.skeletons[count:])
        count = len(world.skeletons)
        return len(lags_ns) > 50

    world.until(has_enough, "skeletons")
    stamps = np.array([stamp_ns(message) for message in world.skeletons[-50:]])
    np.testing.assert_allclose(np.diff(stamps), NS // POSE_RATE, atol=NS // 1000)  # the clock of the stream slews
    assert max(lags_ns) <= 2 * STEP_NS
    assert min(lags_ns) >= 0
    clock, latency_ns = node.session.runner.agent.audio.clock, node.session.runner.agent.latency_s * NS
    frames = (stamps - latency_ns - clock.to_ns(0, POSE_RATE)) * POSE_RATE / NS
    np.testing.assert_allclose(frames, np.round(frames), atol=0.05)


def test_the_audio_is_published_again_complete_and_delayed_by_the_latency(world):
    node = world.perform()
    latency_s = node.session.runner.agent.latency_s
    world.until(lambda: len(world.delayed_audio) >= 20, "the delayed audio")
    published = [head for _, head in world.published_audio]
    delayed = [head for _, head in world.delayed_audio]
    first = published.index(delayed[0])
    assert delayed == published[first:first + len(delayed)]
    delays = [(t - world.published_audio[first + k][0]) / NS for k, (t, _) in enumerate(world.delayed_audio)]
    np.testing.assert_allclose(delays[5:], latency_s, atol=0.045)  # the latency grows with the first messages


def test_deactivating_stops_all_output_and_activating_resumes(world):
    node = world.perform()
    assert node.trigger_deactivate() == SUCCESS
    world.run(0.3)
    assert sends_nothing(world)
    assert node.trigger_activate() == SUCCESS
    sends_again(world)


def test_the_enable_service_stops_and_starts_the_robot(world):
    world.perform()
    client = world.node.create_client(SetBool, "gesture_node/enable")
    answer = world.graph.call(client, SetBool.Request(data=False))
    assert (answer.success, answer.message) == (True, "disabled: braking to rest")
    world.run(0.3)
    assert sends_nothing(world)
    assert world.graph.call(client, SetBool.Request(data=True)).success
    sends_again(world)


def test_the_reset_service_answers_and_motion_continues(world):
    world.perform()
    client = world.node.create_client(Trigger, "gesture_node/reset")
    assert world.graph.call(client, Trigger.Request()).success
    sends_again(world)


def test_without_audio_the_robot_is_released_after_a_while(world):
    world.perform(idle_timeout_s=1.0)
    world.is_speaking = False
    world.run(3.0)
    assert sends_nothing(world)
    world.is_speaking = True
    sends_again(world)


def test_a_dry_run_computes_everything_and_sends_nothing(world):
    node = world.activate(dry_run=True)
    world.until(lambda: len(world.skeletons) > 10, "skeletons")
    assert not world.trajectories
    node.set_parameters([Parameter("dry_run", value=False)])
    world.until(lambda: world.trajectories, "trajectories")


def test_diagnostics_contain_state_latency_and_stages(world):
    world.perform()
    world.until(lambda: any("state" in {v.key for v in s.values} for s in world.statuses), "diagnostics")
    status = next(s for s in reversed(world.statuses) if "state" in {v.key for v in s.values})
    values = {v.key: v.value for v in status.values}
    assert status.name == "/gesture_node: gestures"
    assert float(values["latency_s"]) > 0.3
    for key in ("compute_ms.network.median", "compute_ms.retargeting.p99", "audio.gaps", "topic.lost_messages",
                "topic.queue_overflows"):
        assert key in values


def test_a_wrong_robot_fails_to_configure_and_can_be_corrected(world, caplog):
    node = world.make_node(robot="no_such_robot")
    assert node.trigger_configure() == FAILURE
    assert "no_such_robot" in caplog.text
    node.set_parameters([Parameter("robot", value="demo_humanoid")])
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    sends_again(world)


def test_parameters_are_locked_while_it_is_configured(world):
    node = world.make_node()
    assert node.trigger_configure() == SUCCESS
    refused = node.set_parameters([Parameter("look_ahead_s", value=0.0)])[0]
    assert not refused.successful
    assert node.trigger_cleanup() == SUCCESS
    assert node.set_parameters([Parameter("look_ahead_s", value=0.0)])[0].successful
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    sends_again(world)


def test_the_robot_may_come_from_a_topic(world):
    world.make_node(robot="topic", profile="demo_humanoid.yaml", autostart=True)
    world.graph.spin(0.5)  # the timer that starts the node is in wall time
    assert sends_nothing(world)
    urdf = String(data=world.description.model.urdf.text)
    world.node.create_publisher(String, "robot_description", LATCHED_QOS).publish(urdf)
    world.until(lambda: world.trajectories, "trajectories")


def test_a_failing_model_stops_all_output_and_is_reported(world):
    node = world.perform()

    def fail(now_ns):
        raise OSError("out of memory")

    node.session.runner.agent.update = fail
    world.until(lambda: world.reports("out of memory"), "the report")
    assert any(s.level == b"\x02" for s in world.statuses)
    assert sends_nothing(world)


def test_a_configuration_that_fails_halfway_can_be_repeated(world, caplog):
    node = world.make_node()
    with patch.object(node._stop, "subscribe_lock", side_effect=RuntimeError("no memory")):
        for _ in range(2):
            assert node.trigger_configure() == FAILURE
            assert node.session is None
    assert "cannot be configured" in caplog.text
    assert node.trigger_configure() == node.trigger_activate() == SUCCESS
    sends_again(world)


def test_a_worker_that_failed_is_made_again_later_each_time_and_the_robot_gestures_again(world, caplog):
    node = world.perform()
    for _ in range(2):
        session = node.session
        session.worker.submit(lambda: 1 / 0)
        world.until(lambda session=session: node.session is not session and node.session is not None, "a new session")
        sends_again(world)
    lines = [record.message for record in caplog.records if "the model failed" in record.message]
    assert lines == [f"the model failed: it is loaded again in {delay} s" for delay in (5, 10)]
    assert not world.robot.rejected


def test_a_model_that_cannot_be_loaded_again_is_tried_again_later(world, monkeypatch, caplog):
    node = world.perform()
    node.session.worker.submit(lambda: 1 / 0)

    def broken(*arguments):
        raise OSError("no space left on the device")

    with monkeypatch.context() as patched:
        patched.setattr(gesture_node, "GestureSession", broken)
        world.until(lambda: "loaded again in 10 s" in caplog.text, "a try that fails")
        assert node.session is None
    world.until(lambda: node.session is not None, "a try that succeeds")
    sends_again(world)


def test_a_node_that_was_cleaned_up_after_a_failure_stays_so(world):
    node = world.perform()
    node.session.worker.submit(lambda: 1 / 0)
    world.until(lambda: node._rebuild.is_waiting, "the failure")
    assert node.trigger_cleanup() == SUCCESS
    world.run(7.0)
    assert node.session is None


def test_activate_is_refused_while_the_worker_is_dead(world):
    node = world.make_node()
    assert node.trigger_configure() == SUCCESS
    node.session.worker.submit(lambda: 1 / 0)
    node.session.worker.join(10.0)
    assert node.trigger_activate() == FAILURE


def test_the_publisher_of_the_delayed_voice_may_be_replaced_while_it_is_published(world):
    node = world.perform()
    outputs, errors = node.session.outputs, []

    def publish() -> None:
        try:
            for _ in range(3000):
                outputs.send_audio(Int16MultiArray(data=[0] * 160))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=publish)
    thread.start()
    for _ in range(60):
        outputs.offer_audio(Int16MultiArray, is_active=True)
    thread.join()
    assert not errors


def test_a_robot_without_the_shapes_of_a_part_is_a_warning(world, caplog, tmp_path):
    urdf = world.description.model.urdf.text
    link = world.description.body.left_arm.elbow
    begin = urdf.index(f'<link name="{link}">')
    end = urdf.index("</link>", begin)
    path = tmp_path / "robot.urdf"
    path.write_text(urdf[:begin] + f'<link name="{link}">' + urdf[end:])
    world.activate(robot=str(path))
    (line,) = (r for r in caplog.records if "capsules are guessed from joint origins" in r.message)
    assert line.levelname == "WARNING"
