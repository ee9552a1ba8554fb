"""Anatomy of small robots: shoulder, forearm and hand do not depend on zero poses, origins or names."""

from __future__ import annotations

import re

import numpy as np
import pytest

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.trial_poses import trial_errors_deg
from speech_gesture_ros.robot.anatomy import find_anatomy
from speech_gesture_ros.robot.arm_points import wrist_point
from speech_gesture_ros.robot.description import LegLinks
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.leg_parts import find_legs
from speech_gesture_ros.robot.urdf import load_urdf

WRIST = """<link name="{s}_hand"/>
<joint name="{s}_wrist" type="revolute"><parent link="{s}_fore"/><child link="{s}_hand"/><origin xyz="0 0 -0.25"/>
 <axis xyz="0 1 0"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>
<link name="{s}_palm"/><joint name="{s}_tool" type="fixed"><parent link="{s}_hand"/><child link="{s}_palm"/>
 <origin xyz="0 0 -0.1"/></joint>"""
OPENER = """<link name="{s}_opener"/>
<joint name="{s}_open" type="revolute"><parent link="{s}_hand"/><child link="{s}_opener"/><origin xyz="0 0 -0.05"/>
 <axis xyz="1 0 0"/><limit lower="0" upper="1" velocity="5" effort="9"/></joint>
<link name="{s}_tip"/><joint name="{s}_follow" type="revolute"><parent link="{s}_opener"/><child link="{s}_tip"/>
 <origin xyz="0 0 -0.05"/><axis xyz="1 0 0"/><limit lower="0" upper="1" velocity="5" effort="9"/>
 <mimic joint="{s}_open"/></joint>"""

TURN = """<link name="{s}_turned"/>
<joint name="{s}_turn" type="revolute"><parent link="{s}_fore"/><child link="{s}_turned"/><origin xyz="0 0 -0.05"/>
 <axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>"""
TURNED_WRIST = TURN + WRIST.replace('parent link="{s}_fore"', 'parent link="{s}_turned"')
TOOL = """<link name="left_tool_turned"/>
<joint name="left_tool_turn" type="revolute"><parent link="left_palm"/><child link="left_tool_turned"/>
 <axis xyz="0 0 1"/><limit lower="-3" upper="3" velocity="5" effort="9"/></joint>"""
HEADS = """<link name="neck"/><joint name="neck_yaw" type="revolute"><parent link="trunk"/><child link="neck"/>
 <origin xyz="0 0 1.5"/><axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>
<link name="lidar"/><joint name="neck_lidar" type="continuous"><parent link="trunk"/><child link="lidar"/>
 <origin xyz="0 0 1.7"/><axis xyz="0 0 1"/></joint>"""


def arm(side: str, slide: float, centre: float, end: str) -> str:
    """An arm: `slide` shifts the origin of the shoulder pitch on its axis, `centre` is z of the centre of mass."""
    y, s = (1, "left") if side == "left" else (-1, "right")
    return f"""
<link name="{s}_a"/><link name="{s}_b"/><link name="{s}_upper"/>
<link name="{s}_fore"><inertial><origin xyz="0 0 {centre}"/><mass value="1"/>
 <inertia ixx="1e-3" iyy="1e-3" izz="1e-3" ixy="0" ixz="0" iyz="0"/></inertial></link>
<joint name="{s}_pitch" type="revolute"><parent link="trunk"/><child link="{s}_a"/>
 <origin xyz="0 {y * (0.2 - slide)} 1.3"/><axis xyz="0 1 0"/>
 <limit lower="-2.8" upper="1" velocity="5" effort="9"/></joint>
<joint name="{s}_roll" type="revolute"><parent link="{s}_a"/><child link="{s}_b"/><origin xyz="0 {y * slide} 0"/>
 <axis xyz="{y} 0 0"/><limit lower="-0.2" upper="2.5" velocity="5" effort="9"/></joint>
<joint name="{s}_yaw" type="revolute"><parent link="{s}_b"/><child link="{s}_upper"/><origin xyz="0 0 -0.06"/>
 <axis xyz="0 0 {y}"/><limit lower="-1.8" upper="1.8" velocity="5" effort="9"/></joint>
<joint name="{s}_elbow" type="revolute"><parent link="{s}_upper"/><child link="{s}_fore"/><origin xyz="0 0 -0.22"/>
 <axis xyz="0 1 0"/><limit lower="-2.4" upper="0" velocity="5" effort="9"/></joint>""" + end.format(s=s)


def tree_of(text: str) -> JointTree:
    return JointTree(load_urdf(text))


def robot(slide: float = 0.0, centres: tuple[float, float] = (-0.12, -0.12), end: str = "") -> str:
    """Two of these arms on a trunk."""
    return (f'<robot name="small"><link name="trunk"/>{arm("left", slide, centres[0], end)}'
            f'{arm("right", slide, centres[1], end)}</robot>')


@pytest.mark.parametrize("slide", [0.0, 0.12, 0.19, -0.4])
def test_the_place_of_a_joint_origin_on_its_axis_does_not_matter(slide: float) -> None:
    body = find_anatomy(tree_of(robot(slide, end=WRIST))).body
    assert (body.left_arm.shoulder, body.right_arm.shoulder) == ("left_b", "right_b")
    assert body.left_arm.elbow == "left_fore"
    assert (body.left_arm.wrist, body.left_arm.hand) == ("left_hand", "left_palm")


def test_a_joint_that_others_mimic_belongs_to_the_hand_and_not_to_the_arm() -> None:
    anatomy = find_anatomy(tree_of(robot(end=WRIST + OPENER)))
    assert [j.name for j in anatomy.left_arm] == ["left_pitch", "left_roll", "left_yaw", "left_elbow", "left_wrist"]


def test_a_centre_of_mass_copied_from_the_other_arm_does_not_reverse_the_forearm() -> None:
    """The case of ARI v1, whose right forearm would lie on its upper arm."""
    good, copied = (describe_robot(robot(centres=centres)) for centres in ((-0.12, -0.12), (-0.12, 0.12)))
    np.testing.assert_allclose(copied.rest_q, good.rest_q, atol=1e-9)
    ends = [ik.robot_directions.directions()[0] for ik in (DifferentialIk(good), DifferentialIk(copied))]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-9)
    assert max(trial_errors_deg(copied).values()) < 5.0


@pytest.mark.parametrize(("left", "right"), [(0.0, 0.03), (0.12, -0.05)])
def test_arms_with_joint_origins_at_other_places_on_the_same_axes_are_a_pair(left: float, right: float) -> None:
    """The case of iCub and GR-2: else the legs would be the only pair."""
    body = find_anatomy(tree_of('<robot name="small"><link name="trunk"/>' + arm("left", left, -0.12, WRIST)
                                  + arm("right", right, -0.12, WRIST) + "</robot>")).body
    assert (body.left_arm.shoulder, body.right_arm.shoulder) == ("left_b", "right_b")


@pytest.mark.parametrize("names", [("hip_pitch", "knee"), ("leg_l1_joint", "leg_l4_joint"), ("HAA", "KFE")])
def test_legs_are_not_arms(names: tuple[str, str]) -> None:
    legs = robot(end=WRIST).replace("_pitch", f"_{names[0]}").replace("_elbow", f"_{names[1]}")
    with pytest.raises(RobotError, match="no pair of like chains"):
        find_anatomy(tree_of(legs))


def test_a_tool_that_turns_on_one_arm_is_left_out() -> None:
    anatomy = find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", TOOL + "</robot>")))
    assert [len(anatomy.left_arm), len(anatomy.right_arm)] == [5, 5]
    assert anatomy.left_arm[-1].name == "left_wrist"


def test_the_elbow_of_an_arm_with_a_long_hand_is_where_the_upper_arm_ends() -> None:
    long = WRIST.replace('lower="-1" upper="1"', 'lower="-2.8" upper="2.8"').replace("0 0 -0.1", "0 0 -0.3")
    left = find_anatomy(tree_of(robot(end=long))).body.left_arm
    assert (left.elbow, left.wrist) == ("left_fore", "left_hand")


def test_an_elbow_with_its_origin_to_the_side_does_not_move_the_wrist() -> None:
    text = robot(end=TURNED_WRIST)
    for link, y in (("fore", 0.06), ("turned", -0.06)):
        begin = f'child link="left_{link}"/><origin xyz="0 '
        text = text.replace(begin + "0 ", begin + f"{y} ")
    body = find_anatomy(tree_of(text)).body
    assert (body.left_arm.wrist, body.right_arm.wrist) == ("left_hand", "right_hand")


@pytest.mark.parametrize("name", [r"{side}_\1", r"LINK_\1_{side}", r"z_{side}1_\1", r"{side}\1"])
def test_names_distinguish_left_from_right_on_a_robot_that_faces_backwards(name: str) -> None:
    text = robot(end=WRIST)
    for side, letter in (("left", "R"), ("right", "L")):
        text = re.sub(rf'"{side}_(\w+)"', '"' + name.format(side=letter) + '"', text)
    tree = tree_of(text.replace('"Rpitch"', '"RPitch"').replace('"Lpitch"', '"LPitch"'))
    anatomy = find_anatomy(tree)
    assert not any("names do not distinguish" in note for note in anatomy.notes)
    left = next(joint for joint in tree.urdf.joints if joint.name == anatomy.left_arm[0].name)
    assert left.origin[1, 3] < 0


def test_a_turning_sensor_on_top_of_a_head_is_not_the_head() -> None:
    anatomy = find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", HEADS + "</robot>")))
    assert [joint.name for joint in anatomy.head] == ["neck_yaw"]


def test_the_joints_of_a_mobile_base_are_not_the_waist() -> None:
    """Two slides and a turn in place of the wheels, as in files for planners; lift and waist are above them."""
    joints = [("x", "prismatic", "1 0 0", 0.0), ("y", "prismatic", "0 1 0", 0.0), ("theta", "continuous", "0 0 1", 0.0),
              ("lift", "prismatic", "0 0 1", 0.5), ("waist", "revolute", "0 0 1", 0.1)]
    links = ["world", "at_x", "at_xy", "base", "lifted", "trunk"]
    base = "".join(f'<link name="{link}"/>' for link in links[:-1])
    for (name, kind, axis, z), parent, child in zip(joints, links, links[1:]):
        base += f"""<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>
<origin xyz="0 0 {z}"/><axis xyz="{axis}"/><limit lower="-1" upper="1" velocity="1" effort="9"/></joint>"""
    anatomy = find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", base + "</robot>")))
    assert [joint.name for joint in anatomy.torso] == ["waist"]


def test_a_hand_with_equal_fingers_has_no_arms() -> None:
    """The case of an Allegro hand, whose joint names are numbers."""
    text = robot(end=WRIST) + robot(slide=0.1, end=WRIST).replace("left_", "third_").replace("right_", "fourth_")
    hand = text.replace('</robot><robot name="small"><link name="trunk"/>', "")
    with pytest.raises(RobotError, match="4 like chains"):
        find_anatomy(tree_of(hand))


# --- head across fixed joints, zero masses, names, asymmetry, more arms ----------------------------------------------

HEAD = """<link name="neck"/><joint name="neck_yaw" type="revolute"><parent link="column"/><child link="neck"/>
 <origin xyz="0 0 1.5"/><axis xyz="0 0 1"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>"""


def test_a_head_beside_the_fixed_link_that_carries_the_arms_is_found() -> None:
    """The case of AgiBot G2: the arms are on a base of their own, fixed to the link that carries the head."""
    mount = '<joint name="mount" type="fixed"><parent link="column"/><child link="trunk"/></joint>'
    fixed = f'<link name="column"/>{mount}{HEAD}'
    found = find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", fixed + "</robot>")))
    assert found.body.torso == "trunk"
    assert found.body.head == "neck"


def test_the_elbow_is_found_without_masses_and_meshes() -> None:
    """The case of NimbRo-OP2X: three joints an arm, all masses zero."""
    text = re.sub(r"<inertial>.*?</inertial>", "", robot(), flags=re.DOTALL)
    body = find_anatomy(tree_of(text)).body
    assert (body.left_arm.shoulder, body.left_arm.elbow) == ("left_b", "left_fore")


def test_a_forearm_without_a_centre_of_mass_continues_the_upper_arm() -> None:
    description = describe_robot(re.sub(r"<inertial>.*?</inertial>", "", robot(), flags=re.DOTALL))
    kinematics = description.kinematics()
    link, offset = wrist_point(description.model.tree, kinematics, description.body.left_arm)
    assert link == "left_fore"
    np.testing.assert_allclose(offset, [0, 0, -0.28], atol=1e-9)


def clavicle(text: str, side: str) -> str:
    """The robot with a collar bone of two joints that carries one arm."""
    y = 1 if side == "left" else -1
    bones = "".join(f"""<link name="{side}_collar_{i}"/><joint name="{side}_clavicle_{i}" type="revolute">
 <parent link="{parent}"/><child link="{side}_collar_{i}"/><origin xyz="0 0 {1.2 * (i == 0)}"/><axis xyz="{axis}"/>
 <limit lower="-0.3" upper="0.3" velocity="5" effort="9"/></joint>"""
                    for i, (parent, axis) in enumerate((("trunk", "1 0 0"), (f"{side}_collar_0", "0 0 1"))))
    text = re.sub(rf'(name="{side}_pitch".*?<parent link=")trunk("/>.*?<origin xyz=")[^"]*', rf"\g<1>{side}_collar_1"
                  rf"\g<2>0 {0.2 * y} 0.1", text, count=1, flags=re.DOTALL)
    return text.replace("</robot>", bones + "</robot>")


def test_a_collar_bone_is_not_the_upper_arm() -> None:
    """The case of the CMU humanoid."""
    text = robot(end=WRIST).replace('<origin xyz="0 0 -0.06"/>', "").replace("0 0 -0.22", "0 0 -0.28")
    body = find_anatomy(tree_of(clavicle(clavicle(text, "left"), "right"))).body
    assert (body.left_arm.elbow, body.right_arm.elbow) == ("left_fore", "right_fore")
    assert body.left_arm.shoulder == "left_upper"


@pytest.mark.parametrize(("left", "right"), [("lfemur", "rfemur"), ("LTibia", "RTibia"), ("l_foot", "r_foot"),
                                             ("rear_left_shin", "rear_right_shin"), ("lhip", "rhip")])
def test_the_words_for_parts_of_legs_are_known_with_a_side_before_them(left: str, right: str) -> None:
    text = robot(end=WRIST).replace("left_fore", left).replace("right_fore", right)
    with pytest.raises(RobotError, match="not called legs"):
        find_anatomy(tree_of(text))


@pytest.mark.parametrize("names", [("l{}", "r{}"), ("L{}", "R{}"), ("{}l", "{}r"), ("arm{}L", "arm{}R")])
def test_a_letter_that_alone_differs_gives_the_side(names: tuple[str, str]) -> None:
    """Left is at y < 0 on this robot, which faces backwards."""
    def swapped(match: re.Match[str]) -> str:
        return (names[1] if match[1] == "left" else names[0]).format(match[2])

    text = re.sub(r"(left|right)_(\w+)", swapped, robot(end=WRIST))
    found = find_anatomy(tree_of(text))
    tree = tree_of(text)
    assert tree.position[found.body.left_arm.shoulder][1] < 0
    assert not any("REP-103" in note for note in found.notes)


@pytest.mark.parametrize(("shift", "is_pair"), [(0.004, True), (-0.004, True), (0.05, False)])
def test_left_and_right_may_differ_by_a_share_of_the_arm(shift: float, is_pair: bool) -> None:
    """A short distance between two axes may differ by more than its own hundredth part."""
    text = robot(end=WRIST).replace('<child link="right_upper"/><origin xyz="0 0 -0.06"/>',
                                    f'<child link="right_upper"/><origin xyz="{shift} 0 -0.06"/>')
    assert str(shift) in text
    if is_pair:
        assert find_anatomy(tree_of(text)).body.right_arm.elbow == "right_fore"
    else:
        with pytest.raises(RobotError, match="no pair"):
            find_anatomy(tree_of(text))


def second_arms(drop: float) -> str:
    """Two more arms, lower on the trunk."""
    arms = "".join(arm(side, 0.0, -0.12, WRIST) for side in ("left", "right"))
    arms = re.sub(r"(left|right)_", r"\1_lower_", arms)
    return arms.replace(" 1.3", f" {1.3 - drop}")


def test_four_arms_on_one_link_are_named() -> None:
    with pytest.raises(RobotError, match="4 like chains on link trunk, from joints left_pitch, right_pitch"):
        find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", second_arms(0.3) + "</robot>")))


def test_of_two_pairs_of_arms_the_upper_one_moves_and_the_other_is_named() -> None:
    waist = '<link name="belly"/><joint name="spine" type="fixed"><parent link="trunk"/><child link="belly"/></joint>'
    lower = second_arms(1.9).replace('parent link="trunk"', 'parent link="belly"')
    bend = waist.replace('type="fixed"', 'type="revolute"').replace("</joint>", '<axis xyz="0 0 1"/><limit lower="-1" '
                                                                    'upper="1" velocity="2" effort="1"/></joint>')
    found = find_anatomy(tree_of(robot(end=WRIST).replace("</robot>", bend + lower + "</robot>")))
    assert found.body.left_arm.elbow == "left_fore"
    assert any("left_lower_pitch and right_lower_pitch are not moved" in note for note in found.notes)


@pytest.mark.parametrize(("knee", "shin"), [(0.4, 0.4), (0.3, 0.5)])
def test_the_knee_of_a_leg_is_well_away_from_the_hip_and_not_the_ankle(knee: float, shin: float) -> None:
    places = (("hip_roll", "hip_pitch", 0.0), ("hip_pitch", "knee", knee), ("knee", "ankle", shin))
    joints = "".join(f"""<link name="{child}_link"/><joint name="{child}" type="revolute">
      <parent link="{parent}_link"/><child link="{child}_link"/><origin xyz="0 0 {-z}"/><axis xyz="0 1 0"/>
      <limit lower="-1" upper="1" velocity="1" effort="9"/></joint>""" for parent, child, z in places)
    first = """<link name="hip_roll_link"/><joint name="hip_roll" type="revolute"><parent link="trunk"/>
      <child link="hip_roll_link"/><axis xyz="1 0 0"/><limit lower="-1" upper="1" velocity="1" effort="9"/></joint>"""
    legs = find_legs(tree_of(f'<robot name="leg"><link name="trunk"/>{first}{joints}</robot>'), "trunk")
    assert legs == (LegLinks("hip_roll_link", "knee_link"),)


def test_a_limb_goes_on_along_its_only_long_branch() -> None:
    """A sensor that turns beside the forearm is no branching; a second forearm is."""
    sensor = """<link name="left_sensor"/><joint name="left_scan" type="continuous"><parent link="left_upper"/>
      <child link="left_sensor"/><axis xyz="0 0 1"/></joint>"""
    tree = tree_of(robot(end=WRIST).replace("</robot>", sensor + "</robot>"))
    first = tree.parent_joint["left_a"]
    expected = [f"left_{name}" for name in ("pitch", "roll", "yaw", "elbow", "wrist")]
    assert [joint.name for joint in tree.chain(first)] == expected


@pytest.mark.parametrize("is_first_left", [True, False])
def test_without_sides_in_names_left_is_plus_y(is_first_left: bool) -> None:
    names = ("one", "two") if is_first_left else ("two", "one")
    text = robot(end=WRIST).replace("left_", f"{names[0]}_").replace("right_", f"{names[1]}_")
    tree = tree_of(text)
    found = find_anatomy(tree)
    assert tree.position[found.body.left_arm.shoulder][1] == pytest.approx(0.2)
    assert any("names do not distinguish left from right" in note for note in found.notes)


def test_the_wrist_is_the_origin_of_its_link_where_that_is_not_at_the_elbow() -> None:
    description = describe_robot(robot(end=WRIST))
    link, offset = wrist_point(description.model.tree, description.kinematics(), description.body.left_arm)
    assert (link, offset.tolist()) == ("left_hand", [0.0, 0.0, 0.0])
