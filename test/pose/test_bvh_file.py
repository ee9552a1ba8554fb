"""BVH files: channels in any order, end sites, repeated names; mistakes are reported with their line."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.pose import bvh_file
from speech_gesture_ros.pose.bvh_file import parse_bvh, read_bvh_file

HEAD = """HIERARCHY
ROOT Hips
{
  OFFSET 1 2 3
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Left Arm
  {
    OFFSET 0 10 0
    CHANNELS 6 Yrotation Xposition Zrotation Yposition Xrotation Zposition
    End Site
    {
      OFFSET 0 0 5
    }
  }
  JOINT Hips
  {
    OFFSET 3 0 0
    CHANNELS 0
  }
}
MOTION
Frames: 1
Frame Time: 0.01
"""


def test_positions_follow_the_hierarchy_in_any_channel_order():
    file = parse_bvh(HEAD + "10 20 30 90 0 0  40 1 50 12 60 3\n")
    assert file.names == ("Hips", "Left_Arm", "Left_Arm_end", "Hips#2")
    assert file.frame_rate == pytest.approx(100)
    xyz, turns = file.pose()
    root = Rotation.from_euler("z", 90, degrees=True)
    arm = root * Rotation.from_euler("YZX", [40, 50, 60], degrees=True)  # intrinsic: in the order of the channels
    np.testing.assert_allclose(xyz[0, 0], [10, 20, 30])
    # Positions replace the offset.
    np.testing.assert_allclose(xyz[0, 1], np.add([10, 20, 30], root.apply([1, 12, 3])))
    np.testing.assert_allclose(xyz[0, 2], xyz[0, 1] + arm.apply([0, 0, 5]))
    np.testing.assert_allclose(xyz[0, 3], np.add([10, 20, 30], root.apply([3, 0, 0])))
    np.testing.assert_allclose(turns[0, 1], arm.as_matrix(), atol=1e-12)
    np.testing.assert_allclose(file.bind_xyz, [[0, 0, 0], [0, 10, 0], [0, 10, 5], [3, 0, 0]])


def test_position_channels_that_are_always_zero_leave_the_offset():
    xyz, _ = parse_bvh(HEAD + "0 0 0 0 0 0  0 0 0 0 0 0\n").pose()
    np.testing.assert_allclose(xyz[0, 1], [0, 10, 0])


def test_invalid_numbers_give_nan_positions():
    xyz, _ = parse_bvh(HEAD + "0 0 0 0 0 0  -nan(ind) 1 1.#QNAN 1 0 1\n").pose()
    assert np.isfinite(xyz[0, [0, 1, 3]]).all()
    assert np.isnan(xyz[0, 2]).any()


@pytest.mark.parametrize(("old", "new", "message"), [
    ("Frames: 1", "Frames: 3", r"line 22: the header gives 3 frames, the file has 1"),
    ("Frame Time: 0.01", "Frame Time: 0", r"line 23: frame time 0.0 is not above 0"),
    ("Frame Time: 0.01", "Framerate: 7", r"line 23: 'Framerate: 7' is not 'frame time:' and a number"),
    ("OFFSET 0 10 0", "OFFSET 0 ten 0", r"line 8: 'ten' is not a number"),
    ("Xposition Zrotation", "Xposition Wrotation", r"line 9: channel 'Wrotation' is not one of"),
    ("0 0 0 0 0 0\n", "0 0 0 0 0\n", r"line 24: 11 numbers for 12 channels"),
    ("0 0 0 0 0 0\n", "0 0 0 0 0 o\n", r"line 24: 'o' is not a number"),
    ("CHANNELS 0\n  }", "CHANNELS 0\n", r"1 brackets are not closed"),
    ("MOTION", "MOTIONS", r"there is no MOTION section"),
    ("JOINT Hips", "ROOT Hips", r"line 15: a second ROOT"),
    ("{\n  OFFSET 1", "{\n  SPIN 4\n  OFFSET 1", r"line 4: 'SPIN' is not expected here"),
])
def test_a_mistake_is_reported_with_its_line(tmp_path, old, new, message):
    text = HEAD + "0 0 0 0 0 0  0 0 0 0 0 0\n"
    assert old in text
    (tmp_path / "bad.bvh").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message) as caught:
        read_bvh_file(tmp_path / "bad.bvh")
    assert "bad.bvh" in str(caught.value)


def test_a_rotation_has_the_direction_that_bvh_defines():
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
    file = parse_bvh(text)
    np.testing.assert_allclose(file.pose()[0][0, :2], [[10, 20, 30], [60, 20, 30]], atol=1e-9)
    assert file.frame_rate == pytest.approx(30, abs=0.01)


@pytest.mark.parametrize("text", ["", "HIERARCHY\nROOT a\n{\nOFFSET 0 0\n",
                                  "HIERARCHY\nMOTION\nFrames: 2\nFrame Time: 0.04\n1"])
def test_incomplete_files_are_refused(tmp_path, text):
    (tmp_path / "bad.bvh").write_text(text)
    with pytest.raises(InputError, match=r"BVH file is .*bad\.bvh"):
        read_bvh_file(tmp_path / "bad.bvh")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.bvh.*an existing file"):
        read_bvh_file(tmp_path / "none.bvh")


@pytest.mark.parametrize("announced", [1, 3])
def test_one_frame_more_or_less_than_announced_is_noted(announced):
    file = parse_bvh(HEAD.replace("Frames: 1", f"Frames: {announced}") + "0 0 0 0 0 0  0 0 0 0 0 0\n" * 2)
    assert len(file.values) == 2
    assert file.notes == (f"the header gives {announced} frames, the file has 2",)


def test_a_torn_last_line_is_left_out_and_noted():
    frame = "0 0 0 0 0 0  0 0 0 0 0 0\n"
    file = parse_bvh(HEAD.replace("Frames: 1", "Frames: 3") + frame * 2 + "0 0 0 0 0")
    assert len(file.values) == 2
    assert file.notes == ("line 26, the last, is torn: left out", "the header gives 3 frames, the file has 2")


@pytest.mark.parametrize(("change", "encoding"), [
    (lambda text: text, "utf-16"),
    (lambda text: text, "utf-8-sig"),
    (lambda text: text.replace(" ", "\t").replace("\n", "\r\n"), "ascii"),
    (lambda text: text.replace("Frame Time", "FrameTime"), "ascii"),
], ids=["UTF-16", "byte order mark", "tabs", "one word"])
def test_other_ways_to_write_the_text_are_read(tmp_path, change, encoding):
    text = HEAD.replace("Left Arm", "LeftArm") + "10 20 30 90 0 0  40 1 50 12 60 3\n"
    (tmp_path / "talk.bvh").write_text(change(text), encoding=encoding, newline="")
    np.testing.assert_array_equal(read_bvh_file(tmp_path / "talk.bvh").pose()[0], parse_bvh(text).pose()[0])


@pytest.mark.parametrize(("text", "step"), [("0.033", 1e-3), ("0.0333333", 1e-7), (".04", 1e-2), ("3.3e-2", 1e-3)])
def test_the_resolution_of_the_frame_time_is_that_of_its_last_digit(text, step):
    file = parse_bvh(HEAD.replace("0.01", text) + "0 0 0 0 0 0  0 0 0 0 0 0\n")
    assert file.frame_rate == pytest.approx(1 / float(text))
    assert file.frame_time_step_s == pytest.approx(step)


# -- hostile files -----------------------------------------------------------------------------------------------------


def deep(levels):
    joints = [f"JOINT j{i} {{ OFFSET 0 1 0 CHANNELS 0" for i in range(levels)]
    return "HIERARCHY\nROOT r { OFFSET 0 0 0 CHANNELS 0\n" + "\n".join(joints) + "}" * (levels + 1) + "\nMOTION\n"


@pytest.mark.parametrize(("text", "message"), [
    (deep(100_000), "there are more than 2000 joints"),
    (HEAD.replace("CHANNELS 0", "CHANNELS 1e9"), "no number of channels from 0 to 6"),
    (HEAD.replace("CHANNELS 0", "CHANNELS inf"), "no number of channels"),
    (HEAD.replace("CHANNELS 0", "CHANNELS nan"), "no number of channels"),
    (HEAD.replace("CHANNELS 0", "CHANNELS -1"), "no number of channels"),
    (HEAD.replace("Frames: 1", "Frames: " + "9" * 5000), "is not 'frames:' and a number"),
    (HEAD.replace("Frames: 1", "Frames: 1e999999999"), "is not 'frames:' and a number"),
    (HEAD.replace("Frames: 1", "Frames: 1000000000000"), "the header gives 1000000000000 frames, the file has 0"),
    (HEAD.replace("0.01", "nan"), "is not 'frame time:' and a number"),
    (HEAD.replace("0.01", "1e-300"), "is not 'frame time:' and a number"),
    (HEAD.replace("0.01", "1e-50"), "frame time 1E-50 is not from 0.0005 to 1 s"),
    (HEAD.replace("0.01", "1e50"), "is not from 0.0005 to 1 s"),
    (HEAD.replace("OFFSET 1", "x" * 10**6 + " 1"), "is not expected here"),
])
def test_hostile_files_are_refused_in_one_short_line(tmp_path, text, message):
    (tmp_path / "bad.bvh").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_bvh_file(tmp_path / "bad.bvh")
    assert len(str(caught.value)) < 1000


def test_more_positions_than_the_bound_are_refused_before_numbers_are_read(monkeypatch):
    monkeypatch.setattr(bvh_file, "MAX_POSES", 39)
    row = "0 0 0 0 0 0  0 0 0 0 0 0\n"
    assert len(parse_bvh(HEAD.replace("Frames: 1", "Frames: 9") + row * 9).values) == 9
    monkeypatch.setattr(bvh_file, "_parse_values", None)
    with pytest.raises(ValueError, match="10 frames of 4 joints are more than 39 positions"):
        parse_bvh(HEAD.replace("Frames: 1", "Frames: 10") + row * 10)


def test_a_sparse_file_is_not_read(tmp_path):
    with (tmp_path / "hole.bvh").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(InputError, match=r"size of .*hole\.bvh is '1048576\.0 MiB', must be at most 512 MiB"):
        read_bvh_file(tmp_path / "hole.bvh")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_files_are_read_or_refused(seed):
    text = bytearray((HEAD + "0 0 0 0 0 0  0 0 0 0 0 0\n").encode())
    rng = np.random.default_rng(seed)
    for place in rng.integers(0, len(text), 3):
        text[place] = rng.choice(list(b"{}0129 \nEJe-.x"))
    with contextlib.suppress(ValueError):
        parse_bvh(text.decode()).pose()
