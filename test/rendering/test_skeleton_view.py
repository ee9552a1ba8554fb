"""A pose is drawn as a human: limbs at the joints, in any place."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement, human_shapes


def _forearm_ends(shapes: list, wrist: np.ndarray) -> float:
    """Distance from a wrist to the nearest end of any capsule [m]."""
    return min(float(np.linalg.norm(end - wrist)) for s in shapes if s.kind == "capsule" for end in s.ends)


def test_forearms_end_at_the_wrists(skeleton: Skeleton) -> None:
    xyz = skeleton.rest_xyz.copy()
    xyz[skeleton.index["left_wrist"]] = [0.4, 0.2, 0.5]
    shapes = human_shapes(skeleton, xyz, HumanPlacement((0.0, 0.0, 0.0)))
    assert _forearm_ends(shapes, np.array([0.4, 0.2, 0.5])) < 1e-9


def test_a_placement_turns_scales_and_moves(skeleton: Skeleton) -> None:
    placement = HumanPlacement((1.0, 2.0, 3.0), yaw=np.pi / 2, scale=0.5)
    assert np.allclose(placement.apply(np.array([1.0, 0.0, 2.0])), [1.0, 2.5, 4.0])


def test_a_pose_that_is_not_finite_shows_the_rest_pose(skeleton: Skeleton) -> None:
    place = HumanPlacement()
    broken = human_shapes(skeleton, np.full((len(skeleton), 3), np.nan), place)
    rest = human_shapes(skeleton, skeleton.rest_xyz, place)
    assert all(np.array_equal(a.centre, b.centre) for a, b in zip(broken, rest))


def test_sizes_stay_the_same_while_a_hand_moves(skeleton: Skeleton) -> None:
    moved, elbow = skeleton.rest_xyz.copy(), skeleton.rest_xyz[skeleton.index["left_elbow"]]
    forearm = [skeleton.index[f"left_{n}"] for n in ("wrist", "hand", "thumb")]
    upwards = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    moved[forearm] = elbow + (moved[forearm] - elbow) @ upwards.T
    before, after = (human_shapes(skeleton, xyz, HumanPlacement()) for xyz in (skeleton.rest_xyz, moved))
    assert [s.size for s in before] == [pytest.approx(s.size) for s in after]


def test_a_skeleton_without_a_head_is_drawn_without_one(skeleton: Skeleton) -> None:
    joints = tuple(j for j in skeleton.joints if j.name not in ("head", "nose"))
    headless = Skeleton("headless", joints)
    shapes = human_shapes(headless, headless.rest_xyz, HumanPlacement())
    assert 0 < len(shapes) < len(human_shapes(skeleton, skeleton.rest_xyz, HumanPlacement()))
