"""The joint_limits YAML of ros2_control and MoveIt, in the layouts of real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, SpeechGestureError
from speech_gesture_ros.retargeting import Profile, describe_robot, load_profile
from speech_gesture_ros.robot.stated_limits import StatedLimits, load_joint_limits, read_joint_limits

MOVEIT = """
default_velocity_scaling_factor: 0.1
joint_limits:
  left_elbow:
    has_velocity_limits: true
    max_velocity: 1.25
    has_acceleration_limits: false
    max_acceleration: 0
  unknown_finger: {has_velocity_limits: true, max_velocity: 1}
"""
CONTROLLER = """
/**:
  controller_manager:
    ros__parameters:
      joint_limits:
        left_elbow: {has_position_limits: true, min_position: -1.5, max_position: -2e-1,
                     has_soft_limits: true, soft_lower_limit: -1.4, soft_upper_limit: -0.3,
                     has_deceleration_limits: true, max_deceleration: 4, has_jerk_limits: true, max_jerk: 90,
                     has_effort_limits: true, max_effort: 30, angle_wraparound: false, k_position: 20}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "joint_limits.yaml"
    path.write_text(text)
    return path


def test_moveits_layout(tmp_path) -> None:
    stated = load_joint_limits(written(tmp_path, MOVEIT))
    assert stated["left_elbow"] == StatedLimits("joint_limits.yaml", velocity=1.25)


def test_limits_in_degrees_are_converted(tmp_path) -> None:
    """The format of the drivers of Universal Robots."""
    path = tmp_path / "limits.yaml"
    path.write_text("joint_limits:\n  elbow: {has_position_limits: true, min_position: !degrees -120.0, "
                    "max_position: !degrees 0.0}\n")
    assert load_joint_limits(path)["elbow"].lower == pytest.approx(-2.0944, abs=1e-4)


def test_ros2_controls_layout_below_a_node(tmp_path) -> None:
    stated = load_joint_limits(written(tmp_path, CONTROLLER))["left_elbow"]
    assert stated == StatedLimits("joint_limits.yaml", lower=-1.5, upper=-0.2, deceleration=4.0, jerk=90.0,
                                  soft_lower=-1.4, soft_upper=-0.3)


@pytest.mark.parametrize("entry", [
    {"has_velocity_limits": True},
    {"max_velocity": 1.0},
    {"has_velocity_limits": False, "max_velocity": 1.0},
    {"has_position_limits": True, "min_position": -1.0},
    {"has_velocity_limits": True, "max_velocity": None},
])
def test_a_flag_or_a_value_alone_sets_nothing(entry) -> None:
    assert read_joint_limits({"j": entry}, "file")["j"] == StatedLimits("file")


@pytest.mark.parametrize(("entry", "message"), [
    ({"max_velocty": 1.0}, "max_velocty"),
    ({"has_velocity_limits": "yes please", "max_velocity": 1.0}, "has_velocity_limits is 'yes please'"),
    ({"has_velocity_limits": True, "max_velocity": "fast"}, "max_velocity is 'fast'"),
    ({"has_velocity_limits": True, "max_velocity": float("nan")}, "max_velocity is nan"),
    ({"has_jerk_limits": True, "max_jerk": True}, "max_jerk is True"),
    ({"has_jerk_limits": True, "max_jerk": [1, 2]}, r"max_jerk is \[1, 2\]"),
    (3, "joint_limits of j in file is 3"),
])
def test_invalid_keys_and_values_are_refused_by_name(entry, message) -> None:
    with pytest.raises(ConfigError, match=message):
        read_joint_limits({"j": entry}, "file")


@pytest.mark.parametrize(("entry", "message"), [
    ({"has_velocity_limits": True, "max_velocity": 0}, "velocity limit of left_elbow"),
    ({"has_position_limits": True, "min_position": 1, "max_position": -1}, "position limits of left_elbow"),
])
def test_an_implausible_limit_in_a_profile_is_an_error(demo, entry, message) -> None:
    with pytest.raises(ConfigError, match=message):
        describe_robot(demo.model.urdf.text, Profile("p", joint_limits={"left_elbow": entry}))


def test_a_file_without_joint_limits_or_of_another_robot_is_refused(demo, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"joint_limits in .*joint_limits\.yaml"):
        load_joint_limits(written(tmp_path, "left_elbow: {max_velocity: 1}"))
    with pytest.raises(ConfigError, match="joints of demo_humanoid"):
        describe_robot(demo.model.urdf.text, joint_limits=written(tmp_path, "joint_limits: {wheel: {max_velocity: 1}}"))
    with pytest.raises(SpeechGestureError, match="missing"):
        describe_robot(demo.model.urdf.text, joint_limits=tmp_path / "missing.yaml")


@pytest.mark.slow
def test_profile_before_file_before_urdf(demo, tmp_path) -> None:
    """A profile with its own limits, and the file that it names beside it."""
    written(tmp_path, CONTROLLER)
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nenvelope: {position: 1.0, velocity: 1.0}\njoint_limits_file: joint_limits.yaml\n"
        "joint_limits:\n  left_elbow: {has_velocity_limits: true, max_velocity: 0.75}\n")
    found = describe_robot(demo.model.urdf.text, load_profile(tmp_path / "mine.yaml"))
    i = found.joint_names.index("left_elbow")
    limits = found.limits
    np.testing.assert_allclose([limits.lower[i], limits.upper[i]], [-1.4, -0.3])
    assert (limits.velocity[i], limits.acceleration[i], limits.jerk[i]) == (0.75, 4.0, 90.0)
    others = [n != i for n in range(len(limits))]
    np.testing.assert_allclose(0.9 * limits.velocity[others], demo.limits.velocity[others])
    assert any("limits of 1 joints read from joint_limits.yaml" in note for note in found.notes)


def test_a_file_given_by_parameter_replaces_that_of_the_profile(demo, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\njoint_limits_file: not_there.yaml\n")
    found = describe_robot(demo.model.urdf.text, tmp_path / "mine.yaml", joint_limits=written(tmp_path, MOVEIT))
    assert found.limits.velocity[found.joint_names.index("left_elbow")] == pytest.approx(0.9 * 1.25)


def test_limits_for_unknown_joints_are_errors_in_a_profile(demo) -> None:
    with pytest.raises(ConfigError, match="tail"):
        describe_robot(demo.model.urdf.text, Profile("p", joint_limits={"tail": {}}))


@pytest.mark.slow
def test_soft_limits_of_a_urdf_narrow_its_range(demo) -> None:
    joint = demo.model.urdf.text.index('name="left_elbow"')
    end = demo.model.urdf.text.index("</joint>", joint)
    soft = '<safety_controller soft_lower_limit="-1.25" soft_upper_limit="-0.25" k_velocity="10"/>'
    found = describe_robot(demo.model.urdf.text[:end] + soft + demo.model.urdf.text[end:], Profile("p"))
    i = found.joint_names.index("left_elbow")
    assert -1.25 <= found.limits.lower[i] < found.limits.upper[i] <= -0.25


def test_inspect_shows_the_effective_limits(tmp_path, capsys) -> None:
    from speech_gesture_ros.cli.main import main

    assert main(["robot", "inspect", "demo_humanoid", "--joint-limits", str(written(tmp_path, MOVEIT))]) == 0
    printed = capsys.readouterr().out
    assert "limits of 1 joints read from joint_limits.yaml" in printed
    assert "1.12" in next(line for line in printed.splitlines() if line.startswith("  left_elbow"))  # 0.9 of 1.25
