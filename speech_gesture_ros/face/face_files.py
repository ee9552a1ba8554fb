"""Files of a face: .csv, .json and .npz with time, the 52 blendshapes and the 15 visemes of each frame.

Yaw, pitch and roll of the head [rad] are beside them where the head moves.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import ARTICULATION_NAMES, BLENDSHAPES, VISEME_COLUMNS
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import HEAD_ANGLES, FaceAnimation
from speech_gesture_ros.face.dominance import TimedPhone, check_phones
from speech_gesture_ros.face.live_link_file import write_live_link

DIGITS = 4
VISEME_NAMES = ARTICULATION_NAMES[VISEME_COLUMNS]
MAX_PHONES = 1_000_000


def _write_csv(path: Path, face: FaceAnimation) -> None:
    head, head_names = (face.head, HEAD_ANGLES) if face.head.any() else (face.head[:, :0], ())
    columns = np.column_stack([np.arange(len(face)) / FACE_RATE, face.shapes, face.visemes, head])
    names = ("time_s", *BLENDSHAPES, *VISEME_NAMES, *head_names)
    with atomic_write(path) as file:
        np.savetxt(file, columns, fmt=f"%.{DIGITS}f", delimiter=",", header=",".join(names),
                   comments="")


def _write_json(path: Path, face: FaceAnimation) -> None:
    content = {"rate_hz": FACE_RATE, "blendshape_names": BLENDSHAPES, "viseme_names": VISEME_NAMES,
               "blendshapes": _rounded(face.shapes), "visemes": _rounded(face.visemes)}
    if face.head.any():
        content |= {"head_names": HEAD_ANGLES, "head": _rounded(face.head)}
    write_text(path, json.dumps(content) + "\n")


def _write_npz(path: Path, face: FaceAnimation) -> None:
    arrays: dict[str, Any] = {"rate_hz": FACE_RATE, "blendshapes": face.shapes, "visemes": face.visemes,
                              "blendshape_names": np.array(BLENDSHAPES), "viseme_names": np.array(VISEME_NAMES)}
    if face.head.any():
        arrays |= {"head_names": np.array(HEAD_ANGLES), "head": face.head}
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def _rounded(values: npt.NDArray[np.floating]) -> list[list[float]]:
    return [[round(float(v), DIGITS) for v in row] for row in values]


# Endings of names; the longer one counts.
WRITERS: dict[str, Callable[[Path, FaceAnimation], None]] = {
    ".livelink.csv": write_live_link, ".csv": _write_csv, ".json": _write_json, ".npz": _write_npz,
}


def write_face(path: Path, face: FaceAnimation) -> None:
    """Write a face; the ending of the name gives the kind of file.

    Raises:
        InputError: If the ending is another one.
        OutputError: If the file cannot be written.
    """
    writer = next((writer for ending, writer in WRITERS.items() if path.name.lower().endswith(ending)), None)
    if writer is None:
        raise InputError("output file of a face", str(path), f"with one of the endings {', '.join(WRITERS)}",
                         "Rename it.")
    writer(path, face)


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
