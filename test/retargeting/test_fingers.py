"""Fingers: which joints they are, where they are closed, and how they follow the shapes of the hands."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.chunks import AudioChunk, JointChunk
from speech_gesture_ros.core.hand_shapes import CLOSURES, HandShape
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.retargeting import FingerStage, Profile, describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.fingers import _tips, finger_joints

CLOSED_RAD = 1.4
THUMB, INDEX, RING = RIGHT = ("right_thumb_finger_joint", "right_index_finger_joint", "right_ring_finger_joint")


def add_finger(root: ET.Element, name: str, parent: str, lower: float, upper: float, *, has_tip: bool = True) -> None:
    """Add a finger of one joint: its first bone points down the hanging arm, and it bends about y."""
    bones = ((name, "revolute", "0 0 -0.05", parent), (f"{name}_tip", "fixed", "0 0 -0.06", name))
    for child, kind, origin, base in bones:
        if child != name and not has_tip:
            return
        ET.SubElement(root, "link", name=child)
        joint = ET.SubElement(root, "joint", name=f"{child}_joint" if child != "LHand" else child, type=kind)
        ET.SubElement(joint, "parent", link=base)
        ET.SubElement(joint, "child", link=child)
        ET.SubElement(joint, "origin", xyz=origin)
        if kind == "revolute":
            ET.SubElement(joint, "axis", xyz="0 1 0")
            ET.SubElement(joint, "limit", lower=str(lower), upper=str(upper), velocity="3", effort="1")


@pytest.fixture(scope="module")
def urdf() -> str:
    """The demo humanoid with a joint that opens the left hand, and thumb, index and ring finger at the right one."""
    root = ET.parse(share_folder() / "config" / "robots" / "demo_humanoid.urdf").getroot()
    ends = [root.find(f"joint[@name='{side}_wrist_roll']/child").get("link") for side in ("left", "right")]
    add_finger(root, "LHand", ends[0], 0.0, 1.0, has_tip=False)
    add_finger(root, "right_thumb_finger", ends[1], 0.0, CLOSED_RAD)
    add_finger(root, "right_index_finger", ends[1], -CLOSED_RAD, 0.0)
    add_finger(root, "right_ring_finger", ends[1], -0.3, CLOSED_RAD)
    return ET.tostring(root, encoding="unicode")


@pytest.fixture(scope="module")
def robot(urdf: str) -> RobotDescription:
    return describe_robot(urdf, Profile("demo", fingers=True))


def test_fingers_are_commanded_only_if_the_profile_says_so(urdf: str, robot: RobotDescription) -> None:
    without = describe_robot(urdf, Profile("demo"))
    assert not finger_joints(without)
    assert robot.joint_names[:len(without.joint_names)] == without.joint_names
    assert robot.groups["left_hand"] == ("LHand",)
    assert robot.groups["right_hand"] == RIGHT
    assert robot.topics["right_hand"] == "right_hand_controller/joint_trajectory"


def test_a_finger_is_closed_where_its_tip_is_near_the_wrist_and_a_joint_called_hand_at_zero(robot) -> None:
    found = {robot.joint_names[j.index]: j for j in finger_joints(robot)}
    lower, upper = ({n: bound[robot.joint_names.index(n)] for n in found}
                    for bound in (robot.limits.lower, robot.limits.upper))
    assert {n: (j.side, j.finger) for n, j in found.items()} == {
        "LHand": (0, 2), THUMB: (1, 0), INDEX: (1, 1), RING: (1, 2)}
    assert (found["LHand"].straight, found["LHand"].closed) == (upper["LHand"], lower["LHand"])
    assert found[THUMB].closed == upper[THUMB]
    assert found[INDEX].closed == lower[INDEX]
    assert found[INDEX].straight == upper[INDEX]
    assert (found[RING].straight, found[RING].closed) == (0.0, upper[RING])


def test_the_tips_that_a_joint_moves_are_the_last_links_beyond_it(robot) -> None:
    assert _tips(robot.model.urdf, INDEX) == ["right_index_finger_tip"]
    wrist = robot.model.urdf.path("right_index_finger")[-2].name
    assert {name.replace("joint", "tip") for name in RIGHT} < set(_tips(robot.model.urdf, wrist))


def test_fingers_reach_the_shape_smoothly_whatever_the_chunks_and_no_other_joint_changes(robot) -> None:
    frames = np.tile(robot.rest_q, (60, 1))
    shapes = np.repeat([[HandShape.FIST, HandShape.POINT]], 60, axis=0)
    moved = FingerStage(robot).push(JointChunk(0, frames), shapes).values
    stage = FingerStage(robot)
    parts = [stage.push(JointChunk(k, frames[k:k + 7]), shapes[k:k + 7]).values for k in range(0, 60, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), moved)
    joints = finger_joints(robot)
    for joint in joints:
        closure = (moved[:, joint.index] - joint.straight) / (joint.closed - joint.straight)
        assert closure[-1] == pytest.approx(CLOSURES[shapes[0, joint.side], joint.finger], abs=1e-4)
        assert np.abs(np.diff(closure)).max() < 0.2
    others = [k for k in range(len(robot.joint_names)) if k not in [j.index for j in joints]]
    np.testing.assert_array_equal(moved[:, others], frames[:, others])


@pytest.mark.slow
def test_the_default_model_shapes_the_hands_in_speech_and_leaves_the_other_joints_as_they_were(urdf, robot, speech):
    samples = speech[: 16_000 * 12]
    with_fingers = GesturePipeline(PipelineConfig(), description=robot).push(AudioChunk(0, samples)).joints.values
    without = describe_robot(urdf, Profile("demo"))
    expected = GesturePipeline(PipelineConfig(), description=without).push(AudioChunk(0, samples)).joints.values
    columns = [j.index for j in finger_joints(robot)]
    assert np.ptp(with_fingers[:, columns], axis=0).max() > 0.3
    assert np.all(with_fingers <= robot.limits.upper)
    assert np.all(with_fingers >= robot.limits.lower)
    np.testing.assert_allclose(with_fingers[:, :expected.shape[1]], expected, atol=1e-6)


def test_a_request_shapes_the_fingers_of_the_hand_that_makes_it(robot) -> None:
    pipeline = GesturePipeline(PipelineConfig(), description=robot)
    pipeline.request(GestureRequest("point_up", side="right"), 60.0)
    q = pipeline.push(AudioChunk(0, np.zeros(16_000 * 4, np.float32))).joints.values
    index, ring = (j for j in finger_joints(robot) if robot.joint_names[j.index] in (INDEX, RING))
    closures = [(q[:, j.index] - j.straight) / (j.closed - j.straight) for j in (index, ring)]
    assert closures[0][62] < 0.1
    assert closures[1][62] > 0.7
    assert closures[0][0] == pytest.approx(CLOSURES[HandShape.REST, 1])
