"""Files with the keypoints of one person in a film: .npz, and folders in OpenPose's layout.

talk.npz                                    keypoints (T, 137, 3) float32, rate_hz 25, size (width, height)
talk/talk_000000000000_keypoints.json ...   one file for each picture of the film, at the film's own rate
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.person_keypoints import BODY_NAMES, NUM_PERSON_POINTS, PARTS
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.openpose import RATE_FILE, read_rate
from speech_gesture_ros.datasets.openpose_files import MAX_PIXEL, group_pictures, read_parts

Keypoints = npt.NDArray[np.float32]

MAX_PICTURES = 400_000
DECIMALS = 3


def write_person(path: Path, keypoints: npt.NDArray[np.floating], size: tuple[int, int]) -> None:
    """Write keypoints at 25 Hz as .npz.

    Args:
        path: File to write.
        keypoints: (T, 137, 3) x, y [pixels], confidence.
        size: Width and height of the pictures [pixels].
    """
    with atomic_write(path) as file:
        np.savez_compressed(file, keypoints=np.asarray(keypoints, dtype=np.float32), rate_hz=POSE_RATE,
                            size=np.array(size))


def read_person(path: Path) -> Keypoints:
    """Read (T, 137, 3) keypoints at 25 Hz from .npz.

    Raises:
        InputError: If it is no such file, or has another rate.
    """
    arrays = read_arrays(path, "file of keypoints", ("keypoints", "rate_hz"))
    keypoints, rate = arrays.get("keypoints"), arrays.get("rate_hz", np.array(POSE_RATE))
    if keypoints is None or keypoints.ndim != 3 or keypoints.shape[1:] != (NUM_PERSON_POINTS, 3) or not len(keypoints):
        raise InputError(f"array 'keypoints' of {path}", None if keypoints is None else keypoints.shape,
                         f"(T, {NUM_PERSON_POINTS}, 3)", "Write it with `speech-gesture video keypoints`.")
    if rate.size != 1 or float(rate.reshape(())) != POSE_RATE:
        raise InputError(f"rate_hz of {path}", rate.tolist(), f"{POSE_RATE}", "Resample it.")
    return clean_person(keypoints)


def clean_person(keypoints: npt.NDArray[np.floating]) -> Keypoints:
    """Return keypoints without NaN and values out of range: these are unknown, with confidence 0."""
    values = np.asarray(keypoints, dtype=np.float32)
    is_good = (np.abs(np.nan_to_num(values, nan=np.inf)) <= MAX_PIXEL).all(axis=-1, keepdims=True)
    out = np.where(is_good, values, 0.0)
    out[..., 2] = np.clip(out[..., 2], 0.0, 1.0)
    return np.asarray(out, dtype=np.float32)


def read_person_folder(folder: Path, sources: Iterable[int]) -> Keypoints:
    """Read the (T, 137, 3) keypoints of some pictures from OpenPose's files; a picture without a file has none.

    Args:
        folder: Folder with the files of one recording; of several people the one with the highest confidence is taken.
        sources: Numbers of the pictures.

    Raises:
        InputError: If there are no files, or one is torn.
    """
    recordings = group_pictures(path.name for path in folder.glob("*.json"))
    if not recordings:
        raise InputError(f"OpenPose files in {folder}", "none", "<name>_<number>_keypoints.json",
                         "Run OpenPose with --write_json, or leave the folder out.")
    files = max(recordings.values(), key=len)
    first = min(files)
    out = []
    for source in sources:
        people = read_parts(folder / files[first + source]) if first + source in files else []
        body = len(BODY_NAMES)
        best = max(people, key=lambda person: float(person[:body, 2].sum()), default=np.zeros((NUM_PERSON_POINTS, 3)))
        out.append(best)
    return clean_person(np.stack(out)) if out else np.zeros((0, NUM_PERSON_POINTS, 3), np.float32)


def read_person_folder_whole(folder: Path) -> Keypoints:
    """Read the (T, 137, 3) keypoints of all pictures of a folder in OpenPose's layout; its rate must be 25 Hz.

    Raises:
        InputError: If there are no files, one is torn, or rate_hz.txt states another rate.
    """
    rate = read_rate(folder) if (folder / RATE_FILE).is_file() else POSE_RATE
    if rate != POSE_RATE:
        raise InputError(f"rate_hz.txt of {folder}", rate, f"{POSE_RATE}", "Use the film, or resample the pictures.")
    recordings = group_pictures(path.name for path in folder.glob("*.json"))
    numbers = max(recordings.values(), key=len, default={0: ""})
    if max(numbers) - min(numbers) >= MAX_PICTURES:
        raise InputError(f"picture numbers in {folder}", (min(numbers), max(numbers)), f"at most {MAX_PICTURES} apart",
                         "Number the pictures one by one.")
    return read_person_folder(folder, range(max(numbers) - min(numbers) + 1))


def write_person_folder(folder: Path, keypoints: npt.NDArray[np.floating], name: str) -> None:
    """Write one file in OpenPose's layout for each frame of (T, 137, 3), and the rate in rate_hz.txt.

    Raises:
        OutputError: If the folder cannot be written.
    """
    for k, person in enumerate(np.asarray(keypoints, dtype=np.float64)):
        entry = {"person_id": [-1]} | {part: np.round(person[points], DECIMALS).reshape(-1).tolist()
                                       for part, points in PARTS.items()}
        write_text(folder / f"{name}_{k:012d}_keypoints.json", json.dumps({"version": 1.3, "people": [entry]}))
    write_text(folder / RATE_FILE, f"{POSE_RATE}\n")
