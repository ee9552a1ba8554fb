"""Motion files as tools write them: converted as the plain file, with a note where something differs."""

from __future__ import annotations

import re

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.convert import ConvertOptions, convert
from speech_gesture_ros.datasets.pairs import RecordingPair

SECONDS = 6.0
# Names in the order of the plain file: trunk and head; then an arm with its hand, side in place of {}.
PLAIN = ("Hips Spine Spine1 Spine2 Neck Head HeadFront", "{}Arm {}ForeArm {}Hand {}HandMiddle1 {}HandThumb2",
         "Left Right")
TOOLS = {
    "Mixamo": (re.sub(r"(\S+)", r"mixamorig_\1", PLAIN[0]), re.sub(r"(\S+)", r"mixamorig_\1", PLAIN[1]), PLAIN[2]),
    "MotionBuilder": (re.sub(r"(\S+)", r"Character1_\1", PLAIN[0]), re.sub(r"(\S+)", r"Character1_\1", PLAIN[1]),
                      PLAIN[2]),
    "Character Creator": (
        "CC_Base_Hip CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 CC_Base_NeckTwist01 CC_Base_Head Nose",
        "CC_Base_{}_Upperarm CC_Base_{}_Forearm CC_Base_{}_Hand CC_Base_{}_Mid1 CC_Base_{}_Thumb2", "L R"),
    "Source": (
        "ValveBiped.Bip01_Pelvis ValveBiped.Bip01_Spine ValveBiped.Bip01_Spine1 ValveBiped.Bip01_Spine2 "
        "ValveBiped.Bip01_Neck1 ValveBiped.Bip01_Head1 Nose",
        "ValveBiped.Bip01_{0}_UpperArm ValveBiped.Bip01_{0}_Forearm ValveBiped.Bip01_{0}_Hand "
        "ValveBiped.Bip01_{0}_Finger2 ValveBiped.Bip01_{0}_Finger0", "L R"),
    "Acclaim": ("root lowerback upperback thorax lowerneck head Nose",
                "{}humerus {}radius {}wrist {}hand {}thumb", "l r"),
}


def names_of(trunk: str, arm: str, sides: str) -> list[str]:
    return [*trunk.split(), *(name.replace("{0}", side).replace("{}", side)
                              for side in sides.split() for name in arm.split())]


@pytest.fixture(scope="module")
def plain(foreign, tmp_path_factory):
    """Text of a BVH file without legs, as the plain case."""
    motion, _ = foreign.motion(SECONDS)
    path = foreign.write(tmp_path_factory.mktemp("plain") / "talk.bvh", motion, 25)
    text = re.sub(r"  JOINT \w+UpLeg\n  {\n.*\n.*\n    End Site\n    {\n.*\n    }\n  }\n", "", path.read_text())
    head, rows = text.split("Frame Time: 0.040000000\n")
    rows = "\n".join(" ".join(row.split()[:-6]) for row in rows.splitlines())
    return f"{head}Frame Time: 0.040000000\n{rows}\n"


@pytest.fixture
def converted(tmp_path):
    """A function from the text of a file to its motion (T, J, 3) and notes."""
    sound = tmp_path / "talk.wav"
    soundfile.write(sound, np.random.default_rng(0).normal(0, 0.1, round(SECONDS * 16000)), 16000)

    def read(text):
        (tmp_path / "talk.bvh").write_text(text)
        pair = RecordingPair("talk", "anna", "", sound, tmp_path / "talk.bvh", "bvh")
        result = convert(pair, ConvertOptions(), load_skeleton())
        return np.concatenate([clip.joint_xyz for clip in result.clips]), result.notes

    return read


@pytest.mark.parametrize("tool", TOOLS)
def test_the_names_of_tools_are_mapped_without_a_mapping_file(plain, converted, tool):
    renamed = plain
    for old, new in zip(names_of(*PLAIN), names_of(*TOOLS[tool])):
        renamed, count = re.subn(rf"(JOINT|ROOT) {old}\n", rf"\1 #{new}\n", renamed)
        assert count == 1
    renamed = renamed.replace("#", "")
    np.testing.assert_allclose(converted(renamed)[0], converted(plain)[0], atol=1e-6)


@pytest.mark.parametrize("change", [1, -1])
def test_one_frame_more_or_less_than_announced_is_read_with_a_note(plain, converted, change):
    frames = round(SECONDS * 25)
    text = plain.replace(f"Frames: {frames}", f"Frames: {frames - change}")
    motion, notes = converted(text)
    assert f"the header gives {frames - change} frames, the file has {frames}" in notes
    np.testing.assert_allclose(motion, converted(plain)[0][:len(motion)], atol=1e-6)
    assert len(motion) >= frames - 1


def test_hip_joints_of_length_zero_leave_the_facing_as_it_is(plain, converted):
    """With hips the heading is theirs, without them that of the shoulders: the same on average, not frame by frame."""
    legs = "".join(f"""  JOINT {side[0]}HipJoint
  {{
    OFFSET 0 0 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    JOINT {side}UpLeg
    {{
      OFFSET {sign * 8} -4 0
      CHANNELS 3 Zrotation Yrotation Xrotation
      End Site
      {{
        OFFSET 0 -40 0
      }}
    }}
  }}
""" for side, sign in (("Left", 1), ("Right", -1)))
    head, rows = plain.split("Frame Time: 0.040000000\n")
    head = head.replace("}\nMOTION", f"{legs}}}\nMOTION")
    rows = "\n".join(f"{row} {' '.join(['0'] * 12)}" for row in rows.splitlines())
    skeleton = load_skeleton()
    left, right = skeleton.index["left_shoulder"], skeleton.index["right_shoulder"]
    for text in (f"{head}Frame Time: 0.040000000\n{rows}\n", plain):
        motion, _ = converted(text)
        across = (motion[:, left] - motion[:, right]).mean(axis=0)
        assert abs(np.degrees(np.arctan2(across[0], across[1]))) < 5.0
