"""The 15 visemes of OpenXR as float32, little-endian, over UDP: for programs that fill `XrFaceTrackingVisemesMETA`."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.rigs.mouth_shapes import visemes_from_shapes

PORT = 39570
NUM_VISEMES = 15


def openxr_packet(shapes: npt.NDArray[np.floating], visemes: npt.NDArray[np.floating] | None = None) -> bytes:
    """Return the packet of one frame, 60 bytes.

    Args:
        shapes: (52,) blendshapes.
        visemes: (15,) shares; None: those that the blendshapes show.
    """
    shares = visemes_from_shapes(np.asarray(shapes)[None])[0] if visemes is None else visemes
    return struct.pack(f"<{NUM_VISEMES}f", *np.asarray(shares, dtype=np.float64))
