"""Files of a rig's channels: .csv, .json and .npz with time and the named values of each frame at `FACE_RATE`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FACE_RATE

DIGITS = 4
ENDINGS = (".csv", ".json", ".npz")


def write_channels(path: Path, names: Sequence[str], values: npt.NDArray[np.floating]) -> None:
    """Write the channels of a rig; the ending of the name gives the kind of file.

    Args:
        path: Of the file.
        names: Of the C channels.
        values: (T, C).

    Raises:
        InputError: If the ending is another one.
        OutputError: If the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        rows = np.column_stack([np.arange(len(values)) / FACE_RATE, values])
        with atomic_write(path) as file:
            np.savetxt(file, rows, fmt=f"%.{DIGITS}f", delimiter=",", header=",".join(("time_s", *names)), comments="")
    elif ending == ".json":
        rounded = [[round(float(v), DIGITS) for v in row] for row in values]
        write_text(path, json.dumps({"rate_hz": FACE_RATE, "names": list(names), "values": rounded}) + "\n")
    elif ending == ".npz":
        with atomic_write(path) as file:
            np.savez_compressed(file, rate_hz=FACE_RATE, names=np.array(names), values=values)
    else:
        raise InputError("output file", str(path), f"with one of the endings {', '.join(ENDINGS)}", "Rename it.")
