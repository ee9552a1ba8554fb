"""Bones, number for number, of a robot whose arms are as long as a person's: its scale is 1."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.anatomy import find_anatomy
from speech_gesture_ros.robot.bones import Bone, find_bones
from speech_gesture_ros.robot.model import load_model

BASE, CHEST = "pelvis", "chest"


def joint(name: str, parent: str, child: str, at: str, axis: str, kind: str = "revolute") -> str:
    """A joint and the link that it carries."""
    return (f'<link name="{child}"/><joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>'
            f'<origin xyz="{at}"/><axis xyz="{axis}"/><limit lower="-1.5" upper="1.5" velocity="5" effort="9"/>'
            "</joint>")


def bones(*more: str, waist: float | None = None, hand: float = 0.0) -> dict[str, Bone]:
    """Bones by body part of a robot with shoulders at (0, ±0.2, 1.3), an upper arm of 0.28 m and a forearm of 0.25 m.

    Args:
        more: Further joints and links of the URDF.
        waist: Height of a joint that turns the chest [m]; None: the chest is fixed to the pelvis.
        hand: Length of a link beyond the wrist [m]; 0: none.
    """
    text = f'<link name="{BASE}"/>' + joint("waist", BASE, CHEST, f"0 0 {waist or 0}", "0 0 1",
                                            "fixed" if waist is None else "revolute")
    for side, y in (("left", 1), ("right", -1)):
        text += (joint(f"{side}_pitch", CHEST, f"{side}_a", f"0 {0.2 * y} {1.3 - (waist or 0)}", "0 1 0")
                 + joint(f"{side}_roll", f"{side}_a", f"{side}_b", "0 0 0", "1 0 0")
                 + joint(f"{side}_yaw", f"{side}_b", f"{side}_upper", "0 0 0", "0 0 1")
                 + joint(f"{side}_bend", f"{side}_upper", f"{side}_fore", "0 0 -0.28", "0 1 0")
                 + joint(f"{side}_wrist", f"{side}_fore", f"{side}_hand", "0 0 -0.25", "0 1 0"))
        if hand:
            text += joint(f"{side}_tool", f"{side}_hand", f"{side}_tip", f"0 0 {-hand}", "0 0 1", "fixed")
    robot = load_model(f'<robot name="bones">{text}{"".join(more)}</robot>')
    anatomy = find_anatomy(robot.tree)
    kinematics = robot.kinematics([j.name for j in robot.urdf.joints if any(j in g for g in anatomy.groups.values())])
    return {bone.part: bone for bone in find_bones(robot.tree, kinematics, anatomy.body)}


def legs(hip: float, raised: float = 0.0) -> str:
    """Legs with hips at (0, ±0.1, hip), the left one `raised` more, and thighs of 0.4 m."""
    return "".join(joint(f"{side}_hip", BASE, f"{side}_thigh", f"0 {y} {hip + raised * (y > 0)}", "0 1 0")
                   + joint(f"{side}_knee", f"{side}_thigh", f"{side}_shin", "0 0 -0.4", "0 1 0")
                   + joint(f"{side}_ankle", f"{side}_shin", f"{side}_foot", "0 0 -0.4", "0 1 0")
                   for side, y in (("left", 0.1), ("right", -0.1)))


def assert_is(bone: Bone, start: tuple[float, ...], stop: tuple[float, ...], radius: float) -> None:
    np.testing.assert_allclose(bone.start, start, atol=1e-9)
    np.testing.assert_allclose(bone.stop, stop, atol=1e-9)
    assert bone.radius == pytest.approx(radius)


@pytest.mark.parametrize(("side", "y"), [("left", 0.2), ("right", -0.2)])
def test_an_arm_has_bones_from_shoulder_to_elbow_to_wrist_to_fingertips(side: str, y: float) -> None:
    found = bones(hand=0.15)
    assert_is(found[f"{side} upper arm"], (0, y, 1.3), (0, y, 1.02), 0.045)
    assert_is(found[f"{side} forearm"], (0, y, 1.02), (0, y, 0.77), 0.045)
    assert_is(found[f"{side} hand"], (0, y, 0.77), (0, y, 0.62), 0.045)
    assert found[f"{side} upper arm"].links == {f"{side}_a", f"{side}_b", f"{side}_upper"}
    assert found[f"{side} forearm"].links == {f"{side}_fore"}
    assert found[f"{side} hand"].links == {f"{side}_hand", f"{side}_tip"}


@pytest.mark.parametrize(("hand", "length"), [(0.0, 0.1), (0.05, 0.1), (0.6, 0.25)])
def test_a_hand_is_10_to_25_cm_long(hand: float, length: float) -> None:
    assert_is(bones(hand=hand)["left hand"], (0, 0.2, 0.77), (0, 0.2, 0.77 - length), 0.045)


def test_a_trunk_without_waist_and_legs_is_as_long_as_a_persons() -> None:
    found = bones()
    assert_is(found["trunk"], (0, 0, 1.2), (0, 0, 0.88), 0.1)
    assert found["trunk"].links == {BASE, CHEST}
    assert "pelvis" not in found


def test_a_trunk_without_waist_ends_at_the_hips_and_does_not_hold_the_legs() -> None:
    found = bones(legs(1.0))
    assert_is(found["trunk"], (0, 0, 1.2), (0, 0, 1.0), 0.1)
    assert found["trunk"].links == {BASE, CHEST}
    assert_is(bones(legs(0.5))["trunk"], (0, 0, 1.2), (0, 0, 0.88), 0.1)
    assert_is(bones(legs(1.25))["trunk"], (0, 0, 1.2), (0, 0, 1.1), 0.1)


def test_a_trunk_with_a_waist_ends_there_and_a_pelvis_begins() -> None:
    found = bones(waist=1.0)
    assert_is(found["trunk"], (0, 0, 1.2), (0, 0, 1.0), 0.1)
    assert found["trunk"].links == {CHEST}
    assert_is(found["pelvis"], (0, 0, 1.0), (0, 0, 0.85), 0.1)
    assert found["pelvis"].links == {BASE}


def test_a_pelvis_ends_at_the_hips_where_they_are_below_the_waist() -> None:
    assert_is(bones(legs(0.92), waist=1.0)["pelvis"], (0, 0, 1.0), (0, 0, 0.92), 0.1)
    assert_is(bones(legs(1.05), waist=1.0)["pelvis"], (0, 0, 1.0), (0, 0, 1.0), 0.1)
    assert bones(legs(0.92), waist=1.0)["pelvis"].links == {BASE}


def test_a_waist_far_below_the_shoulders_or_above_them_does_not_give_the_length_of_the_trunk() -> None:
    for waist in (0.4, 1.35):
        assert_is(bones(waist=waist)["trunk"], (0, 0, 1.2), (0, 0, 0.88), 0.1)


def test_thighs_go_from_hip_to_knee_and_have_the_sides_of_the_arms() -> None:
    found = bones(legs(0.9))
    assert_is(found["left thigh"], (0, 0.1, 0.9), (0, 0.1, 0.5), 0.07)
    assert_is(found["right thigh"], (0, -0.1, 0.9), (0, -0.1, 0.5), 0.07)
    assert found["right thigh"].links == {"right_thigh"}
    assert_is(bones(legs(0.7, raised=0.5))["left thigh"], (0, 0.1, 1.2), (0, 0.1, 0.8), 0.07)


def test_a_movable_head_is_above_its_joint_and_a_fixed_one_above_the_shoulders() -> None:
    movable = bones(joint("neck", CHEST, "skull", "0 0 1.5", "0 0 1"))["head"]
    assert_is(movable, (0, 0, 1.55), (0, 0, 1.55), 0.1)
    fixed = bones(joint("neck", CHEST, "skull", "0 0 1.5", "0 0 1", "fixed"))["head"]
    assert_is(fixed, (0, 0, 1.52), (0, 0, 1.52), 0.1)
    assert fixed.links == {"skull"}
    assert "head" not in bones()
