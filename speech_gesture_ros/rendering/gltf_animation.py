"""Animation of a face as glTF 2.0: added to a GLB file with shapes of ARKit, or alone, on a small mesh that carries it.

Each node whose mesh has morph targets with ARKit's names gets a channel of weights, 50 keys a second, linear between
them. Other targets keep the weight that the file gives them, so that a mesh with visemes is not moved twice. If the
head moves and the file has a node for it, that gets a channel of rotation, about the axes of the world (Y up, Z ahead).

Khronos Group, glTF 2.0 Specification, sections 3.11 (animations) and 3.7.2.2 (morph targets).
"""

from __future__ import annotations

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from speech_gesture_ros.avatar.glb import read_glb, write_glb
from speech_gesture_ros.avatar.gltf_transforms import local_place, node_places
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation

ENDINGS = (".glb", ".gltf")
NAME = "face"
MAX_TARGETS = 1000
FLOAT, VERTICES = 5126, 34962
_HEAD = re.compile(r"(?:.*[^a-z])?head", re.IGNORECASE)
_DAMAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, OverflowError)


class _Additions:
    """Accessors that are added to a document and its data."""

    def __init__(self, document: dict[str, Any], data: bytes) -> None:
        self.document, self.data = document, bytearray(data)

    def accessor(self, values: npt.NDArray[np.floating], kind: str, target: int | None = None, **bounds: Any) -> int:
        """Add values, (N,) or (N, columns), of vertices with a target; return the index of their accessor."""
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        self.data += b"\0" * (-len(self.data) % 4)
        views = self.document.setdefault("bufferViews", [])
        views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw),
                      **({} if target is None else {"target": target})})
        self.data += raw
        accessors: list[Any] = self.document.setdefault("accessors", [])
        accessors.append({"bufferView": len(views) - 1, "componentType": FLOAT, "count": len(values), "type": kind,
                          **bounds})
        return len(accessors) - 1


def write_gltf_animation(path: Path, face: FaceAnimation, mesh: Path | None = None) -> None:
    """Write an animation, .glb or .gltf with its data inside.

    Args:
        path: Of the file.
        face: The animation.
        mesh: GLB file that it is added to; None for the animation alone.

    Raises:
        InputError: If the ending is another one, or the mesh is damaged or has none of the shapes.
        OutputError: If the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError("glTF file", str(path), f"with one of the endings {', '.join(ENDINGS)}", "Rename it.")
    document, data = _carrier() if mesh is None else read_glb(mesh)
    try:
        document, data = with_animation(document, data, face)
    except _DAMAGE as error:
        raise InputError("GLB file", str(mesh), "an intact file of glTF 2.0", repr(error)) from None
    if ending == ".glb":
        write_glb(path, document, data)
    else:
        uri = f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"
        write_text(path, json.dumps(document | {"buffers": [{"byteLength": len(data), "uri": uri}]}) + "\n")


def with_animation(document: dict[str, Any], data: bytes, face: FaceAnimation) -> tuple[dict[str, Any], bytes]:
    """Return a document and its data with an animation added; those given stay as they are.

    Raises:
        InputError: If no mesh has a target with a name of ARKit.
    """
    document = copy.deepcopy(document)
    additions = _Additions(document, data)
    nodes = [number for number, node in enumerate(document.get("nodes", []))
             if "mesh" in node and set(_target_names(document, node)) & set(BLENDSHAPES)]
    if not nodes:
        raise InputError("morph targets of the mesh", "none of ARKit", f"named such as {BLENDSHAPES[17]}",
                         "Name them in mesh.extras.targetNames.")
    times = np.arange(len(face)) / FACE_RATE
    time = additions.accessor(times, "SCALAR", min=[0.0], max=[float(np.float32(times[-1]))])
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def add_channel(node: int, kind: str, output: int) -> None:
        samplers.append({"input": time, "output": output, "interpolation": "LINEAR"})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": kind}})

    for number in nodes:
        weights = _weights(document, document["nodes"][number], face)
        add_channel(number, "weights", additions.accessor(weights.reshape(-1), "SCALAR"))
    head = next((k for k, node in enumerate(document["nodes"]) if _HEAD.fullmatch(str(node.get("name", "")))), None)
    if head is not None and face.head.any():
        add_channel(head, "rotation", additions.accessor(_rotations(document["nodes"], head, face), "VEC4"))
    document.setdefault("animations", []).append({"name": NAME, "samplers": samplers, "channels": channels})
    document["buffers"] = [{"byteLength": len(additions.data)}]
    return document, bytes(additions.data)


def _target_names(document: dict[str, Any], node: dict[str, Any]) -> list[str]:
    mesh = document["meshes"][node["mesh"]]
    names = [str(name) for name in mesh.get("extras", {}).get("targetNames", [])]
    count = len(mesh["primitives"][0].get("targets", []))
    if names and (len(names) != count or count > MAX_TARGETS):
        raise ValueError(f"a mesh has {count} morph targets and {len(names)} names")
    return names


def _weights(document: dict[str, Any], node: dict[str, Any], face: FaceAnimation) -> npt.NDArray[np.float32]:
    """Return the weights (T, targets) of a mesh."""
    names = _target_names(document, node)
    still = node.get("weights", document["meshes"][node["mesh"]].get("weights", [0.0] * len(names)))
    out = np.tile(np.array(still, dtype=np.float32), (len(face), 1))
    for column, name in enumerate(names):
        if name in BLENDSHAPE_INDEX:
            out[:, column] = face.shapes[:, BLENDSHAPE_INDEX[name]]
    return out


def _rotations(nodes: list[dict[str, Any]], head: int, face: FaceAnimation) -> npt.NDArray[np.float64]:
    """Return the local rotations (T, 4) x, y, z, w of the head's node; a matrix of the node is split up."""
    node = nodes[head]
    parent = next((k for k, other in enumerate(nodes) if head in other.get("children", [])), None)
    above = _turn(np.eye(4) if parent is None else node_places(nodes)[parent])
    if "matrix" in node:
        place = local_place(node)
        del node["matrix"]
        node["translation"] = place[:3, 3].tolist()
        node["scale"] = np.linalg.norm(place[:3, :3], axis=0).tolist()
        node["rotation"] = _turn(place).as_quat().tolist()
    rest = Rotation.from_quat(node.get("rotation", [0.0, 0.0, 0.0, 1.0]))
    turned = Rotation.from_euler("YXZ", face.head)
    quaternions = (above.inv() * turned * above * rest).as_quat()
    signs = np.sign(np.einsum("ti,ti->t", quaternions[1:], quaternions[:-1]))
    return np.asarray(quaternions * np.cumprod(np.concatenate([[1.0], np.where(signs < 0, -1.0, 1.0)]))[:, None])


def _turn(place: npt.NDArray[np.float64]) -> Rotation:
    """Return the rotation of a matrix (4, 4) without its scale."""
    return Rotation.from_matrix(place[:3, :3] / np.linalg.norm(place[:3, :3], axis=0))


def _carrier() -> tuple[dict[str, Any], bytes]:
    """Return a document with a head whose mesh is a small triangle with 52 targets that move nothing."""
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "speech_gesture_ros"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "head", "mesh": 0}],
    }
    additions = _Additions(document, b"")
    corners = np.array([[0.0, 0.0, 0.0], [0.001, 0.0, 0.0], [0.0, 0.001, 0.0]], np.float32)
    bounds = {"min": corners.min(axis=0).tolist(), "max": corners.max(axis=0).tolist()}
    position = additions.accessor(corners, "VEC3", VERTICES, **bounds)
    still = additions.accessor(np.zeros((3, 3)), "VEC3", VERTICES, min=[0.0] * 3, max=[0.0] * 3)
    document["meshes"] = [{"name": "face", "primitives": [{"attributes": {"POSITION": position},
                                                          "targets": [{"POSITION": still}] * len(BLENDSHAPES)}],
                           "weights": [0.0] * len(BLENDSHAPES), "extras": {"targetNames": list(BLENDSHAPES)}}]
    return document, bytes(additions.data)
