"""Files of OpenPose: which belong to one recording, the number of each picture, and the people in it.

    talk_000000000012_keypoints.json, 000012_keypoints.json, frame12.json, img_12.png_keypoints.json, keypoints_12.json

Names that differ in numbers only are of one kind. The last of their numbers that differs is that of the picture, the
others are part of the recording: talk1_0000 and talk2_0000 are two recordings in one folder.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX, NUM_KEYPOINTS
from speech_gesture_ros.core.person_keypoints import NUM_PERSON_POINTS, PARTS

Array = npt.NDArray[np.float64]

MAX_FILE_BYTES = 4 * MIB  # of one picture
MAX_DIGITS = 15  # of a picture's number
MAX_PEOPLE = 1000
MAX_PIXEL = 1e6  # coordinates beyond are no detection
# OpenPose's numbers of neck, right arm, left arm: the same in BODY_25 and COCO.
BODY_NUMBERS = {"neck": 1, "right_shoulder": 2, "right_elbow": 3, "right_wrist": 4, "left_shoulder": 5, "left_elbow": 6,
                "left_wrist": 7}
HAND_POINTS = 21
_BODY_POINTS = (25, 18)
_NUMBER = re.compile(r"\d+")
_PART = "#"  # stands for the picture's number in the name of a recording


def group_pictures(names: Iterable[str]) -> dict[str, dict[int, str]]:
    """Return the file names of each recording by picture number; a recording is named as its files, with "#".

    Raises:
        InputError: If two files of a recording have one number, as talk_1.json and talk_01.json.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        kinds[_NUMBER.sub(_PART, name)].append(name)
    recordings: dict[str, dict[int, str]] = defaultdict(dict)
    for kind, members in kinds.items():
        if _PART not in kind:
            continue
        numbers = [_NUMBER.findall(name) for name in members]
        place = max((i for i, column in enumerate(zip(*numbers)) if len(set(column)) > 1), default=len(numbers[0]) - 1)
        for name, found in zip(members, numbers):
            if len(found[place]) > MAX_DIGITS:
                continue
            at = list(_NUMBER.finditer(name))[place]
            pictures = recordings[f"{name[:at.start()]}{_PART}{name[at.end():]}"]
            number = int(found[place])
            if number in pictures:
                raise InputError(f"files of picture {number}", [pictures[number], name], "one file",
                                 "Put the recordings into folders of their own.")
            pictures[number] = name
    return dict(recordings)


def recording_stem(recording: str) -> str:
    """Return the part of a recording's name before the picture's number: "talk1" of "talk1_#_keypoints.json"."""
    return recording.partition(_PART)[0].rstrip("_-. (")


def is_openpose(path: Path) -> bool:
    """Return whether a file is one of OpenPose, by its name or its content."""
    if "keypoints" in path.name.lower():
        return True
    try:
        return "people" in _content(path)
    except (InputError, ValueError, RecursionError, TypeError):
        return False


def read_people(path: Path) -> list[Array]:
    """Return all people in a picture, (49, 3) each: x, y [pixels] and confidence, in Speech2Gesture's order.

    Raises:
        InputError: If the file is torn or not OpenPose's.
    """
    return _read(path, _person)


def read_parts(path: Path) -> list[Array]:
    """Return all people in a picture, (137, 3) each, in OpenPose's order; points that a file lacks are zeros.

    Raises:
        InputError: If the file is torn or not OpenPose's.
    """
    return _read(path, _whole_person)


def _read(path: Path, make: Callable[[dict[str, Any]], Array]) -> list[Array]:
    try:
        entries = _content(path)["people"]
        if len(entries) > MAX_PEOPLE:
            raise ValueError(f"{len(entries)} people, more than {MAX_PEOPLE}")
        return [make(entry) for entry in entries]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(f"OpenPose file {path}", str(error) or type(error).__name__,
                         "people with pose_keypoints_2d of 25 or 18 points and hands of 21",
                         "Write it with OpenPose's --write_json.") from error


def _content(path: Path) -> Any:
    return json.loads(read_bounded(path, MAX_FILE_BYTES, "OpenPose file"))


def _person(entry: dict[str, Any]) -> Array:
    out = np.zeros((NUM_KEYPOINTS, 3))
    body = _points(entry["pose_keypoints_2d"], _BODY_POINTS)
    for name, number in BODY_NUMBERS.items():
        out[KEYPOINT_INDEX[name]] = body[number]
    for side in ("left", "right"):
        values = entry.get(f"hand_{side}_keypoints_2d") or [0.0] * (3 * HAND_POINTS)
        first = KEYPOINT_INDEX[f"{side}_hand_root"]
        out[first:first + HAND_POINTS] = _points(values, (HAND_POINTS,))
    return out


def _whole_person(entry: dict[str, Any]) -> Array:
    out = np.zeros((NUM_PERSON_POINTS, 3))
    for part, place in PARTS.items():
        count = place.stop - place.start
        if values := entry.get(part):
            points = _points(values, _BODY_POINTS if count == _BODY_POINTS[0] else (count,))
            if len(points) == _BODY_POINTS[1]:  # COCO: neck and arms have the same numbers, the others are left out
                points = np.concatenate([points[:max(BODY_NUMBERS.values()) + 1],
                                         np.zeros((count - max(BODY_NUMBERS.values()) - 1, 3))])
            out[place] = points
    return out


def _points(values: list[float], counts: tuple[int, ...]) -> Array:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 1 or len(points) not in [3 * count for count in counts]:
        raise ValueError(f"{points.size} numbers for {' or '.join(map(str, counts))} points of x, y, confidence")
    points = points.reshape(-1, 3)
    points[~(np.abs(points) <= MAX_PIXEL).all(axis=1)] = 0.0  # NaN, too
    return points
