"""Angles of REP-155 put the bones of its model where the human's are; frames are where the joints are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.body_angles import MIN_SINE, PARENTS, BodyAngles, BodyState

# Axis of each joint in the reference URDF of REP-155 (human_description), parents first; r: 1 left, -1 right.
CHAINS = {
    "head": [("r_head", (1, 0, 0)), ("y_head", (0, 0, 1)), ("p_head", (0, -1, 0))],
    **{f"{side}_{link}": [(f"{side}_y_shoulder", (0, 0, -r)), (f"{side}_p_shoulder", (r, 0, 0)),
                          (f"{side}_r_shoulder", (0, 0, r)), (f"{side}_elbow", (0, -1, 0))][: 3 + (link == "elbow")]
       for side, r in (("l", 1), ("r", -1)) for link in ("shoulder", "elbow")},
}


def direction(state: BodyState, link: str, axis: tuple[int, int, int]) -> np.ndarray:
    """An axis of a link in the skeleton's frame, by the model's joints alone."""
    turn = Rotation.from_matrix(state.frames["body"].rotation)
    for joint, about in [("waist", (0, 1, 0)), *CHAINS[link]]:
        turn = turn * Rotation.from_rotvec(np.multiply(state.angles[joint], about))
    return turn.apply(axis)


def bone(joint_xyz: np.ndarray, skeleton: Skeleton, start: str, stop: str) -> np.ndarray:
    ends = joint_xyz[skeleton.names.index(stop)] - joint_xyz[skeleton.names.index(start)]
    return ends / np.linalg.norm(ends)


def test_the_models_arms_and_head_point_where_the_humans_do(skeleton: Skeleton, talking: np.ndarray) -> None:
    body, errors = BodyAngles(skeleton), []
    for joint_xyz in talking:
        state = body.read(joint_xyz)
        for side, name in (("l", "left"), ("r", "right")):
            for link, start, stop in (("shoulder", "shoulder", "elbow"), ("elbow", "elbow", "wrist")):
                found = direction(state, f"{side}_{link}", (0, 0, -1))
                errors.append(np.abs(found - bone(joint_xyz, skeleton, f"{name}_{start}", f"{name}_{stop}")).max())
        np.testing.assert_allclose(direction(state, "head", (1, 0, 0)), bone(joint_xyz, skeleton, "head", "nose"),
                                   atol=1e-6)
    assert np.median(errors) < 1e-6
    assert max(errors) < 2.1 * MIN_SINE, "an arm that hangs, or an elbow that is straight"


@pytest.mark.parametrize(("elbow", "wrist", "angles"), [
    ((0, 0.01, -1), (1, 0.01, -1), {"p_shoulder": 0.01, "elbow": np.pi / 2}),  # forearm forward
    ((1, 0, 0), (2, 0, 0), {"y_shoulder": np.pi / 2, "p_shoulder": np.pi / 2, "elbow": 0}),  # arm forward
    ((0, 1, 0), (0, 1, 1), {"y_shoulder": 0, "p_shoulder": np.pi / 2, "elbow": np.pi / 2}),  # to the side, hand up
])
def test_known_poses_have_known_angles_on_both_sides(skeleton: Skeleton, elbow, wrist, angles) -> None:
    joint_xyz = skeleton.rest_xyz.copy()
    for name, sign in (("left", 1), ("right", -1)):
        shoulder = joint_xyz[skeleton.names.index(f"{name}_shoulder")]
        for joint, place in ((f"{name}_elbow", elbow), (f"{name}_wrist", wrist)):
            joint_xyz[skeleton.names.index(joint)] = shoulder + 0.28 * np.multiply(place, (1, sign, 1))
    found = BodyAngles(skeleton).read(joint_xyz).angles
    for side in "lr":
        for joint, angle in angles.items():
            assert found[f"{side}_{joint}"] == pytest.approx(angle, abs=1e-3), (side, joint)
    assert found["waist"] == pytest.approx(0, abs=0.02)


def test_standing_has_no_angles(skeleton: Skeleton) -> None:
    state = BodyAngles(skeleton).read(skeleton.rest_xyz)
    for joint, angle in state.angles.items():
        assert angle == pytest.approx(0, abs=1e-6), joint
    for name, frame in state.frames.items():
        np.testing.assert_allclose(frame.rotation, np.eye(3), atol=1e-6, err_msg=name)


def test_leaning_forward_is_the_waist_and_turning_is_the_body(skeleton: Skeleton) -> None:
    turn = Rotation.from_euler("ZY", [0.4, 0.3])  # turned to the left, leaning forward
    state = BodyAngles(skeleton).read(turn.apply(skeleton.rest_xyz))
    assert state.angles["waist"] == pytest.approx(0.3, abs=1e-6)
    np.testing.assert_allclose(state.frames["body"].rotation, Rotation.from_euler("z", 0.4).as_matrix(), atol=1e-6)
    assert max(abs(a) for joint, a in state.angles.items() if joint != "waist") < 1e-6


def test_frames_below_one_another_lead_to_the_humans_joints(skeleton: Skeleton, talking: np.ndarray) -> None:
    state = BodyAngles(skeleton).read(talking[-1])
    for name, joint in (("l_wrist", "left_wrist"), ("r_elbow", "right_elbow"), ("head", "head")):
        place, link = np.zeros(3), name
        while link != "body":
            below = state.frames[link].below(state.frames[PARENTS[link]])
            place, link = below.rotation @ place + below.origin, PARENTS[link]
        place = state.frames["body"].rotation @ place + state.frames["body"].origin
        np.testing.assert_allclose(place, talking[-1][skeleton.names.index(joint)], atol=1e-9)


def test_a_straight_arm_keeps_the_angle_that_is_undetermined(skeleton: Skeleton) -> None:
    body = BodyAngles(skeleton)
    joint_xyz = skeleton.rest_xyz.copy()
    index = skeleton.names.index
    joint_xyz[index("left_wrist")] = joint_xyz[index("left_elbow")] + (0.15, 0.2, 0)
    bent = body.read(joint_xyz).angles
    assert bent["l_r_shoulder"] == pytest.approx(np.arctan2(0.2, 0.15))
    assert body.read(skeleton.rest_xyz).angles["l_r_shoulder"] == bent["l_r_shoulder"]
    assert all(np.isfinite(a) for a in body.read(skeleton.rest_xyz).angles.values())
