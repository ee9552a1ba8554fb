"""Notes about a robot: equal notes about several joints are joined, and nothing is lost."""

from __future__ import annotations

from speech_gesture_ros.robot.notes import join_notes

GROUPS = {"head": ("pan", "tilt"), "left_arm": ("l_1", "l_2", "l_3"), "right_arm": ("r_1", "r_2", "r_3"),
          "torso": ("waist",)}
JOINTS = [name for names in GROUPS.values() for name in names]


def limit(joint: str, value: str = "37") -> str:
    return f"joint {joint}: velocity limit {value} rad/s in the URDF replaced by 8 rad/s"


def test_a_note_about_every_joint_is_one_line() -> None:
    assert join_notes([limit(name) for name in JOINTS], GROUPS) == \
        ["all 9 joints: velocity limit 37 rad/s in the URDF replaced by 8 rad/s"]


def test_numbers_that_differ_become_a_range_and_others_stay() -> None:
    notes = [limit("pan", "1e+09"), limit("l_1", "-3.5"), limit("l_2", "22")]
    assert join_notes(notes, GROUPS) == \
        ["pan, l_1, l_2: velocity limit -3.5..1e+09 rad/s in the URDF replaced by 8 rad/s"]


def test_whole_groups_are_named_and_long_lists_cut() -> None:
    arm = [limit(name) for name in (*GROUPS["left_arm"], "r_2", "waist")]
    assert join_notes(arm, GROUPS)[0].startswith("all of left_arm, r_2, waist: ")
    many = {"left_arm": tuple(f"l_{i}" for i in range(9)), "head": ("pan",)}
    assert join_notes([limit(f"l_{i}") for i in range(8)], many)[0].startswith("l_0, l_1, l_2, l_3, l_4, 3 more: ")


def test_two_notes_about_the_same_joints_share_a_line() -> None:
    notes = [f"joint {name}: {text}" for name in ("pan", "tilt") for text in ("a 1 is wrong", "2 assumed")]
    assert join_notes(notes, GROUPS) == ["all of head: a 1 is wrong; 2 assumed"]


def test_other_notes_follow_unchanged() -> None:
    notes = ["no neck", limit("pan"), "joint of nothing", "rest pose: arms hang, spread by 10 degrees"]
    found = join_notes(notes, GROUPS)
    assert found[1:] == ["no neck", "joint of nothing", "rest pose: arms hang, spread by 10 degrees"]
    assert found[0] == limit("pan").removeprefix("joint ")
