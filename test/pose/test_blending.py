from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.pose.blending import blend_poses


@pytest.fixture
def two_poses(skeleton, talking):
    rng = np.random.default_rng(11)
    bones = rng.normal(size=(len(talking), len(skeleton), 3))
    bones *= skeleton.bone_lengths[:, None] / np.linalg.norm(bones, axis=-1, keepdims=True)
    return talking, skeleton.xyz_from_bones(bones)


def test_weight_zero_and_one_give_the_poses_themselves(skeleton, two_poses):
    first, second = two_poses
    np.testing.assert_allclose(blend_poses(skeleton, first, second, np.zeros(len(first))), first, atol=1e-9)
    np.testing.assert_allclose(blend_poses(skeleton, first, second, np.ones(len(first))), second, atol=1e-9)


def test_the_blend_is_continuous_at_weights_zero_and_one(skeleton, two_poses):
    for end, near in ((0.0, 1e-9), (1.0, 1.0 - 1e-9)):
        exact, mixed = (blend_poses(skeleton, *two_poses, np.full(len(two_poses[0]), w)) for w in (end, near))
        np.testing.assert_allclose(mixed, exact, atol=1e-8)


def test_the_blend_of_a_frame_does_not_depend_on_other_frames(skeleton, two_poses):
    weight = np.resize([0.0, 0.3, 1.0, 0.9999], len(two_poses[0]))
    together = blend_poses(skeleton, *two_poses, weight)
    alone = [blend_poses(skeleton, a[None], b[None], w[None])[0] for a, b, w in zip(*two_poses, weight)]
    np.testing.assert_array_equal(together, alone)


def test_bones_keep_their_lengths_at_every_weight(skeleton, two_poses):
    mixed = blend_poses(skeleton, *two_poses, np.linspace(0, 1, len(two_poses[0])))
    lengths = np.linalg.norm(skeleton.bones_from_xyz(mixed), axis=-1)
    np.testing.assert_allclose(lengths, np.tile(skeleton.bone_lengths, (len(mixed), 1)), atol=1e-9)


def test_a_bone_rotates_evenly_from_one_direction_to_the_other(skeleton):
    first = skeleton.rest_xyz[None]
    bones = skeleton.bones_from_xyz(first)
    elbow = skeleton.index["left_elbow"]
    bones[:, elbow] = [0.28, 0.0, 0.0]  # from hanging to straight forward
    half = blend_poses(skeleton, first, skeleton.xyz_from_bones(bones), [0.5])
    diagonal = 0.28 * np.array([0.5, 0, -0.5]) * 2**0.5
    np.testing.assert_allclose(skeleton.bones_from_xyz(half)[0, elbow], diagonal, atol=1e-9)


def test_opposite_bones_rotate_sideways_without_getting_shorter(skeleton):
    first = skeleton.rest_xyz[None]
    mixed = blend_poses(skeleton, first, skeleton.xyz_from_bones(-skeleton.bones_from_xyz(first)), [0.5])
    lengths = np.linalg.norm(skeleton.bones_from_xyz(mixed)[0], axis=-1)
    np.testing.assert_allclose(lengths, skeleton.bone_lengths, atol=1e-9)
