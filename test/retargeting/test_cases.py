"""URDF files as users have them, derived from the demo humanoid: units, namespaces, names that YAML reads otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.profile import load_profile
from speech_gesture_ros.robot.stated_limits import load_joint_limits

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()
TEXT = DEMO.read_text(encoding="utf-8").replace('robot name="demo_humanoid"', 'robot name="bug_bot"')
YAML_WORDS = {"waist_yaw": "on", "waist_roll": "no", "waist_pitch": "1.5"}


@pytest.fixture(scope="module")
def demo() -> RobotDescription:
    return describe_robot(TEXT)


def with_limits(change: Callable[[float, float, float], tuple[float, float, float]]) -> str:
    """The robot with other position and velocity limits of all its joints."""
    def changed(match: re.Match[str]) -> str:
        low, high, speed = change(*(float(match[i]) for i in (1, 2, 3)))
        return f'<limit lower="{low:g}" upper="{high:g}" velocity="{speed:g}"'

    text, count = re.subn(r'<limit lower="([^"]*)" upper="([^"]*)" velocity="([^"]*)"', changed, TEXT)
    assert count == TEXT.count("<limit") == 20
    return text


def with_forearms_of_a_mesh(folder: Path, unit: float, scale: str = "") -> Path:
    """The robot with a box of 6 x 6 x 26 cm, in a unit [1/m], as the collision mesh of its forearms."""
    half = unit * np.array([0.03, 0.03, 0.13])
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6),
             (0, 6, 4), (1, 5, 7), (1, 7, 3)]
    facets = "".join("facet normal 0 0 0\nouter loop\n" + "".join(
        f"vertex {x:g} {y:g} {z:g}\n" for x, y, z in corner[list(face)]) + "endloop\nendfacet\n" for face in faces)
    (folder / "arm.stl").write_text(f"solid arm\n{facets}endsolid arm\n")
    text = TEXT
    for side in ("left", "right"):
        begin = text.index(f'<link name="{side}_forearm">')
        end = text.index("</link>", begin)
        body = re.sub("<collision.*?</collision>", "", text[begin:end], flags=re.DOTALL)
        mesh = f'<collision><origin xyz="0 0 -0.11"/><geometry><mesh filename="arm.stl"{scale}/></geometry></collision>'
        text = f"{text[:begin]}{body}{mesh}{text[end:]}"
    (folder / "robot.urdf").write_text(text)
    return folder / "robot.urdf"


def test_limits_in_degrees_are_read_as_such_and_said(demo: RobotDescription) -> None:
    turned = describe_robot(with_limits(lambda *limit: tuple(round(v) for v in np.degrees(limit))))
    rounding = np.radians(0.6)
    assert np.all(turned.limits.lower >= demo.limits.lower - rounding)
    assert np.all(turned.limits.upper <= demo.limits.upper + rounding)
    np.testing.assert_allclose(turned.limits.upper, demo.limits.upper, atol=rounding)
    assert np.all(turned.limits.velocity <= demo.limits.velocity)
    notes = "\n".join(turned.notes)
    assert "are read as degrees" in notes
    assert "rad/s in the URDF is not plausible" in notes


def test_speeds_in_degrees_are_read_as_such_and_said(demo: RobotDescription) -> None:
    found = describe_robot(with_limits(lambda low, high, _: (low, high, 30.0)))
    np.testing.assert_array_equal(found.limits.lower, demo.limits.lower)
    assert np.all(found.limits.velocity <= np.radians(30.0))
    assert "velocity limits, all 30, are read as degrees per second. Correct the URDF if they are not." in found.notes


def test_a_mesh_in_millimetres_has_its_size_in_metres_and_a_warning(demo: RobotDescription, tmp_path: Path) -> None:
    right = describe_robot(with_forearms_of_a_mesh(tmp_path, 1000.0, ' scale="0.001 0.001 0.001"'))
    assert right.warnings == demo.warnings == ()
    found = describe_robot(with_forearms_of_a_mesh(tmp_path, 1000.0))
    assert found.capsules == right.capsules
    assert [w.split(":")[0] for w in found.warnings] == ["size of link left_forearm", "size of link right_forearm"]


def test_a_default_namespace_changes_nothing(demo: RobotDescription) -> None:
    found = describe_robot(TEXT.replace("<robot name", '<robot xmlns="http://www.ros.org" name'))
    assert (found.joint_names, found.capsules, found.collision_pairs, found.notes, found.warnings) == (
        demo.joint_names, demo.capsules, demo.collision_pairs, demo.notes, demo.warnings)
    np.testing.assert_array_equal(found.rest_q, demo.rest_q)


@pytest.mark.parametrize(("robot", "joint"), [("bug_bot", "{}: x"), ("robot: v2", "{}")])
def test_a_profile_of_names_that_yaml_reads_otherwise_is_read_again(tmp_path: Path, robot: str, joint: str) -> None:
    def renamed(match: re.Match[str]) -> str:
        return f'{match[1]}{words.get(match[2]) or joint.format(match[2])}"'

    words = YAML_WORDS if "x" in joint else {}
    urdf, path = tmp_path / "robot.urdf", tmp_path / "profile.yaml"
    text = TEXT.replace('robot name="bug_bot"', f'robot name="{robot}"')
    urdf.write_text(re.sub(r'(<joint name=")([^"]*)"', renamed, text))
    assert main(["robot", "profile", str(urdf), "--profile", "none", "--out", str(path)]) == 0
    profile, found = load_profile(path), describe_robot(urdf)
    assert profile.name == robot
    assert list(profile.rest_pose) == list(found.joint_names)
    again = describe_robot(urdf, profile)
    np.testing.assert_allclose(again.rest_q, found.rest_q, atol=5e-4)


def test_joint_limits_with_degrees_are_converted_and_used(tmp_path: Path) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text("""joint_limits:
  left_elbow:
    has_position_limits: true
    has_velocity_limits: true
    max_position: !degrees  0.0
    min_position: !degrees -120.0
    max_velocity: !degrees  180.0
""")
    stated = load_joint_limits(path)["left_elbow"]
    assert (stated.lower, stated.upper, stated.velocity) == pytest.approx((np.radians(-120), 0.0, np.pi))
    found = describe_robot(TEXT, joint_limits=path)
    elbow = found.joint_names.index("left_elbow")
    assert np.radians(-120) < found.limits.lower[elbow] < np.radians(-115)
    assert found.limits.velocity[elbow] <= np.pi
