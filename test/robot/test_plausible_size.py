"""Sizes that cannot belong to a robot: millimetres without a scale are converted and reported, wide bases are not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.plausible_size import JointSizes

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


@pytest.fixture(scope="module")
def demo() -> RobotDescription:
    return describe_robot(DEMO)


def with_shape(demo: RobotDescription, link: str, box: str) -> RobotDescription:
    """The robot with a box as the only collision shape of a link."""
    text = demo.model.urdf.text
    begin = text.index(f'<link name="{link}">')
    end = text.index("</link>", begin)
    body = re.sub("<collision.*?</collision>", "", text[begin:end], flags=re.DOTALL)
    return describe_robot(f'{text[:begin]}{body}<collision><geometry><box size="{box}"/></geometry></collision>'
                          f"{text[end:]}")


def radius(description: RobotDescription, link: str) -> float:
    return max(c.radius for c in description.capsules if c.link == link)


def test_a_shape_in_millimetres_is_converted_with_a_warning(demo: RobotDescription) -> None:
    link = demo.body.left_arm.elbow
    found = with_shape(demo, link, "60 60 240")
    assert radius(found, link) == pytest.approx(radius(with_shape(demo, link, "0.06 0.06 0.24"), link), rel=1e-6)
    assert any(f"size of link {link}" in w and "scale of 0.001" in w for w in found.warnings)


def test_a_shape_that_fits_no_unit_is_left_out_with_a_warning(demo: RobotDescription) -> None:
    found = with_shape(demo, demo.body.left_arm.elbow, "1e5 1e5 1e5")
    assert any("left out" in w for w in found.warnings)
    assert radius(found, demo.body.left_arm.elbow) < 0.2


@pytest.mark.parametrize("box", ["1.2 2.2 0.16", "0.74 0.96 0.27"])
def test_a_wide_base_keeps_its_size(demo: RobotDescription, box: str) -> None:
    base = ('<link name="platform"><collision><geometry><box size="{}"/></geometry></collision></link><joint '
            'name="on" type="fixed"><parent link="{}"/><child link="platform"/><origin xyz="0 0 -2"/></joint>')
    text = demo.model.urdf.text.replace("</robot>", base.format(box, demo.body.base) + "</robot>")
    found = describe_robot(text)
    assert not any("size of" in w for w in found.warnings)
    assert radius(found, "platform") > 0.05


def test_a_robot_in_millimetres_is_converted_with_a_warning(demo: RobotDescription) -> None:
    def larger(match: re.Match[str]) -> str:
        return match[1] + " ".join(str(1000 * float(v)) for v in match[2].split()) + '"'

    text = re.sub(r'(xyz="|size="|radius="|length=")([^"]*)"', larger, demo.model.urdf.text)
    text = re.sub(r'(<axis\s+xyz=")([^"]*)"', lambda m: m[1] + " ".join(
        str(float(v) / 1000) for v in m[2].split()) + '"', text)
    found = describe_robot(text)
    assert any("read as in millimetres" in w for w in found.warnings)
    zero = np.zeros(len(demo.joint_names))
    places = []
    for description in (demo, found):
        kinematics = description.kinematics()
        kinematics.update(zero)
        places.append(kinematics.origins(description.body.left_arm.wrist)[0])
    np.testing.assert_allclose(places[1], places[0], atol=1e-6)


# --- one link at a time ----------------------------------------------------------------------------------------------

LIFT = """<robot name="lift"><link name="base">{shape}</link><link name="mast"/><link name="fork"/>
<joint name="rise" type="prismatic"><parent link="base"/><child link="mast"/><origin xyz="0 0 {z}"/><axis xyz="0 0 1"/>
<limit lower="-100" upper="500" velocity="250" effort="1"/></joint><joint name="tilt" type="revolute">
<parent link="mast"/><child link="fork"/><origin xyz="{z} 0 0"/><axis xyz="0 1 0"/>
<limit lower="-1" upper="0.5" velocity="2" effort="1"/></joint></robot>"""


def test_of_a_robot_in_millimetres_sliding_joints_are_converted_and_turning_ones_are_not() -> None:
    model = load_model(LIFT.format(shape="", z=1000))
    assert "read as in millimetres" in model.warnings[0]
    rise, tilt = model.urdf.joints
    np.testing.assert_allclose([rise.lower, rise.upper, rise.velocity], [-0.1, 0.5, 0.25])
    np.testing.assert_allclose([tilt.lower, tilt.upper, tilt.velocity], [-1.0, 0.5, 2.0])


@pytest.mark.parametrize(("size", "unit"), [(1000.0, 1e-3), (1.0, 1.0), (1e-3, 1e3), (1e-6, 1.0)])
def test_a_mesh_of_a_long_link_that_is_far_too_small_is_a_thousand_times_larger_if_that_fits(size: float, unit: float
                                                                                             ) -> None:
    sizes = JointSizes(load_model(LIFT.format(shape="", z=1)).tree)
    assert sizes.unit("base", size, is_mesh=True) == unit


def test_small_shapes_of_short_links_and_small_primitives_are_as_they_are() -> None:
    sizes = JointSizes(load_model(LIFT.format(shape="", z=1)).tree)
    assert sizes.unit("fork", 1e-3, is_mesh=True) == 1.0
    assert sizes.unit("base", 1e-3, is_mesh=False) == 1.0


def test_shapes_of_a_robot_without_joints_keep_their_size() -> None:
    model = load_model('<robot name="stone"><link name="base"/></robot>')
    assert JointSizes(model.tree).unit("base", 1000.0, is_mesh=True) == 1.0
    assert model.warnings == ()
