"""A whole motion is planned from rest to rest, inside the limits, and follows its frames."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.offline_plan import plan_offline
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.robot.description import RobotDescription


def frames(demo: RobotDescription, joint: str, size: float, seconds: float) -> JointChunk:
    """A raised cosine of one joint, three quarters of a turn every second [rad]: it ends away from the rest pose."""
    q = np.tile(demo.rest_q, (round(25 * seconds), 1))
    t = np.arange(len(q)) / 25
    q[:, demo.joint_names.index(joint)] += size * (1 - np.cos(1.5 * np.pi * t)) / 2
    return JointChunk(0, q)


def test_it_begins_at_rest_in_the_first_frame_and_ends_at_rest_in_the_last(demo: RobotDescription) -> None:
    joints = frames(demo, "left_shoulder_pitch", -0.3, 3.5)
    joints = JointChunk(0, joints.values[10:])  # begins away from the rest pose, in motion
    plan = plan_offline(demo, joints)
    assert plan.start_index == 0
    np.testing.assert_array_equal(plan.positions[0], joints.values[0])
    np.testing.assert_allclose(plan.velocities[0], 0.0, atol=1e-12)
    assert not plan.velocities[-1].any()
    np.testing.assert_allclose(plan.positions[-1], joints.values[-1], atol=1e-3)


def test_row_2_k_follows_frame_k_without_delay(demo: RobotDescription) -> None:
    joints = frames(demo, "left_shoulder_pitch", -0.3, 8.0)
    column = demo.joint_names.index("left_shoulder_pitch")
    plan = plan_offline(demo, joints)
    asked, performed = joints.values[:, column], plan.positions[: 2 * len(joints.values) : 2, column]
    np.testing.assert_allclose(performed, asked, atol=0.03)  # from the beginning: no slow entry
    lags = {lag: np.abs(performed[15 + lag : 100 + lag] - asked[15:100]).max() for lag in range(-3, 4)}
    assert min(lags, key=lambda lag: lags[lag]) == 0


def test_a_jump_becomes_a_motion_within_the_limits(demo: RobotDescription) -> None:
    q = np.tile(demo.rest_q, (50, 1))
    q[25:] = np.clip(demo.rest_q + 0.8, demo.limits.lower, demo.limits.upper)
    plan = plan_offline(demo, JointChunk(0, q))
    speed = np.abs(np.diff(plan.positions, axis=0)).max(axis=0) * 50
    assert np.all(speed <= demo.limits.velocity * (1 + 1e-6))
    assert speed.max() > 0.3
    assert not plan.velocities[-1].any()


@pytest.mark.parametrize("count", [1, 2])
def test_a_motion_of_very_few_frames_is_planned(demo: RobotDescription, count: int) -> None:
    plan = plan_offline(demo, JointChunk(0, np.tile(demo.rest_q, (count, 1))))
    np.testing.assert_allclose(plan.positions, np.tile(demo.rest_q, (len(plan), 1)), atol=1e-9)
    assert len(plan) >= 2 * count - 1
