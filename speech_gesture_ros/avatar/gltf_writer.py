"""Avatar to glTF 2.0: skinned meshes with vertex colours, shapes as sparse accessors, one skeleton.

Only the core of glTF 2.0 is used, no extension, so that every reader of glTF takes the file. Positions and normals are
32-bit floats; colours and weights have 8 bits; a shape holds the vertices that it moves alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.glb import pack_glb
from speech_gesture_ros.avatar.model import AvatarMesh, AvatarModel, ShapeOffsets
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.bounded_files import MIB
from speech_gesture_ros.core.errors import InputError

MAX_BYTES = 4 * MIB
FLOAT, BYTE, SHORT, INT = 5126, 5121, 5123, 5125
VERTICES, FACES = 34962, 34963  # targets of buffer views
COPYRIGHT = ("MakeHuman base mesh and shapes: CC0, Data Collection AB, Joel Palmius, Jonas Hauquier and contributors; "
             "shapes of the face and rig: Mika Suominen (TalkingHead), MIT and CC0")
ROUGHNESS = {"eyes": 0.15, "face": 0.65, "body": 0.9}


class _Buffer:
    """Binary data with its views and accessors."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def view(self, array: npt.NDArray[Any], target: int | None = None) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        raw = np.ascontiguousarray(array).tobytes()
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw)}
        if target == VERTICES:
            view["byteStride"] = array.itemsize * array.shape[1]
        if target is not None:
            view["target"] = target
        self.data += raw
        self.views.append(view)
        return len(self.views) - 1

    def accessor(self, **entries: Any) -> int:
        self.accessors.append(entries)
        return len(self.accessors) - 1


def gltf_bytes(model: AvatarModel) -> bytes:
    """Return the GLB file of an avatar."""
    buffer = _Buffer()
    count = len(model.bones)
    meshes = [_mesh(buffer, mesh) for mesh in model.meshes]
    inverse = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    inverse[:, 3, :3] = -model.joints  # columns of a matrix one after the other
    skin = {"joints": list(range(count)), "skeleton": 0,
            "inverseBindMatrices": buffer.accessor(bufferView=buffer.view(inverse.reshape(count, 16)),
                                                   componentType=FLOAT, count=count, type="MAT4")}
    nodes = _bone_nodes(model)
    nodes += [{"name": mesh.name, "mesh": i, "skin": 0} for i, mesh in enumerate(model.meshes)]
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "speech-gesture avatar build", "copyright": COPYRIGHT},
        "scene": 0, "scenes": [{"nodes": [0, *range(count, count + len(meshes))]}],
        "nodes": nodes, "meshes": meshes, "skins": [skin],
        "materials": [{"name": mesh.name, "pbrMetallicRoughness": {
            "metallicFactor": 0, "roughnessFactor": ROUGHNESS.get(mesh.name, 0.8)}} for mesh in model.meshes],
        "accessors": buffer.accessors, "bufferViews": buffer.views, "buffers": [{"byteLength": len(buffer.data)}],
    }
    for i, mesh in enumerate(document["meshes"]):
        mesh["primitives"][0]["material"] = i
    document["buffers"][0]["byteLength"] += -len(buffer.data) % 4
    return pack_glb(document, bytes(buffer.data))


def write_avatar(path: Path, model: AvatarModel) -> int:
    """Write the GLB file of an avatar; return its size [bytes].

    Raises:
        InputError: If it would be larger than `MAX_BYTES`.
        OutputError: If it cannot be written.
    """
    content = gltf_bytes(model)
    if len(content) > MAX_BYTES:
        raise InputError("size of the avatar", f"{len(content) / MIB:.2f} MiB", f"at most {MAX_BYTES // MIB} MiB",
                         "Choose an identity with fewer sliders, or report it.")
    with atomic_write(path) as file:
        file.write(content)
    return len(content)


def _bone_nodes(model: AvatarModel) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for i, (name, parent) in enumerate(zip(model.bones, model.parents)):
        joint = model.joints[i].astype(np.float64)
        place = joint if parent < 0 else joint - model.joints[parent]
        node: dict[str, Any] = {"name": name, "translation": [float(value) for value in place]}
        children = [k for k, other in enumerate(model.parents) if other == i]
        nodes.append(node | ({"children": children} if children else {}))
    return nodes


def _mesh(buffer: _Buffer, mesh: AvatarMesh) -> dict[str, Any]:
    count = len(mesh.points)
    wide = count > 65_534
    colours = np.concatenate([np.round(255 * linear(mesh.colours)), np.full((count, 1), 255)], axis=1).astype(np.uint8)
    attributes = {
        "POSITION": buffer.accessor(bufferView=buffer.view(mesh.points, VERTICES), componentType=FLOAT, count=count,
                                    type="VEC3", **_bounds(mesh.points)),
        "NORMAL": buffer.accessor(bufferView=buffer.view(_unit(mesh.normals), VERTICES), componentType=FLOAT,
                                  count=count, type="VEC3"),
        "COLOR_0": buffer.accessor(bufferView=buffer.view(colours, VERTICES), componentType=BYTE, normalized=True,
                                   count=count, type="VEC4"),
        "JOINTS_0": buffer.accessor(bufferView=buffer.view(mesh.bones.astype(np.uint8), VERTICES),
                                    componentType=BYTE, count=count, type="VEC4"),
        "WEIGHTS_0": buffer.accessor(bufferView=buffer.view(np.round(255 * mesh.weights).astype(np.uint8), VERTICES),
                                     componentType=BYTE, normalized=True, count=count, type="VEC4"),
    }
    faces = mesh.faces.astype(np.uint32 if wide else np.uint16).reshape(-1)
    primitive: dict[str, Any] = {
        "attributes": attributes, "mode": 4,
        "indices": buffer.accessor(bufferView=buffer.view(faces, FACES), componentType=INT if wide else SHORT,
                                   count=len(faces), type="SCALAR")}
    out: dict[str, Any] = {"name": mesh.name, "primitives": [primitive]}
    if mesh.shapes:
        primitive["targets"] = [_shape(buffer, shape, count, wide) for shape in mesh.shapes.values()]
        out["extras"] = {"targetNames": list(mesh.shapes)}
        out["weights"] = [0.0] * len(mesh.shapes)
    return out


def _shape(buffer: _Buffer, shape: ShapeOffsets, count: int, wide: bool) -> dict[str, int]:
    places: dict[str, Any] = {"componentType": FLOAT, "count": count, "type": "VEC3"}
    zero = {"min": [0.0] * 3, "max": [0.0] * 3}
    if not len(shape.index):
        return {"POSITION": buffer.accessor(**places, **zero), "NORMAL": buffer.accessor(**places)}
    index = buffer.view(shape.index.astype(np.uint32 if wide else np.uint16))

    def sparse(values: npt.NDArray[np.float32]) -> dict[str, Any]:
        return {"count": len(shape.index), "values": {"bufferView": buffer.view(values)},
                "indices": {"bufferView": index, "componentType": INT if wide else SHORT}}

    extent = shape.points if len(shape.index) == count else np.concatenate([shape.points, np.zeros((1, 3), np.float32)])
    return {"POSITION": buffer.accessor(**places, **_bounds(extent), sparse=sparse(shape.points)),
            "NORMAL": buffer.accessor(**places, sparse=sparse(shape.normals))}


def linear(colours: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return sRGB values in [0, 1] as linear ones, which glTF has (IEC 61966-2-1)."""
    value = np.asarray(colours, dtype=np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _unit(normals: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True), dtype=np.float32)


def _bounds(points: npt.NDArray[np.float32]) -> dict[str, list[float]]:
    return {"min": [float(v) for v in points.min(axis=0)], "max": [float(v) for v in points.max(axis=0)]}
