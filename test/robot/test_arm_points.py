"""Axes of the body from the shoulders."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.arm_points import base_axes
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks
from speech_gesture_ros.robot.model import load_model


def axes(left: str, right: str) -> np.ndarray:
    """Axes of a robot with its shoulders at two places."""
    joints = "".join(f"""<link name="{s}"/><joint name="{s}_turn" type="revolute"><parent link="base"/>
      <child link="{s}"/><origin xyz="{xyz}"/><axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="1" effort="1"/>
      </joint>""" for s, xyz in (("left", left), ("right", right)))
    model = load_model(f'<robot name="two"><link name="base"/>{joints}</robot>')
    arms = [ArmLinks(side, side, side) for side in ("left", "right")]
    return base_axes(model.kinematics(("left_turn", "right_turn")), BodyLinks("base", "base", None, *arms))


def test_forward_left_and_up_are_unit_vectors_also_where_one_shoulder_is_higher() -> None:
    np.testing.assert_allclose(axes("0 0.2 1.4", "0 -0.2 1.2"), np.eye(3), atol=1e-12)


def test_a_robot_whose_left_shoulder_is_at_minus_y_faces_backwards() -> None:
    np.testing.assert_allclose(axes("0 -0.2 1", "0 0.2 1"), np.diag([-1.0, -1.0, 1.0]), atol=1e-12)


def test_shoulders_above_each_other_are_an_error() -> None:
    with pytest.raises(RobotError, match="sideways distance of the shoulders"):
        axes("0 0.0004 1.4", "0 -0.0004 1.2")
