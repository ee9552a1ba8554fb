"""Rotations in messages, by tf_transformations where ROS provides it, else by SciPy.

tf_transformations can be installed and fail at import: its transforms3d, as in Ubuntu 22.04, uses names that NumPy 1.24
removed. Any such failure selects SciPy, which gives the same numbers.
"""

from __future__ import annotations

import functools
import importlib
import logging
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from geometry_msgs.msg import Quaternion
from scipy.spatial.transform import Rotation

Array = npt.NDArray[np.float64]

log = logging.getLogger(__name__)


def quaternion_message(rotation: Array) -> Quaternion:
    """Convert a rotation matrix (3, 3) to a message; of the two quaternions that with w >= 0."""
    q = np.asarray(_converter()(rotation), dtype=np.float64)
    x, y, z, w = (q if q[3] >= 0 else -q).tolist()
    return Quaternion(x=x, y=y, z=z, w=w)


@functools.cache
def _converter() -> Callable[[Array], Array]:
    """Return the function from a matrix (3, 3) to (x, y, z, w)."""
    try:
        convert = importlib.import_module("tf_transformations").quaternion_from_matrix
        np.testing.assert_allclose(np.abs(convert(np.eye(4))), (0, 0, 0, 1), atol=1e-9)
    except Exception as error:
        log.debug("rotations by SciPy: tf_transformations cannot be used: %s", error)
        return lambda rotation: np.asarray(Rotation.from_matrix(rotation).as_quat())
    return lambda rotation: np.asarray(convert(_homogeneous(rotation)))


def _homogeneous(rotation: Array) -> Array:
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    return matrix
