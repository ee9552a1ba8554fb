"""Upward axes of COLLADA files are applied, unless the joints of the robot fit the unturned meshes much better."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from collada_triangle import triangle_file
from triangles import box

from speech_gesture_ros.robot.mesh_files import write_stl
from speech_gesture_ros.robot.model import load_model

COLLADA = triangle_file("0.1", "0.3", 'name="meter" meter="1"')
UPRIGHT, LYING = (0.1, 0.0, 0.3), (0.1, 0.3, 0.0)


def size(tmp_path: Path, joint_at: str, pose: str = "0 0 0", other: str = "0 0 0.1") -> tuple[tuple[float, ...], bool]:
    """Size of a triangle of 0.1 m by 0.3 m, its long edge upward in a Y_UP file, and whether a note says that it lies.

    Args:
        tmp_path: Folder of the robot.
        joint_at: Where the joint beyond the link of the file is.
        pose: Place of the file on its link.
        other: Where the joint beyond another link is, whose mesh states no axis.
    """
    (tmp_path / "a.dae").write_text(COLLADA, encoding="utf-8")
    (tmp_path / "b.stl").write_bytes(write_stl(box((0.1, 0.1, 0.1))))
    shapes = {"upper": f'<collision><origin xyz="{pose}"/><geometry><mesh filename="a.dae"/></geometry></collision>',
              "base": '<collision><geometry><mesh filename="b.stl"/></geometry></collision>', "fore": ""}
    links = "".join(f'<link name="{name}">{shape}</link>' for name, shape in shapes.items())
    joints = "".join(f'<joint name="{child}" type="revolute"><parent link="{parent}"/><child link="{child}"/>'
                     f'<origin xyz="{at}"/><axis xyz="0 1 0"/><limit lower="-1" upper="1" velocity="1" effort="1"/>'
                     "</joint>" for parent, child, at in (("base", "upper", other), ("upper", "fore", joint_at)))
    path = tmp_path / "robot.urdf"
    path.write_text(f'<robot name="r">{links}{joints}</robot>', encoding="utf-8")
    surfaces = load_model(path).collision_surfaces()
    (triangles,) = surfaces.meshes["upper"]
    return tuple(np.ptp(triangles.reshape(-1, 3), axis=0).round(6).tolist()), bool(surfaces.notes)


def test_a_file_is_turned_where_its_joint_lies_in_the_turned_mesh(tmp_path: Path) -> None:
    assert size(tmp_path, "0 0 0.3") == (UPRIGHT, False)


def test_a_file_is_not_turned_where_its_joint_lies_in_the_unturned_mesh_only(tmp_path: Path) -> None:
    assert size(tmp_path, "0 0.3 0") == (LYING, True)


@pytest.mark.parametrize("joint_at", ["0 0.03 0", "0 -0.3 0.3", "0.1 0.04 0.28"])
def test_a_file_is_turned_where_the_joint_is_near_or_fits_neither(tmp_path: Path, joint_at: str) -> None:
    assert size(tmp_path, joint_at) == (UPRIGHT, False)


def test_the_place_of_a_file_on_its_link_counts(tmp_path: Path) -> None:
    assert size(tmp_path, "0 0 0.3", pose="0 -0.15 0.3") == (LYING, True)
    assert size(tmp_path, "0 0.2 0.3") == (UPRIGHT, False)
    assert size(tmp_path, "0 0.2 0.3", pose="0 0 0.3") == (LYING, True)


def test_files_without_an_axis_have_no_say(tmp_path: Path) -> None:
    """The joint beyond the box lies far outside it."""
    assert size(tmp_path, "0 0.3 0", other="0 0 2") == (LYING, True)
    assert size(tmp_path, "0 0 0.3", other="0 0 2") == (UPRIGHT, False)
