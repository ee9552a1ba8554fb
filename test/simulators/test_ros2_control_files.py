"""Files for ros2_control: the shipped ones are those that are written, and simulators can use what is written."""

from __future__ import annotations

import ctypes
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import yaml

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting import RobotConfig, load_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.controllers_yaml import controller_names, controllers_yaml
from speech_gesture_ros.simulators.gazebo_releases import GAZEBO_RELEASES, gazebo_release, gazebo_world
from speech_gesture_ros.simulators.ros2_control_files import SIMULATIONS, make_files

SHIPPED = share_folder() / "config" / "ros2_control"
DATA = Path(os.environ.get("SPEECH_GESTURE_DATA", "../shared/data")) / "robots"
ROBOTS = [  # of the data folder: wheels, legs, mimic joints, links without masses, links named like joints
    "ari/ari_v2_expanded", "baxter/baxter", "booster_t1/t1_serial", "ergocub/ergocub_sn001", "g1/g1_29dof_rev_1_0",
    "nao_qibullet/nao", "pepper_qibullet/pepper", "reachy1/reachy", "reachy2/reachy2_original",
    "robotis_ai_worker/ffw_bg2_rev4_expanded", "tiago_dual_ros2/tiago_dual_expanded", "tiago_pro/tiago_pro",
]
ARM = """<link name="{side}_upper">
<inertial><mass value="1"/><inertia ixx="1e-2" iyy="1e-2" izz="1e-2"/></inertial></link>
<link name="{side}_fore"/><link name="{side}_hand"/>
<joint name="{side}_shoulder_pitch" type="revolute"><parent link="chest"/><child link="{side}_a"/>
<origin xyz="0 {y} 0.3"/><axis xyz="0 1 0"/><limit lower="-2" upper="2" effort="0" velocity="2"/></joint>
<link name="{side}_a"/>
<joint name="{side}_shoulder_roll" type="revolute"><parent link="{side}_a"/><child link="{side}_upper"/>
<axis xyz="1 0 0"/><limit lower="-2" upper="2" effort="9" velocity="2"/></joint>
<joint name="{side}_elbow" type="revolute"><parent link="{side}_upper"/><child link="{side}_fore"/>
<origin xyz="0 0 -0.3"/><axis xyz="0 1 0"/><limit lower="-2" upper="0.1" effort="9" velocity="2"/></joint>
<joint name="{side}_wrist" type="revolute"><parent link="{side}_fore"/><child link="{side}_hand"/>
<origin xyz="0 0 -0.25"/><axis xyz="0 0 1"/><limit lower="-2" upper="2" effort="9" velocity="2"/></joint>"""
DEFECTIVE = f"""<robot name="defective"><link name="base"/><link name="chest"/>
<joint name="floating" type="floating"><parent link="base"/><child link="chest"/><origin xyz="0 0 1"/></joint>
{ARM.format(side="left", y=0.2)}{ARM.format(side="right", y=-0.2)}
<transmission name="old"/><ros2_control name="old" type="system"/>
<gazebo><plugin filename="libgazebo_ros2_control.so" name="old"/></gazebo></robot>"""


@pytest.fixture(scope="module")
def humanoid() -> RobotDescription:
    return load_robot(RobotConfig(interface="trajectory"))


def _urdf(description: RobotDescription, simulation: str, release: str = "harmonic") -> ET.Element:
    return ET.fromstring(make_files(description, simulation, folder="/f", release=release).texts["robot.urdf"])


@pytest.mark.parametrize("simulation", SIMULATIONS)
def test_the_shipped_files_of_the_demo_humanoid_are_those_that_are_written(simulation, tmp_path):
    if simulation == "mujoco":
        pytest.importorskip("mujoco")
    assert main(["robot", "ros2_control", "demo_humanoid", "--sim", simulation, "--gazebo", "harmonic", "--relative",
                 "--out", str(tmp_path)]) == 0
    shipped = SHIPPED / f"demo_humanoid_{simulation}"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in shipped.iterdir())
    for path in tmp_path.iterdir():
        if path.name != "scene.xml":  # its text differs between versions of MuJoCo
            assert path.read_text() == (shipped / path.name).read_text(), f"write {path.name} again"


def test_every_group_has_a_controller_with_exactly_its_joints(humanoid):
    for simulation in SIMULATIONS:
        parameters = yaml.safe_load(controllers_yaml(humanoid, 100, use_sim_time=simulation != "mock"))
        for group, name in controller_names(humanoid).items():
            assert humanoid.topics[group] == f"{name}/joint_trajectory", "the topic that the node uses"
            section = parameters[name]["ros__parameters"]
            assert tuple(section["joints"]) == humanoid.groups[group]
            assert section["allow_nonzero_velocity_at_trajectory_end"] is False
            assert section["allow_trajectory_replacement"] is False
            manager = parameters["controller_manager"]["ros__parameters"]
            assert manager[name] == {"type": "joint_trajectory_controller/JointTrajectoryController"}


def test_the_controller_manager_has_the_time_of_the_simulation(humanoid):
    for simulation, expected in (("gazebo", True), ("mujoco", True), ("mock", False)):
        if simulation == "mujoco":
            pytest.importorskip("mujoco")
        parameters = yaml.safe_load(make_files(humanoid, simulation, folder="").texts["controllers.yaml"])
        assert all(section["ros__parameters"]["use_sim_time"] is expected for section in parameters.values())


def test_a_namespace_is_in_every_name(humanoid):
    files = make_files(humanoid, "gazebo", folder="", namespace="robot1")
    assert all(name.startswith("/robot1/") for name in yaml.safe_load(files.texts["controllers.yaml"]))
    plugin = ET.fromstring(files.texts["robot.urdf"]).find("gazebo/plugin")
    assert plugin is not None
    assert plugin.findtext("ros/namespace") == "/robot1"


@pytest.mark.parametrize("release", GAZEBO_RELEASES)
def test_names_are_those_of_the_gazebo_release(humanoid, release):
    root = _urdf(humanoid, "gazebo", release)
    names = {"fortress": ("ign_ros2_control/IgnitionSystem", "ign_ros2_control-system",
                          "ignition-gazebo-physics-system")}
    hardware, library, physics = names.get(
        release, ("gz_ros2_control/GazeboSimSystem", "gz_ros2_control-system", "gz-sim-physics-system"))
    assert root.findtext("ros2_control/hardware/plugin") == hardware
    plugin = root.find("gazebo/plugin")
    assert plugin is not None
    assert plugin.get("filename") == library
    assert plugin.findtext("parameters") == "/f/controllers.yaml"
    assert physics in gazebo_world(GAZEBO_RELEASES[release])


def test_the_release_is_that_of_the_distribution_or_of_the_installed_package(monkeypatch):
    for distribution, release in (("humble", "fortress"), ("jazzy", "harmonic"), ("kilted", "ionic"),
                                  ("lyrical", "jetty")):
        monkeypatch.setenv("ROS_DISTRO", distribution)
        assert gazebo_release("auto").name == release
    monkeypatch.setenv("ROS_DISTRO", "humble")
    assert gazebo_release("auto", lambda name: name == "gz_ros2_control").name == "harmonic"
    assert gazebo_release("auto", lambda name: True).name == "fortress"
    with pytest.raises(ConfigError, match="one of auto, fortress"):
        gazebo_release("classic")


@pytest.mark.slow
def test_a_robot_with_defects_can_be_simulated():
    robot = load_robot(RobotConfig(robot_xml=DEFECTIVE, interface="trajectory"))
    files = make_files(robot, "gazebo", folder="/f")
    root = ET.fromstring(files.texts["robot.urdf"])
    assert len(root.findall("ros2_control")) == len(root.findall("gazebo")) == 1
    assert not root.findall("transmission")
    assert {j.get("type") for j in root.findall("joint")} == {"fixed", "revolute"}
    assert all(float(limit.get("effort", "0")) > 0 for limit in root.iter("limit"))
    ground = next(j for j in root.findall("joint") if j.get("name") == "world_to_base")
    assert float(ground.find("origin").get("xyz").split()[2]) == 0.0, "its lowest point is its base"
    moved = {child.get("link") for joint in root.findall("joint") if joint.get("type") != "fixed"
             for child in joint.findall("child")}
    masses = {link.get("name"): link.find("inertial/mass") for link in root.findall("link")}
    assert all(masses[name] is not None for name in moved)
    notes = "\n".join(files.notes)
    for text in ("mass of 0.1 kg assumed", "effort or speed limit assumed", "floating or planar joint fixed",
                 "replaced 3"):
        assert text in notes


def test_the_block_has_every_movable_joint_at_its_rest_position(humanoid):
    for simulation in ("gazebo", "mock"):
        block = _urdf(humanoid, simulation).find("ros2_control")
        assert block is not None
        start = {joint.get("name"): float(joint.findtext("state_interface/param", "nan"))
                 for joint in block.findall("joint")}
        assert set(start) == {j.name for j in humanoid.model.urdf.joints if j.is_movable}
        rest = dict(zip(humanoid.joint_names, humanoid.rest_q))
        assert all(abs(start[name] - value) <= 0.0005 for name, value in rest.items())


def test_the_mujoco_scene_holds_the_robot_at_its_commands(humanoid, tmp_path):
    mujoco = pytest.importorskip("mujoco")
    model = mujoco.MjModel.from_xml_path(str(SHIPPED / "demo_humanoid_mujoco" / "scene.xml"))
    data = mujoco.MjData(model)
    joints = [model.joint(name) for name in humanoid.joint_names]
    columns = [int(joint.qposadr[0]) for joint in joints]
    actuators = [model.actuator(name).id for name in humanoid.joint_names]
    assert model.nu == len(humanoid.joint_names)
    data.qpos[columns] = humanoid.rest_q
    data.ctrl[actuators] = humanoid.rest_q
    for _ in range(round(1 / model.opt.timestep)):
        mujoco.mj_step(model, data)
    np.testing.assert_allclose(data.qpos[columns], humanoid.rest_q, atol=0.01)


def test_the_urdf_is_still_the_same_robot(humanoid, tmp_path):
    path = SHIPPED / "demo_humanoid_gazebo" / "robot.urdf"
    again = load_robot(RobotConfig(robot=str(path), profile="demo_humanoid", interface="trajectory"))
    assert again.joint_names == humanoid.joint_names
    assert again.groups == humanoid.groups
    np.testing.assert_allclose(again.rest_q, humanoid.rest_q, atol=1e-6)


def _is_valid_sdformat(path: Path) -> bool:
    try:
        library = ctypes.CDLL("libsdformat12.so.12")
    except OSError:
        pytest.skip("libsdformat12 is not installed: apt-get install libsdformat12-12")
    return bool(library.cmdCheck(str(path).encode()) == 0)


def test_the_shipped_urdf_and_world_are_valid_sdformat():
    for name in ("robot.urdf", "world.sdf"):
        assert _is_valid_sdformat(SHIPPED / "demo_humanoid_gazebo" / name)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="robots' URDFs: set SPEECH_GESTURE_DATA")
@pytest.mark.parametrize("name", ROBOTS, ids=lambda name: name.split("/")[0])
def test_what_is_written_for_real_robots_is_valid_sdformat(name, tmp_path):
    files = list((DATA / name.split("/")[0]).glob("*.urdf"))
    path = DATA / f"{name}.urdf"
    robot = load_robot(RobotConfig(robot=str(path if path.is_file() else files[0]), interface="trajectory"))
    made = make_files(robot, "gazebo", folder=str(tmp_path), release="fortress")
    (tmp_path / "robot.urdf").write_text(made.texts["robot.urdf"])
    assert set(controller_names(robot)) == {group for group, topic in robot.topics.items() if topic}
    assert _is_valid_sdformat(tmp_path / "robot.urdf")
