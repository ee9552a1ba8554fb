"""Joints that move a shoulder, as those of a collar bone, are distinguished from the joints of the arm."""

from __future__ import annotations

import pytest

from speech_gesture_ros.robot.arm_parts import COLLAR_M, _collar_joints
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.urdf import load_urdf

Joint = tuple[str, str]  # origin on the link before, axis
SHOULDER: list[Joint] = [("0 0.2 0.1", "0 1 0"), ("0 0 0", "1 0 0"), ("0 0 0", "0 0 1")]
ARM: list[Joint] = [*SHOULDER, ("0 0 -0.28", "0 1 0"), ("0 0 -0.25", "0 1 0")]


def count(*joints: Joint) -> int:
    """Number of joints that move the shoulder in a chain of these joints."""
    text = '<robot name="arm"><link name="l0"/>' + "".join(
        f'<link name="l{i}"/><joint name="j{i}" type="revolute"><parent link="l{i - 1}"/><child link="l{i}"/>'
        f'<origin xyz="{at}"/><axis xyz="{axis}"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>'
        for i, (at, axis) in enumerate(joints, 1)) + "</robot>"
    urdf = load_urdf(text)
    return _collar_joints(JointTree(urdf), list(urdf.joints))


def test_an_arm_that_begins_with_its_shoulder_has_none() -> None:
    assert count(*ARM) == 0


def test_a_collar_bone_of_one_joint_counts() -> None:
    assert count(("0 0 1.2", "1 0 0"), *ARM) == 1


def test_a_collar_bone_of_two_joints_counts_also_if_it_begins_above_the_shoulder() -> None:
    """The second joint of the second one is 0.2 m from the shoulder, the first one in the same place."""
    assert count(("0 0 1.2", "1 0 0"), ("0 0 0", "0 0 1"), *ARM) == 2
    assert count(("0 0.2 1.3", "1 0 0"), ("0 -0.2 -0.1", "0 0 1"), *ARM) == 2


def test_of_three_joints_before_a_shoulder_none_counts() -> None:
    """They are more than a collar bone has."""
    assert count(("0 0 1.1", "0 1 0"), ("0 0 0.1", "1 0 0"), ("0 0.1 0", "0 0 1"), *ARM) == 0


@pytest.mark.parametrize(("share", "joints"), [(1.1, 1), (0.9, 0)])
def test_a_joint_in_the_shoulder_itself_does_not_move_it(share: float, joints: int) -> None:
    """The axis of the first joint does not meet the next ones: it is part of a shoulder with four joints."""
    at = f"0 {COLLAR_M * share} 0"
    assert count(("0 0 1.2", "0.6 0 0.8"), (at, "0 1 0"), *ARM[1:]) == joints


def test_three_axes_through_one_point_in_nearly_one_plane_are_no_shoulder() -> None:
    flat = [SHOULDER[0], ("0 0 0", "1 0 0"), ("0 0 0", "1 0.9 0.1")]
    assert count(("0 0 1.2", "1 0 0"), *flat, *ARM[3:]) == 0


def test_an_arm_needs_four_joints_of_its_own() -> None:
    assert count(("0 0 1.2", "1 0 0"), *ARM[:4]) == 1
    assert count(("0 0 1.2", "1 0 0"), *ARM[:3]) == 0
