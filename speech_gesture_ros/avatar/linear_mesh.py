"""Meshes whose vertices are linear combinations of those of another mesh: selection, smoothing, subdivision.

Every shape that moves the base mesh then moves them, and its weights of bones become theirs, without a further rule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix, diags, vstack

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def selection(index: Indices, count: int) -> csr_matrix:
    """(len(index), count) matrix that selects vertices of `count`."""
    return csr_matrix((np.ones(len(index)), (np.arange(len(index)), index)), (len(index), count))


def compact(faces: Indices) -> tuple[Indices, Indices]:
    """Return the vertices that faces use, and the faces as indices into them."""
    used, inverse = np.unique(faces, return_inverse=True)
    return np.asarray(used, dtype=np.int64), np.asarray(inverse.reshape(faces.shape), dtype=np.int64)


def triangles(quads: Indices) -> Indices:
    """(2 F, 3) triangles of (F, 4) quads, both of a quad one after the other."""
    return np.asarray(quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3))


def vertex_normals(points: Array, faces: Indices) -> Array:
    """(V, 3) unit normals: those of the triangles around a vertex, weighted by area; ahead where there is none."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    corners = coo_matrix((np.ones(faces.size), (faces.T.ravel(), np.tile(np.arange(len(faces)), 3))),
                         (len(points), len(faces))).tocsr()
    out = np.asarray(corners @ normal)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    return np.where(length > 1e-15, out / np.maximum(length, 1e-15), [0.0, 0.0, 1.0])


def smoothing(quads: Indices, count: int, free: npt.NDArray[np.bool_], steps: int, share: float = 0.5) -> csr_matrix:
    """(count, count) matrix that moves the free vertices towards the mean of their neighbours, several times."""
    edges = np.concatenate([quads[:, [i, (i + 1) % 4]] for i in range(4)])
    both = np.concatenate([edges, edges[:, ::-1]])
    near = coo_matrix((np.ones(len(both)), both.T), (count, count)).tocsr()
    near.data[:] = 1.0
    degree = np.maximum(np.asarray(near.sum(axis=1)).ravel(), 1.0)
    amount = np.where(free, share, 0.0)
    step = diags(1.0 - amount) + diags(amount / degree) @ near
    out = diags(np.ones(count)).tocsr()
    for _ in range(steps):
        out = (step @ out).tocsr()
    return out


def subdivide(quads: Indices, count: int) -> tuple[csr_matrix, Indices]:
    """Subdivide a mesh of quads once (Catmull and Clark 1978); edges with one face stay where they are.

    Args:
        quads: (F, 4).
        count: Number of vertices.

    Returns:
        Matrix (count + E + F, count) of the new vertices, and their quads (4 F, 4).
    """
    edges = np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1)  # (F, 4, 2)
    unique, which, uses = np.unique(np.sort(edges.reshape(-1, 2), axis=1), axis=0, return_inverse=True,
                                    return_counts=True)
    which = which.reshape(len(quads), 4)
    face_rows = _means(quads, count)
    middle_rows = _means(unique, count)
    faces_of_edge = coo_matrix((np.ones(which.size), (which.ravel(), np.repeat(np.arange(len(quads)), 4))),
                               (len(unique), len(quads))).tocsr()
    is_inner = uses == 2
    inner = diags(is_inner.astype(float))
    edge_rows = middle_rows - 0.5 * (inner @ middle_rows) + 0.25 * (inner @ faces_of_edge @ face_rows)
    point_rows = _moved_points(quads, unique, is_inner, count, face_rows, middle_rows)
    edge_ids, face_ids = count + which, count + len(unique) + np.arange(len(quads))
    fine = np.stack([np.stack([quads[:, i], edge_ids[:, i], face_ids, edge_ids[:, i - 1]], axis=1)
                     for i in range(4)], axis=1)
    return vstack([point_rows, edge_rows, face_rows]).tocsr(), fine.reshape(-1, 4)


def _moved_points(quads: Indices, edges: Indices, is_inner: npt.NDArray[np.bool_], count: int, face_rows: csr_matrix,
                  middle_rows: csr_matrix) -> csr_matrix:
    around = coo_matrix((np.ones(quads.size), (quads.ravel(), np.repeat(np.arange(len(quads)), 4))),
                        (count, len(quads))).tocsr()
    along = coo_matrix((np.ones(edges.size), (edges.ravel(), np.repeat(np.arange(len(edges)), 2))),
                       (count, len(edges))).tocsr()
    number = np.maximum(np.asarray(along.sum(axis=1)).ravel(), 1.0)
    faces = np.maximum(np.asarray(around.sum(axis=1)).ravel(), 1.0)
    at_border = np.asarray(along @ (~is_inner).astype(float)) > 0
    moved = np.where(at_border, 0.0, 1.0)
    still = diags(np.where(at_border, 1.0, (number - 3.0) / number))
    return (still + diags(moved / number / faces) @ around @ face_rows
            + diags(2.0 * moved / number**2) @ along @ middle_rows).tocsr()


def _means(members: Indices, count: int) -> csr_matrix:
    """(len(members), count) matrix of the means of groups of vertices (G, K)."""
    rows = np.repeat(np.arange(len(members)), members.shape[1])
    return coo_matrix((np.full(members.size, 1.0 / members.shape[1]), (rows, members.ravel())),
                      (len(members), count)).tocsr()
