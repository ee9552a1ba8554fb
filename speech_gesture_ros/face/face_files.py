"""Files of a face: .csv, .json and .npz with time, the 52 blendshapes and the 15 visemes of each frame."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import ARTICULATION_NAMES, BLENDSHAPES, VISEME_COLUMNS
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.dominance import TimedPhone, check_phones

Array = npt.NDArray[np.floating]

DIGITS = 4
VISEME_NAMES = ARTICULATION_NAMES[VISEME_COLUMNS]
MAX_PHONES = 1_000_000


def write_face(path: Path, shapes: Array, articulation: Array) -> None:
    """Write a face; the suffix of the file gives its kind.

    Args:
        path: Of the file.
        shapes: (T, 52) blendshapes.
        articulation: (T, NUM_ARTICULATION), of which the visemes are written.

    Raises:
        InputError: If the suffix is another one.
        OutputError: If the file cannot be written.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError("output file of a face", str(path), f"with one of the suffixes {', '.join(WRITERS)}",
                         "Rename it.")
    writer(path, shapes, articulation[:, VISEME_COLUMNS])


def _write_csv(path: Path, shapes: Array, visemes: Array) -> None:
    rows = np.column_stack([np.arange(len(shapes)) / FACE_RATE, shapes, visemes])
    header = ",".join(("time_s", *BLENDSHAPES, *VISEME_NAMES))
    with atomic_write(path) as file:
        np.savetxt(file, rows, fmt=f"%.{DIGITS}f", delimiter=",", header=header, comments="")


def _write_json(path: Path, shapes: Array, visemes: Array) -> None:
    content = {"rate_hz": FACE_RATE, "blendshape_names": BLENDSHAPES, "viseme_names": VISEME_NAMES,
               "blendshapes": _rounded(shapes), "visemes": _rounded(visemes)}
    write_text(path, json.dumps(content) + "\n")


def _write_npz(path: Path, shapes: Array, visemes: Array) -> None:
    with atomic_write(path) as file:
        np.savez_compressed(file, rate_hz=FACE_RATE, blendshape_names=np.array(BLENDSHAPES),
                            viseme_names=np.array(VISEME_NAMES), blendshapes=shapes, visemes=visemes)


def _rounded(values: Array) -> list[list[float]]:
    return [[round(float(v), DIGITS) for v in row] for row in values]


WRITERS: dict[str, Callable[[Path, Array, Array], None]] = {
    ".csv": _write_csv, ".json": _write_json, ".npz": _write_npz,
}


def read_phones(path: Path) -> list[TimedPhone]:
    """Read timed phones, one line "name,start_s,end_s" each, without or with a heading.

    Raises:
        InputError: If a line is none, or the phones are unknown or out of order.
    """
    phones = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if not row or (number == 1 and row[0].strip() == "name"):
                continue
            try:
                name, start, end = row
                phones.append(TimedPhone(name.strip(), float(start), float(end)))
            except ValueError as error:
                raise InputError(f"line {number} of {path}", ",".join(row), "name,start_s,end_s", str(error)) from error
            if len(phones) > MAX_PHONES:
                raise InputError(f"phones of {path}", f"more than {MAX_PHONES}", f"at most {MAX_PHONES}", "Cut it.")
    return list(check_phones(phones))
