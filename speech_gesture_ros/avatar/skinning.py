"""Avatar in a pose with a face: shapes are added, then vertices follow their bones (linear blend skinning)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from speech_gesture_ros.avatar.model import AvatarMesh, AvatarModel

Array = npt.NDArray[np.float32]


class SkinnedMesh:
    """Moves the vertices of one mesh.

    Args:
        mesh: The mesh.
        model: Its avatar.
        names: Shapes whose shares are given, in this order; those that the mesh does not have are left out.
    """

    def __init__(self, mesh: AvatarMesh, model: AvatarModel, names: tuple[str, ...]) -> None:
        self.mesh = mesh
        self.model = model
        count = len(mesh.points)
        self._own = [i for i, name in enumerate(names) if name in mesh.shapes and len(mesh.shapes[name].index)]
        self._points = _shape_matrix(mesh, [names[i] for i in self._own], normals=False)
        self._normals = _shape_matrix(mesh, [names[i] for i in self._own], normals=True)
        rows = np.repeat(np.arange(count), 4)
        self._bones = csr_matrix((mesh.weights.reshape(-1), (rows, mesh.bones.reshape(-1))),
                                 (count, len(model.bones)), dtype=np.float32)

    def place(self, turns: npt.NDArray[np.floating], joints: npt.NDArray[np.floating],
              shares: npt.NDArray[np.floating]) -> tuple[Array, Array]:
        """Return points and normals, (n, 3) each.

        Args:
            turns: (B, 3, 3) rotations of the bones since the bind pose, in the world.
            joints: (B, 3) origins of the bones [m].
            shares: (S,) of the shapes, in the order of `names`.
        """
        own = np.asarray(shares, dtype=np.float32)[self._own]
        points = self.mesh.points + (self._points @ own).reshape(-1, 3)
        normals = self.mesh.normals + (self._normals @ own).reshape(-1, 3)
        moves = joints - np.einsum("bij,bj->bi", turns, self.model.joints)
        blended = self._bones @ np.concatenate([turns.reshape(-1, 9), moves], axis=1).astype(np.float32)
        matrices = blended[:, :9].reshape(-1, 3, 3)
        placed = np.einsum("nij,nj->ni", matrices, points) + blended[:, 9:]
        turned = np.einsum("nij,nj->ni", matrices, normals)
        length = np.linalg.norm(turned, axis=1, keepdims=True)
        return placed.astype(np.float32), (turned / np.maximum(length, 1e-9)).astype(np.float32)


def posed_joints(model: AvatarModel, turns: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the origins of the bones (..., B, 3) [m] for rotations since the bind pose in the world (..., B, 3, 3)."""
    at = np.zeros((*turns.shape[:-2], 3))
    for bone, parent in enumerate(model.parents):
        if parent < 0:
            at[..., bone, :] = model.joints[bone]
        else:
            way = (model.joints[bone] - model.joints[parent]).astype(np.float64)
            at[..., bone, :] = at[..., parent, :] + turns[..., parent, :, :] @ way
    return at


def shares_of(values: Mapping[str, float], names: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """Return shares (S,) in the order of names; 0 for those not given."""
    return np.array([values.get(name, 0.0) for name in names], dtype=np.float32)


def _shape_matrix(mesh: AvatarMesh, names: list[str], *, normals: bool) -> csr_matrix:
    """(3 n, S) matrix: shares to offsets."""
    rows, columns, values = [], [], []
    for column, name in enumerate(names):
        shape = mesh.shapes[name]
        offset = shape.normals if normals else shape.points
        index = (3 * np.asarray(shape.index)[:, None] + np.arange(3)).ravel()
        kept = offset.ravel() != 0.0
        rows.append(index[kept])
        columns.append(np.full(int(kept.sum()), column))
        values.append(offset.ravel()[kept])
    size = (3 * len(mesh.points), len(names))
    if not names:
        return csr_matrix(size, dtype=np.float32)
    return csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), size,
                      dtype=np.float32)
