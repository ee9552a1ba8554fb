"""Unit and upward axis of COLLADA files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.robot.mesh_files import UPRIGHT, collada_frame


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
    assert np.linalg.det(turn) == pytest.approx(1.0)
