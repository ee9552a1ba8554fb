"""Any URDF becomes a visible robot with a fixed base, for any meshes and joints."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

mujoco = pytest.importorskip("mujoco", reason="needs pip install '.[sim]'")

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.mesh_files import write_stl
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.simulators.mujoco_model import build_robot_spec


def test_only_the_commanded_joints_remain(toy: RobotDescription) -> None:
    model = build_robot_spec(toy).compile()
    assert {model.joint(i).name for i in range(model.njnt)} == set(toy.joint_names)


def test_a_link_whose_mesh_is_missing_shows_its_capsule(toy: RobotDescription) -> None:
    model = build_robot_spec(toy).compile()
    hand = [i for i in range(model.ngeom) if model.body(model.geom_bodyid[i]).name == "left_hand"]
    assert [model.geom_group[i] for i in hand] == [1]


def test_capsules_of_links_with_visuals_stay_invisible(toy: RobotDescription) -> None:
    model = build_robot_spec(toy).compile()
    assert model.geom("capsule_0").group[0] > 2


def test_meshes_are_found_below_the_given_folder(toy: RobotDescription, tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    folder.mkdir()
    corners = "v 0 0 0\nv .1 0 0\nv 0 .1 0\nv 0 0 .1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
    (folder / "hand.obj").write_text(corners)
    described = dataclasses.replace(toy, model=load_model(toy.model.urdf.text.replace("hand.dae", "hand.obj")))
    model = build_robot_spec(described, [tmp_path]).compile()
    assert model.nmesh == 2


def with_stl(toy: RobotDescription, folder: Path, content: bytes) -> RobotDescription:
    """The robot with an STL file as the visual of its hands."""
    (folder / "hand.stl").write_bytes(content)
    return dataclasses.replace(toy, model=load_model(toy.model.urdf.text.replace("hand.dae", "hand.stl")))


def test_a_mesh_that_git_lfs_has_not_fetched_is_left_out(toy: RobotDescription, tmp_path: Path) -> None:
    """The case of K-Bot."""
    described = with_stl(toy, tmp_path, b"version https://git-lfs.github.com/spec/v1\noid sha256:73\nsize 9\n")
    assert build_robot_spec(described, [tmp_path]).compile().nmesh == 0


@pytest.mark.slow
def test_a_mesh_with_too_many_triangles_is_simplified(toy: RobotDescription, tmp_path: Path) -> None:
    height = np.random.default_rng(0).uniform(0, 0.02, (401, 401))
    x, y = np.meshgrid(np.linspace(0, 0.1, 401), np.linspace(0, 0.1, 401))
    p = np.stack([x, y, height], axis=-1)
    triangles = np.concatenate([np.stack([p[:-1, :-1], p[1:, :-1], p[:-1, 1:]], axis=-2).reshape(-1, 3, 3),
                                np.stack([p[1:, :-1], p[1:, 1:], p[:-1, 1:]], axis=-2).reshape(-1, 3, 3)])
    assert len(triangles) > 300_000
    model = build_robot_spec(with_stl(toy, tmp_path, write_stl(triangles)), [tmp_path]).compile()
    assert model.nmesh == 2
    assert 0 < model.mesh_facenum.max() <= 200_000


def test_the_floor_lies_under_the_lowest_visible_point(toy: RobotDescription) -> None:
    model = build_robot_spec(toy).compile()
    assert model.geom("floor").pos[2] == pytest.approx(-0.1, abs=1e-6)


def test_the_base_does_not_move_even_with_a_floating_joint_in_the_urdf(toy: RobotDescription) -> None:
    floating = ('<link name="map"/><joint name="free" type="floating"><parent link="map"/><child link="base"/></joint>'
                "</robot>")
    robot = load_model(toy.model.urdf.text.replace("</robot>", floating))
    model = build_robot_spec(dataclasses.replace(toy, model=robot)).compile()
    assert model.nv == len(toy.joint_names)


def test_a_joint_that_is_not_in_the_urdf_is_named(toy: RobotDescription) -> None:
    urdf = toy.model.urdf.text.replace('name="torso_yaw"', 'name="other"')
    with pytest.raises(RobotError, match=r"\['torso_yaw'\], must be in its URDF"):
        build_robot_spec(dataclasses.replace(toy, model=load_model(urdf)))


def test_the_zero_pose_of_the_model_is_the_zero_pose_of_the_urdf(toy: RobotDescription) -> None:
    model = build_robot_spec(toy).compile()
    assert np.allclose(model.body("left_hand").pos, [0.0, 0.0, -0.25])


def test_an_inertia_of_zero_is_replaced(toy: RobotDescription) -> None:
    urdf = toy.model.urdf.text.replace('ixx="0.01" iyy="0.01" izz="0.01"', 'ixx="0" iyy="0.01" izz="0.01"')
    model = build_robot_spec(dataclasses.replace(toy, model=load_model(urdf))).compile()
    assert np.all(model.body_inertia[1:] > 0)


def test_repeated_joint_elements_are_accepted(toy: RobotDescription) -> None:
    urdf = toy.model.urdf.text.replace("<axis", '<dynamics damping="1"/><dynamics damping="2"/><axis')
    assert build_robot_spec(dataclasses.replace(toy, model=load_model(urdf))).compile().nv == len(toy.joint_names)


def test_shapes_without_a_size_are_left_out_and_very_short_capsules_are_spheres(toy: RobotDescription) -> None:
    """The case of the boxes of Kinova's two-armed example, and of Centauro's wrists."""
    empty = '<link name="tip"><visual><geometry><box size="0 0 0"/></geometry></visual></link>' \
        '<joint name="to_tip" type="fixed"><parent link="base"/><child link="tip"/></joint></robot>'
    first = dataclasses.replace(toy.capsules[0], start=(0.0, 0.0, 1.8e-8), stop=(0.0, 0.0, -1.8e-8))
    described = dataclasses.replace(toy, model=load_model(toy.model.urdf.text.replace("</robot>", empty)),
                                    capsules=(first, *toy.capsules[1:]))
    model = build_robot_spec(described).compile()
    assert model.geom("capsule_0").type[0] == mujoco.mjtGeom.mjGEOM_SPHERE
    assert not any(model.body(model.geom_bodyid[i]).name == "tip" for i in range(model.ngeom))
