"""Places of the nodes of a glTF file in the world."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def node_places(nodes: list[dict[str, Any]]) -> list[Array]:
    """Return the (4, 4) transform of each node to the world.

    Raises:
        ValueError: If a node is below itself, or has two parents.
    """
    parent = [-1] * len(nodes)
    for i, node in enumerate(nodes):
        for child in node.get("children", []):
            if parent[child] >= 0:
                raise ValueError(f"node {child} has two parents")
            parent[child] = i
    places: list[Array] = []
    for i in range(len(nodes)):
        place, at, steps = local_place(nodes[i]), parent[i], 0
        while at >= 0:
            place, at, steps = local_place(nodes[at]) @ place, parent[at], steps + 1
            if steps > len(nodes):
                raise ValueError(f"node {i} is below itself")
        places.append(place)
    return places


def local_place(node: dict[str, Any]) -> Array:
    """Return the (4, 4) transform of a node to its parent: its matrix, or translation, rotation and scale."""
    if "matrix" in node:
        return np.asarray(np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T)
    place = np.eye(4)
    place[:3, :3] = quaternion_matrix(np.array(node.get("rotation", (0.0, 0.0, 0.0, 1.0)), dtype=np.float64))
    place[:3, :3] *= np.array(node.get("scale", (1.0, 1.0, 1.0)), dtype=np.float64)
    place[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return place


def quaternion_matrix(quaternion: Array) -> Array:
    """(3, 3) rotation of a quaternion x, y, z, w of any length but 0."""
    x, y, z, w = quaternion / np.linalg.norm(quaternion)
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
