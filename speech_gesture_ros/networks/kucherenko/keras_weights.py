"""Reader of the weights in an HDF5 file of Keras 2, with h5py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError, MissingDependencyError


def read_keras_weights(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Return every float32 array of a file by its path, as "model_weights/dense_3/dense_3/kernel:0".

    Raises:
        InputError: If the file is no HDF5 file or is damaged.
        MissingDependencyError: If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingDependencyError("h5py", "Importing the published weights", "Run: pip install h5py") from error
    arrays: dict[str, npt.NDArray[np.float32]] = {}

    def add(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype == np.float32:
            arrays[name] = np.asarray(item[()])

    try:
        with h5py.File(path, "r") as file:
            file.visititems(add)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise InputError(f"file {path}", str(error), "an intact HDF5 file",
                         "Copy the published weights again.") from error
    return arrays
