from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting.targets import DIRECTIONS, HumanDirections


def read(skeleton, xyz: np.ndarray) -> dict[str, np.ndarray]:
    directions = HumanDirections(skeleton).read(xyz)
    assert directions is not None
    return dict(zip(DIRECTIONS, directions))


def test_the_rest_pose_looks_forward_and_hangs_down(skeleton) -> None:
    human = read(skeleton, skeleton.rest_xyz)
    np.testing.assert_allclose(human["torso_up"], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(human["torso_left"], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(human["head_forward"], [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(human["head_up"], [0, 0, 1], atol=1e-12)
    for part in ("upper_arm", "forearm", "hand"):
        np.testing.assert_allclose(human[f"left_{part}"], [0, 0, -1], atol=1e-12)
    np.testing.assert_allclose(human["left_thumb"], [1, 0, 0], atol=1e-12)


def test_arms_and_head_are_seen_from_the_chest(skeleton, talking) -> None:
    xyz = talking(seed=1, frames=20)[-1]
    a = 0.7
    turned = xyz @ np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]).T
    before, after = read(skeleton, xyz), read(skeleton, turned)
    for name in DIRECTIONS[2:]:
        np.testing.assert_allclose(before[name], after[name], atol=1e-9)
    assert np.linalg.norm(before["torso_left"] - after["torso_left"]) > 0.5


def test_size_and_place_of_the_human_do_not_matter(skeleton, talking) -> None:
    xyz = talking(frames=5)[-1]
    np.testing.assert_allclose(HumanDirections(skeleton).read(xyz), HumanDirections(skeleton).read(2.0 * xyz + 3.0),
                               atol=1e-9)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_positions_that_are_not_finite_give_no_directions(skeleton, value) -> None:
    xyz = skeleton.rest_xyz.copy()
    xyz[skeleton.index["left_thumb"], 1] = value
    assert HumanDirections(skeleton).read(xyz) is None


def test_bones_without_length_and_thumbs_along_the_hand_give_no_directions(skeleton) -> None:
    assert HumanDirections(skeleton).read(np.zeros((len(skeleton), 3))) is None
    xyz = skeleton.rest_xyz.copy()
    xyz[skeleton.index["left_thumb"]] = xyz[skeleton.index["left_hand"]]
    assert HumanDirections(skeleton).read(xyz) is None


def test_a_skeleton_without_thumbs_is_refused_by_name(skeleton) -> None:
    without = dataclasses.replace(skeleton, joints=tuple(j for j in skeleton.joints if "thumb" not in j.name))
    with pytest.raises(ConfigError, match="left_thumb"):
        HumanDirections(without)
