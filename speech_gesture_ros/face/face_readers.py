"""Reader of face animations: the files that `face_files` writes, and tables of others with names of ARKit.

    .csv    a column of time, "time_s" or "time", or the time codes of Live Link; blendshapes by name, in any order and
            with any first letter; shapes that have no column are 0, other columns are left out
    .json, .npz     as written by `face_files`

Frames at other rates are interpolated to `FACE_RATE`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import ARTICULATION_NAMES, BLENDSHAPES, VISEME_COLUMNS
from speech_gesture_ros.face.animation import (
    HEAD_ANGLES,
    MAX_FRAMES,
    MAX_HOURS,
    FaceAnimation,
    at_face_rate,
    face_animation,
)
from speech_gesture_ros.face.live_link_file import RATE, times_of_codes

KIND = "face animation"
ENDINGS = (".csv", ".json", ".npz")
MAX_BYTES = 256 * MIB
RATE_RANGE = (1.0, 1000.0)
TIME_NAMES, CODE_NAME = ("time_s", "time"), "timecode"
_GROUPS: tuple[tuple[str, str, Sequence[str]], ...] = (
    ("blendshapes", "blendshape_names", BLENDSHAPES),
    ("visemes", "viseme_names", ARTICULATION_NAMES[VISEME_COLUMNS]),
    ("head", "head_names", HEAD_ANGLES),
)

Array = npt.NDArray[np.float64]


def read_face(path: Path, code_rate: float = RATE) -> FaceAnimation:
    """Read a face animation.

    Args:
        path: A .csv, .json or .npz file.
        code_rate: Frames a second of time codes.

    Raises:
        InputError: If the file is missing, too large, damaged, or has none of the blendshapes.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(KIND, str(path), f"a file with one of the endings {', '.join(ENDINGS)}", "Export it again.")
    readers: dict[str, Callable[[Path], tuple[Array, dict[str, Array]]]] = {
        ".csv": partial(_read_csv, code_rate=code_rate), ".json": _read_json, ".npz": _read_npz,
    }
    times, table = readers[ending](path)
    if not 1 <= len(times) <= MAX_FRAMES * 4:
        raise InputError(f"frames of {path}", len(times), f"1 to {MAX_FRAMES * 4}", "Cut it into parts.")
    if not np.isfinite(times).all() or (np.diff(times) <= 0.0).any():
        raise InputError(f"times of {path}", "not increasing", "increasing from frame to frame", "Export it again.")
    if times[-1] - times[0] > 3600.0 * MAX_HOURS:
        raise InputError(f"duration of {path} [s]", times[-1] - times[0], f"at most {3600 * MAX_HOURS}", "Cut it.")
    shapes, visemes, head = (_columns(table, names, len(times)) for _, _, names in _GROUPS)
    if not any(name.lower() in table for name in BLENDSHAPES):
        raise InputError(f"names in {path}", sorted(table)[:8], f"of ARKit, such as {BLENDSHAPES[17]}", "Rename them.")
    return at_face_rate(face_animation(shapes, visemes, head), times)


def _columns(table: Mapping[str, Array], names: Sequence[str], count: int) -> Array:
    return np.stack([table.get(name.lower(), np.zeros(count)) for name in names], axis=1)


def _read_csv(path: Path, code_rate: float) -> tuple[Array, dict[str, Array]]:
    lines = read_bounded(path, MAX_BYTES, KIND).decode("utf-8-sig", "replace").splitlines()
    lines = [line for line in lines if line.strip()]
    names = [name.strip().lower() for name in lines[0].split(",")] if lines else []
    code = CODE_NAME in names[:1]
    time = next((name for name in TIME_NAMES if name in names), None)
    if (not code and time is None) or len(lines) < 2:
        raise InputError(f"first line of {path}", lines[0] if lines else "", "column names, with time_s, then frames",
                         "Export it again.")
    columns = range(1 if code else 0, len(names))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = np.loadtxt(lines[1:], delimiter=",", ndmin=2, usecols=columns, dtype=np.float64, comments=None)
    except (ValueError, IndexError, UserWarning) as error:
        raise InputError(KIND, str(path), "lines of numbers, one for each column", str(error)) from None
    table = {names[column]: rows[:, i] for i, column in enumerate(columns)}
    times = times_of_codes([line.split(",", 1)[0] for line in lines[1:]], code_rate) if code else table[str(time)]
    return times, table


def _read_json(path: Path) -> tuple[Array, dict[str, Array]]:
    try:
        content = json.loads(read_bounded(path, MAX_BYTES, KIND))
    except (ValueError, RecursionError) as error:
        raise InputError(KIND, str(path), "a JSON file", str(error)) from None
    if not isinstance(content, dict):
        raise InputError(KIND, str(path), "an object with blendshapes", "Export it again.")
    return _table_of(path, content)


def _read_npz(path: Path) -> tuple[Array, dict[str, Array]]:
    wanted = ["rate_hz", *(name for values, names, _ in _GROUPS for name in (values, names))]
    return _table_of(path, read_arrays(path, KIND, wanted, MAX_BYTES))


def _table_of(path: Path, content: Mapping[str, Any]) -> tuple[Array, dict[str, Array]]:
    """Return times and columns of named groups of values."""
    table: dict[str, Array] = {}
    try:
        rate = float(content["rate_hz"])
        for values, names, _ in _GROUPS:
            if values in content:
                rows = np.asarray(content[values], dtype=np.float64)
                columns = [str(name).lower() for name in content[names]]
                if rows.ndim != 2 or rows.shape[1] != len(columns):
                    raise ValueError(f"{values} has the shape {rows.shape} for {len(columns)} names")
                table |= dict(zip(columns, rows.T))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(KIND, str(path), "rate_hz, blendshape_names and blendshapes (T, 52)", str(error)) from None
    if not RATE_RANGE[0] <= rate <= RATE_RANGE[1]:
        raise InputError(f"rate_hz of {path}", rate, f"{RATE_RANGE[0]:g} to {RATE_RANGE[1]:g}", "Export it again.")
    counts = {len(values) for values in table.values()}
    if len(counts) != 1:
        raise InputError(f"frames of {path}", sorted(counts), "the same number in all groups", "Export it again.")
    return np.arange(counts.pop()) / rate, table
