"""A robot in MuJoCo's format moves as its converted URDF does; models that URDF cannot express are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from triangles import box

mujoco = pytest.importorskip("mujoco", reason="needs pip install '.[sim]'")

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.retargeting import RobotConfig, describe_robot, load_robot
from speech_gesture_ros.robot.mesh_files import load_triangles, write_stl
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_ball_joint_is_not_commanded(tmp_path: Path) -> None:
    path = tmp_path / "eye.xml"
    path.write_text(humanoid(joint='<body name="pupil" pos="0.1 0 0"><joint type="ball" name="eye"/>'
                                   '<geom size="0.01"/></body>'), encoding="utf-8")
    eye = next(joint for joint in load_urdf(mjcf_to_urdf(path)).joints if joint.name == "eye")
    assert not eye.is_movable
    np.testing.assert_allclose(eye.origin[:3, 3], [0.1, 0, 0])
    assert describe_robot(mjcf_to_urdf(path)).groups["head"] == ("neck",)


@pytest.mark.slow
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


# --- meshes, suffixes, roots that lie, large files -----------------------------------------------------------------


def wedge() -> np.ndarray:
    """(12, 3, 3) triangles of a box that is neither centred nor aligned: MuJoCo moves and turns it [m]."""
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    return box((0.1, 0.2, 0.3)) @ turn.T + [0.05, 0.02, -0.03]


def with_trunk_of_mesh(text: str, geom: str) -> str:
    """Replace the shapes of the chest, whose mass then comes from a mesh alone."""
    text = text.replace('<geom type="box" size="0.1 0.15 0.2" pos="0 0 0.1"/>', geom)
    return text.replace("<asset>", '<asset><mesh name="trunk" file="trunk.stl" scale="0.5 1 1"/>')


def test_a_mesh_has_the_place_that_mujoco_gives_it(tmp_path: Path) -> None:
    (tmp_path / "trunk.stl").write_bytes(write_stl(wedge()))
    path = tmp_path / "half.xml"
    geom = '<geom type="mesh" mesh="trunk" pos="0 0.01 0.1" euler="10 20 30"/>'
    path.write_text(with_trunk_of_mesh(humanoid(), geom), encoding="utf-8")
    urdf = load_urdf(mjcf_to_urdf(path))
    (mesh,) = urdf.meshes
    assert mesh.link == "chest"
    found = load_triangles(Path(mesh.reference), mesh.scale) @ mesh.origin[:3, :3].T + mesh.origin[:3, 3]
    (spec := mujoco.MjSpec.from_file(str(path))).delete(spec.meshes[1])
    spec.delete(next(g for g in spec.geoms if g.meshname == "shell"))
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    geom = int(np.flatnonzero(model.geom_dataid >= 0)[0])
    seen = model.mesh_vert @ data.geom_xmat[geom].reshape(3, 3).T + data.geom_xpos[geom] - data.body("chest").xpos
    gaps = np.linalg.norm(found.reshape(-1, 1, 3) - seen[None], axis=-1)
    assert gaps.min(axis=1).max() < 1e-6
    assert gaps.min(axis=0).max() < 1e-6


def test_a_trunk_whose_mass_comes_from_its_mesh_is_read_with_its_centre_of_mass(tmp_path: Path) -> None:
    (tmp_path / "trunk.stl").write_bytes(write_stl(box((0.2, 0.3, 0.4)) + np.array([0, 0, 0.05])))
    path = tmp_path / "half.xml"
    path.write_text(with_trunk_of_mesh(humanoid(), '<geom type="mesh" mesh="trunk"/>'), encoding="utf-8")
    np.testing.assert_allclose(load_urdf(mjcf_to_urdf(path)).centres["chest"], [0, 0, 0.05], atol=1e-6)


@pytest.mark.parametrize("content", [None, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", b"solid x"])
@pytest.mark.parametrize("geom", ['<geom type="mesh" mesh="trunk"/>', '<geom type="capsule" mesh="trunk"/>'])
def test_a_robot_whose_meshes_cannot_be_read_is_read_without_them(tmp_path: Path, geom: str, content: bytes | None,
                                                                   caplog: pytest.LogCaptureFixture) -> None:
    if content is not None:
        (tmp_path / "trunk.stl").write_bytes(content)
    path = tmp_path / "half.xml"
    path.write_text(with_trunk_of_mesh(humanoid(), geom), encoding="utf-8")
    urdf = load_urdf(mjcf_to_urdf(path))
    assert "chest" in urdf.links
    assert "chest" not in urdf.solid
    assert "trunk.stl" in caplog.text


def test_a_primitive_fitted_to_a_mesh_has_the_size_of_the_mesh(tmp_path: Path) -> None:
    (tmp_path / "trunk.stl").write_bytes(write_stl(box((0.2, 0.2, 0.6))))
    path = tmp_path / "half.xml"
    path.write_text(with_trunk_of_mesh(humanoid(), '<geom type="box" mesh="trunk" fitscale="1"/>'), encoding="utf-8")
    (shape,) = [s for s in load_urdf(mjcf_to_urdf(path)).shapes if s.link == "chest"]
    assert shape.kind == "box"
    assert sorted(shape.size)[2] == pytest.approx(0.6, rel=0.1)


def test_geoms_without_contacts_are_visuals(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_text(humanoid().replace('<geom size="0.12"', '<geom size="0.12" contype="0" conaffinity="0"'),
                    encoding="utf-8")
    urdf = load_urdf(mjcf_to_urdf(path))
    assert "pelvis" not in urdf.solid
    assert [s.size for s in urdf.visual_shapes] == [(0.12,)]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mjcf", ".XML", ".MJCF"])
def test_the_suffix_does_not_matter(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"half{suffix}"
    path.write_text(humanoid(), encoding="utf-8")
    assert describe_robot(path).body.torso == "chest"


def test_included_files_and_their_meshes_are_relative_to_the_main_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "trunk.stl").write_bytes(write_stl(box((0.2, 0.3, 0.4))))
    (tmp_path / "parts" / "meshes.xml").write_text(
        '<mujoco><compiler meshdir="parts"/><asset><mesh name="trunk" file="trunk.stl"/></asset></mujoco>')
    text = humanoid().replace("<worldbody>", '<include file="parts/meshes.xml"/><worldbody>')
    path = tmp_path / "half.xml"
    path.write_text(text.replace('<geom type="mesh" mesh="shell"/>', '<geom type="mesh" mesh="trunk"/>'))
    assert Path(load_urdf(mjcf_to_urdf(path)).meshes[0].reference) == tmp_path / "parts" / "trunk.stl"


@pytest.mark.parametrize("turn", ["90 0 0", "0 90 0", "0 0 -90", "180 0 0", "35 -50 70"])
def test_a_base_that_lies_in_the_file_stands_upright(tmp_path: Path, turn: str) -> None:
    """The case of the CMU humanoid, which lies on its belly until its free joint turns it."""
    path, upright = tmp_path / "lying.xml", tmp_path / "half.xml"
    text = humanoid()
    upright.write_text(text, encoding="utf-8")
    start = text.index("<freejoint/>") + len("<freejoint/>")
    stop = text.index("</body></worldbody>")
    spec = mujoco.MjSpec.from_string(f'<mujoco><worldbody><body name="b" euler="{turn}"><geom size="1"/></body>'
                                     "</worldbody></mujoco>")
    w, x, y, z = spec.compile().body("b").quat
    lying = (f'<body name="pelvis" pos="0 0 1" euler="{turn}"><freejoint/><body name="upright" '
             f'quat="{w} {-x} {-y} {-z}">{text[start:stop]}</body></body></worldbody>')
    path.write_text(text[:text.index('<body name="pelvis"')] + lying + text[stop + len("</body></worldbody>"):])
    found, wanted = (load_model(p).tree for p in (path, upright))
    for link in ("head", "left_hand", "right_hand"):
        np.testing.assert_allclose(found.position[link], wanted.position[link], atol=1e-6)


def test_a_base_that_turns_on_the_world_keeps_its_joint(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_text(humanoid().replace("<freejoint/>", '<joint name="turn" axis="0 0 1" range="-90 90"/>').replace(
        "<actuator>", '<actuator><position joint="turn"/>'))
    assert "turn" in {j.name for j in load_urdf(mjcf_to_urdf(path)).joints if j.is_movable}


@pytest.mark.parametrize("scene", [
    '<replicate count="1000000"><body><geom size="0.1"/></body></replicate>',
    '<replicate count="1000"><replicate count="1000"><geom size="0.1"/></replicate></replicate>',
])
def test_many_replicas_are_refused_before_they_are_made(tmp_path: Path, scene: str,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mujoco.MjSpec, "from_string", None)  # never called
    path = tmp_path / "half.xml"
    path.write_text(humanoid(extra=scene), encoding="utf-8")
    with pytest.raises(RobotError, match="replicas"):
        mjcf_to_urdf(path)


@pytest.mark.slow
@pytest.mark.parametrize(("scene", "asset"), [
    ('<geom type="hfield" hfield="hills"/>', '<hfield name="hills" nrow="30000" ncol="30000" size="1 1 1 1"/>'),
    ('<body><flexcomp type="grid" count="2000 2000 1" spacing="1 1 1" name="cloth" dim="2"/></body>', ""),
])
def test_parts_of_a_scene_that_can_be_large_are_left_out(tmp_path: Path, scene: str, asset: str) -> None:
    path = tmp_path / "half.xml"
    path.write_text(humanoid(extra=scene).replace("<asset>", f"<asset>{asset}"), encoding="utf-8")
    assert describe_robot(path).body.torso == "chest"


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_text(humanoid(extra='<include file="half.xml"/>'), encoding="utf-8")
    with pytest.raises(RobotError, match="cycles"):
        mjcf_to_urdf(path)


def test_sizes_limits_and_centres_of_mass_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "half.xml"
    path.write_text(humanoid(joint="""<geom type="cylinder" size="0.02 0.07"/>
      <geom type="ellipsoid" size="0.01 0.02 0.03"/>
      <body name="eye"><joint name="look" type="ball" range="0 40"/><geom size="0.013"/></body>"""), encoding="utf-8")
    urdf = load_urdf(mjcf_to_urdf(path))
    sizes = {(s.link, s.kind): s.size for s in urdf.shapes if s.link in ("chest", "left_fore", "head", "eye")}
    assert {key: pytest.approx(size) for key, size in sizes.items()} == {
        ("chest", "box"): (0.2, 0.3, 0.4), ("left_fore", "cylinder"): (0.03, 0.21), ("head", "sphere"): (0.1,),
        ("head", "cylinder"): (0.02, 0.14), ("head", "box"): (0.02, 0.04, 0.06), ("eye", "sphere"): (0.013,)}
    joints = {joint.name: joint for joint in urdf.joints}
    np.testing.assert_allclose([joints["left_elbow"].lower, joints["left_elbow"].upper], np.radians([-130, 10]))
    assert (joints["look"].kind, joints["look"].lower) == ("floating", None)
    # The frame of a link is at its last joint, 1 cm before the body here.
    np.testing.assert_allclose(urdf.centres["left_fore"], [-0.01, 0.0, -0.125], atol=1e-9)


def test_a_joint_that_an_equality_ties_to_another_one_mimics_it_and_tied_bodies_do_not(tmp_path: Path) -> None:
    ties = ('<equality><joint joint1="right_grip" joint2="left_grip"/>'
            '<connect body1="left_hand" body2="right_hand" anchor="0 0 0"/></equality>')
    path = tmp_path / "half.xml"
    text = humanoid().replace("<actuator>", ties + '<actuator><position joint="left_grip"/>')
    path.write_text(text, encoding="utf-8")
    joints = {joint.name: joint for joint in load_urdf(mjcf_to_urdf(path)).joints}
    assert {name: joint.mimic for name, joint in joints.items() if joint.mimic} == {"right_grip": "left_grip"}
    assert (joints["left_grip"].kind, joints["right_grip"].kind) == ("prismatic", "prismatic")
