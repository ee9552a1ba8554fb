"""Small files of faces: a GLB with morph targets, and a folder as ICT-FaceKit's, both of a few triangles."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speech_gesture_ros.avatar.glb import write_glb

# A square of two triangles that looks to +Z; its upper and lower edge.
SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]], np.uint16)
LOWER = np.array([[0, -0.5, 0], [0, -0.5, 0], [0, 0, 0], [0, 0, 0]], np.float32)


def glb_document(names: tuple[str, ...] = ("jawOpen", "browInnerUp")) -> tuple[dict, bytes]:
    """Return a document of one mesh whose shapes lower its lower edge by 0.5, and its data."""
    arrays = [SQUARE, TRIANGLES, *[LOWER] * len(names)]
    data, views, accessors = b"", [], []
    for array in arrays:
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": array.nbytes})
        kind = {"componentType": 5123, "type": "SCALAR", "count": array.size} if array is TRIANGLES else {
            "componentType": 5126, "type": "VEC3", "count": len(array), "min": array.min(axis=0).tolist(),
            "max": array.max(axis=0).tolist()}
        accessors.append({"bufferView": len(views) - 1, **kind})
        data += array.tobytes() + b"\0" * (-array.nbytes % 4)
    targets = [{"POSITION": 2 + k} for k in range(len(names))]
    mesh = {"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "targets": targets}],
            "extras": {"targetNames": list(names)}, "name": "face"}
    document = {"asset": {"version": "2.0"}, "buffers": [{"byteLength": len(data)}], "bufferViews": views,
                "accessors": accessors, "meshes": [mesh],
                "nodes": [{"name": "head", "children": [1]}, {"name": "face", "mesh": 0}],
                "scenes": [{"nodes": [0]}], "scene": 0}
    return document, data


def write_small_glb(path: Path, names: tuple[str, ...] = ("jawOpen", "browInnerUp")) -> Path:
    write_glb(path, *glb_document(names))
    return path


def write_small_ict(folder: Path) -> Path:
    """Write a folder with the number of vertices of ICT-FaceKit, of which a square is the face."""
    folder.mkdir()
    points = np.zeros((26719, 3), np.float32)
    points[:4] = SQUARE
    deltas = np.zeros((4, 26719, 3), np.float32)
    deltas[0, :4] = LOWER
    deltas[1, 2, 1], deltas[2, 3, 1], deltas[3, 0, 0] = 0.3, 0.4, 0.1
    np.savez_compressed(folder / "ict_expressions_f32.npz", neutral=points, faces=TRIANGLES.astype(np.int32),
                        names=np.array(["jawOpen", "browInnerUp_L", "browInnerUp_R", "eyeBlink_L"]), deltas=deltas)
    return folder
