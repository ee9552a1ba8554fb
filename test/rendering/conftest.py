"""Demo robot and canonical skeleton."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot


@pytest.fixture(scope="session")
def description() -> RobotDescription:
    return load_robot(PipelineConfig())


@pytest.fixture
def robot(description: RobotDescription) -> MujocoRobot:
    return MujocoRobot(description)


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    return load_skeleton()
