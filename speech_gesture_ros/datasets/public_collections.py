"""Three public collections of recorded motion in the data folder: their files, and readers of these.

    reachy2_emotions      joint angles of a tele-operated Reachy 2, JSON
    flesh_zas2025         markers of people, trc
    labanotation_kinect   25 Kinect joints, csv

Files are found by their suffixes; a missing collection has no files.
"""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError

Array = npt.NDArray[np.float64]

MAX_FILE_BYTES = 256 * MIB  # unpacked

REACHY, FLESH, KINECT = "reachy2_emotions", "flesh_zas2025", "labanotation_kinect"
REACHY_URDF = Path("robots", "reachy2", "reachy2_symbolic_ik.urdf")
TICK_S = 1e-7  # of the time stamps of the Kinect
REACHY_NECK = ("neck_roll", "neck_pitch", "neck_yaw")
REACHY_ARM = ("shoulder_pitch", "shoulder_roll", "elbow_yaw", "elbow_pitch", "wrist_roll", "wrist_pitch", "wrist_yaw")


def reachy_files(data: Path) -> list[Path]:
    """Return the files of joint angles, in a fixed order."""
    return sorted((data / "motion" / REACHY).rglob("recordings/*.json"))


def flesh_files(data: Path) -> list[Path]:
    """Return the files of measured markers, without the filtered copies, in a fixed order."""
    found = sorted((data / "motion" / FLESH).rglob("pose-3d/*.trc.gz"))
    return [path for path in found if "filt" not in path.name]


def kinect_files(data: Path) -> list[Path]:
    """Return the files of Kinect joints, in a fixed order."""
    return sorted((data / "motion" / KINECT).rglob("Ges*.csv"))


def read_reachy(path: Path) -> tuple[Array, Array]:
    """Read (T,) times [s], and (T, 17) angles of head, left and right arm [rad]; T is 0 if the recording is empty."""
    recording = json.loads(read_bounded(path, MAX_FILE_BYTES, "recorded motion"))
    if not recording:
        return np.zeros(0), np.zeros((0, 3 + 2 * len(REACHY_ARM)))
    degrees = [np.array(recording[key], dtype=np.float64) for key in ("head", "l_arm", "r_arm")]
    return np.array(recording["time"], dtype=np.float64), np.radians(np.hstack(degrees))


def read_markers(path: Path) -> tuple[Array, dict[str, Array], float]:
    """Read (T,) times [s], marker to (T, 3) in the file's units, and the frame rate that the file states [Hz]."""
    with gzip.open(path, "rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"size of {path}", "larger", f"at most {MAX_FILE_BYTES / MIB:g} MiB", "Cut it into parts.")
    lines = data.decode().splitlines()
    markers = [name for name in lines[3].split("\t")[2:] if name]
    table = np.array([[float(x or "nan") for x in line.split("\t")[:2 + 3 * len(markers)]] for line in lines[5:]
                      if line.strip()])
    at = {name: table[:, 2 + 3 * i:5 + 3 * i] for i, name in enumerate(markers)}
    return table[:, 1], at, float(lines[2].split("\t")[0])


def read_kinect(path: Path) -> tuple[Array, Array]:
    """Read (T,) times from 0 on [s], and (T, 25, 3) joints in the file's units."""
    text = read_bounded(path, MAX_FILE_BYTES, "recorded motion").decode()
    table = np.array([[float(x) for x in row if x] for row in csv.reader(text.splitlines())])
    times = (table[:, 0] - table[0, 0]) * TICK_S
    joints = (table.shape[1] - 1) // 4
    return times, table[:, 1:1 + 4 * joints].reshape(len(table), joints, 4)[:, :, :3]
