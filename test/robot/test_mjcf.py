"""A robot in MuJoCo's format moves as its converted URDF does; models that URDF cannot express are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

mujoco = pytest.importorskip("mujoco", reason="needs pip install '.[sim]'")

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.retargeting import RobotConfig, describe_robot, load_robot
from speech_gesture_ros.robot.mjcf import is_mjcf, mjcf_to_urdf
from speech_gesture_ros.robot.model import RobotModel, load_model
from speech_gesture_ros.robot.urdf import load_urdf

ARM = """
<body name="{s}_shoulder" pos="0 {y}0.2 0.3" euler="0 0 {y}15">
  <joint name="{s}_pitch" axis="0 1 0" range="-160 60"/>
  <joint name="{s}_roll" range="-20 150" pos="0 0 -0.01" class="{s}"/>
  <joint name="{s}_yaw" axis="0 0 1" range="-100 100"/>
  <geom size="0.031" pos="0 0 -0.1"/>
  <body name="{s}_fore" pos="0 0 -0.28">
    <joint name="{s}_elbow" axis="0 1 0" range="-130 10" ref="-30" pos="0.01 0 0"/>
    <geom type="capsule" size="0.03" fromto="0 0 -0.05 0 0 -0.2"/>
    <body name="{s}_hand" pos="0 0 -0.25">
      <joint name="{s}_wrist" axis="0 1 0" range="-60 60"/>
      <geom size="0.021" pos="0 0 -0.08"/>
      <body name="{s}_palm" pos="0 0 -0.09"/>
      <body name="{s}_tip" pos="0 0.02 -0.09"><joint name="{s}_grip" type="slide" axis="0 1 0" range="0 0.05"/>
        <geom size="0.011"/></body>
    </body>
  </body>
</body>"""


JOINTS = ("waist", "neck", *(f"{s}_{j}" for s in ("left", "right") for j in ("pitch", "roll", "yaw", "elbow", "wrist")))


def humanoid(extra: str = "", joint: str = "") -> str:
    """A humanoid upper body with grippers without actuators; `extra` goes into the world, `joint` into the head."""
    arms = ARM.format(s="left", y="") + ARM.format(s="right", y="-")
    motors = "".join(f'<position joint="{name}"/>' for name in JOINTS)
    return f"""<mujoco model="half">
<compiler angle="degree" autolimits="true"/>
<default><geom type="sphere" density="500"/><default class="right"><joint axis="-1 0 0"/></default>
 <default class="left"><joint axis="1 0 0"/></default></default>
<asset><mesh name="shell" file="nowhere.stl"/><material name="grey" rgba="1 1 1 1"/></asset>
<worldbody><geom type="plane" size="1 1 1"/>{extra}
 <body name="pelvis" pos="0 0 1"><freejoint/><geom size="0.12" material="grey"/><geom type="mesh" mesh="shell"/>
  <body name="chest" pos="0 0 0.2"><joint name="waist" axis="0 0 1" range="-60 60"/>
   <geom type="box" size="0.1 0.15 0.2" pos="0 0 0.1"/>
   <body name="head" pos="0 0 0.45"><joint name="neck" axis="0 0 1" range="-80 80"/>
     <geom size="0.1" pos="0.02 0 0.1"/>{joint}</body>{arms}
  </body></body></worldbody>
<actuator>{motors}</actuator></mujoco>"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "half.xml"
    path.write_text(humanoid(), encoding="utf-8")
    return path


def test_links_and_shapes_have_the_poses_of_mujoco_in_any_configuration(model: Path) -> None:
    urdf = load_urdf(mjcf_to_urdf(model))
    moved = [j.name for j in urdf.joints if j.kind in ("revolute", "prismatic")]
    assert set(moved) == set(JOINTS)
    kinematics = RobotModel(urdf).kinematics(moved)
    whole = mujoco.MjSpec.from_file(str(model))
    for geom in [g for g in whole.geoms if g.type == mujoco.mjtGeom.mjGEOM_MESH]:
        whole.delete(geom)
    whole.delete(whole.meshes[0])
    there = whole.compile()
    data = mujoco.MjData(there)
    touching = [g for g in range(there.ngeom) if there.geom_bodyid[g] > 0]
    assert len(touching) == len(urdf.shapes)
    shapes = kinematics.model.points([s.link for s in urdf.shapes], np.array([s.origin[:3, 3] for s in urdf.shapes]))
    limits = {j.name: (j.lower, j.upper) for j in urdf.joints}
    random = np.random.default_rng(0)
    for _ in range(5):
        q = np.array([random.uniform(*limits[name]) for name in moved])
        data.qpos[:] = there.qpos0
        for name, value in zip(moved, q):
            data.qpos[there.joint(name).qposadr[0]] = value
        mujoco.mj_kinematics(there, data)
        kinematics.update(q)
        base = data.body("pelvis")
        seen = (data.geom_xpos[touching] - base.xpos) @ base.xmat.reshape(3, 3)
        found = kinematics.positions(shapes)
        # Matched by place: URDF keeps shapes in the order of its links, MuJoCo in that of its bodies.
        gaps = np.linalg.norm(seen[:, None] - found[None], axis=-1).min(axis=1)
        assert gaps.max() < 1e-6


def test_it_can_be_described(model: Path) -> None:
    robot = describe_robot(mjcf_to_urdf(model))
    assert robot.name == "half"
    assert {group: len(names) for group, names in robot.groups.items()} == {
        "torso": 1, "head": 1, "left_arm": 5, "right_arm": 5}
    assert robot.body.left_arm.hand is not None
    i = robot.joint_names.index("left_elbow")
    assert robot.limits.lower[i] > np.radians(-130)
    assert len(robot.capsules) > 5


@pytest.mark.slow
def test_urdf_and_mjcf_are_loaded_by_the_same_functions(model: Path) -> None:
    assert load_model(model).urdf.links == load_model(mjcf_to_urdf(model)).urdf.links
    assert load_robot(RobotConfig(robot=str(model))).joint_names == describe_robot(model).joint_names


@pytest.mark.slow
def test_the_commands_accept_it(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert is_mjcf(model)
    assert main(["robot", "inspect", str(model)]) == 0
    assert "left_elbow" in capsys.readouterr().out
    out = tmp_path / "half.urdf"
    assert main(["robot", "convert", str(model), "--out", str(out)]) == 0
    assert describe_robot(out).joint_names == describe_robot(mjcf_to_urdf(model)).joint_names
    assert main(["robot", "convert", str(out)]) == 2
    assert "needs no conversion" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "message"), [
    (humanoid(extra='<body name="arm"><joint axis="0 1 0"/><geom size="0.1"/></body>'), "exactly one"),
    (humanoid().replace('joint="neck"', 'joint="nothing"'), "nothing"),
    ("<mujoco><worldbody/></mujoco>", "exactly one"),
    ("<mujoco><worldbody>", "well-formed"),
    ('<!DOCTYPE x [<!ENTITY a "b">]><mujoco/>', "entity"),
])
def test_a_model_that_cannot_be_converted_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RobotError, match=message):
        mjcf_to_urdf(path)


def test_other_bodies_in_the_scene_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "scene.xml"
    path.write_text(humanoid(extra='<body name="table" pos="1 0 0"><geom size="0.3"/></body>'), encoding="utf-8")
    assert "table" not in load_urdf(mjcf_to_urdf(path)).links


def test_a_ball_joint_is_not_commanded(tmp_path: Path) -> None:
    path = tmp_path / "eye.xml"
    path.write_text(humanoid(joint='<body name="pupil" pos="0.1 0 0"><joint type="ball" name="eye"/>'
                                   '<geom size="0.01"/></body>'), encoding="utf-8")
    eye = next(joint for joint in load_urdf(mjcf_to_urdf(path)).joints if joint.name == "eye")
    assert not eye.is_movable
    np.testing.assert_allclose(eye.origin[:3, 3], [0.1, 0, 0])
    assert describe_robot(mjcf_to_urdf(path)).groups["head"] == ("neck",)


def test_two_arms_fixed_to_the_world_are_one_robot(tmp_path: Path) -> None:
    """The case of ALOHA and OpenArm 2.0."""
    arms = ARM.format(s="left", y="") + ARM.format(s="right", y="-")
    arms += '<body name="cup" pos="0.5 0 0"><freejoint/><geom size="0.03"/></body>'
    start, stop = humanoid().index('<body name="pelvis"'), humanoid().index("</worldbody>")
    text = (humanoid()[:start] + arms + humanoid()[stop:]).replace('<position joint="waist"/>', "")
    path = tmp_path / "two.xml"
    path.write_text(text.replace('<position joint="neck"/>', ""), encoding="utf-8")
    robot = describe_robot(mjcf_to_urdf(path))
    assert {group: len(names) for group, names in robot.groups.items()} == {"left_arm": 5, "right_arm": 5}
    assert robot.body.base == robot.body.torso == "world"
    assert "cup" not in robot.model.urdf.links
