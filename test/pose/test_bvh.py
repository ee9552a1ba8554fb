from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.bvh import write_bvh
from speech_gesture_ros.pose.bvh_file import read_bvh_file
from speech_gesture_ros.pose.idle import IdleMotion


def check_file(path: Path, motion: np.ndarray, skeleton: Skeleton) -> None:
    """Compare a written file with the motion (T, J, 3) [m], read by forward kinematics in (left, up, forward) [cm]."""
    file = read_bvh_file(path)
    joints = [i for i, joint in enumerate(file.joints) if not joint.end_site]
    assert tuple(file.names[i] for i in joints) == skeleton.names
    assert [joints.index(file.joints[i].parent) for i in joints[1:]] == skeleton.parents[1:].tolist()
    np.testing.assert_allclose(np.array([file.joints[i].offset for i in joints[1:]]),
                               100 * skeleton.offsets[1:, [1, 2, 0]], atol=1e-4)
    np.testing.assert_allclose(file.pose()[0][:, joints], 100 * motion[..., [1, 2, 0]], atol=0.01)
    assert file.frame_rate == pytest.approx(25)


@pytest.mark.parametrize("kind", ["idle", "talking", "anything", "rest", "upside down"])
def test_a_motion_is_read_as_written_within_a_tenth_of_a_millimetre(skeleton, talking, tmp_path, kind):
    rng = np.random.default_rng(2)
    bones = rng.normal(size=(30, len(skeleton), 3))
    bones *= skeleton.bone_lengths[:, None] / np.linalg.norm(bones, axis=-1, keepdims=True)
    motion = {
        "idle": IdleMotion(skeleton).pose(np.arange(30)),
        "talking": talking,
        "anything": skeleton.xyz_from_bones(bones),
        "rest": np.tile(skeleton.rest_xyz, (2, 1, 1)),
        "upside down": -np.tile(skeleton.rest_xyz, (2, 1, 1)),
    }[kind]
    write_bvh(tmp_path / "motion.bvh", motion, skeleton, 25)
    check_file(tmp_path / "motion.bvh", motion, skeleton)


def test_the_file_is_y_up_facing_z_in_centimetres_with_frame_time(skeleton, tmp_path):
    write_bvh(tmp_path / "rest.bvh", skeleton.rest_xyz[None], skeleton, 25)
    lines = (tmp_path / "rest.bvh").read_text().splitlines()
    assert lines[:2] == ["HIERARCHY", "ROOT pelvis"]
    assert "Frame Time: 0.04" in lines
    stripped = [line.strip() for line in lines]
    assert stripped[stripped.index("JOINT spine1") + 2] == "OFFSET 0.000000 12.000000 0.000000"
    assert stripped[stripped.index("JOINT nose") + 2] == "OFFSET 0.000000 0.000000 11.000000"
    assert stripped[stripped.index("JOINT left_shoulder") + 2] == "OFFSET 18.000000 7.000000 0.000000"
    assert stripped.count("End Site") == 5
    assert stripped.count("{") == stripped.count("}") == len(skeleton) + 5


def test_the_rest_pose_needs_no_rotation(skeleton, tmp_path):
    write_bvh(tmp_path / "rest.bvh", skeleton.rest_xyz[None], skeleton, 25)
    row = np.array((tmp_path / "rest.bvh").read_text().splitlines()[-1].split(), dtype=float)
    offsets = np.abs(skeleton.offsets * 100).ravel()
    assert all(np.isclose(abs(value), [0.0, *offsets], atol=1e-4).any() for value in row)


def test_angles_do_not_jump_by_whole_turns(skeleton, tmp_path):
    angle = np.linspace(0, 4 * np.pi, 100)
    bones = np.tile(skeleton.offsets, (100, 1, 1))
    elbow = skeleton.index["left_elbow"]
    bones[:, elbow] = 0.28 * np.stack([np.sin(angle), np.zeros(100), -np.cos(angle)], axis=-1)
    write_bvh(tmp_path / "turn.bvh", skeleton.xyz_from_bones(bones), skeleton, 25)
    rows = (tmp_path / "turn.bvh").read_text().splitlines()[-100:]
    values = np.array([row.split() for row in rows], dtype=float)
    assert np.abs(np.diff(values, axis=0)).max() < 200


def test_other_bone_lengths_are_refused_by_name(skeleton, tmp_path):
    motion = skeleton.rest_xyz[None].copy()
    motion[:, skeleton.index["nose"], 0] += 0.02
    with pytest.raises(InputError, match=r"length of the bone to 'nose' is '20.0 mm off'"):
        write_bvh(tmp_path / "x.bvh", motion, skeleton, 25)


@pytest.mark.parametrize(("motion", "message"), [
    (np.zeros((0, 17, 3)), "with T above 0"),
    (np.zeros((4, 3, 3)), r"shape of the motion is \(4, 3, 3\)"),
    (np.full((1, 17, 3), np.nan), "NaN or infinity"),
])
def test_motions_that_cannot_be_written_are_refused(skeleton, tmp_path, motion, message):
    with pytest.raises(InputError, match=message):
        write_bvh(tmp_path / "x.bvh", motion, skeleton, 25)
    assert not (tmp_path / "x.bvh").exists()
