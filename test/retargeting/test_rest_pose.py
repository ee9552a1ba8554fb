"""Rest poses of small robots: hanging arms, unless something is in the way."""

from __future__ import annotations

import re

import numpy as np
import pytest

from speech_gesture_ros.control import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.trial_poses import standing_human
from speech_gesture_ros.robot.description import RobotDescription

JOINT = """<joint name="{name}" type="revolute"><parent link="{parent}"/><child link="{child}"/><origin xyz="{at}"/>
 <axis xyz="{axis}"/><limit lower="{low}" upper="{high}" velocity="5" effort="9"/></joint>"""
HEAD = (JOINT.format(name="neck", parent="trunk", child="neck", at="0 0 1.35", axis="0 0 1", low=-1, high=1)
        + JOINT.format(name="nod", parent="neck", child="head", at="0 0 0.02", axis="0 1 0", low=-1, high=1)
        + '<link name="neck"/><link name="head"><collision><origin xyz="0 0 0.07"/><geometry><sphere radius="0.105"/>'
        '</geometry></collision></link>')


def ball(radius_m: float, z: float) -> str:
    """A collision sphere; nothing for radius 0."""
    return f'<collision><origin xyz="0 0 {z}"/><geometry><sphere radius="{radius_m}"/></geometry></collision>' \
        if radius_m else ""


def robot(chest_m: float, upper_arm_m: float, shoulder_m: float = 0.0, forearm_m: float = 0.0, more: str = "",
          half_width_m: float = 0.2) -> RobotDescription:
    """A round chest of a radius, 8 cm below the shoulders, and balls in the arms: shoulder, upper arm, elbow."""
    text = f'<robot name="round"><link name="trunk">{ball(chest_m, 1.22)}</link>'
    for s, y in (("left", 1), ("right", -1)):
        text += f"""<link name="{s}_a"/><link name="{s}_b">{ball(shoulder_m, -0.02)}</link>
<link name="{s}_upper">{ball(upper_arm_m, -0.02)}</link><link name="{s}_fore">{ball(forearm_m, 0)}</link>
<link name="{s}_hand"/>"""
        joints = [("pitch", "trunk", f"{s}_a", f"0 {half_width_m * y} 1.3", "0 1 0", -2.8, 1.0),
                  ("roll", f"{s}_a", f"{s}_b", "0 0 0", f"{y} 0 0", -0.2, 2.5),
                  ("yaw", f"{s}_b", f"{s}_upper", "0 0 -0.06", f"0 0 {y}", -1.8, 1.8),
                  ("elbow", f"{s}_upper", f"{s}_fore", "0 0 -0.22", "0 1 0", -2.4, 0.0),
                  ("wrist", f"{s}_fore", f"{s}_hand", "0 0 -0.25", "0 1 0", -1.0, 1.0)]
        keys = ("name", "parent", "child", "at", "axis", "low", "high")
        text += "".join(JOINT.format(**dict(zip(keys, (f"{s}_{name}", *rest)))) for name, *rest in joints)
    return describe_robot(text + more + "</robot>")


def spread(description: RobotDescription) -> float:
    """Spread of the arms in the note about the rest pose [degrees]; 90 if it does not state one."""
    line = next(note for note in description.notes if note.startswith("rest pose"))
    found = re.search(r"spread by (\d+)", line)
    return float(found.group(1)) if found else 90.0


def test_slim_arms_hang() -> None:
    assert spread(robot(chest_m=0.10, upper_arm_m=0.04)) == 10


@pytest.mark.parametrize("upper_arm_m", [0.09, 0.095, 0.1])
def test_thick_arms_are_spread_until_they_are_clear(upper_arm_m: float) -> None:
    description = robot(chest_m=0.105, upper_arm_m=upper_arm_m)
    assert 10 < spread(description) <= 46
    links = [description.capsules[i].link for pair in description.collision_pairs for i in pair]
    assert "left_upper" in links  # still checked


def test_arms_hang_beside_a_head_that_is_near_the_chest() -> None:
    """The case of RB-Y1: no spread of the arms moves them apart."""
    description = robot(chest_m=0.10, upper_arm_m=0.04, more=HEAD)
    assert spread(description) == 10


def test_parts_of_an_arm_that_are_always_near_each_other_do_not_spread_it() -> None:
    """The case of JVRC-1, where they stay 15 mm apart for any position of the shoulder."""
    assert spread(robot(chest_m=0.10, upper_arm_m=0.0, shoulder_m=0.05, forearm_m=0.195,
                        half_width_m=0.3)) < 20


@pytest.mark.slow
@pytest.mark.parametrize(("size", "at"), [("0.74 0.96 0.27", "0.02 0 0.92"), ("1.2 2.2 0.16", "0.2 0 0.9")])
def test_arms_that_rest_above_an_obstacle_can_be_raised_again(size: str, at: str) -> None:
    """The case of TIAGo Pro and PR2, whose arms beside the base would hit it when they are raised."""
    table = (f'<link name="base"><collision><geometry><box size="{size}"/></geometry></collision></link><joint '
             f'name="stand" type="fixed"><parent link="trunk"/><child link="base"/><origin xyz="{at}"/></joint>')
    found = robot(chest_m=0.10, upper_arm_m=0.04, forearm_m=0.04, more=table)
    assert any("lowered" in note for note in found.notes)
    ik, planner = DifferentialIk(found), MotionPlanner(found)
    planner.seed(found.rest_q)
    for frame in range(200):
        planner.push(JointChunk(frame, ik.step(standing_human(12, 8, 20, 5))[None]))
        window = planner.plan(2 * frame - 8)
    assert planner.report.collision_brakes == 0
    np.testing.assert_allclose(window.positions[-1], ik.state.q, atol=0.05)
