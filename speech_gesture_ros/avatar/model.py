"""Avatar in memory: meshes with shapes, on one skeleton."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import ARTICULATION_NAMES, BLENDSHAPES, VISEME_COLUMNS

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.integer]

SHAPE_NAMES = (*BLENDSHAPES, *ARTICULATION_NAMES[VISEME_COLUMNS])  # 52 of ARKit and 15 visemes


@dataclass(frozen=True)
class ShapeOffsets:
    """Offsets of one shape.

    Attributes:
        index: (K,) vertices, rising.
        points: (K, 3) offsets [m].
        normals: (K, 3) changes of the normals.
    """

    index: Whole
    points: Floats
    normals: Floats


@dataclass(frozen=True)
class AvatarMesh:
    """One mesh in the bind pose.

    Attributes:
        name: Unique in its avatar.
        points: (n, 3) [m], Y up, Z ahead.
        normals: (n, 3) unit vectors.
        colours: (n, 3) sRGB in [0, 1].
        faces: (m, 3) triangles, counter-clockwise seen from outside.
        bones: (n, 4) bones that move each vertex.
        weights: (n, 4) their shares, with sum 1.
        shapes: Shape to its offsets.
    """

    name: str
    points: Floats
    normals: Floats
    colours: Floats
    faces: Whole
    bones: Whole
    weights: Floats
    shapes: dict[str, ShapeOffsets]


@dataclass(frozen=True)
class AvatarModel:
    """Meshes and skeleton; in the bind pose every bone has the axes of the world.

    Attributes:
        meshes: Of the avatar.
        bones: (B,) names, parents first.
        parents: (B,) index of each bone's parent, -1 for the root.
        joints: (B, 3) origin of each bone [m].
    """

    meshes: tuple[AvatarMesh, ...]
    bones: tuple[str, ...]
    parents: tuple[int, ...]
    joints: Floats
