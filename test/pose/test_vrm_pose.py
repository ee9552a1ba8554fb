"""Bones of a VRM avatar in Unity: the T-pose is the identity, signs of axes, and a round trip through kinematics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.hand_shapes import CLOSURES, HandShape
from speech_gesture_ros.core.humanoid_bones import BONES, PARENT_OF, SIDES, unity_name
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.vrm_pose import VrmPose, human_positions, unity_quaternions

TO_UNITY = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])  # of x ahead, y left, z up: right, up, ahead
FINGERS = [name for name in BONES if any(part in name for part in ("Thumb", "Index", "Middle", "Ring", "Little"))]
HALF = np.sqrt(0.5)


def pose_with_arms(skeleton: Skeleton, upper: dict[str, np.ndarray], thumb: np.ndarray,
                   lower: dict[str, np.ndarray] | None = None) -> np.ndarray:
    """Return joints of the human at rest with straight or bent arms; the thumb is towards `thumb` of the hand."""
    bones = skeleton.offsets.copy()
    for side in SIDES:
        fore = (lower or upper)[side]
        for part, way in (("elbow", upper[side]), ("wrist", fore), ("hand", fore)):
            k = skeleton.index[f"{side}_{part}"]
            bones[k] = skeleton.bone_lengths[k] * way
        bones[skeleton.index[f"{side}_thumb"]] = 0.06 * fore + 0.05 * thumb
    return skeleton.xyz_from_bones(bones)


def sideways(sign: float = 1.0) -> dict[str, np.ndarray]:
    return {"left": np.array([0.0, sign, 0.0]), "right": np.array([0.0, -sign, 0.0])}


def down() -> dict[str, np.ndarray]:
    return dict.fromkeys(SIDES, np.array([0.0, 0.0, -1.0]))


AHEAD = np.array([1.0, 0.0, 0.0])


def unity_joints(rotations: dict[str, np.ndarray], positions: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Forward kinematics in Unity's axes, as an engine computes it."""
    turns: dict[str, np.ndarray] = {"": np.eye(3)}
    places: dict[str, np.ndarray] = {"": np.zeros(3)}
    for name in BONES:
        parent = PARENT_OF[name]
        places[name] = places[parent] + turns[parent] @ positions[name]
        # The formula of a rotation matrix from x, y, z, w is the same in left-handed axes.
        turns[name] = turns[parent] @ Rotation.from_quat(rotations[name]).as_matrix()
    return places


def direction(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    return (stop - start) / np.linalg.norm(stop - start)


def test_a_human_in_the_tpose_gives_the_identity_for_every_bone(skeleton):
    found = VrmPose(skeleton).rotations(pose_with_arms(skeleton, sideways(), AHEAD))
    assert set(found) == set(BONES)
    for name in set(BONES) - set(FINGERS):
        np.testing.assert_allclose(found[name], [0, 0, 0, 1], atol=1e-12, err_msg=name)


def test_fingers_of_a_flat_hand_are_straight_and_of_a_fist_bend_down_in_the_tpose(skeleton):
    pose = pose_with_arms(skeleton, sideways(), AHEAD)
    positions = human_positions(skeleton)
    joints = {}
    for shape in (HandShape.FLAT, HandShape.FIST):
        vrm = VrmPose(skeleton)
        for _ in range(100):
            rotations = vrm.rotations(pose, (shape, shape))
        joints[shape] = unity_joints(rotations, positions)
        angles = {name: np.degrees(2 * np.arccos(min(rotations[name][3], 1.0))) for name in FINGERS}
        limit = 95.0 * CLOSURES[shape].max()
        assert max(angles.values()) == pytest.approx(limit, abs=0.1)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        tip, flat = (joints[shape][f"{side}IndexDistal"] for shape in (HandShape.FIST, HandShape.FLAT))
        assert tip[1] < flat[1] - 0.03
        assert sign * (flat - tip)[0] > 0.02, "nearer to the wrist"


@pytest.mark.parametrize("side", SIDES)
def test_hanging_arms_are_a_right_angle_about_z_with_opposite_signs(skeleton, side):
    found = VrmPose(skeleton).rotations(pose_with_arms(skeleton, down(), AHEAD))
    sign = 1.0 if side == "left" else -1.0  # the left arm points to -x and goes to -y: counter-clockwise from x to y
    np.testing.assert_allclose(found[f"{side}UpperArm"], [0, 0, sign * HALF, HALF], atol=1e-12)
    for part in ("Shoulder", "LowerArm", "Hand"):
        np.testing.assert_allclose(found[f"{side}{part}"], [0, 0, 0, 1], atol=1e-12)


@pytest.mark.parametrize("side", SIDES)
def test_arms_ahead_are_a_right_angle_about_y_and_a_bent_elbow_too(skeleton, side):
    sign = 1.0 if side == "left" else -1.0
    ahead = VrmPose(skeleton).rotations(pose_with_arms(skeleton, dict.fromkeys(SIDES, AHEAD), np.array([0, 0, 1.0])))
    upper = Rotation.from_quat(ahead[f"{side}UpperArm"]).as_matrix()
    # -x (left) becomes z (ahead) by +90 degrees about y: y's matrix takes x to -z.
    np.testing.assert_allclose(upper @ [-sign, 0, 0], [0, 0, 1], atol=1e-12)
    bent = VrmPose(skeleton).rotations(pose_with_arms(skeleton, sideways(), AHEAD, dict.fromkeys(SIDES, AHEAD)))
    np.testing.assert_allclose(bent[f"{side}UpperArm"], [0, 0, 0, 1], atol=1e-9)
    turn = Rotation.from_quat(bent[f"{side}LowerArm"]).as_matrix()
    np.testing.assert_allclose(turn @ [-sign, 0, 0], [0, 0, 1], atol=1e-12)


def test_the_head_turned_to_the_left_is_a_negative_turn_about_y(skeleton):
    pose = skeleton.rest_xyz.copy()
    angle = np.radians(20.0)
    pose[skeleton.index["nose"]] = pose[skeleton.index["head"]] + 0.11 * np.array([np.cos(angle), np.sin(angle), 0.0])
    found = VrmPose(skeleton).rotations(pose)
    whole = Rotation.from_quat(found["neck"]) * Rotation.from_quat(found["head"])
    np.testing.assert_allclose(whole.as_matrix() @ [0, 0, 1], [-np.sin(angle), 0, np.cos(angle)], atol=1e-12)
    # Unity: a positive turn about y takes z to x, to the right.
    assert whole.as_quat(canonical=True)[1] < -0.1


def test_mirrored_motion_gives_mirrored_rotations(skeleton, talking):
    """The mirror image about x of a rotation with quaternion (x, y, z, w) is (x, -y, -z, w)."""
    plain, mirrored = VrmPose(skeleton), VrmPose(skeleton)
    for pose in talking[:60]:
        one = plain.rotations(pose, (HandShape.FIST, HandShape.POINT))
        other = mirrored.rotations(skeleton.mirror(pose), (HandShape.POINT, HandShape.FIST))
        for name in BONES:
            swap = {"left": "right", "right": "left"}
            twin = next((swap[side] + name.removeprefix(side) for side in SIDES if name.startswith(side)), name)
            expected = one[name] * (1.0, -1.0, -1.0, 1.0)
            assert abs(abs(expected @ other[twin]) - 1.0) < 1e-9, name


@pytest.mark.parametrize("without", [None, [], ["upperChest", "leftShoulder", "rightShoulder", "neck"]])
def test_limbs_of_a_vrm_skeleton_have_the_directions_of_the_human(skeleton, talking, without):
    vrm = VrmPose(skeleton, None if without is None else set(BONES) - set(without))
    positions = human_positions(skeleton)
    for pose in talking:
        rotations = vrm.rotations(pose)
        if without is None:
            rotations["upperChest"] = np.array([0.0, 0.0, 0.0, 1.0])  # as of an avatar that does not have it
        at, human = unity_joints(rotations, positions), dict(zip(skeleton.names, pose @ TO_UNITY.T))
        for side in SIDES:
            for bones, names in ((("UpperArm", "LowerArm"), ("shoulder", "elbow")),
                                 (("LowerArm", "Hand"), ("elbow", "wrist")),
                                 (("Hand", "MiddleProximal"), ("wrist", "hand"))):
                found = direction(*(at[f"{side}{bone}"] for bone in bones))
                wanted = direction(*(human[f"{side}_{name}"] for name in names))
                assert np.abs(found - wanted).max() < 1e-6
            assert direction(at[f"{side}LittleProximal"], at[f"{side}IndexProximal"]) @ (
                human[f"{side}_thumb"] - human[f"{side}_wrist"]) > 0.0
        for quaternion in rotations.values():
            assert np.linalg.det(Rotation.from_quat(quaternion).as_matrix()) == pytest.approx(1.0)
        if without is None or not without:
            neck = direction(at["neck"], at["head"])
            assert np.abs(neck - direction(human["neck"], human["head"])).max() < 1e-6


def test_the_tpose_skeleton_stands_on_the_floor_with_the_left_at_minus_x_and_the_axes_are_mirrored(skeleton):
    identity = {name: np.array([0.0, 0.0, 0.0, 1.0]) for name in BONES}
    at = unity_joints(identity, human_positions(skeleton))
    assert at["leftHand"][0] < -0.6 < 0.6 < at["rightHand"][0]
    assert at["leftHand"][1] == pytest.approx(at["leftUpperArm"][1])
    assert 0.0 < at["leftToes"][1] < 0.1
    assert at["leftToes"][2] > at["leftFoot"][2] + 0.1
    mirror = np.diag([-1.0, 1.0, 1.0])  # determinant -1: between right-handed and left-handed axes
    turn = Rotation.from_rotvec([0.3, -0.2, 0.5])
    np.testing.assert_allclose(Rotation.from_quat(unity_quaternions(turn.as_quat())).as_matrix(),
                               mirror @ turn.as_matrix() @ mirror, atol=1e-12)
    assert np.linalg.det(TO_UNITY) == pytest.approx(-1.0)


def test_bones_have_the_names_of_unity():
    assert [unity_name(name) for name in ("hips", "upperChest", "leftThumbMetacarpal", "leftThumbProximal",
                                          "leftThumbDistal", "rightIndexProximal", "rightToes")] == [
        "Hips", "UpperChest", "LeftThumbProximal", "LeftThumbIntermediate", "LeftThumbDistal", "RightIndexProximal",
        "RightToes"]
    assert len({unity_name(name) for name in BONES}) == len(BONES)


def test_a_pose_that_is_not_usable_repeats_the_last_one(skeleton):
    vrm = VrmPose(skeleton)
    good = vrm.rotations(pose_with_arms(skeleton, down(), AHEAD))
    bad = vrm.rotations(np.full((len(skeleton), 3), np.nan))
    np.testing.assert_array_equal(bad["leftUpperArm"], good["leftUpperArm"])
