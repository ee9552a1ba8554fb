"""Robot and human are side by side, equally tall, on one floor."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.staging import GAP_M, TURN_DEG, stage
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot


def test_the_human_is_at_the_left_of_the_robot_and_both_are_seen_from_the_same_side(
        robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    assert staging.human.origin[1] == pytest.approx(GAP_M * staging.scale, abs=0.02)
    azimuth = np.radians(staging.azimuth_deg)
    camera = staging.look_at - staging.distance * np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    seen = [np.arctan2(*(camera - place)[1::-1]) - facing for place, facing in
            ((np.zeros(3), 0.0), (np.array(staging.human.origin), staging.human.yaw))]
    assert np.degrees(seen[0]) == pytest.approx(TURN_DEG, abs=1.0)
    assert np.degrees(seen[1]) == pytest.approx(TURN_DEG, abs=1.0)


def test_shoulders_are_at_the_same_height(robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    human = staging.human.apply(skeleton.rest_xyz)[skeleton.index["left_shoulder"], 2]
    arm = robot.description.body.left_arm
    assert arm is not None
    assert human == pytest.approx(robot.data.body(arm.shoulder).xpos[2], abs=0.05)


def test_a_robot_without_legs_has_a_pedestal(robot: MujocoRobot, skeleton: Skeleton) -> None:
    robot.model.geom("floor").pos[2] = 0.8
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    assert [prop.kind for prop in staging.props] == ["cylinder"]
    assert robot.model.geom("floor").pos[2] < 0.2


def test_the_camera_is_in_front_of_the_robot(robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    azimuth = np.radians(staging.azimuth_deg)
    assert np.cos(azimuth) < -0.9  # the robot faces along x
