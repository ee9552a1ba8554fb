from __future__ import annotations

import re
import time

import numpy as np
import pytest

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.robot_xml import MAX_BYTES, MAX_DEPTH, read_xml
from speech_gesture_ros.robot.urdf import load_urdf

ARM = ('<link name="a"/><link name="b"/><joint name="j" type="revolute"><parent link="a"/><child link="b"/>'
       '<origin xyz="0 0 1" rpy="0 0 1.5707963"/><axis xyz="0 0 2"/><limit lower="-1" upper="1" velocity="2"/></joint>')


def robot(body: str) -> str:
    return f'<robot name="r">{body}</robot>'


def weld(parent: str, child: str) -> str:
    return f'<joint name="k" type="fixed"><parent link="{parent}"/><child link="{child}"/></joint>'


def test_a_joint_is_read_with_its_pose_axis_and_limits() -> None:
    joint = load_urdf(robot(ARM)).joints[0]
    assert (joint.lower, joint.upper, joint.velocity) == (-1.0, 1.0, 2.0)
    np.testing.assert_allclose(joint.axis, [0, 0, 1])
    np.testing.assert_allclose(joint.origin[:3, 3], [0, 0, 1])
    np.testing.assert_allclose(joint.origin[:3, :3] @ [1, 0, 0], [0, 1, 0], atol=1e-6)


def test_text_and_file_are_the_same(tmp_path) -> None:
    path = tmp_path / "r.urdf"
    path.write_text("\ufeff" + robot(ARM), encoding="utf-8")
    assert load_urdf(path).links == load_urdf(str(path)).links == load_urdf(robot(ARM)).links == ("a", "b")


BOX = '<collision><geometry><box size="1 1 1"/></geometry></collision>'


def row(length: int) -> str:
    """A chain of links."""
    links = "".join(f'<link name="l{i}"/>' for i in range(length))
    return links + "".join(f'<joint name="j{i}" type="revolute"><parent link="l{i}"/><child link="l{i + 1}"/></joint>'
                           for i in range(length - 1))


BILLION_LAUGHS = ('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + robot("<link name='&b;'/>"))
MALFORMED = {
    "nothing": ("<", "well-formed XML"),
    "unclosed": ("<robot><link name='a'>", "well-formed XML"),
    "entities": (BILLION_LAUGHS, "plain XML without DTD"),
    "hidden doctype": ("<?xml version='1.0'?><!-- x --><!doctype robot>" + robot(ARM), "plain XML without DTD"),
    "another format": ("<sdf version='1.9'/>", "xacro must be expanded first"),
    "no links": (robot(""), "at least one"),
    "a name twice": (robot("<link name='a'/><link name='a'/>"), "name of a link"),
    "no name": (robot("<link/>"), "name of a link"),
    "a link that is not there": (robot(ARM.replace('<link name="b"/>', "")), "child of joint 'j' is 'b'"),
    "two roots": (robot(ARM + "<link name='c'/>"), "links without a parent"),
    "a cycle": (robot(ARM + weld("b", "a")), "Cut the cycle"),
    "two parents": (robot(ARM + '<link name="c"/>' + weld("c", "b")), "parents of link 'b'"),
    "nan": (robot(ARM.replace("0 0 1\"", "0 0 nan\"", 1)), "xyz of joint 'j'"),
    "nan limit": (robot(ARM.replace('lower="-1"', 'lower="nan"')), "lower limit of joint 'j'"),
    "words for numbers": (robot(ARM.replace('upper="1"', 'upper="far"')), "upper limit of joint 'j'"),
    "too few numbers": (robot(ARM.replace("0 0 2", "0 2")), "axis of joint 'j'"),
    "no axis": (robot(ARM.replace("0 0 2", "0 0 0")), "axis of joint 'j'"),
    "an unknown kind": (robot(ARM.replace("revolute", "ball")), "type of joint 'j'"),
    "a long chain": (robot(row(900)), "joints in one chain"),
    "a long chain of fixed joints": (robot(row(900).replace("revolute", "fixed")), "joints in one chain"),
    "a crowd": (robot("".join(f'<link name="{i}"/>' for i in range(5000))), "links of the URDF is 5000"),
    "a joint to itself": (robot(ARM + weld("a", "a")), "links without a parent"),
    "shapes without end": (robot('<link name="a">' + BOX * 15_000 + "</link>"), "collision shapes of the URDF"),
    "a number without end": (robot(ARM.replace("0 0 1\"", "0 0 " + "1" * 1_000_000 + "\"", 1)), "xyz of joint 'j'"),
    "a null": (robot(ARM).replace("joint", "jo\0int"), "well-formed XML"),
    "no direction": (robot(ARM.replace("0 0 2", "0 0 1e-300")), "axis of joint 'j'"),
    "deep": ("<robot>" + "<a>" * 100_000, "elements inside"),
    "huge": ("<robot>" + "x" * 10_000_000, "size of the URDF"),
    "noise": ("<" + "".join(map(chr, np.random.default_rng(0).integers(32, 126, 100_000))), "well-formed XML"),
}


@pytest.mark.parametrize(("text", "message"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_is_refused_quickly_and_named(text: str, message: str) -> None:
    begin = time.process_time()
    with pytest.raises(RobotError, match=message):
        load_urdf(text)
    assert time.process_time() - begin < 2.0


def test_xml_may_be_as_deep_as_stated_any_number_of_times() -> None:
    def nested(depth: int) -> str:
        return "<robot>" + "<a>" * (depth - 1) + "</a>" * (depth - 1) + "<b/>" * 100 + "</robot>"

    assert len(read_xml(nested(MAX_DEPTH), "URDF")[1]) == 101
    with pytest.raises(RobotError, match="depth of the URDF"):
        read_xml(nested(MAX_DEPTH + 1), "URDF")


def test_xml_may_be_as_long_as_stated() -> None:
    text = "<robot>" + " " * (MAX_BYTES - len("<robot></robot>")) + "</robot>"
    assert read_xml(text, "URDF")[1].tag == "robot"
    with pytest.raises(RobotError, match="size of the URDF"):
        read_xml(text.replace(" ", "  ", 1), "URDF")


def test_a_file_that_is_missing_or_not_text_is_named(tmp_path) -> None:
    with pytest.raises(RobotError, match="nowhere"):
        load_urdf(tmp_path / "nowhere.urdf")
    (tmp_path / "mesh.stl").write_bytes(b"\xff\xfe\x00\x80" * 100)
    with pytest.raises(RobotError, match="UTF-8"):
        load_urdf(tmp_path / "mesh.stl")


@pytest.mark.parametrize(("limit", "stated"), [
    ('', None),
    ('<limit lower="-1" upper="1" effort="-1" velocity="-1"/>', -1.0),
    ('<limit lower="-1" upper="1" velocity="2"/>', 2.0),
])
def test_efforts_that_libraries_refuse_become_zero(limit: str, stated: float | None) -> None:
    import pinocchio

    kind = "revolute" if limit else "continuous"
    text = (f'<robot name="r"><link name="a"/><link name="b"><inertial><mass value="1"/><inertia ixx="1" ixy="0" '
            f'ixz="0" iyy="1" iyz="0" izz="1"/></inertial></link><joint name="j" type="{kind}"><parent link="a"/>'
            f'<child link="b"/><axis xyz="0 0 1"/>{limit}</joint></robot>')
    urdf = load_urdf(text)
    assert pinocchio.buildModelFromXML(urdf.text).nv == 1
    assert urdf.joints[0].velocity == stated, "what the file says is judged, and noted, as it stands"


def test_the_link_world_need_not_be_declared() -> None:
    """The case of files for Drake."""
    held = load_urdf(robot(ARM + weld("world", "a")))
    assert held.root == "world"
    assert load_urdf(held.text).links == held.links == ("world", "a", "b")


@pytest.mark.parametrize("text", [
    robot(ARM).replace("<robot", '<robot xmlns="http://www.ros.org"'),
    robot(ARM).replace("<robot", '<robot xmlns:xacro="http://www.ros.org/wiki/xacro"'),
    robot(ARM).replace("</robot>", "<xacro:property name='a' value='b'><xacro:deep/></xacro:property></robot>"),
    robot(ARM).replace("<joint ", "<joint gz:expressed_in='base' "),
    re.sub(r"<(/?)(\w)", r"<\1urdf:\2", robot(ARM)),
], ids=["default", "declared", "elements without declaration", "attributes without declaration", "prefix of the root"])
def test_namespaces_do_not_matter(text: str) -> None:
    found = load_urdf(text)
    assert found.links == load_urdf(robot(ARM)).links
    assert len(found.joints) == len(load_urdf(robot(ARM)).joints)
    assert ":" not in re.sub(r"\"[^\"]*\"", "", found.text), "libraries that read the text refuse unknown prefixes"
