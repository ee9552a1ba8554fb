"""Cache files of training tracks: a dataclass of arrays and a speaker's name, one .npz each."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.errors import InputError

Track = TypeVar("Track")


def track_generator(name: str, seed: int) -> np.random.Generator:
    """Return the random generator of a track: a function of its name and the seed, whatever the other tracks are."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, key])


def save_track(track: Any, path: Path) -> None:
    """Write a track, completely or not at all."""
    with atomic_write(path) as file:
        np.savez(file, **{name: getattr(track, name) for name in _columns(track)})


def load_track(kind: type[Track], path: Path) -> Track:
    """Read a track.

    Args:
        kind: Class of the track; its fields are arrays, and `speaker`.
        path: Its file.

    Raises:
        InputError: If the file is damaged, incomplete or too large.
    """
    names = _columns(kind)
    columns: dict[str, Any] = {**read_arrays(path, "training track", names)}
    if len(columns) != len(names):
        raise InputError("training track", str(path), f"an .npz with {list(names)}", "Delete it: it is made again.")
    return kind(**{**columns, "speaker": str(columns["speaker"])})


def _columns(track: Any) -> tuple[str, ...]:
    """Names of the fields of a dataclass or of an instance."""
    return tuple(field.name for field in fields(track))
