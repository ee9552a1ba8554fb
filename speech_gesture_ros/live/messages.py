"""Messages to the page: frames as bytes with a time, everything else as JSON.

    kind (uint32) | count (uint32) | time (float64) | values

Numbers are little-endian. The time is that of the performance: when the page's clock shows it, the sound is played, the
pose is seen. All messages have the same clock; its zero is the start of the session.
"""

from __future__ import annotations

import enum
import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

HEADER = struct.Struct("<IId")


class FrameKind(enum.IntEnum):
    """Content of a frame, and the type of its values."""

    SOUND = 1  # int16 samples at 16 kHz; the time is that of the first
    ROBOT = 2  # float32, 7 for each body
    BODY = 3  # float32, quaternion of each bone: x, y, z, w
    FACE = 4  # float32, 52 blendshapes


def frame_message(kind: FrameKind, time_s: float, values: npt.NDArray[Any]) -> bytes:
    """Pack one frame."""
    dtype = "<i2" if kind is FrameKind.SOUND else "<f4"
    block = np.ascontiguousarray(values, dtype=dtype).reshape(-1)
    return HEADER.pack(kind, block.size, time_s) + block.tobytes()


def sound_message(time_s: float, samples: npt.NDArray[np.floating]) -> bytes:
    """Pack samples (N,) in [-1, 1]."""
    return frame_message(FrameKind.SOUND, time_s, np.round(np.clip(samples, -1.0, 1.0) * 32767.0))


def text_message(kind: str, **content: Any) -> str:
    """Pack anything else as a JSON object with the key `kind`."""
    return json.dumps({"kind": kind, **content}, allow_nan=False)
