"""Continuous joints that have turned: what is sent to the robot goes on where they stand."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from continuous_wrists import with_continuous_wrists

from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.simulators.ideal_robot import IdealRobot


def test_joints_at_5_5_and_minus_20_rad_are_commanded_at_the_equal_angle_and_do_not_unwind(world, tmp_path):
    path = tmp_path / "turning.urdf"
    path.write_text(with_continuous_wrists())
    robot = describe_robot(path)
    wrists = [robot.joint_names.index(f"{side}_wrist_yaw") for side in ("left", "right")]
    start = robot.rest_q.copy()
    start[wrists] = 5.5, -20.0
    world.description, world.robot = robot, IdealRobot(robot, start=start)
    world.perform(count=100, robot=str(path))
    commanded = np.array(world.robot.commanded)
    way = commanded[:, wrists] - start[wrists]
    np.testing.assert_allclose(commanded[0], start)
    assert way[-1, 0] > 0.2, "from -0.78 rad, the equal angle, towards the gestures about 0; not from 5.5 downwards"
    equal = commanded[:, wrists] - 2 * np.pi * np.array([1, -3])
    assert np.all((equal >= robot.limits.lower[wrists]) & (equal <= robot.limits.upper[wrists]))
    assert np.abs(equal[-1]).max() < 1.0
    assert np.abs(np.diff(commanded, axis=0)).max() < 0.1, "no jump"
    assert not world.robot.rejected
