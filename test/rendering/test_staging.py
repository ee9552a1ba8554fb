"""Robot and person stand side by side, as tall as each other, on one floor."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.staging import GAP, TURN_DEG, stage
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot


def test_the_person_stands_at_the_robots_left_and_the_camera_sees_both_from_one_side(
        robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    assert staging.person.origin[1] == pytest.approx(GAP * staging.scale, abs=0.02)
    azimuth = np.radians(staging.azimuth_deg)
    camera = staging.look_at - staging.distance * np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    seen = [np.arctan2(*(camera - place)[1::-1]) - facing for place, facing in
            ((np.zeros(3), 0.0), (np.array(staging.person.origin), staging.person.yaw))]
    assert np.degrees(seen[0]) == pytest.approx(TURN_DEG, abs=1.0)
    assert np.degrees(seen[1]) == pytest.approx(TURN_DEG, abs=1.0)


def test_shoulders_are_at_one_height(robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    human = staging.person.apply(skeleton.rest_xyz)[skeleton.index["left_shoulder"], 2]
    arm = robot.description.body.left_arm
    assert arm is not None
    assert human == pytest.approx(robot.data.body(arm.shoulder).xpos[2], abs=0.05)


def test_a_robot_without_legs_is_put_on_a_pedestal(robot: MujocoRobot, skeleton: Skeleton) -> None:
    robot.model.geom("floor").pos[2] = 0.8
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    assert [prop.kind for prop in staging.props] == ["cylinder"]
    assert robot.model.geom("floor").pos[2] < 0.2


def test_the_camera_looks_at_the_front_of_the_robot(robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    azimuth = np.radians(staging.azimuth_deg)
    assert np.cos(azimuth) < -0.9  # the camera is ahead of the robot, which looks along x
