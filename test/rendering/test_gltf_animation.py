"""Animations in glTF: an independent decoder finds the frames in them, for a mesh that is given and alone."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from mesh_face_files import glb_document, write_small_glb
from scipy.spatial.transform import Rotation
from spoken_face import spoken_face

from speech_gesture_ros.avatar.glb import read_glb
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.face.head_motion import HeadSine, with_head
from speech_gesture_ros.rendering.gltf_animation import with_animation, write_gltf_animation

FACE = spoken_face()
SIZES = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


def accessor(document: dict, data: bytes, index: int) -> np.ndarray:
    """Return the values of an accessor of floats, decoded from the specification alone."""
    entry = document["accessors"][index]
    view = document["bufferViews"][entry["bufferView"]]
    assert entry["componentType"] == 5126
    columns = SIZES[entry["type"]]
    start = view["byteOffset"] + entry.get("byteOffset", 0)
    assert start % 4 == 0
    assert start + 4 * columns * entry["count"] <= min(len(data), view["byteOffset"] + view["byteLength"])
    return np.frombuffer(data, "<f4", columns * entry["count"], start).reshape(entry["count"], columns)


def channels(document: dict, data: bytes) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return times and values by (name of the node, path)."""
    found = {}
    for animation in document["animations"]:
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            node = document["nodes"][channel["target"]["node"]]
            found[node["name"], channel["target"]["path"]] = (
                accessor(document, data, sampler["input"])[:, 0], accessor(document, data, sampler["output"]))
    return found


def test_an_animation_alone_has_the_frames_of_the_face_at_their_times(tmp_path: Path) -> None:
    write_gltf_animation(tmp_path / "face.glb", FACE)
    document, data = read_glb(tmp_path / "face.glb")
    times, weights = channels(document, data)["head", "weights"]
    np.testing.assert_allclose(times, np.arange(len(FACE)) / 50, atol=1e-6)
    np.testing.assert_array_equal(weights.reshape(len(FACE), 52), FACE.shapes)
    assert document["meshes"][0]["extras"]["targetNames"] == list(BLENDSHAPES)
    assert len(document["meshes"][0]["primitives"][0]["targets"]) == 52


def test_gltf_has_the_same_animation_with_its_data_inside(tmp_path: Path) -> None:
    write_gltf_animation(tmp_path / "face.gltf", FACE)
    document = json.loads((tmp_path / "face.gltf").read_text())
    data = base64.b64decode(document["buffers"][0]["uri"].partition("base64,")[2])
    assert len(data) == document["buffers"][0]["byteLength"]
    _, weights = channels(document, data)["head", "weights"]
    np.testing.assert_array_equal(weights.reshape(len(FACE), 52), FACE.shapes)


def test_a_given_mesh_keeps_its_data_and_other_targets_their_weights(tmp_path: Path) -> None:
    mesh = write_small_glb(tmp_path / "mesh.glb", ("viseme_aa", "jawOpen", "smile"))
    before, data_before = read_glb(mesh)
    before["meshes"][0]["weights"] = [0.0, 0.0, 0.25]
    document, data = with_animation(before, data_before, FACE)
    _, weights = channels(document, data)["face", "weights"]
    weights = weights.reshape(len(FACE), 3)
    np.testing.assert_array_equal(weights[:, 0], 0.0)
    np.testing.assert_array_equal(weights[:, 1], FACE.shapes[:, BLENDSHAPE_INDEX["jawOpen"]])
    np.testing.assert_array_equal(weights[:, 2], np.float32(0.25))
    assert data.startswith(data_before.rstrip(b"\0"))
    assert document["meshes"] == before["meshes"]
    assert "animations" not in before


@pytest.mark.parametrize("turn", [(0, 0, 0), (90, 0, 0), (0, 90, 0), (20, 30, 40)])
def test_the_head_turns_about_the_axes_of_the_world_whatever_its_parent(turn: tuple[float, float, float]) -> None:
    document, data = glb_document()
    parent, own = (Rotation.from_euler("xyz", angles, degrees=True) for angles in (turn, (10, -20, 30)))
    document["nodes"] = [{"name": "neck", "rotation": parent.as_quat().tolist(), "children": [1]},
                         {"name": "mixamorig:Head", "rotation": own.as_quat().tolist(), "children": [2]},
                         {"name": "face", "mesh": 0}]
    face = with_head(FACE, (30.0, 0.0, 0.0), [HeadSine(1, 10.0, 1.0)])
    found, rest = with_animation(document, data, face), parent * own
    _, quaternions = channels(*found)["mixamorig:Head", "rotation"]
    np.testing.assert_allclose(np.linalg.norm(quaternions, axis=1), 1.0, atol=1e-6)
    world = parent * Rotation.from_quat(quaternions[0]) * rest.inv()
    # 30 degrees of yaw turn what looks ahead, +Z, to the left, +X
    np.testing.assert_allclose(world.apply([0, 0, 1]), [0.5, 0.0, np.sqrt(0.75)], atol=1e-5)
    lowest = min((parent * Rotation.from_quat(q) * rest.inv()).apply([0, 0, 1])[1] for q in quaternions)
    assert lowest == pytest.approx(-np.sin(np.radians(10.0)), abs=0.01)


def test_a_matrix_of_the_head_is_split_up() -> None:
    document, data = glb_document()
    place = np.eye(4)
    place[:3, :3] = 2.0 * Rotation.from_euler("y", 90, degrees=True).as_matrix()
    place[:3, 3] = (1, 2, 3)
    document["nodes"][0]["matrix"] = place.T.reshape(-1).tolist()
    found, _ = with_animation(document, data, with_head(FACE, (1, 0, 0)))
    node = found["nodes"][0]
    assert "matrix" not in node
    assert node["translation"] == [1, 2, 3]
    np.testing.assert_allclose(node["scale"], 2.0)
    np.testing.assert_allclose(Rotation.from_quat(node["rotation"]).as_matrix() * 2.0, place[:3, :3], atol=1e-9)


def test_a_head_that_does_not_move_has_no_channel() -> None:
    assert ("head", "rotation") not in channels(*with_animation(*glb_document(), FACE))


@pytest.mark.parametrize(("change", "message"), [
    (lambda d: d["meshes"][0]["extras"]["targetNames"].__setitem__(0, "x") or
     d["meshes"][0]["extras"]["targetNames"].__setitem__(1, "y"), "none of ARKit"),
    (lambda d: d["meshes"][0]["extras"]["targetNames"].append("jawLeft"), "intact"),
    (lambda d: d.pop("meshes"), "intact"), (lambda d: d.update(nodes=[{"mesh": 7}]), "intact"),
])
def test_meshes_that_cannot_be_animated_are_refused(change, message: str, tmp_path: Path) -> None:
    from speech_gesture_ros.avatar.glb import write_glb

    document, data = glb_document()
    change(document)
    write_glb(tmp_path / "mesh.glb", document, data)
    with pytest.raises(InputError, match=message):
        write_gltf_animation(tmp_path / "out.glb", FACE, tmp_path / "mesh.glb")
    assert not (tmp_path / "out.glb").exists()


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="endings"):
        write_gltf_animation(tmp_path / "out.fbx", FACE)
