"""Lengths by which the two arms of a robot are found to be equal."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.arm_pair import _are_equal, _lengths
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.urdf import load_urdf


def chain(*joints: tuple[str, str]) -> JointTree:
    """A chain of turning joints: the origin of each on the link before, and its axis."""
    return JointTree(load_urdf('<robot name="chain"><link name="l0"/>' + "".join(
        f'<link name="l{i}"/><joint name="j{i}" type="revolute"><parent link="l{i - 1}"/><child link="l{i}"/>'
        f'<origin xyz="{at}"/><axis xyz="{axis}"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>'
        for i, (at, axis) in enumerate(joints, 1)) + "</robot>"))


def test_the_lengths_of_a_limb_are_the_distances_from_axis_to_axis() -> None:
    tree = chain(("0 0 0.1", "0 0 1"), ("0 0 0.2", "0 1 0"), ("0.1 0 0.2", "1 0 0"))
    np.testing.assert_allclose(_lengths(tree, list(tree.urdf.joints)), [0.0, 0.2], atol=1e-12)


@pytest.mark.parametrize(("other", "equal"), [
    ((0.0, 0.06, 0.22, 0.25), True),
    ((0.0, 0.06, 0.24, 0.25), False),
    ((0.0, 0.06, 0.22, 0.30, 0.1), True),  # a tool: the length before it differs
    ((0.0, 0.06, 0.24, 0.25, 0.1), False),
    ((0.0, 0.06, 0.22, 0.25, 0.1, 0.1, 0.1), False),
])
def test_limbs_are_equal_apart_from_a_tool_that_one_of_them_carries(other: tuple[float, ...], equal: bool) -> None:
    one = np.array([0.0, 0.06, 0.22, 0.25])
    assert _are_equal(one, np.array(other)) is equal
    assert _are_equal(np.array(other), one) is equal


@pytest.mark.parametrize("turn", ["0 1 0", "0 -1 0"])
def test_parallel_axes_meet_beside_a_given_point_whichever_way_they_point(turn: str) -> None:
    tree = chain(("0 0 1", "0 1 0"), ("0.3 0 0", turn))
    first, second = tree.urdf.joints
    np.testing.assert_allclose(tree.meeting(first, second, np.array([5.0, 0.4, 2.0])), [0.0, 0.4, 1.0], atol=1e-12)
