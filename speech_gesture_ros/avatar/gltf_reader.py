"""glTF 2.0 to an avatar: meshes with shapes and their skeleton, of any GLB file whose data are inside it.

What is read: positions, normals, vertex colours or the colour of the material, skins, morph targets with names, sparse
and normalised accessors. What is not: textures, animations, compressed meshes. Only what is in the file is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.avatar.glb import read_glb
from speech_gesture_ros.avatar.gltf_transforms import node_places
from speech_gesture_ros.avatar.linear_mesh import vertex_normals
from speech_gesture_ros.avatar.model import AvatarMesh, AvatarModel, ShapeOffsets
from speech_gesture_ros.core.errors import InputError

Array = npt.NDArray[np.float64]

TYPES = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
LARGEST = {"int8": 127, "uint8": 255, "int16": 32767, "uint16": 65535, "uint32": 2**32 - 1}
COLUMNS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MAX_ITEMS = 2_000_000  # of one accessor
MAX_MESHES, MAX_SHAPES = 100, 1000
COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression")
ROOT = "root"  # bone of meshes without a skin


class _Document:
    """Accessors of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.json, self.data = read_glb(path)

    def list(self, name: str) -> list[Any]:
        value = self.json.get(name, [])
        if not isinstance(value, list):
            raise ValueError(f"{name} is no list")
        return value

    def accessor(self, index: int) -> npt.NDArray[Any]:
        """Return the values of an accessor, (count, columns); normalised ones as floats."""
        entry = self.list("accessors")[index]
        count, dtype = int(entry["count"]), np.dtype(TYPES[entry["componentType"]])
        columns = COLUMNS[entry["type"]]
        if not 0 <= count <= MAX_ITEMS:
            raise ValueError(f"an accessor has {count} items; at most {MAX_ITEMS} are read")
        if "bufferView" in entry:
            values = self._view(entry["bufferView"], entry.get("byteOffset", 0), count, columns, dtype)
        else:
            values = np.zeros((count, columns), dtype)
        sparse = entry.get("sparse")
        if sparse:
            some = int(sparse["count"])
            where = self._view(sparse["indices"]["bufferView"], sparse["indices"].get("byteOffset", 0), some, 1,
                               np.dtype(TYPES[sparse["indices"]["componentType"]]))[:, 0]
            values[where] = self._view(sparse["values"]["bufferView"], sparse["values"].get("byteOffset", 0), some,
                                       columns, dtype)
        if entry.get("normalized") and dtype.kind in "iu":
            return np.asarray(np.maximum(values.astype(np.float64) / LARGEST[dtype.name], -1.0))
        return np.asarray(values)

    def _view(self, index: int, offset: int, count: int, columns: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        view = self.list("bufferViews")[index]
        if view.get("buffer", 0) != 0:
            raise ValueError("data are in another file")
        width = columns * dtype.itemsize
        stride = int(view.get("byteStride", width))
        start = int(view.get("byteOffset", 0)) + int(offset)
        stop = start + stride * (count - 1) + width if count else start
        if not 0 <= start <= stop <= len(self.data) or stride < width:
            raise ValueError("data go beyond the end of the file")
        raw = np.lib.stride_tricks.as_strided(np.frombuffer(self.data, np.uint8)[start:], (count, width), (stride, 1))
        return np.array(np.ascontiguousarray(raw).view(dtype).reshape(count, columns))


def read_avatar(path: Path) -> AvatarModel:
    """Read a GLB file.

    Raises:
        InputError: If it is missing, damaged, has no mesh, or needs what is not read.
    """
    document = _Document(path)
    needed = [name for name in document.json.get("extensionsRequired", []) if name in COMPRESSED]
    if needed:
        raise InputError(f"required extension of {path}", needed[0], "none of compression", "Export it uncompressed.")
    try:
        return _avatar(document)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError("GLB file", str(path), "an intact file of glTF 2.0 with a mesh", repr(error)) from None


def _avatar(document: _Document) -> AvatarModel:
    places = node_places(document.list("nodes"))
    nodes = document.list("nodes")
    skins = document.list("skins")
    bones: list[str] = []
    parents: list[int] = []
    joints: list[Array] = []
    first: dict[int, int] = {}
    for number, skin in enumerate(skins):
        first[number] = len(bones)
        inverse = (document.accessor(skin["inverseBindMatrices"]).reshape(-1, 4, 4).astype(np.float64)
                   if "inverseBindMatrices" in skin else None)
        of_node = {node: len(bones) + i for i, node in enumerate(skin["joints"])}
        for i, node in enumerate(skin["joints"]):
            parent = next((k for k, other in enumerate(nodes) if node in other.get("children", [])), -1)
            bones.append(str(nodes[node].get("name", f"bone {node}")))
            parents.append(of_node.get(parent, -1))
            bind = places[node] if inverse is None else np.linalg.inv(inverse[i].T)
            joints.append(bind[:3, 3])
    if any(parent >= i for i, parent in enumerate(parents)):
        raise ValueError("a bone is listed before its parent")
    if any("mesh" in node and "skin" not in node for node in nodes):
        first[-1] = len(bones)
        bones, parents, joints = [*bones, ROOT], [*parents, -1], [*joints, np.zeros(3)]
    meshes: list[AvatarMesh] = []
    for number, node in enumerate(nodes):
        if "mesh" in node:
            place = np.eye(4) if "skin" in node else places[number]
            meshes += _meshes(document, document.list("meshes")[node["mesh"]], place, first[node.get("skin", -1)])
    if not 0 < len(meshes) <= MAX_MESHES:
        raise ValueError(f"it has {len(meshes)} meshes, must be 1 to {MAX_MESHES}")
    model = AvatarModel(tuple(meshes), tuple(bones), tuple(parents), np.array(joints, dtype=np.float32))
    for mesh in meshes:
        if mesh.bones.max(initial=0) >= len(bones) or mesh.faces.max(initial=0) >= len(mesh.points):
            raise ValueError(f"mesh {mesh.name} names a bone or a vertex that does not exist")
    return model


def _meshes(document: _Document, mesh: dict[str, Any], place: Array, first_bone: int) -> list[AvatarMesh]:
    names = [str(name) for name in mesh.get("extras", {}).get("targetNames", [])]
    found = []
    for i, primitive in enumerate(mesh["primitives"]):
        if primitive.get("mode", 4) != 4:
            continue
        attributes = primitive["attributes"]
        points = document.accessor(attributes["POSITION"]).astype(np.float64)
        count = len(points)
        faces = (document.accessor(primitive["indices"])[:, 0].astype(np.int64) if "indices" in primitive
                 else np.arange(count)).reshape(-1, 3)
        if faces.max(initial=0) >= count:
            raise ValueError("a face names a vertex that does not exist")
        normals = (document.accessor(attributes["NORMAL"]).astype(np.float64) if "NORMAL" in attributes
                   else vertex_normals(points, faces))
        turn = place[:3, :3]
        bones = np.full((count, 4), first_bone)
        weights = np.tile(np.array([1.0, 0.0, 0.0, 0.0], np.float32), (count, 1))
        if "JOINTS_0" in attributes:
            bones = first_bone + document.accessor(attributes["JOINTS_0"]).astype(np.int64)
            weights = document.accessor(attributes["WEIGHTS_0"]).astype(np.float32)
            weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-6)
        normals = normals @ np.linalg.inv(turn)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        name = str(mesh.get("name", "mesh")) + (f" {i}" if i else "")
        world = points @ turn.T + place[:3, 3]
        if not np.all(np.isfinite(world)):
            raise ValueError(f"mesh {name} has points that are not finite")
        found.append(AvatarMesh(name, world.astype(np.float32), normals.astype(np.float32),
                                _colours(document, primitive, count), faces, bones, weights,
                                _shapes(document, primitive, names, turn)))
    return found


def _colours(document: _Document, primitive: dict[str, Any], count: int) -> npt.NDArray[np.float32]:
    colour = np.ones((count, 3))
    if "material" in primitive:
        material = document.list("materials")[primitive["material"]]
        factor = material.get("pbrMetallicRoughness", {}).get("baseColorFactor", [1.0] * 4)
        colour *= np.array(factor[:3], dtype=np.float64)
    if "COLOR_0" in primitive["attributes"]:
        colour *= document.accessor(primitive["attributes"]["COLOR_0"])[:, :3]
    return from_linear(np.clip(colour, 0.0, 1.0)).astype(np.float32)


def _shapes(document: _Document, primitive: dict[str, Any], names: list[str], turn: Array) -> dict[str, ShapeOffsets]:
    targets = primitive.get("targets", [])
    if len(targets) > MAX_SHAPES:
        raise ValueError(f"a mesh has {len(targets)} morph targets, at most {MAX_SHAPES} are read")
    found = {}
    for i, target in enumerate(targets):
        if "POSITION" not in target:
            continue
        points = document.accessor(target["POSITION"]).astype(np.float64) @ turn.T
        normals = (document.accessor(target["NORMAL"]).astype(np.float64) @ turn.T if "NORMAL" in target
                   else np.zeros_like(points))
        index = np.flatnonzero(np.any(points != 0.0, axis=1) | np.any(normals != 0.0, axis=1))
        found[names[i] if i < len(names) else f"shape {i}"] = ShapeOffsets(
            index, points[index].astype(np.float32), normals[index].astype(np.float32))
    return found


def from_linear(colours: npt.NDArray[np.floating]) -> Array:
    """Return linear colours in [0, 1] as sRGB values (IEC 61966-2-1)."""
    value = np.asarray(colours, dtype=np.float64)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * np.maximum(value, 1e-12) ** (1 / 2.4) - 0.055)
