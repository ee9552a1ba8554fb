"""A motion performed by a robot without a voice: nothing forbidden happens, and what is lost is counted."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("pinocchio", reason="needs pip install '.[agent]'")

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.robot_motion import MotionPlayer, arm_length, robot_figures
from speech_gesture_ros.retargeting import describe_robot

SKELETON = load_skeleton()


@pytest.fixture(scope="module")
def robot():
    return describe_robot(resolve("demo_humanoid.urdf", "config/robots"), "demo_humanoid")


def raising(frames: int = 100, turn: float = 1.2) -> np.ndarray:
    """(T, J, 3) both arms swing forward from the shoulder and back, twice in four seconds."""
    angle = 0.5 * turn * (1 - np.cos(2 * np.pi * np.arange(frames) / 50))
    c, s = np.cos(angle), np.sin(angle)
    bones = np.broadcast_to(SKELETON.offsets, (frames, *SKELETON.offsets.shape)).copy()
    for side in ("left", "right"):
        for part in ("elbow", "wrist", "hand", "thumb"):
            x, _, z = SKELETON.offsets[SKELETON.index[f"{side}_{part}"]]
            bones[:, SKELETON.index[f"{side}_{part}"], 0] = c * x - s * z
            bones[:, SKELETON.index[f"{side}_{part}"], 2] = s * x + c * z
    return SKELETON.xyz_from_bones(bones)


def test_a_calm_motion_is_performed_whole_and_safely(robot) -> None:
    figures = robot_figures([raising()], robot, SKELETON)
    assert figures["limit_violations"] == figures["collision_share"] == figures["rejected"] == 0.0
    assert figures["direction_error"] < 3.0
    assert figures["amplitude_kept"] == pytest.approx(1.0, abs=0.2)


def test_a_slow_robot_keeps_less_and_points_elsewhere(robot) -> None:
    slow = dataclasses.replace(robot.limits, velocity=np.full(len(robot.joint_names), 0.3))
    figures = robot_figures([raising()], dataclasses.replace(robot, limits=slow), SKELETON)
    assert figures["limit_violations"] == 0.0
    assert figures["direction_error_p95"] > 15.0
    assert figures["amplitude_kept"] < 0.7


def test_the_player_gives_frames_as_their_sound_passes(robot) -> None:
    xyz = raising(20).astype(np.float32)
    player = MotionPlayer(xyz, robot, SKELETON)
    first = player.push(AudioChunk(0, np.zeros(800, dtype=np.float32)))  # one frame and a quarter
    rest = player.flush()
    assert (len(first.poses), len(first.joints), len(rest.poses)) == (1, 1, 19)
    np.testing.assert_array_equal(np.concatenate([first.poses.values, rest.poses.values]), xyz)
    once = np.concatenate([first.joints.values, rest.joints.values])
    player.reset()
    np.testing.assert_array_equal(player.flush().joints.values, once)


def test_arm_length_is_that_of_the_robot(robot) -> None:
    assert 0.3 < arm_length(robot, robot.body.left_arm) < 0.8
