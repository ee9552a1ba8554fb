"""Lifting of image keypoints: exact where the image determines the pose, plausible where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.keypoints import (
    KEYPOINT_INDEX,
    KEYPOINT_NAMES,
    NUM_KEYPOINTS,
    keypoints_from_pose,
    shoulder_width,
)
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech2gesture.lifting import MAX_DEPTH_SPEED, ArmLifter
from speech_gesture_ros.networks.strokes.channels import HANDS, NUM_CHANNELS, PALM, PER_HAND, SWIVEL, WRIST
from speech_gesture_ros.training.strokes.body_pose import pose_body

SKELETON = load_skeleton()
ARM_JOINTS = [SKELETON.index[f"{side}_{part}"] for side in ("left", "right")
              for part in ("elbow", "wrist", "hand", "thumb")]


def gesturing(seconds: float = 8.0, seed: int = 0) -> np.ndarray:
    """Upright people whose hands wander slowly in front of them: (T, 17, 3)."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * 25)) / 25
    state = np.zeros((len(t), NUM_CHANNELS))
    for hand in HANDS:
        waves = np.sin(2 * np.pi * rng.uniform(0.1, 0.4, PER_HAND) * t[:, None] + rng.uniform(0, 6, PER_HAND))
        state[:, hand] = 0.2 * waves
        state[:, hand][:, WRIST] = (0.28, 0.18, -0.20) + waves[:, WRIST] * (0.06, 0.10, 0.10)
        state[:, hand][:, SWIVEL] = 0.2 + 0.15 * waves[:, SWIVEL]
        state[:, hand][:, PALM] = -0.5
    bones = SKELETON.bones_from_xyz(pose_body(SKELETON, state, np.zeros_like(state)))
    for side in ("left", "right"):  # the lift takes the shoulders to be at rest
        bones[:, SKELETON.index[f"{side}_shoulder"]] = SKELETON.offsets[SKELETON.index[f"{side}_shoulder"]]
    return SKELETON.xyz_from_bones(bones)


def bones(xyz: np.ndarray) -> np.ndarray:
    return SKELETON.bones_from_xyz(xyz)[:, ARM_JOINTS]


def test_any_pose_is_lifted_exactly_up_to_the_signs_of_depth() -> None:
    """Single frames with arms in any direction, also behind the back."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        offsets = SKELETON.offsets.copy()
        for joint in ARM_JOINTS:
            direction = rng.normal(size=3)
            offsets[joint] = direction / np.linalg.norm(direction) * SKELETON.bone_lengths[joint]
        truth = SKELETON.xyz_from_bones(offsets)[None]
        lifted = ArmLifter(SKELETON).lift(keypoints_from_pose(truth, SKELETON))
        found, expected = bones(lifted)[0], bones(truth)[0]
        np.testing.assert_allclose(found[:, 1:], expected[:, 1:], atol=1e-6)
        np.testing.assert_allclose(np.abs(found[:, 0]), np.abs(expected[:, 0]), atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_people_who_gesture_are_lifted_with_the_right_signs(seed: int) -> None:
    truth = gesturing(seed=seed)
    lifted = ArmLifter(SKELETON).lift(keypoints_from_pose(truth, SKELETON))
    error = np.linalg.norm(lifted - truth, axis=-1)[:, ARM_JOINTS]
    wrists = error[:, [1, 5]]
    assert np.median(wrists) < 1e-3
    assert np.percentile(wrists, 95) < 0.05


def test_bones_keep_their_lengths_and_the_body_stands_upright() -> None:
    lifted = ArmLifter(SKELETON).lift(1.3 * keypoints_from_pose(gesturing(), SKELETON))  # arms that look too long
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(lifted), axis=-1)[:, 1:]
    np.testing.assert_allclose(lengths, np.broadcast_to(SKELETON.bone_lengths[1:], lengths.shape), atol=1e-5)
    still = [i for i in range(len(SKELETON)) if i not in ARM_JOINTS]
    np.testing.assert_allclose(lifted[:, still], np.broadcast_to(SKELETON.rest_xyz[still], (len(lifted), 9, 3)),
                               atol=1e-6)


def test_noise_in_the_image_does_not_make_depth_jump() -> None:
    seen = keypoints_from_pose(np.repeat(SKELETON.rest_xyz[None], 100, axis=0), SKELETON)  # arms in the plane: worst
    seen += 0.005 * np.random.default_rng(0).normal(size=seen.shape)
    depth = bones(ArmLifter(SKELETON).lift(seen))[:, :, 0]
    assert np.abs(np.diff(depth, axis=0)).max() <= MAX_DEPTH_SPEED / 25 + 1e-6


def test_any_chunking_gives_the_same_poses() -> None:
    seen = keypoints_from_pose(gesturing(), SKELETON)
    whole, lifter = ArmLifter(SKELETON).lift(seen), ArmLifter(SKELETON)
    parts = [lifter.lift(seen[a:b]) for a, b in ((0, 1), (1, 1), (1, 60), (60, 200))]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    lifter.reset()
    np.testing.assert_array_equal(lifter.lift(seen), whole)


def test_an_image_shows_the_person_from_the_front() -> None:
    seen = keypoints_from_pose(SKELETON.rest_xyz, SKELETON)
    assert seen.shape == (NUM_KEYPOINTS, 2) == (len(KEYPOINT_NAMES), 2)
    assert seen[KEYPOINT_INDEX["left_shoulder"]] == pytest.approx((0.18, 0.0))  # the person's left is on the right
    assert seen[KEYPOINT_INDEX["right_wrist"]] == pytest.approx((-0.18, 0.53))  # y grows downwards
    assert seen[KEYPOINT_INDEX["right_hand_middle1"]] == pytest.approx((-0.18, 0.62))
    np.testing.assert_array_equal(seen[KEYPOINT_INDEX["left_hand_root"]], seen[KEYPOINT_INDEX["left_wrist"]])
    assert shoulder_width(seen[None]) == pytest.approx(0.36)
    numbers = [KEYPOINT_INDEX[name] for name in ("left_hand_root", "right_hand_root", "left_shoulder")]
    assert numbers == [7, 28, 4]
