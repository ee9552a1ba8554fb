"""body_node: the performed human as TF frames and as a body of ROS4HRI."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.parameter import Parameter
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import JointState
from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.nodes.body_node import BodyNode
from speech_gesture_ros.nodes.conversions import SkeletonWriter, ns_from_time
from speech_gesture_ros.nodes.qos import LATCHED_QOS

SKELETON = load_skeleton()
STAMP_NS = 5_120_000_000


@pytest.fixture
def received(graph, interfaces):
    """Return a function that starts the node, sends it a pose and returns what it publishes, by topic."""
    from hri_msgs.msg import IdsList
    from tf2_msgs.msg import TFMessage

    def run(joint_xyz: np.ndarray, until: tuple[str, ...], namespace: str = "", **parameters: Any) -> dict[str, list]:
        found: dict[str, list] = {"tf": [], "joints": [], "tracked": []}
        body = parameters.get("id", "performed")
        world = graph.add(rclpy.create_node("world", namespace=namespace))
        world.create_subscription(TFMessage, "/tf", found["tf"].append, 10)
        world.create_subscription(JointState, f"/humans/bodies/{body}/joint_states", found["joints"].append, 10)
        world.create_subscription(IdsList, "/humans/bodies/tracked", found["tracked"].append, LATCHED_QOS)
        sender = world.create_publisher(MarkerArray, "gesture_node/skeleton", 10)
        graph.add(BodyNode(namespace=namespace,
                           parameter_overrides=[Parameter(name, value=v) for name, v in parameters.items()]))
        message = SkeletonWriter(SKELETON, "base_link").message(joint_xyz, STAMP_NS)

        def send() -> bool:
            sender.publish(message)
            return all(found[topic] for topic in until)

        graph.until(send, what="the body")
        return found

    return run


def test_frames_lead_from_the_base_to_the_humans_joints(received) -> None:
    turned = Rotation.from_euler("ZY", [0.4, 0.2]).apply(SKELETON.rest_xyz)
    message = received(turned, ("tf", "joints"))["tf"][-1]
    frames = {t.child_frame_id: t for t in message.transforms}
    assert len(frames) == len(message.transforms) == 10
    assert {ns_from_time(t.header.stamp) for t in message.transforms} == {STAMP_NS}
    for link, joint in (("l_wrist", "left_wrist"), ("r_elbow", "right_elbow"), ("head", "head"), ("body", "pelvis")):
        place, frame = np.zeros(3), f"{link}_performed"
        while frame != "base_link":
            t = frames[frame].transform
            turn = Rotation.from_quat([t.rotation.x, t.rotation.y, t.rotation.z, t.rotation.w])
            place = np.add(turn.apply(place), (t.translation.x, t.translation.y, t.translation.z))
            frame = frames[frame].header.frame_id
        np.testing.assert_allclose(place, turned[SKELETON.names.index(joint)], atol=1e-9)


def test_joint_states_have_the_joints_of_rep_155(received) -> None:
    leaning = Rotation.from_euler("y", 0.25).apply(SKELETON.rest_xyz)
    state = received(leaning, ("joints",), id="nao_1", frames="none")["joints"][-1]
    assert ns_from_time(state.header.stamp) == STAMP_NS
    angles = dict(zip(state.name, state.position))
    limbs = ("y_shoulder", "p_shoulder", "r_shoulder", "elbow", "y_hip", "p_hip", "r_hip", "knee")
    joints = ["waist", "r_head", "y_head", "p_head", *(f"{side}_{joint}" for side in "lr" for joint in limbs)]
    assert sorted(angles) == sorted(f"{joint}_nao_1" for joint in joints)
    assert angles.pop("waist_nao_1") == pytest.approx(0.25, abs=1e-6)
    assert max(map(abs, angles.values())) < 1e-6


def test_each_output_can_be_left_out(received) -> None:
    found = received(SKELETON.rest_xyz, ("tf", "tracked"), namespace="/left", id="left", frames="body", tracked=True,
                     joint_states=False)
    assert [t.child_frame_id for t in found["tf"][-1].transforms] == ["body_left"]
    assert found["tracked"][-1].ids == ["left"]
    assert not found["joints"]


def test_by_default_no_body_is_announced_as_tracked(received) -> None:
    assert not received(SKELETON.rest_xyz, ("tf", "joints"))["tracked"]


@pytest.mark.parametrize("name", ["", "1st", "two words", "a/b", "ü"])
def test_an_identifier_that_is_no_name_is_refused(graph, interfaces, name: str) -> None:
    with pytest.raises(ConfigError, match=r"parameter 'id' is .*must be a letter"):
        graph.add(BodyNode(parameter_overrides=[Parameter("id", value=name)]))


def test_a_pose_that_is_not_finite_is_not_published(received, graph, interfaces) -> None:
    wrong = SKELETON.rest_xyz.copy()
    wrong[3] = np.nan
    node = graph.add(BodyNode(parameter_overrides=[Parameter("id", value="checked")]))
    states: list[JointState] = []
    world = graph.add(rclpy.create_node("watcher"))
    world.create_subscription(JointState, "/humans/bodies/checked/joint_states", states.append, 10)
    sender = world.create_publisher(MarkerArray, "gesture_node/skeleton", 10)
    graph.until(sender.get_subscription_count, what="the node's subscription")
    message = SkeletonWriter(SKELETON, "base_link").message(wrong, STAMP_NS)

    def send() -> bool:
        sender.publish(message)
        return sum(node.guard.counts.values()) > 2

    graph.until(send, what="a counted fault")
    assert not states
