from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose.bvh import read_bvh, write_bvh
from speech_gesture_ros.pose.idle import IdleMotion


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
    read_skeleton, read_motion, rate = read_bvh(tmp_path / "motion.bvh")
    np.testing.assert_allclose(read_motion, motion, atol=1e-4)
    assert rate == pytest.approx(25)
    assert (read_skeleton.name, read_skeleton.names) == ("motion", skeleton.names)
    np.testing.assert_array_equal(read_skeleton.parents, skeleton.parents)
    np.testing.assert_allclose(read_skeleton.offsets, skeleton.offsets, atol=1e-6)


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


def test_a_rotation_has_the_direction_that_bvh_defines(tmp_path):
    """A hand-made file with the order X Y Z: rotating by 90 degrees about Y maps +Z (forward) to +X (left)."""
    text = """HIERARCHY
ROOT hip
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Xrotation Yrotation Zrotation
  JOINT tip
  {
    OFFSET 0 0 50
    CHANNELS 3 Xrotation Yrotation Zrotation
    End Site
    {
      OFFSET 0 0 1
    }
  }
}
MOTION
Frames: 1
Frame Time: 0.0333333
10 20 30 0 90 0 0 0 0
"""
    (tmp_path / "made.bvh").write_text(text)
    skeleton, motion, rate = read_bvh(tmp_path / "made.bvh")
    np.testing.assert_allclose(motion[0], [[0.3, 0.1, 0.2], [0.3, 0.6, 0.2]], atol=1e-9)
    assert skeleton.joints[1].offset == (0.5, 0.0, 0.0)
    assert rate == pytest.approx(30, abs=0.01)


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


@pytest.mark.parametrize("text", [
    "",
    "HIERARCHY\nROOT a\n{\nOFFSET 0 0\n",
    "HIERARCHY\nMOTION\nFrames: 2\nFrame Time: 0.04\n1",
])
def test_incomplete_files_are_refused(tmp_path, text):
    (tmp_path / "bad.bvh").write_text(text)
    with pytest.raises(InputError, match=r"BVH file is .*bad\.bvh"):
        read_bvh(tmp_path / "bad.bvh")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.bvh.*readable text file"):
        read_bvh(tmp_path / "none.bvh")
