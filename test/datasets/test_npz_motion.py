"""Joint positions in .npz files under the names that are in use; what is missing is named."""

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip, write_clip
from speech_gesture_ros.datasets.npz_motion import motion_kind, read_positions

NAMES = np.array(["Hips", "Head", "LeftArm"])
XYZ = np.random.default_rng(0).normal(size=(6, 3, 3))


@pytest.mark.parametrize("arrays", [
    {"joint_xyz": XYZ, "names": NAMES, "frame_rate": 25.0},
    {"joint_xyz": XYZ, "skeleton_joints": NAMES, "rate_hz": 25, "q": np.zeros((6, 9)),
     "joint_names": np.array(["a"] * 9)},
    {"positions": XYZ, "joint_names": NAMES, "fps": np.array([25])},
    {"poses": XYZ, "bones": NAMES.astype("S"), "framerate": 25},
    {"joints": NAMES, "keypoints3d": XYZ, "frame_time": 0.04},
    {"arr_0": XYZ, "names": NAMES, "dt": 0.04},
    {"xyz": XYZ[None], "names": NAMES, "times": np.arange(6) / 25},
    {"data": np.concatenate([XYZ, np.ones((6, 3, 1))], axis=-1), "labels": NAMES, "time": 100 + np.arange(6) * 0.04},
    {"joint_xyz": XYZ, "q": np.zeros((6, 4)), "skeleton": NAMES, "joints": np.array(["a"] * 4), "fps": 25},
    {"Positions": XYZ, "Joint_Names": NAMES, "FPS": 25},
    {"global_positions": XYZ.reshape(6, 9), "names": NAMES, "fps": 25},
    {"Jtr": XYZ.transpose(1, 0, 2), "names": NAMES[:, None], "fps": 25.0},
    {"joint_xyz": XYZ, "names": NAMES, "timestamps": np.arange(6) * 40 + 1_700_000_000_000},
    {"joint_xyz": XYZ, "names": NAMES, "timestamps": np.arange(6) * 40_000_000},
    {"motion": XYZ.astype(np.float32), "names": NAMES, "fps": 25, "info": np.array({"a": 1}, object)},
])
def test_every_usual_form_is_read(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    motion = read_positions(tmp_path / "a.npz")
    assert motion.names == ("Hips", "Head", "LeftArm")
    assert motion.frame_rate == pytest.approx(25.0)
    np.testing.assert_allclose(motion.xyz, XYZ, atol=1e-6)
    assert motion_kind(tmp_path / "a.npz") == "positions"


def test_positions_in_other_orders_are_read_by_the_number_of_names(tmp_path):
    xyz = np.random.default_rng(1).normal(size=(6, 4, 3))
    for array in (xyz.reshape(6, 12), xyz.transpose(0, 2, 1), xyz.transpose(1, 0, 2)):
        np.savez(tmp_path / "a.npz", pos=array, names=["Hips", "Neck", "Head", "LeftArm"], fps=25.0)
        motion = read_positions(tmp_path / "a.npz")
        np.testing.assert_array_equal(motion.xyz, xyz)
        assert "is read as (T, J, 3) by the number of names" in motion.notes[0]


def test_joints_without_confidence_are_unknown(tmp_path):
    values = np.concatenate([XYZ, np.ones((6, 3, 1))], axis=-1)
    values[2, 1, 3] = 0.0
    np.savez(tmp_path / "a.npz", positions=values, names=NAMES, fps=25)
    xyz = read_positions(tmp_path / "a.npz").xyz
    assert np.isnan(xyz[2, 1]).all()
    assert np.isfinite(xyz).sum() == xyz.size - 3


def test_a_clip_of_a_corpus_is_read_as_the_canonical_skeleton(tmp_path):
    skeleton = load_skeleton()
    rest = np.tile(skeleton.rest_xyz, (10, 1, 1)).astype(np.float32)
    path = write_clip(tmp_path, Clip("a", "anna", "train", np.zeros(6400, np.float32), rest), skeleton)
    motion = read_positions(path)
    assert (motion.names, motion.frame_rate) == (skeleton.names, 25.0)
    np.testing.assert_array_equal(motion.parents, skeleton.parents)


def test_joints_of_smpl_need_no_names(tmp_path):
    np.savez(tmp_path / "a.npz", joints3d=np.zeros((4, 22, 3)), fps=20)
    motion = read_positions(tmp_path / "a.npz")
    assert (motion.names[18], motion.names[21]) == ("left_elbow", "right_wrist")
    assert any("taken for those of SMPL" in note for note in motion.notes)


@pytest.mark.parametrize("parents", [[1, 2, 0], [-1, 5, 0], [0, 0, 0], [[-1, 0, 0]], [-1.0, 0.5, 1.0]])
def test_parents_that_are_no_tree_are_left_out(tmp_path, parents):
    np.savez(tmp_path / "a.npz", joint_xyz=XYZ, names=NAMES, fps=25, parents=np.array(parents))
    motion = read_positions(tmp_path / "a.npz")
    np.testing.assert_array_equal(motion.parents, [-1, -1, -1])
    assert motion.notes


@pytest.mark.parametrize(("arrays", "message"), [
    ({"joint_xyz": XYZ, "names": NAMES}, r"frame rate of .*a.npz is None, must be one of \['frame_rate'"),
    ({"joint_xyz": XYZ, "names": NAMES, "fps": 0}, "must be above 0 Hz"),
    ({"joint_xyz": XYZ, "names": NAMES, "fps": np.inf}, "must be above 0 Hz"),
    ({"joint_xyz": XYZ, "names": NAMES, "fps": 1e6}, "frame rate of the motion is 1000000.0, must be 1 to 2000 Hz"),
    ({"joint_xyz": XYZ, "names": NAMES, "fps": 1e-9}, "must be 1 to 2000 Hz"),
    ({"joint_xyz": XYZ, "names": NAMES, "times": [0, 1, 2, 5, 6, 7]}, "frame rate of"),
    ({"joint_xyz": XYZ, "fps": 25}, "joint names of .* must be 3 names"),
    ({"joint_xyz": XYZ, "fps": 25, "names": NAMES[:2]}, "must be 3 names"),
    ({"joint_xyz": XYZ[:0], "names": NAMES, "fps": 25}, "frames of the motion is 0"),
    ({"joint_xyz": XYZ[..., :2], "names": NAMES, "fps": 25}, r"joint positions \(T, J, 3\)"),
    ({"joint_xyz": XYZ.astype("U"), "names": NAMES, "fps": 25}, r"joint positions \(T, J, 3\)"),
    ({"joint_xyz": XYZ, "names": np.array(["a", "b", None], object), "fps": 25}, "Python objects"),
])
def test_what_is_missing_or_out_of_range_is_named(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=message):
        read_positions(tmp_path / "a.npz")
