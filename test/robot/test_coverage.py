"""Coverage of the body by capsules is decided by extent; missing capsules are guessed, unchecked pairs are named."""

from __future__ import annotations

import re

import numpy as np
import pytest

from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.body_parts import named_pair
from speech_gesture_ros.robot.bones import Bone
from speech_gesture_ros.robot.collision import CapsulePairs
from speech_gesture_ros.robot.coverage import is_covered
from speech_gesture_ros.robot.description import Capsule, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.surface_pairs import SurfacePairs

SIDES = (("left", 1), ("right", -1))


def robot(upper: str = "", trunk: str = "", more: str = "") -> RobotDescription:
    """Arms of shoulder, elbow and wrist joints, with shapes on upper arms and trunk only, and more links and joints."""
    text = f'<robot name="bare"><link name="trunk">{trunk}</link>'
    for s, y in SIDES:
        text += "".join(f'<link name="{s}_{name}"/>' for name in ("a", "b", "fore", "hand"))
        text += f'<link name="{s}_upper">{upper}</link>'
        for name, parent, child, at, axis, low, high in (
                ("pitch", "trunk", f"{s}_a", f"0 {0.2 * y} 1.3", "0 1 0", -2.8, 1.0),
                ("roll", f"{s}_a", f"{s}_b", "0 0 0", f"{y} 0 0", -0.2, 2.5),
                ("yaw", f"{s}_b", f"{s}_upper", "0 0 0", f"0 0 {y}", -1.8, 1.8),
                ("elbow", f"{s}_upper", f"{s}_fore", "0 0 -0.28", "0 1 0", -2.4, 0.0),
                ("wrist", f"{s}_fore", f"{s}_hand", "0 0 -0.25", "0 1 0", -1.0, 1.0)):
            text += (f'<joint name="{s}_{name}" type="revolute"><parent link="{parent}"/>'
                     f'<child link="{child}"/><origin xyz="{at}"/><axis xyz="{axis}"/>'
                     f'<limit lower="{low}" upper="{high}" velocity="5" effort="9"/></joint>')
    return describe_robot(text + more + "</robot>")


def shape(geometry: str, z: float) -> str:
    return f'<collision><origin xyz="0 0 {z}"/><geometry><{geometry}/></geometry></collision>'


def note(description: RobotDescription) -> str:
    return next((n for n in description.notes if n.startswith("no shapes cover")), "")


def test_a_robot_without_shapes_has_capsules_from_shoulder_to_hand_and_a_trunk() -> None:
    links = {"trunk", *(f"{side}_{part}" for side, _ in SIDES for part in ("upper", "fore", "hand"))}
    assert {c.link for c in robot().capsules} == links
    assert "trunk, left upper arm, left forearm, left hand" in note(robot())


def test_one_small_sphere_does_not_cover_an_upper_arm() -> None:
    """The case of TienKung."""
    assert "left upper arm" in note(robot(shape('sphere radius="0.035"', -0.02)))


def test_a_long_cylinder_covers_an_upper_arm() -> None:
    assert "upper arm" not in note(robot(shape('cylinder radius="0.04" length="0.26"', -0.14)))


@pytest.mark.parametrize(("geometry", "is_enough"), [('cylinder radius="0.055" length="0.05"', False),
                                                     ('box size="0.2 0.3 0.5"', True)])
def test_a_thin_cylinder_does_not_cover_a_trunk(geometry: str, is_enough: bool) -> None:
    assert ("trunk" not in note(robot(trunk=shape(geometry, 1.1)))) == is_enough


def test_the_extent_along_the_bone_decides() -> None:
    kinematics = load_model('<robot name="r"><link name="a"/></robot>').kinematics(())
    bone = Bone("left forearm", "a", frozenset({"a"}), np.zeros(3), np.array([0.0, 0.0, 0.3]), 0.045)

    def covered(*ends: float) -> bool:
        capsules = [Capsule("a", (0.0, 0.0, a), (0.0, 0.0, b), 0.03) for a, b in zip(ends[::2], ends[1::2])]
        return is_covered(bone, capsules, kinematics)

    assert covered(0.0, 0.3)
    assert covered(0.0, 0.1, 0.2, 0.3)
    assert not covered(0.0, 0.1)
    assert not covered()


def test_capsules_beside_each_other_are_as_wide_as_all_together() -> None:
    kinematics = load_model('<robot name="r"><link name="a"/></robot>').kinematics(())
    bone = Bone("trunk", "a", frozenset({"a"}), np.array([0.0, 0.0, 1.2]), np.array([0.0, 0.0, 0.9]), 0.1)
    for y, is_wide in ((0.06, True), (0.001, False)):
        rails = [Capsule("a", (0.0, side * y, 0.8), (0.0, side * y, 1.3), 0.045) for side in (1, -1)]
        assert is_covered(bone, rails, kinematics) is is_wide
        assert is_covered(bone, rails[:1], kinematics) is False


def test_a_trunk_that_holds_the_arms_at_rest_is_named_in_a_warning() -> None:
    description = robot(trunk=shape('box size="0.8 1.2 2.6"', 1.0))
    assert re.search(r"NOT checked between .*trunk and left (upper arm|forearm) \(trunk, left_",
                     description.warnings[0])


NECK = """<link name="neck"/><link name="head">{}</link>
<joint name="neck_yaw" type="revolute"><parent link="trunk"/><child link="neck"/><origin xyz="0 0 1.32"/>
<axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>
<joint name="neck_pitch" type="revolute"><parent link="neck"/><child link="head"/><axis xyz="0 1 0"/>
<limit lower="-0.9" upper="0.9" velocity="5" effort="9"/></joint>"""


def test_a_head_close_above_a_trunk_is_checked_against_it_where_their_surfaces_meet() -> None:
    """The capsule around a box reaches far above its flat top, into the head."""
    head = shape('box size="0.14 0.14 0.16"', 0.11)
    description = robot(trunk=shape('box size="0.3 0.3 0.4"', 1.1), more=NECK.format(head))
    links = [c.link for c in description.capsules]
    pairs = [(a, b) for a, b in description.collision_pairs if {links[a], links[b]} == {"trunk", "head"}]
    assert pairs
    kinematics = description.kinematics()
    checked = CapsulePairs(kinematics, description.capsules, pairs, description.pair_surplus)
    surfaces = SurfacePairs(kinematics, [(name, np.concatenate(description.model.collision_surfaces().triangles(name)))
                                         for name in ("trunk", "head")], [(0, 1)])
    yaw, pitch = (description.joint_names.index(name) for name in ("neck_yaw", "neck_pitch"))
    is_clear, depth = [], []
    for q in np.tile(description.rest_q, (400, 1)):
        q[[yaw, pitch]] = [-1 + len(depth) % 20 / 10, -0.9 + len(depth) // 20 * 0.09]
        surfaces.update(q)
        depth.append(surfaces.depth(0))
        is_clear.append(checked.clearances().min() >= 0.01)
    assert max(depth) > 0.005
    assert max(np.array(depth)[is_clear]) < 0.002
    assert 0.2 < np.mean(is_clear) < 1.0


def test_a_pair_has_one_name_in_both_orders_and_the_trunk_is_named_first() -> None:
    parts = {"chest": "trunk", "motor": "left upper arm", "palm": "left hand", "grip": "right hand"}
    for pair, name in ((("chest", "motor"), "trunk and left upper arm (chest, motor)"),
                       (("grip", "palm"), "left hand and right hand (palm, grip)")):
        assert named_pair(*pair, parts) == named_pair(*pair[::-1], parts) == name


def test_a_robot_whose_arms_are_apart_from_the_trunk_has_no_warning() -> None:
    assert robot(trunk=shape('box size="0.2 0.2 0.5"', 1.1)).warnings == ()
