from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton, SkeletonJoint, load_skeleton


def test_the_rest_pose_stands_upright_with_hanging_arms() -> None:
    skeleton = load_skeleton()
    xyz = dict(zip(skeleton.names, skeleton.rest_xyz))
    assert xyz["head"][2] > xyz["neck"][2] > xyz["chest"][2] > xyz["pelvis"][2] == 0.0
    assert xyz["left_shoulder"][1] > 0 > xyz["right_shoulder"][1]
    assert xyz["left_hand"][2] < xyz["left_elbow"][2] < xyz["left_shoulder"][2]
    assert xyz["nose"][0] > xyz["head"][0]


def test_bones_and_positions_are_each_others_inverse(rng: np.random.Generator) -> None:
    skeleton = load_skeleton()
    xyz = rng.normal(size=(5, 2, len(skeleton), 3))
    np.testing.assert_allclose(skeleton.xyz_from_bones(skeleton.bones_from_xyz(xyz)), xyz, atol=1e-12)


def test_mirroring_twice_changes_nothing_and_once_swaps_sides(rng: np.random.Generator) -> None:
    skeleton = load_skeleton()
    xyz = rng.normal(size=(4, len(skeleton), 3))
    mirrored = skeleton.mirror(xyz)
    np.testing.assert_array_equal(skeleton.mirror(mirrored), xyz)
    left, right = skeleton.index["left_wrist"], skeleton.index["right_wrist"]
    np.testing.assert_array_equal(mirrored[:, left], xyz[:, right] * [1, -1, 1])


@pytest.mark.parametrize(
    ("joints", "message"),
    [
        ((SkeletonJoint("a", None, (0, 0, 0)), SkeletonJoint("a", "a", (0, 0, 1))), "unique"),
        ((SkeletonJoint("a", None, (0, 0, 0)), SkeletonJoint("b", "c", (0, 0, 1))), "an earlier joint"),
        ((SkeletonJoint("a", None, (0, 0, 0)), SkeletonJoint("b", "a", (0, 0, 0))), "not zero"),
        ((SkeletonJoint("a", "b", (0, 0, 0)),), "an earlier joint"),
    ],
)
def test_an_invalid_skeleton_is_refused(joints: tuple[SkeletonJoint, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Skeleton("broken", joints)
