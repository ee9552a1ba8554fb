"""Joints are found by the names that programs give them, or by a mapping file; missing ones are named."""

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.inspection import inspect_source
from speech_gesture_ros.datasets.mapping import (
    REQUIRED_ROLES,
    SkeletonMapping,
    automatic_mapping,
    load_mapping,
    resolve_mapping,
    split_name,
)
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import SourceMotion, read_bvh_motion

# Pelvis, three of the spine, neck, head; then clavicle, upper arm, forearm, wrist of a side.
PROGRAMS = {
    "MotionBuilder": ("Hips Spine Spine1 Spine2 Neck Head", "Left{}", "Shoulder Arm ForeArm Hand"),
    "Mixamo": ("mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck mixamorig:Head",
               "mixamorig:Left{}", "Shoulder Arm ForeArm Hand"),
    "Unreal": ("pelvis spine_01 spine_02 spine_03 neck_01 head", "{}_l", "clavicle upperarm lowerarm hand"),
    "Biped": ("Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Spine2 Bip01_Neck Bip01_Head", "Bip01_L_{}",
              "Clavicle UpperArm Forearm Hand"),
    "Daz": ("hip abdomen abdomen2 chest neck head", "l{}", "Collar Shldr ForeArm Hand"),
    "SMPL": ("Pelvis Spine1 Spine2 Spine3 Neck Head", "L_{}", "Collar Shoulder Elbow Wrist"),
    "Xsens": ("Hips Chest Chest2 Chest3 Neck Head", "Left{}", "Collar Shoulder Elbow Wrist"),
    "TalkingWithHands": ("b_root b_spine0 b_spine1 b_spine3 b_neck0 b_head", "b_l_{}", "shoulder arm forearm wrist"),
}  # fmt: skip
MIRRORED = {"Left{}": "Right{}", "mixamorig:Left{}": "mixamorig:Right{}", "{}_l": "{}_r", "Bip01_L_{}": "Bip01_R_{}",
            "l{}": "r{}", "L_{}": "R_{}", "b_l_{}": "b_r_{}"}


def skeleton_of(trunk, side, arm):
    names = trunk.split()
    parents = [-1, 0, 1, 2, 3, 4]
    for pattern in (side, MIRRORED[side]):
        parents += [3, len(names), len(names) + 1, len(names) + 2]
        names += [pattern.format(part) for part in arm.split()]
    return SourceMotion(tuple(names), np.array(parents), np.zeros((2, len(names), 3)), 25.0)


@pytest.mark.parametrize("program", PROGRAMS)
def test_joint_names_of_usual_programs_are_recognised(program):
    motion = skeleton_of(*PROGRAMS[program])
    mapping = resolve_mapping(automatic_mapping(motion), motion)
    assert [mapping.joints[r] for r in ("pelvis", "neck", "head", "chest")] == [0, 4, 5, 3]
    assert [mapping.joints[f"left_{p}"] for p in ("shoulder", "elbow", "wrist")] == [7, 8, 9]
    assert [mapping.joints[f"right_{p}"] for p in ("shoulder", "elbow", "wrist")] == [11, 12, 13]
    assert mapping.spine == (1, 2)


def test_sides_and_words_of_names():
    assert split_name("LHipJoint") == ("left", "hip")
    assert split_name("b_r_wrist_twist") == ("right", "wristtwist")
    assert split_name("lefteye") == ("left", "eye")
    assert split_name("RightHandMiddle1") == ("right", "handmiddle1")
    assert split_name("LowerBack") == ("", "lowerback")


def test_missing_joints_are_named():
    motion = skeleton_of("Hips Spine Spine1 Spine2 Neck Head", "Left{}", "Shoulder Arm Mitte Hand")
    with pytest.raises(ConfigError, match=r"left_elbow.*right_elbow"):
        automatic_mapping(motion)
    with pytest.raises(ConfigError, match="part of the body"):
        SkeletonMapping({"left_paw": ("Hand",)})
    with pytest.raises(ConfigError, match="up"):
        SkeletonMapping({}, up="w")


@pytest.mark.parametrize("name", ["motionbuilder", "talking_with_hands", "smplx"])
def test_shipped_mappings_have_all_required_parts(name):
    assert set(REQUIRED_ROLES) <= set(load_mapping(name).joints)


def test_a_written_mapping_is_read_unchanged(tmp_path, foreign):
    motion, _ = foreign.motion(3.0)
    foreign.write(tmp_path / "in" / "a.bvh", motion, 25)
    (tmp_path / "in" / "a.wav").touch()
    description, text = inspect_source(tmp_path / "in")
    assert "left_elbow: LeftForeArm" in description
    (tmp_path / "map.yaml").write_text(text)
    source = read_bvh_motion(tmp_path / "in" / "a.bvh")
    written = resolve_mapping(load_mapping(tmp_path / "map.yaml"), source)
    assert written == resolve_mapping(automatic_mapping(source), source)
    (tmp_path / "map.yaml").write_text(text.replace('left_elbow: ["LeftForeArm"]', 'left_elbow: ["LeftHand"]'))
    assert resolve_mapping(load_mapping(tmp_path / "map.yaml"), source) != written


def test_positions_alone_give_all_but_the_orientation_of_the_head(foreign):
    motion, _ = foreign.motion(4.0)
    skeleton = load_skeleton()
    kept = [i for i, n in enumerate(skeleton.names) if n != "nose"]
    source = SourceMotion(tuple(skeleton.names[i] for i in kept), np.full(len(kept), -1), motion[:, kept], 25.0)
    mapping = automatic_mapping(source)
    assert mapping.spine == ()
    joints = {**mapping.joints, "chest": ("chest",)}
    resolved = resolve_mapping(SkeletonMapping(joints, ("spine1", "spine2"), "z"), source)
    result = retarget(source, resolved, skeleton)
    back = skeleton.xyz_from_bones(result.directions * skeleton.bone_lengths[:, None])
    turning = np.array([n not in ("pelvis", "nose") for n in skeleton.names])[1:]
    # Without hips the heading is that of the shoulders, so everything rotates a little with their slow twist.
    assert np.median(foreign.angle_deg(back, motion)[:, turning]) < 6.0
    assert any("no orientations" in note for note in result.notes)
    assert result.directions[:, skeleton.index["nose"], 0].min() > 0.5


def test_other_spines_and_chests_give_upright_shoulders(foreign, tmp_path):
    """A skeleton whose arms hang from the neck: shoulders neither shrugged nor dropped."""
    motion, _ = foreign.motion(4.0)
    names = dict(foreign.names) | {"neck": ("Neck", 0.05), "left_shoulder": ("LeftArm", 1.0)}
    path = foreign.write(tmp_path / "a.bvh", motion, 25, names=names)
    source = read_bvh_motion(path)
    result = retarget(source, resolve_mapping(automatic_mapping(source), source), load_skeleton())
    assert any("of the trunk" in note for note in result.notes)
    skeleton = load_skeleton()
    for side in ("left", "right"):
        rest = skeleton.offsets[skeleton.index[f"{side}_shoulder"]]
        average = result.directions[:, skeleton.index[f"{side}_shoulder"]].mean(axis=0)
        assert average @ rest / np.linalg.norm(rest) / np.linalg.norm(average) > np.cos(np.radians(12))
    target = skeleton.bones_from_xyz(motion)[:, skeleton.index["left_elbow"]] / 0.28
    assert np.sum(result.directions[:, skeleton.index["left_elbow"]] * target, axis=-1).min() > np.cos(np.radians(1))
