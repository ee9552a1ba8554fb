"""Slow robots make smaller gestures and keep time with the voice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.robot_run import reduced
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.gesture_size import MIN_SIZE, gesture_size
from speech_gesture_ros.robot.description import JointLimits
from speech_gesture_ros.robot.profile import Profile

RAMP_FRAMES = 25  # after which a new amplitude has its full effect
URDF = resolve("demo_humanoid", "config/robots").with_suffix(".urdf")


def limits(speed: float, acceleration: float = 1e3) -> JointLimits:
    one = np.ones(8)
    return JointLimits(-one, one, speed * one, acceleration * one, 1e4 * one)


@pytest.mark.parametrize(("speed", "acceleration", "size"), [
    (5.0, 100.0, 1.0), (3.0, 30.0, 1.0), (2.4, 30.0, 0.8), (5.0, 24.0, 0.8), (0.5, 5.0, MIN_SIZE)])
def test_slower_joints_give_smaller_gestures(speed: float, acceleration: float, size: float) -> None:
    notes: list[str] = []
    assert gesture_size(limits(speed, acceleration), np.arange(8), notes) == pytest.approx(size)
    assert bool(notes) == (size < 1.0)


def test_a_robot_without_arms_has_full_size() -> None:
    assert gesture_size(limits(0.1), np.arange(0), []) == 1.0


def test_slow_arms_count_and_slow_legs_do_not() -> None:
    both = JointLimits(*(np.concatenate([a, b]) for a, b in zip(
        vars(limits(0.5)).values(), vars(limits(6.0)).values())))
    assert gesture_size(both, np.arange(8), []) == MIN_SIZE
    assert gesture_size(both, np.arange(8, 16), []) == 1.0


def test_the_size_in_a_profile_has_priority() -> None:
    name = describe_robot(URDF).name
    assert describe_robot(URDF, Profile(name, gesture_size=0.5)).gesture_size == 0.5
    with pytest.raises(ConfigError, match="gesture_size"):
        Profile(name, gesture_size=3.0)


def test_the_pipeline_multiplies_the_size_with_the_requested_amplitude(speech) -> None:
    config = PipelineConfig(device="cpu")
    full = GesturePipeline(config)
    small, smaller = (GesturePipeline(config, replace(full.description, gesture_size=0.5)) for _ in range(2))
    small.set_controls(GestureControls(amplitude=1.4))

    def spread(pipeline: GesturePipeline) -> float:
        poses = pipeline.push(AudioChunk(0, speech[:4 * SAMPLE_RATE])).poses.values[RAMP_FRAMES:]
        return float(np.linalg.norm(np.std(poses[:, pipeline.skeleton.index["left_wrist"]], axis=0)))

    assert spread(smaller) < 0.9 * spread(small) < 0.81 * spread(full)


def test_reduced_motion_turns_arms_by_the_share() -> None:
    skeleton = load_skeleton()
    motion = np.repeat(skeleton.rest_xyz[None], 3, axis=0)
    np.testing.assert_array_equal(reduced(skeleton, motion, 1.0), motion)
    hanging, half, whole = (reduced(skeleton, motion, share)[0] for share in (1e-6, 0.5, 1.0))
    wrist = skeleton.index["left_wrist"]
    ways = [np.linalg.norm(pose[wrist] - hanging[wrist]) for pose in (half, whole)]
    assert 0.4 * ways[1] < ways[0] < 0.6 * ways[1]
