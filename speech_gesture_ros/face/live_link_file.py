"""CSV of the Live Link Face application: a time code, the 52 blendshapes, the angles of head and eyes.

    Timecode,BlendShapeCount,EyeBlinkLeft, ... ,TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw, ... ,RightEyeRoll
    00:00:01:30.000,61,0.0000, ...          hours:minutes:seconds:frame, 60 frames a second

The columns are those of `rigs.live_link`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation, at_times
from speech_gesture_ros.face.rigs.live_link import LIVE_LINK_COLUMNS, live_link_rows

RATE = 60
_CODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}):(\d{1,3})(?:\.(\d{1,6}))?")


def write_live_link(path: Path, face: FaceAnimation) -> None:
    """Write a face at 60 frames a second.

    Raises:
        OutputError: If the file cannot be written.
    """
    times = np.arange(len(face)) / FACE_RATE
    wanted = np.arange(round(len(face) * RATE / FACE_RATE)) / RATE
    face = at_times(face, times, wanted[wanted <= times[-1] + 1e-9])
    rows, names = live_link_rows(face.shapes, face.head), LIVE_LINK_COLUMNS
    with atomic_write(path) as file:
        file.write(",".join(("Timecode", "BlendShapeCount", *names)).encode() + b"\n")
        for k, row in enumerate(rows):
            values = ",".join(f"{value:.4f}" for value in row)
            file.write(f"{_time_code(k)},{len(names)},{values}\n".encode())


def _time_code(frame: int) -> str:
    seconds, left = divmod(frame, RATE)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{left:02d}.000"


def times_of_codes(codes: Sequence[str], rate: float) -> npt.NDArray[np.float64]:
    """Return the times of time codes [s].

    Args:
        codes: "hours:minutes:seconds:frame.part".
        rate: Frames a second.

    Raises:
        InputError: If one is no time code, or its frame is not below the rate.
    """
    times = []
    for number, code in enumerate(codes, 2):
        match = _CODE.fullmatch(code.strip())
        if match is None:
            raise InputError(f"time code of line {number}", code, "hours:minutes:seconds:frame", "Export it again.")
        hours, minutes, seconds, frame = (int(match[i]) for i in range(1, 5))
        if frame >= rate:
            raise InputError(f"frame in the time code of line {number}", frame, f"below the rate, {rate:g}",
                             "State the rate of the file: --rate.")
        part = float(f"0.{match[5] or 0}")
        times.append(3600 * hours + 60 * minutes + seconds + (frame + part) / rate)
    return np.array(times)
