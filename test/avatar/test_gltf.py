"""GLB files: what is written is read back; damaged and hostile files are refused; other readers take the avatar."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from speech_gesture_ros.avatar.glb import pack_glb, read_glb
from speech_gesture_ros.avatar.gltf_reader import from_linear, read_avatar
from speech_gesture_ros.avatar.gltf_transforms import node_places
from speech_gesture_ros.avatar.gltf_writer import gltf_bytes, linear, write_avatar
from speech_gesture_ros.avatar.model import SHAPE_NAMES
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import InputError

SHIPPED = resolve("avatar", "models") / "avatar.glb"


def test_an_avatar_is_read_back_as_it_was_written(small_avatar, tmp_path):
    path = tmp_path / "a.glb"
    assert write_avatar(path, small_avatar) == path.stat().st_size
    read = read_avatar(path)
    assert read.bones == small_avatar.bones
    assert read.parents == small_avatar.parents
    assert np.allclose(read.joints, small_avatar.joints, atol=1e-6)
    for before, after in zip(small_avatar.meshes, read.meshes):
        assert np.array_equal(before.points, after.points)
        assert np.array_equal(before.faces, after.faces)
        assert np.array_equal(before.bones * (before.weights > 0), after.bones * (after.weights > 0))
        assert np.allclose(before.weights, after.weights, atol=1e-6)
        assert np.allclose(before.colours, after.colours, atol=0.02)  # 8 bits, linear
        assert list(before.shapes) == list(after.shapes)
        for name, shape in before.shapes.items():
            dense = np.zeros_like(before.points)
            dense[shape.index] = shape.points
            back = np.zeros_like(before.points)
            back[after.shapes[name].index] = after.shapes[name].points
            assert np.array_equal(dense, back)


def test_the_shipped_avatar_has_what_others_rely_on():
    document, data = read_glb(SHIPPED)
    assert SHIPPED.stat().st_size <= 4 * 2**20
    assert document["meshes"][0]["extras"]["targetNames"] == list(SHAPE_NAMES)
    assert "extensionsRequired" not in document
    names = {node["name"] for node in document["nodes"]}
    assert {"hips", "spine", "chest", "upperChest", "neck", "head", "leftShoulder", "leftUpperArm", "leftLowerArm",
            "leftHand", "leftThumbMetacarpal", "leftThumbProximal", "rightLittleDistal", "leftUpperLeg",
            "rightToes"} <= names
    assert len(data) == document["buffers"][0]["byteLength"]
    model = read_avatar(SHIPPED)
    at = dict(zip(model.bones, model.joints))
    assert 1.6 < max(mesh.points[:, 1].max() for mesh in model.meshes) < 1.8  # metres, Y up
    assert at["leftHand"][0] > at["leftShoulder"][0] > 0 > at["rightHand"][0]  # faces +Z
    assert model.meshes[1].points[:, 2].mean() > at["head"][2]


@pytest.mark.slow
def test_trimesh_reads_the_shipped_avatar():
    trimesh = pytest.importorskip("trimesh", reason="needs trimesh: pip install '.[test]'")
    scene = trimesh.load(SHIPPED)
    model = read_avatar(SHIPPED)
    assert {name: len(mesh.vertices) for name, mesh in scene.geometry.items()} == {
        mesh.name: len(mesh.points) for mesh in model.meshes}
    assert np.allclose(scene.bounds[1], np.max([mesh.points.max(axis=0) for mesh in model.meshes], axis=0))


def test_the_lips_meet_in_p_and_part_in_a():
    face = read_avatar(SHIPPED).meshes[0]

    def gap(**shares: float) -> float:
        points = face.points.astype(np.float64)
        for name, share in shares.items():
            points[face.shapes[name].index] += share * face.shapes[name].points
        middle = np.flatnonzero((np.abs(face.points[:, 0]) < 0.004) & lips)
        upper, lower = middle[rises[middle] < 0.004], middle[rises[middle] > 0.02]
        return float(points[upper, 1].min() - points[lower, 1].max())

    rises = np.zeros(len(face.points))
    rises[face.shapes["jawOpen"].index] = np.linalg.norm(face.shapes["jawOpen"].points, axis=1)
    red = face.colours[:, 0] - face.colours[:, 1]
    lips = (red > 0.2) & (face.points[:, 2] > 0.145)
    assert gap(jawOpen=1.0) > 0.02
    assert gap(viseme_aa=1.0) > 0.008
    assert gap(viseme_PP=1.0) < gap() + 0.002
    assert gap(jawOpen=0.13, mouthClose=0.13) < gap() + 0.002


def test_colours_are_linear_in_the_file_and_srgb_in_memory():
    values = np.linspace(0.0, 1.0, 11)
    assert np.allclose(from_linear(linear(values)), values, atol=1e-9)
    assert linear(np.array([0.5]))[0] == pytest.approx(0.2140, abs=1e-4)


def small_document() -> tuple[dict, bytes]:
    """One triangle below a turned node, quantised, with one morph target."""
    points = np.array([[0, 0, 0], [32767, 0, 0], [0, 32767, 0]], np.int16)
    padded = np.zeros((3, 4), np.int16)
    padded[:, :3] = points
    target = np.array([[0, 0, 1]], np.float32)
    data = padded.tobytes() + np.array([1, 0], np.uint16).tobytes() + target.tobytes()
    document = {
        "asset": {"version": "2.0"}, "buffers": [{"byteLength": len(data)}],
        "bufferViews": [{"buffer": 0, "byteLength": 24, "byteStride": 8},
                        {"buffer": 0, "byteOffset": 24, "byteLength": 2},
                        {"buffer": 0, "byteOffset": 28, "byteLength": 12}],
        "accessors": [{"bufferView": 0, "componentType": 5122, "normalized": True, "count": 3, "type": "VEC3"},
                      {"componentType": 5126, "count": 3, "type": "VEC3", "sparse": {
                          "count": 1, "indices": {"bufferView": 1, "componentType": 5123},
                          "values": {"bufferView": 2}}}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [1.0, 0.0, 0.0, 1.0]}}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "targets": [{"POSITION": 1}], "material": 0}],
                    "extras": {"targetNames": ["jawOpen"]}}],
        "nodes": [{"children": [1], "translation": [0, 1, 0]},
                  {"mesh": 0, "rotation": [0, 0, np.sqrt(0.5), np.sqrt(0.5)], "scale": [2, 2, 2]}],
    }
    return document, data


def test_a_mesh_without_a_skin_is_read_in_the_world(tmp_path):
    path = tmp_path / "a.glb"
    path.write_bytes(pack_glb(*small_document()))
    model = read_avatar(path)
    mesh = model.meshes[0]
    assert np.allclose(mesh.points, [[0, 1, 0], [0, 3, 0], [-2, 1, 0]], atol=1e-6)
    assert np.allclose(mesh.normals, [[0, 0, 1]] * 3)
    assert np.allclose(mesh.colours, [[1, 0, 0]] * 3)
    assert list(mesh.shapes["jawOpen"].index) == [1]
    assert np.allclose(mesh.shapes["jawOpen"].points, [[0, 0, 2]])
    assert model.bones == ("root",)


@pytest.mark.parametrize("change", [
    lambda d: d["accessors"][0].update(count=4_000_000_000),
    lambda d: d["accessors"][0].update(count=4),
    lambda d: d["accessors"][0].update(bufferView=7),
    lambda d: d["bufferViews"][0].update(byteOffset=-8),
    lambda d: d["bufferViews"][0].update(byteStride=0),
    lambda d: d["accessors"][1]["sparse"].update(count=1000),
    lambda d: d["nodes"][1].update(children=[0]),
    lambda d: d["nodes"][0].update(mesh=3),
    lambda d: d.update(meshes=[]),
    lambda d: d.update(nodes=[]),
    lambda d: d.update(accessors={}),
    lambda d: d["nodes"][1].update(rotation=["a", 0, 0, 1]),
    lambda d: d["meshes"][0]["primitives"][0].update(targets=[{"POSITION": 1}] * 2000),
])
def test_damaged_documents_are_refused_in_one_line(tmp_path, change):
    document, data = small_document()
    change(document)
    path = tmp_path / "a.glb"
    path.write_bytes(pack_glb(document, data))
    with pytest.raises(InputError, match="GLB file") as error:
        read_avatar(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [
    b"", b"glTF", b"glTF" + struct.pack("<II", 1, 12), b"{}",
    b"glTF" + struct.pack("<II", 2, 24) + struct.pack("<II", 100, 0x4E4F534A) + b"{}",
    b"glTF" + struct.pack("<II", 2, 24) + struct.pack("<II", 4, 0x4E4F534A) + b"[  ]",
    b"glTF" + struct.pack("<II", 2, 12),
])
def test_files_of_another_kind_are_refused(tmp_path, content):
    path = tmp_path / "a.glb"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"must be a binary file of glTF 2\.0"):
        read_avatar(path)


def test_compressed_files_are_refused_by_name(tmp_path):
    document, data = small_document()
    document["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    (tmp_path / "a.glb").write_bytes(pack_glb(document, data))
    with pytest.raises(InputError, match="KHR_draco_mesh_compression"):
        read_avatar(tmp_path / "a.glb")


def test_too_large_avatars_are_not_written(small_avatar, tmp_path, monkeypatch):
    monkeypatch.setattr("speech_gesture_ros.avatar.gltf_writer.MAX_BYTES", 1000)
    with pytest.raises(InputError, match="size of the avatar"):
        write_avatar(tmp_path / "a.glb", small_avatar)
    assert not list(tmp_path.iterdir())


def test_the_file_has_the_header_of_the_format(small_avatar):
    content = gltf_bytes(small_avatar)
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    size, kind = struct.unpack_from("<II", content, 12)
    assert kind == 0x4E4F534A
    assert json.loads(content[20:20 + size])["asset"]["version"] == "2.0"


def test_places_of_nodes_are_products_of_their_parents():
    turn = [0.0, 0.0, float(np.sqrt(0.5)), float(np.sqrt(0.5))]
    places = node_places([{"translation": [1, 0, 0], "rotation": turn, "children": [1]}, {"translation": [1, 0, 0]}])
    assert np.allclose(places[1][:3, 3], [1, 1, 0])
    column_major = np.array(places[1]).T.ravel().tolist()
    assert np.allclose(node_places([{"matrix": column_major}])[0], places[1])
    with pytest.raises(ValueError, match="two parents"):
        node_places([{"children": [1]}, {}, {"children": [1]}])
