"""Slow robots make smaller gestures, and keep time with the voice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.robot_check import sized
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.gesture_size import SMALLEST, gesture_size
from speech_gesture_ros.robot.description import JointLimits
from speech_gesture_ros.robot.profile import Profile

URDF = resolve("demo_humanoid", "config/robots").with_suffix(".urdf")


def limits(speed: float, acceleration: float = 1e3) -> JointLimits:
    one = np.ones(8)
    return JointLimits(-one, one, speed * one, acceleration * one, 1e4 * one)


@pytest.mark.parametrize(("speed", "acceleration", "size"), [
    (5.0, 100.0, 1.0), (3.0, 30.0, 1.0), (2.4, 30.0, 0.8), (5.0, 24.0, 0.8), (0.5, 5.0, SMALLEST)])
def test_the_slower_the_smaller(speed: float, acceleration: float, size: float) -> None:
    notes: list[str] = []
    assert gesture_size(limits(speed, acceleration), np.arange(8), notes) == pytest.approx(size)
    assert bool(notes) == (size < 1.0)


def test_without_arms_nothing_is_smaller() -> None:
    assert gesture_size(limits(0.1), np.arange(0), []) == 1.0


def test_slow_arms_count_and_slow_legs_do_not() -> None:
    both = JointLimits(*(np.concatenate([a, b]) for a, b in zip(
        vars(limits(0.5)).values(), vars(limits(6.0)).values())))
    assert gesture_size(both, np.arange(8), []) == SMALLEST
    assert gesture_size(both, np.arange(8, 16), []) == 1.0


def test_a_profile_has_the_last_word() -> None:
    name = describe_robot(URDF).name
    assert describe_robot(URDF, Profile(name, gesture_size=0.5)).gesture_size == 0.5
    with pytest.raises(ConfigError, match="gesture_size"):
        Profile(name, gesture_size=3.0)


def test_the_pipeline_gestures_so_large_whatever_the_user_wishes() -> None:
    config = PipelineConfig(device="cpu")
    pipeline = GesturePipeline(config)
    small = GesturePipeline(config, replace(pipeline.description, gesture_size=0.5))
    wanted = [p._performance._amplitude._wanted for p in (pipeline, small)]
    assert wanted == [1.0, 0.5]
    small.set_controls(GestureControls(amplitude=1.4))
    assert small._performance._amplitude._wanted == pytest.approx(0.7)


def test_sized_motion_turns_arms_by_the_share() -> None:
    skeleton = load_skeleton()
    motion = np.repeat(skeleton.rest_xyz[None], 3, axis=0)
    np.testing.assert_array_equal(sized(skeleton, motion, 1.0), motion)
    hanging, half, whole = (sized(skeleton, motion, share)[0] for share in (1e-6, 0.5, 1.0))
    wrist = skeleton.index["left_wrist"]
    ways = [np.linalg.norm(pose[wrist] - hanging[wrist]) for pose in (half, whole)]
    assert 0.4 * ways[1] < ways[0] < 0.6 * ways[1]
