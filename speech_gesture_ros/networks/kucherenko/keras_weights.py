"""Reader of the weights in an HDF5 file of Keras 2."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.bounded_files import MIB, check_size
from speech_gesture_ros.core.errors import InputError, MissingDependencyError

MAX_FILE_BYTES = 256 * MIB
MAX_PROCESSOR_S = 20  # [s] of processor time, for the HDF5 library
PROGRAM = "speech_gesture_ros.networks.kucherenko.hdf5_arrays"


def read_keras_weights(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Return every float32 array of a file by its path, as "model_weights/dense_3/dense_3/kernel:0".

    Raises:
        InputError: If the file is no HDF5 file, damaged or too large.
        MissingDependencyError: If h5py is not installed.
    """
    try:
        import h5py  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError("h5py", "Importing the published weights", "Run: pip install h5py") from error
    check_size(path, MAX_FILE_BYTES, "HDF5 file")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "arrays.npz"
        done = subprocess.run([sys.executable, "-m", PROGRAM, str(path), str(out), str(MAX_PROCESSOR_S)],
                              capture_output=True, text=True, errors="replace", check=False,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
        if done.returncode:
            raise InputError(f"file {path}", _reason(done.returncode, done.stderr), "an intact HDF5 file",
                             "Copy the published weights again.")
        return read_arrays(out, "arrays of the HDF5 file")


def _reason(code: int, stderr: str) -> str:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return "reading it does not end"
    if code < 0:
        return f"reading it ended with {signal.Signals(-code).name}"
    return (stderr.strip().splitlines() or ["unreadable"])[-1]
