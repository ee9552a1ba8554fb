"""Rotations of BEAT2 on the average skeleton; other files are refused."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.mapping import load_mapping, resolve_mapping
from speech_gesture_ros.datasets.npz_motion import motion_kind
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.smplx import pose_smplx, read_smplx, rest_skeleton


def test_the_skeleton_is_symmetric_and_every_parent_comes_first():
    names, parents, offsets = rest_skeleton()
    assert len(names) == len(set(names)) == 55
    assert names[20:25] == ("left_wrist", "right_wrist", "jaw", "left_eye", "right_eye")
    assert (names[25], names[39]) == ("left_index1", "left_thumb3")
    assert (names[40], names[54]) == ("right_index1", "right_thumb3")
    assert all(parent < i for i, parent in enumerate(parents))
    for i, name in enumerate(names):
        if name.startswith("left_"):
            other = names.index(name.replace("left_", "right_"))
            np.testing.assert_allclose(offsets[other], offsets[i] * [-1, 1, 1])


def test_arms_have_the_directions_of_the_rotations():
    poses = np.zeros((50, 165))
    names, _, _ = rest_skeleton()
    poses[:, 3 * names.index("left_shoulder") + 2] = -np.pi / 2  # about z (forward): from the side down
    poses[:, 3 * names.index("right_elbow") + 1] = np.pi / 2  # about y (up): the right forearm from the side forward
    motion = pose_smplx(poses, 30.0)
    skeleton = load_skeleton()
    result = retarget(motion, resolve_mapping(load_mapping("smplx"), motion), skeleton)
    pointing = {name: result.directions[0, skeleton.index[name]] for name in skeleton.names}
    for name, direction in (("left_elbow", (0, 0, -1)), ("left_wrist", (0, 0, -1)), ("right_elbow", (0, -1, 0)),
                            ("right_wrist", (1, 0, 0)), ("nose", (1, 0, 0)), ("spine1", (0, 0, 1)),
                            ("right_hand", (1, 0, 0))):
        assert pointing[name] @ direction > np.cos(np.radians(15)), name
    assert pointing["left_thumb"] @ (1, 0, 0) > 0.4
    assert result.metres_per_unit == 1.0


def test_a_file_is_read_with_its_frame_rate(tmp_path):
    np.savez(tmp_path / "a.npz", poses=np.zeros((7, 165)), mocap_frame_rate=np.array(30))
    motion = read_smplx(tmp_path / "a.npz")
    assert (motion.frame_rate, motion.xyz.shape) == (30.0, (7, 55, 3))


@pytest.mark.parametrize(("arrays", "message"), [
    ({"poses": np.zeros((7, 71))}, r"poses of .*a\.npz"),
    ({"poses": np.zeros((7, 99))}, r"poses of .*\(7, 99\)"),
    ({"poses": np.zeros((7, 165), object)}, r"Python objects"),
    ({"global_orient": np.zeros((7, 3)), "body_pose": np.zeros((6, 63))}, r"same number of frames"),
    ({"global_orient": np.zeros((7, 3)), "body_pose": np.zeros((7, 30))}, r"\(T, 22, 3\) together"),
    ({"poses": np.zeros((7, 165)), "fps": np.nan}, r"above 0 Hz"),
    ({"poses": np.zeros((0, 165))}, r"T above 0"),
    ({"trans": np.zeros((7, 3))}, r"an \.npz with poses"),
    ({"poses": np.zeros((7, 55, 3, 3))}, r"385 matrices that are no rotations"),
    ({"poses": np.full((7, 55, 3, 3), np.nan)}, r"no rotations"),
    ({"poses": np.tile(-np.eye(3), (7, 55, 1, 1))}, r"no rotations"),
    ({"poses": np.zeros((7, 165)), "mocap_frame_rate": np.array(0)}, r"above 0 Hz"),
])
def test_other_files_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=message):
        read_smplx(tmp_path / "a.npz")


def turned(num_joints):
    """Five frames in which every joint of SMPL-H's or SMPL-X's order has another rotation."""
    return np.random.default_rng(num_joints).normal(0, 0.4, (5, num_joints, 3))


def test_every_usual_form_gives_the_same_body(tmp_path):
    vectors = turned(55)
    hands = vectors[:, 25:]
    matrices = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix().reshape(5, 55, 3, 3)
    forms = {
        "SMPL-X": {"poses": vectors.reshape(5, -1)},
        "by joint": {"poses": vectors},
        "SMPL-H, AMASS": {"poses": np.concatenate([vectors[:, :22], hands], axis=1).reshape(5, -1),
                          "mocap_framerate": 30},
        "package": {"global_orient": vectors[:, 0], "body_pose": vectors[:, 1:22].reshape(5, -1), "fps": 30,
                    "left_hand_pose": hands[:, :15].reshape(5, -1), "right_hand_pose": hands[:, 15:].reshape(5, -1)},
        "AMASS SMPL-X": {"root_orient": vectors[:, 0], "pose_body": vectors[:, 1:22].reshape(5, -1),
                         "pose_hand": hands.reshape(5, -1), "mocap_frame_rate": 30},
        "one array": {"fullpose": vectors.reshape(5, -1), "fps": 30},
        "with markers": {"poses": vectors.reshape(5, -1), "betas": np.zeros(10), "labels": np.array(["C7", "LSHO"])},
        "matrices": {"global_orient": matrices[:, :1], "body_pose": matrices[:, 1:22],
                     "left_hand_pose": matrices[:, 25:40], "right_hand_pose": matrices[:, 40:]},
        "matrix of the root": {"global_orient": matrices[:, 0], "body_pose": vectors[:, 1:22],
                               "left_hand_pose": hands[:, :15], "right_hand_pose": hands[:, 15:]},
    }
    whole = None
    for name, arrays in forms.items():
        np.savez(tmp_path / "a.npz", gender=np.array({"a": 1}, object), **arrays)
        motion = read_smplx(tmp_path / "a.npz")
        whole = motion.xyz if whole is None else whole
        others = [i for i in range(55) if i not in (22, 23, 24)]  # jaw and eyes
        np.testing.assert_allclose(motion.xyz[:, others], whole[:, others], atol=1e-12, err_msg=name)
        assert motion_kind(tmp_path / "a.npz") == "smplx"


@pytest.mark.parametrize("arrays", [
    {"poses": turned(55)[:, :24].reshape(5, -1)}, {"smpl_poses": turned(55)[:, :24].reshape(5, -1)},
    {"poses": turned(55)[:, :22].reshape(5, -1)},
    {"global_orient": turned(55)[:, 0], "body_pose": turned(55)[:, 1:22].reshape(5, -1)},
    {"global_orient": turned(55)[:, 0], "body_pose": turned(55)[:, 1:22].reshape(5, -1),
     "left_hand_pose": np.zeros((5, 6)), "right_hand_pose": np.zeros((5, 6))},
])
def test_forms_without_fingers_give_the_same_arms(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    motion = read_smplx(tmp_path / "a.npz")
    np.testing.assert_allclose(motion.xyz[:, :22], pose_smplx(turned(55).reshape(5, -1), 30.0).xyz[:, :22], atol=1e-12)
    assert "the file states no frame rate: 30 Hz" in motion.notes
