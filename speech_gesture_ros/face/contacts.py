"""Contacts of an animated mouth: frames in which the lips touch, and their preservation when the shapes change."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.face.arkit_map import apply_contacts, lip_gap

Array = npt.NDArray[np.float32]

CLOSED_GAP = 0.01  # `lip_gap` up to which lips count as touching: closed to 0.9 of the gap that counts as open, 0.1
BESIDE = 0.5  # contact of the frames beside a kept closure, so that it begins and ends in two frames


def closed_frames(shapes: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Return the frames (T,) of blendshapes (T, 52) in which the lips touch."""
    return np.asarray(lip_gap(shapes) <= CLOSED_GAP)


def keep_contacts(shapes: Array, closed: npt.NDArray[np.bool_], soft: bool = False) -> Array:
    """Close the lips in frames in which they have to touch and do not.

    Args:
        shapes: (T, 52).
        closed: (T,) frames in which the lips have to touch.
        soft: Close the frames beside those that are changed by `BESIDE`.

    Returns:
        (T, 52).
    """
    closed = closed & ~closed_frames(shapes)
    contact = closed.astype(np.float32)
    if soft and len(contact) > 1:
        contact[1:] = np.maximum(contact[1:], BESIDE * closed[:-1])
        contact[:-1] = np.maximum(contact[:-1], BESIDE * closed[1:])
    return np.clip(apply_contacts(np.asarray(shapes, np.float32), contact, np.zeros_like(contact)), 0.0, 1.0)
