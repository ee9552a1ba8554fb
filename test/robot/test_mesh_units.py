"""Unit and upward axis of COLLADA files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from collada_triangle import triangle_file

from speech_gesture_ros.robot import mesh_files
from speech_gesture_ros.robot.mesh_files import UPRIGHT, collada_frame, load_triangles
from speech_gesture_ros.robot.model import load_model

COLLADA = triangle_file("100", "300", 'name="millimeter" meter="0.001"')


@pytest.mark.parametrize(("asset", "expected"), [
    ("", (1.0, "Z_UP")),
    ('<asset><unit name="millimeter" meter="0.001"/><up_axis>Y_UP</up_axis></asset>', (0.001, "Y_UP")),
    ("<asset><unit meter='1e-2' name='cm'/><up_axis> X_UP </up_axis></asset>", (0.01, "X_UP")),
    ('<asset><unit meter="0"/></asset>', (1.0, "Z_UP")),
    ('<asset><unit meter="-1"/></asset>', (1.0, "Z_UP")),
    ('<asset><unit meter="1e999"/></asset>', (1.0, "Z_UP")),
    ('<asset><unit meter="1.2.3"/></asset>', (1.0, "Z_UP")),
    ('<asset></asset><unit meter="0.5"/>', (1.0, "Z_UP")),
])
def test_the_asset_of_a_file_states_unit_and_axis(tmp_path: Path, asset: str, expected: tuple[float, str]) -> None:
    path = tmp_path / "a.dae"
    path.write_text(f"<COLLADA>{asset}</COLLADA>", encoding="utf-8")
    assert collada_frame(path) == expected


@pytest.mark.parametrize(("axis", "up"), [("X_UP", 0), ("Y_UP", 1), ("Z_UP", 2)])
def test_a_file_is_turned_so_that_its_upward_axis_is_z(axis: str, up: int) -> None:
    turn = UPRIGHT[axis]
    np.testing.assert_array_equal(turn @ np.eye(3)[up], [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1.0)


def test_of_very_many_triangles_only_the_corners_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.dae"
    path.write_text(COLLADA, encoding="utf-8")
    monkeypatch.setattr(mesh_files, "MAX_READ_TRIANGLES", 0)
    triangles = load_triangles(path, (1.0, 1.0, 1.0))
    corners = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.0, 0.0, 0.3]])
    np.testing.assert_allclose(triangles, np.repeat(corners[:, None], 3, axis=1), atol=1e-9)



@pytest.mark.parametrize(("is_turned", "size"), [(True, (0.2, 0.0, 0.3)), (False, (0.2, 0.3, 0.0))])
def test_unit_axis_and_scale_of_a_file_are_applied(tmp_path: Path, is_turned: bool, size: tuple[float, ...]) -> None:
    path = tmp_path / "a.dae"
    path.write_text(COLLADA, encoding="utf-8")
    scale = (2.0, 1.0, 1.0)
    triangles = load_triangles(path, scale, is_turned)
    assert triangles.shape == (1, 3, 3)
    np.testing.assert_allclose(np.ptp(triangles[0], axis=0), size, atol=1e-9)


# -- links of a robot --------------------------------------------------------------------------------------------------

LONG_LINK = """<robot name="r"><link name="arm"><collision><geometry><mesh filename="a.dae"/></geometry></collision>
</link><link name="hand"/><joint name="wrist" type="revolute"><parent link="arm"/><child link="hand"/>
<origin xyz="{}"/><axis xyz="1 0 0"/><limit lower="-1" upper="1" velocity="1" effort="1"/></joint></robot>"""


@pytest.mark.parametrize(("wrist", "is_turned"), [("0 0 0.3", True), ("0 0.3 0", False), ("0.1 0 0", True)],
                         ids=["joint along the turned mesh", "joint along the unturned mesh", "no difference"])
def test_the_upward_axis_is_applied_unless_the_joints_fit_the_unturned_meshes(tmp_path: Path, wrist: str,
                                                                             is_turned: bool) -> None:
    """A mesh of 0.1 x 0.3 m in millimetres, with y upwards: 0.3 m along z where it is turned."""
    (tmp_path / "a.dae").write_text(COLLADA, encoding="utf-8")
    (tmp_path / "robot.urdf").write_text(LONG_LINK.format(wrist), encoding="utf-8")
    surfaces = load_model(tmp_path / "robot.urdf").collision_surfaces()
    (triangles,) = surfaces.meshes["arm"]
    size = (0.1, 0.0, 0.3) if is_turned else (0.1, 0.3, 0.0)
    np.testing.assert_allclose(np.ptp(triangles[0], axis=0), size, atol=1e-9)
    assert bool(surfaces.notes) is not is_turned
    assert surfaces.warnings == [], "read in metres, its size is that of the link"
