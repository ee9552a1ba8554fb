"""Program that copies the float32 arrays of an HDF5 file to a .npz file; `keras_weights` runs it in its own process.

A damaged HDF5 file can make the HDF5 library loop for ever or end the process: its B-trees may point back to
themselves. So it is read in a process with bounds on processor time and memory. Links to other files are not followed,
groups that contain themselves are entered once, and the size of an array is checked before it is read.

    python -m speech_gesture_ros.networks.kucherenko.hdf5_arrays SOURCE OUT PROCESSOR_S
"""

from __future__ import annotations

import math
import resource
import sys
from typing import Any

import numpy as np

MAX_MEMORY_BYTES = 4 * 2**30  # of address space, libraries included
MAX_OBJECTS = 10_000
MAX_ARRAYS_BYTES = 256 * 2**20  # of all arrays together


def main(source: str, out: str, processor_s: int) -> None:
    """Copy the arrays; a failure ends the program with its reason on the last line of stderr."""
    resource.setrlimit(resource.RLIMIT_CPU, (processor_s, processor_s + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        np.savez(out, **_arrays(source))
    except Exception as error:
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))


def _arrays(source: str) -> dict[str, Any]:
    import h5py

    arrays: dict[str, Any] = {}
    num_bytes, entered = 0, set()
    with h5py.File(source, "r") as file:
        groups = [("", file)]
        while groups:
            prefix, group = groups.pop()
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    continue
                item, path = group[name], f"{prefix}{name}"
                address = h5py.h5o.get_info(item.id).addr
                if address in entered:
                    continue
                entered.add(address)
                if len(entered) > MAX_OBJECTS:
                    raise ValueError(f"more than {MAX_OBJECTS} objects")
                if isinstance(item, h5py.Group):
                    groups.append((f"{path}/", item))
                elif isinstance(item, h5py.Dataset) and item.dtype == np.float32 and item.shape is not None:
                    num_bytes += 4 * math.prod(item.shape)
                    if num_bytes > MAX_ARRAYS_BYTES or item.external or item.is_virtual:
                        raise ValueError(f"{path[:80]!r} exceeds {MAX_ARRAYS_BYTES >> 20} MiB or is in another file")
                    arrays[path] = item[()]
    return arrays


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
