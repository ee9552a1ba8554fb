"""Shipped profiles: each can be read, has a topic for every group, and fits its URDF where that is available."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import find_profile, load_profile, load_robot
from speech_gesture_ros.robot.anatomy import find_anatomy
from speech_gesture_ros.robot.command_interfaces import command_interface
from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.profile import Profile
from speech_gesture_ros.robot.urdf import load_urdf

PROFILES = sorted(p.stem for p in (share_folder() / "config" / "robots").glob("*.yaml"))
ROBOTS = Path(os.environ.get("SPEECH_GESTURE_DATA", "../shared/data")) / "robots"
URDFS = {  # profile to a URDF of the data folder
    "nao": "nao_qibullet/nao", "pepper": "pepper_qibullet/pepper", "reachy2": "reachy2/reachy2_original",
    "tiago_dual": "tiago_dual_ros2/tiago_dual_expanded", "tiago_pro": "tiago_pro/tiago_pro",
    "ari": "ari/ari_v2_expanded", "g1": "g1/g1_29dof_rev_1_0", "g1_23dof": "g1/g1_23dof_rev_1_0",
    "h1_2": "h1_2/h1_2", "h2": "unitree_h2/h2", "booster_t1": "booster_t1/t1_serial",
    "ergocub": "ergocub/ergocub_sn001", "baxter": "baxter/baxter",
    "ai_worker": "robotis_ai_worker/ffw_bg2_rev4_expanded", "op3": "op3/op3_expanded",
}


def test_the_documented_robots_are_shipped() -> None:
    assert set(PROFILES) >= {"demo_humanoid", *URDFS}


@pytest.mark.parametrize("name", PROFILES)
def test_each_profile_is_read_and_found_by_all_its_names(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    for urdf_name in profile.urdf_names or (name,):
        assert find_profile(urdf_name) == share_folder() / "config" / "robots" / f"{name}.yaml"
    assert not [topic for topic in profile.controllers.values() if topic.startswith("/")], "in the node's namespace"
    assert not str(profile.commands.options.get("state_topic", "")).startswith("/")
    interface = command_interface(profile.commands.interface)
    if interface.is_low_level:
        motors = [interface.read_joint_options(joint, command.options).index
                  for joint, command in profile.commands.joints.items()]
        assert min(motors) >= 0
        assert len(set(motors)) == len(motors)


def test_an_unknown_robot_has_no_profile() -> None:
    assert find_profile("unknown") is None


def test_a_profile_without_a_urdf_is_not_a_robot() -> None:
    with pytest.raises(ConfigError, match=r"URDF of nao .*path"):
        load_robot(PipelineConfig(robot="nao"))


@pytest.mark.parametrize(("size", "is_allowed"), [(0.19, False), (0.2, True), (1.5, True), (1.6, False)])
def test_gestures_are_scaled_within_bounds(size: float, is_allowed: bool) -> None:
    if is_allowed:
        assert Profile("robot", gesture_size=size).gesture_size == size
    else:
        with pytest.raises(ConfigError, match="gesture_size of robot"):
            Profile("robot", gesture_size=size)


def test_profile_none_uses_no_profile() -> None:
    demo = PipelineConfig(profile="none")
    assert load_robot(demo).name == load_robot(PipelineConfig()).name  # the name in the URDF


@pytest.mark.data
@pytest.mark.skipif(not ROBOTS.is_dir(), reason="robots' URDFs: set SPEECH_GESTURE_DATA")
@pytest.mark.parametrize(("name", "urdf"), URDFS.items())
def test_a_profile_fits_its_urdf(name: str, urdf: str) -> None:
    profile, robot = load_profile(name), load_urdf(ROBOTS / f"{urdf}.urdf")
    assert find_profile(robot.name) == share_folder() / "config" / "robots" / f"{name}.yaml"
    joints = {joint.name for joint in robot.joints}
    commands = profile.commands
    assert set(profile.locked_joints) | set(profile.rest_pose) | set(commands.joints) <= joints
    groups = find_anatomy(JointTree(robot)).groups
    for group, found in groups.items():
        moved = [j.name for j in found if j.name not in profile.locked_joints]
        interface = commands.interface_of(group)
        if not moved or interface is None:
            continue
        assert group in profile.controllers, f"no topic for the {group}"
        if group in commands.order:
            assert set(moved) <= set(commands.order[group]) <= joints
        if interface.is_low_level:
            assert set(moved) <= set(commands.joints)


@pytest.mark.data
@pytest.mark.skipif(not ROBOTS.is_dir(), reason="robots' URDFs: set SPEECH_GESTURE_DATA")
def test_the_profile_of_a_users_urdf_is_found_by_the_robot_name_in_it() -> None:
    found = load_robot(PipelineConfig(robot=str(ROBOTS / "nao_qibullet" / "nao.urdf")))
    assert found.name == "nao"
    assert set(found.topics.values()) == {"joint_angles"}
    assert load_robot(PipelineConfig(robot=str(ROBOTS / "nao_qibullet" / "nao.urdf"), profile="none")).name != "nao"
