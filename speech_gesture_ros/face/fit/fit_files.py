"""Files of a fitted face (.json): what `avatar build --identity` reads, beside the axes, their measures and formulas.

{"identity": {"head/head-scale-vert": 0.21, ...}, "axes": {"head_length": 0.42, ...},
"idle": {"blinks_per_minute": 18.2, "movement": 1.1}, "measures": {"f0_hz": 118.0, ...}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.face.fit.axes import (
    BLINKS_PER_MINUTE,
    FACE_AXES,
    FittedAxis,
    face_distance,
    idle_of_axes,
)
from speech_gesture_ros.face.fit.makehuman_sliders import sliders_of_axes

KIND = "file of a fitted face"
MAX_FILES = 1000
MAX_ORIGIN = 60  # characters
EXPLANATIONS = ("axes", "idle", "measures", "formulas")  # keys that `avatar build` leaves out


def write_fit(path: Path, fitted: Sequence[FittedAxis], measures: Mapping[str, float]) -> None:
    """Write a fitted face.

    Args:
        path: Of the file.
        fitted: All axes.
        measures: Of the voice, by name.

    Raises:
        OutputError: If the file cannot be written.
    """
    axes = {axis.name: axis.value for axis in fitted}
    content = {"identity": sliders_of_axes(axes), "axes": axes, "idle": idle_of_axes(axes),
               "measures": {name: round(value, 2) for name, value in measures.items()},
               "formulas": {axis.name: axis.formula for axis in fitted}}
    write_text(path, json.dumps(content, indent=1) + "\n")


def write_ros_parameters(path: Path, axes: Mapping[str, float], origin: str) -> None:
    """Write the idle activity that fits a voice as a parameter file of gesture_node and face_node.

    Args:
        path: Of the YAML file.
        axes: Axis to value.
        origin: Names of the recordings, for the first line.

    Raises:
        OutputError: If the file cannot be written.
    """
    idle = idle_of_axes(axes)
    blinks, movement = f"{idle['blinks_per_minute'] / BLINKS_PER_MINUTE:.3f}", f"{idle['movement']:.3f}"
    voice = " ".join(origin.split())[:MAX_ORIGIN]
    write_text(path, f"""# Written by `avatar fit`: idle activity that fits the voice of {voice}.
/**/gesture_node:
  ros__parameters:
    # Size of arm gestures.
    amplitude: {movement}
    face:
      # Factors of the frequency of blinks, and of the movements of brows and gaze.
      blinks: {blinks}
      movement: {movement}
/**/face_node:
  ros__parameters:
    blinks: {blinks}
    movement: {movement}
""")


def read_axes(path: Path) -> dict[str, float]:
    """Read the axes of a face.

    Raises:
        InputError: If the file is missing, too large, damaged, or an axis is missing or out of bounds.
    """
    try:
        content = json.loads(read_bounded(path, MIB, KIND))
        axes = {name: float(content["axes"][name]) for name in FACE_AXES}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(KIND, str(path), f"JSON with axes {', '.join(FACE_AXES)}", repr(error)) from None
    for name, value in axes.items():
        if not -1.0 <= value <= 1.0:
            raise InputError(f"axis {name} of {path}", value, "-1 to 1", "Correct it.")
    return axes


def rank_faces(folder: Path, axes: Mapping[str, float]) -> list[tuple[float, str]]:
    """Return the distances and names of the faces in a folder, the nearest first.

    Args:
        folder: With a .json file for each, as `write_fit` writes them, beside or without its avatar.
        axes: Of the wanted face.

    Raises:
        InputError: If there is none, there are too many, or one is damaged.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not 1 <= len(paths) <= MAX_FILES:
        raise InputError(f"faces in {folder}", len(paths), f"1 to {MAX_FILES} files .json",
                         "Write them with avatar fit.")
    return sorted((round(face_distance(axes, read_axes(path)), 4), path.stem) for path in paths)
