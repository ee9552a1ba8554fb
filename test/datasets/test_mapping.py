"""Joints are found by the names that programs give them, or by a mapping file; missing ones are named."""

import re

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.inspection import inspect_source
from speech_gesture_ros.datasets.joint_names import plain_names, split_name
from speech_gesture_ros.datasets.mapping import (
    REQUIRED_ROLES,
    SkeletonMapping,
    automatic_mapping,
    load_mapping,
    resolve_mapping,
)
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import SourceMotion, read_bvh_motion

# Pelvis, three of the spine, neck, head; name on the left and on the right; clavicle, upper arm, forearm, wrist.
PROGRAMS = {
    "MotionBuilder": ("Hips Spine Spine1 Spine2 Neck Head", "Left{}", "Right{}", "Shoulder Arm ForeArm Hand"),
    "MotionBuilder, character": ("Character1_Hips Character1_Spine Character1_Spine1 Character1_Spine2 Character1_Neck "
                                 "Character1_Head", "Character1_Left{}", "Character1_Right{}",
                                 "Shoulder Arm ForeArm Hand"),
    "Mixamo": ("mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Spine2 mixamorig:Neck mixamorig:Head",
               "mixamorig:Left{}", "mixamorig:Right{}", "Shoulder Arm ForeArm Hand"),
    "Mixamo, underscores": ("mixamorig_Hips mixamorig_Spine mixamorig_Spine1 mixamorig_Spine2 mixamorig_Neck "
                            "mixamorig_Head", "mixamorig_Left{}", "mixamorig_Right{}", "Shoulder Arm ForeArm Hand"),
    "Mixamo, joined": ("mixamorigHips mixamorigSpine mixamorigSpine1 mixamorigSpine2 mixamorigNeck mixamorigHead",
                       "mixamorigLeft{}", "mixamorigRight{}", "Shoulder Arm ForeArm Hand"),
    "Sketchfab": ("Hips_01 Spine_02 Spine1_03 Spine2_04 Neck_05 Head_06", "Left{}_1#", "Right{}_2#",
                  "Shoulder Arm ForeArm Hand"),
    "Unreal": ("pelvis spine_01 spine_02 spine_03 neck_01 head", "{}_l", "{}_r", "clavicle upperarm lowerarm hand"),
    "Biped": ("Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Spine2 Bip01_Neck Bip01_Head", "Bip01_L_{}", "Bip01_R_{}",
              "Clavicle UpperArm Forearm Hand"),
    "Source": ("ValveBiped.Bip01_Pelvis ValveBiped.Bip01_Spine ValveBiped.Bip01_Spine1 ValveBiped.Bip01_Spine2 "
               "ValveBiped.Bip01_Neck1 ValveBiped.Bip01_Head1", "ValveBiped.Bip01_L_{}", "ValveBiped.Bip01_R_{}",
               "Clavicle UpperArm Forearm Hand"),
    "Character Creator": ("CC_Base_Hip CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 CC_Base_NeckTwist01 CC_Base_Head",
                          "CC_Base_L_{}", "CC_Base_R_{}", "Clavicle Upperarm Forearm Hand"),
    "VRM": ("J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head", "J_Bip_L_{}",
            "J_Bip_R_{}", "Shoulder UpperArm LowerArm Hand"),
    "Rigify": ("DEF-spine DEF-spine.001 DEF-spine.002 DEF-spine.003 DEF-spine.004 DEF-spine.005", "DEF-{}.L",
               "DEF-{}.R", "shoulder upper_arm forearm hand"),
    "Acclaim": ("root lowerback upperback thorax lowerneck head", "l{}", "r{}", "clavicle humerus radius wrist"),
    "OptiTrack": ("Skeleton_Hip Skeleton_Ab Skeleton_Ab2 Skeleton_Chest Skeleton_Neck Skeleton_Head", "Skeleton_L{}",
                  "Skeleton_R{}", "Shoulder UArm FArm Hand"),
    "Kinect": ("SpineBase SpineMid SpineMid2 SpineShoulder Neck Head", "{}Left", "{}Right",
               "Collar Shoulder Elbow Wrist"),
    "Daz": ("hip abdomen abdomen2 chest neck head", "l{}", "r{}", "Collar Shldr ForeArm Hand"),
    "Genesis": ("hip abdomenLower abdomenUpper chestLower neckLower head", "l{}", "r{}",
                "Collar ShldrBend ForearmBend Hand"),
    "SMPL": ("Pelvis Spine1 Spine2 Spine3 Neck Head", "L_{}", "R_{}", "Collar Shoulder Elbow Wrist"),
    "Xsens": ("Hips Chest Chest2 Chest3 Neck Head", "Left{}", "Right{}", "Collar Shoulder Elbow Wrist"),
    "Second Life": ("mPelvis mTorso mTorso2 mChest mNeck mHead", "m{}Left", "m{}Right", "Collar Shoulder Elbow Wrist"),
    "Advanced Skeleton": ("Root_M Spine1_M Spine2_M Chest_M Neck_M Head_M", "{}_L", "{}_R",
                          "Scapula Shoulder Elbow Wrist"),
    "MakeHuman": ("root spine05 spine03 spine01 neck01 head", "{}.L", "{}.R", "clavicle upperarm01 lowerarm01 wrist"),
    "Source 2": ("pelvis spine_0 spine_1 spine_2 neck_0 head", "{}_L", "{}_R", "clavicle arm_upper arm_lower hand"),
    "CAT": ("HumanPelvis HumanSpine1 HumanSpine2 HumanRibcage HumanNeck HumanHead", "HumanL{}", "HumanR{}",
            "Collarbone Upperarm Forearm Palm"),
    "Vicon": ("Solving:Hips Solving:Spine Solving:Spine1 Solving:Spine2 Solving:Neck Solving:Head", "Solving:Left{}",
              "Solving:Right{}", "Shoulder Arm ForeArm Hand"),
    "sides in two letters": ("jnt_pelvis jnt_spine1 jnt_spine2 jnt_chest jnt_neck jnt_head", "jnt_{}_lf", "jnt_{}_rt",
                             "clavicle shoulder elbow wrist"),
    "shared ending": ("HipsJ SpineJ Spine1J Spine2J NeckJ HeadJ", "Left{}J", "Right{}J", "Shoulder Arm ForeArm Hand"),
    "shared word at the end": ("Hips_rig Spine_rig Spine1_rig Spine2_rig Neck_rig Head_rig", "Left{}_rig",
                               "Right{}_rig", "Shoulder Arm ForeArm Hand"),
    "shared letters": ("annahips annaspine annaspine1 annaspine2 annaneck annahead", "annaleft{}", "annaright{}",
                       "shoulder arm forearm hand"),
    "capitals": ("HIPS SPINE SPINE1 SPINE2 NECK HEAD", "LEFT{}", "RIGHT{}", "SHOULDER ARM FOREARM HAND"),
    "TalkingWithHands": ("b_root b_spine0 b_spine1 b_spine3 b_neck0 b_head", "b_l_{}", "b_r_{}",
                         "shoulder arm forearm wrist"),
}  # fmt: skip


def skeleton_of(trunk, left, right, arm):
    names = trunk.split()
    parents = [-1, 0, 1, 2, 3, 4]
    for side in (left, right):
        parents += [3, len(names), len(names) + 1, len(names) + 2]
        names += [side.format(part).replace("#", str(i)) for i, part in enumerate(arm.split())]
    return SourceMotion(tuple(names), np.array(parents), np.zeros((2, len(names), 3)), 25.0)


@pytest.mark.parametrize("program", PROGRAMS)
def test_joint_names_of_usual_programs_are_recognised(program):
    motion = skeleton_of(*PROGRAMS[program])
    mapping = resolve_mapping(automatic_mapping(motion), motion)
    assert [mapping.joints[r] for r in ("pelvis", "neck", "head", "chest")] == [0, 4, 5, 3]
    assert [mapping.joints[f"left_{p}"] for p in ("shoulder", "elbow", "wrist")] == [7, 8, 9]
    assert [mapping.joints[f"right_{p}"] for p in ("shoulder", "elbow", "wrist")] == [11, 12, 13]
    assert mapping.spine == (1, 2)


@pytest.mark.parametrize("program", ["MotionBuilder, character", "Mixamo", "Mixamo, underscores", "Mixamo, joined"])
def test_a_mapping_file_fits_names_with_a_shared_prefix(program):
    motion = skeleton_of(*PROGRAMS[program])
    assert resolve_mapping(load_mapping("motionbuilder"), motion).joints["left_elbow"] == 8


@pytest.mark.parametrize(("middle", "thumb"), [
    ("LeftHandMiddle1", "LeftHandThumb2"), ("LeftMiddleProximal", "LeftThumbIntermediate"),
    ("bip_middle_0_L", "bip_thumb_0_L"), ("finger3-1.L", "finger1-2.L"), ("LeftFinger3Proximal", "LeftFinger1Medial"),
    ("finger_middle.01.L", "thumb.02.L"), ("LeftInHandMiddle", "LeftHandThumb1"), ("LFinger2", "LFinger0"),
])
def test_knuckles_and_thumbs_are_recognised(middle, thumb):
    motion = skeleton_of(*PROGRAMS["MotionBuilder"])
    hand = motion.names.index("LeftHand")
    names, parents = (*motion.names, middle, thumb), np.append(motion.parents, [hand, hand])
    found = automatic_mapping(SourceMotion(names, parents, np.zeros((2, len(names), 3)), 25.0)).joints
    assert (found["left_hand"], found["left_thumb"]) == ((middle,), (thumb,))


def test_a_prefix_that_some_joints_lack_is_removed_from_the_others():
    names = ["CC_Base_Hip", "CC_Base_L_Hand", "CC_Base_R_Hand", "CC_Base_Head", "Nose", "CC_Base_"]
    assert plain_names(names) == ("Hip", "L_Hand", "R_Hand", "Head", "Nose", "CC_Base_")
    assert plain_names(["LeftArm", "LeftHand", "RightArm", "RightHand", "Hips"]) == (
        "LeftArm", "LeftHand", "RightArm", "RightHand", "Hips")


# -- joints of length zero ---------------------------------------------------------------------------------------------


INSERTED = "JOINT {} {{\nOFFSET 0 0 0\nCHANNELS 0\nJOINT {} "


@pytest.mark.parametrize(("before", "inserted"), [
    ("Spine", "LowerBack"), ("LeftUpLeg", "LHipJoint"), ("LeftForeArm", "LeftElbow"), ("LeftHand", "LeftWrist"),
    ("Neck", "Neck0"), ("Head", "Head0")])
def test_an_inserted_joint_of_length_zero_changes_nothing(foreign, tmp_path, before, inserted):
    motion, _ = foreign.motion(4.0)
    path = foreign.write(tmp_path / "a.bvh", motion, 25)
    source = read_bvh_motion(path)
    plain = retarget(source, resolve_mapping(automatic_mapping(source), source), load_skeleton())
    lines, depth = path.read_text().splitlines(), None
    for i, line in enumerate(lines):
        if line.strip() == f"JOINT {before}":
            depth, lines[i] = len(line) - len(line.lstrip()), INSERTED.format(inserted, before)
        elif depth is not None and line == " " * depth + "}":
            lines[i], depth = "}}", None
    path.write_text("\n".join(lines) + "\n")
    source = read_bvh_motion(path)
    assert inserted in source.names
    result = retarget(source, resolve_mapping(automatic_mapping(source), source), load_skeleton())
    np.testing.assert_allclose(result.directions, plain.directions, atol=1e-9)


def test_hips_without_length_leave_the_heading_to_the_shoulders(foreign, tmp_path):
    motion, _ = foreign.motion(4.0)
    path = foreign.write(tmp_path / "a.bvh", motion, 25, yaw=np.full(100, 1.0))
    path.write_text(re.sub(r"(JOINT (?:Left|Right)UpLeg\s+{\s+OFFSET) .*", r"\1 0 0 0", path.read_text()))
    source = read_bvh_motion(path)
    result = retarget(source, resolve_mapping(automatic_mapping(source), source), load_skeleton())
    assert any("the heading is that of the shoulders" in note for note in result.notes)
    left = result.directions[:, load_skeleton().index["left_shoulder"]].mean(axis=0)
    assert abs(left[0]) < 0.2 < left[1]


def test_sides_and_words_of_names():
    assert split_name("LHipJoint") == ("left", "hip")
    assert split_name("b_r_wrist_twist") == ("right", "wristtwist")
    assert split_name("lefteye") == ("left", "eye")
    assert split_name("RightHandMiddle1") == ("right", "handmiddle1")
    assert split_name("LowerBack") == ("", "lowerback")


def test_missing_joints_are_named():
    motion = skeleton_of("Hips Spine Spine1 Spine2 Neck Head", "Left{}", "Right{}", "Shoulder Arm Mitte Hand")
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


def test_a_damaged_first_file_is_noted_and_the_next_is_inspected(tmp_path, foreign):
    motion, _ = foreign.motion(3.0)
    foreign.write(tmp_path / "b.bvh", motion, 25)
    (tmp_path / "a.bvh").write_text("torn")
    for name in "ab":
        (tmp_path / f"{name}.wav").touch()
    description, _ = inspect_source(tmp_path)
    assert "not read: BVH file is" in description
    assert "left_elbow: LeftForeArm" in description
    (tmp_path / "b.bvh").write_text("torn")
    with pytest.raises(InputError, match="must be one that can be read"):
        inspect_source(tmp_path)
