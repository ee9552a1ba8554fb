"""Meshes of faces: triangles are drawn where they are, the nearer in front; shapes move the vertices they name."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL", reason="needs pip install '.[sim]'")
from mesh_face_files import LOWER, write_small_glb, write_small_ict

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.rendering.face_pictures import BACKGROUND
from speech_gesture_ros.rendering.mesh_face import read_mesh_face
from speech_gesture_ros.rendering.mesh_face_view import MeshFaceView

RED = np.array([1.0, 0, 0])
ICT = Path(os.environ.get("SPEECH_GESTURE_DATA", "../shared/data")) / "face" / "ict_facekit"


def test_shapes_of_a_glb_file_move_its_vertices(tmp_path: Path) -> None:
    face = read_mesh_face(write_small_glb(tmp_path / "face.glb"))
    shapes = np.zeros(52)
    shapes[BLENDSHAPE_INDEX["jawOpen"]] = 0.5
    np.testing.assert_allclose(face.posed(shapes) - face.points, 0.5 * LOWER, atol=1e-6)
    assert sorted(face.moved) == [0, 1]


def test_halves_of_ict_shapes_are_added_and_sides_kept(tmp_path: Path) -> None:
    face = read_mesh_face(write_small_ict(tmp_path / "ict"))
    shapes = np.zeros(52)
    shapes[BLENDSHAPE_INDEX["browInnerUp"]] = 1.0
    shapes[BLENDSHAPE_INDEX["eyeBlinkLeft"]] = 1.0
    change = face.posed(shapes) - face.points
    assert (change[2, 1], change[3, 1], change[0, 0]) == (pytest.approx(0.3), pytest.approx(0.4), pytest.approx(0.1))
    assert not len(face.index[BLENDSHAPE_INDEX["eyeBlinkRight"]])


def test_an_open_jaw_lengthens_the_picture_of_the_face(tmp_path: Path) -> None:
    face = read_mesh_face(write_small_glb(tmp_path / "face.glb"))
    view, shapes = MeshFaceView(replace(face, colours=np.tile(RED, (4, 1))), 60), np.zeros(52)
    view._scale, view._middle = 60.0 * 2 / 5.0, np.zeros(3)

    def rows(picture: np.ndarray) -> int:
        return int((np.abs(picture.astype(int) - BACKGROUND).max(axis=2) > 20).any(axis=1).sum())

    closed = rows(view.picture(shapes))
    shapes[BLENDSHAPE_INDEX["jawOpen"]] = 1.0
    assert closed == pytest.approx(24, abs=1)
    assert rows(view.picture(shapes)) == pytest.approx(30, abs=1)


@pytest.mark.parametrize(("name", "names", "message"), [
    ("face.glb", ("smile",), "jawOpen"), ("face.obj", ("jawOpen",), "glb file or the folder"),
])
def test_meshes_without_the_shapes_are_refused(name: str, names: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_mesh_face(write_small_glb(tmp_path / name, names))


def test_a_folder_without_data_and_an_identity_of_a_glb_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="existing"):
        read_mesh_face(tmp_path)
    with pytest.raises(InputError, match="avatar build"):
        read_mesh_face(write_small_glb(tmp_path / "face.glb"), {"jaw": 0.0})


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.skipif(not ICT.is_dir(), reason="needs the data folder: set SPEECH_GESTURE_DATA")
def test_axes_change_the_distances_of_the_ict_face() -> None:
    from speech_gesture_ros.face.fit.axes import AXES
    from speech_gesture_ros.face.fit.ict_identity import DISTANCES, KEPT

    zero = dict.fromkeys(AXES, 0.0)
    mean = read_mesh_face(ICT, zero).points
    for axis, (sign, pairs) in DISTANCES.items():
        def distance(points: np.ndarray) -> float:
            return sum(abs(points[a, k] - points[b, k]) for a, b, k in pairs)  # noqa: B023

        low, high = (read_mesh_face(ICT, zero | {axis: value}).points for value in (-1.0, 1.0))
        assert sign * (distance(high) - distance(mean)) > 0.2, axis
        assert sign * (distance(low) - distance(mean)) < -0.2, axis
        for a, b, k in KEPT:
            assert abs((high[a, k] - high[b, k]) - (mean[a, k] - mean[b, k])) < 0.02, (axis, a, b)
