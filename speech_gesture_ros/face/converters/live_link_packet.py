"""Packets of the Live Link Face application (Epic Games) over UDP, port 11111, for Unreal Engine and others.

A packet is, all big-endian: uint8 version 6; int32 size and text of the device, then of the subject; int32 frame,
float32 part of a frame, int32 rate, int32 1; uint8 61; 61 float32 (`rigs.live_link`).
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.rigs.live_link import LIVE_LINK_COLUMNS, live_link_rows

PORT, VERSION = 11111, 6
MAX_NAME = 100
DAY_FRAMES = 24 * 3600 * FACE_RATE


def live_link_packet(shapes: npt.NDArray[np.floating], time_s: float, subject: str = "speech_gesture",
                     head: npt.NDArray[np.floating] | None = None) -> bytes:
    """Return the packet of one frame.

    Args:
        shapes: (52,) blendshapes.
        time_s: Time of the frame [s]; its time code is that of the day.
        subject: Name under which the face appears.
        head: (3,) yaw, pitch and roll of the head [rad]; None: straight.

    Raises:
        ConfigError: If the name is empty or too long.
    """
    name = subject.encode("utf-8")
    if not 1 <= len(name) <= MAX_NAME:
        raise ConfigError("subject", subject, f"1 to {MAX_NAME} bytes", "Shorten it.")
    values = live_link_rows(np.asarray(shapes)[None], None if head is None else np.asarray(head)[None])[0]
    frame, part = divmod(time_s * FACE_RATE, 1.0)
    text = struct.pack(">i", len(name)) + name
    return (struct.pack(">B", VERSION) + text + text + struct.pack(">ifii", int(frame) % DAY_FRAMES, part, FACE_RATE, 1)
            + struct.pack(f">B{len(LIVE_LINK_COLUMNS)}f", len(LIVE_LINK_COLUMNS), *values))
