"""Compute time of a frame is measured on a real robot description, also with added joints."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.frame_compute_time import WARM_UP, measure_frames, with_joints
from speech_gesture_ros.retargeting import describe_robot


@pytest.fixture(scope="module")
def robot():
    return describe_robot(resolve("demo_humanoid.urdf", "config/robots"), "demo_humanoid")


def waving(frames: int) -> np.ndarray:
    """(T, J, 3) a human who moves the forearms up and down."""
    skeleton, motion = load_skeleton(), []
    for t in np.arange(frames) / 25:
        bones = skeleton.offsets.copy()
        for side in ("left", "right"):
            wrist = skeleton.index[f"{side}_wrist"]
            rise = np.sin(2 * np.pi * t)
            bones[wrist] = skeleton.bone_lengths[wrist] * np.array([np.cos(rise), 0.0, np.sin(rise)])
        motion.append(skeleton.xyz_from_bones(bones))
    return np.array(motion)


def test_joints_are_added_to_the_hands_without_collision_pairs(robot) -> None:
    many = with_joints(robot, 30)
    assert len(many.joint_names) == len(set(many.joint_names)) == 30
    assert many.joint_names[:len(robot.joint_names)] == robot.joint_names
    assert many.collision_pairs == robot.collision_pairs


@pytest.mark.parametrize("joints", [20, 30])
def test_every_frame_after_the_warm_up_is_timed_in_its_parts(robot, joints: int) -> None:
    times = measure_frames(with_joints(robot, joints), load_skeleton(), waving(WARM_UP + 20), repeats=2)
    assert set(times) == {"retargeting", "limits and collision", "gate", "together"}
    assert all(values.shape == (20,) and np.all(values > 0) for values in times.values())
    parts = sum(times[name] for name in times if name != "together")
    assert np.all(times["together"] >= parts * (1 - 1e-9))  # the smallest sum is at least the sum of the smallest parts
