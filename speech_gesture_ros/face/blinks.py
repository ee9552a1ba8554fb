"""Blinks that are put into an animation: at drawn places, or at given times; each closes, holds and opens linearly.

Closing, closed and opening are shares 4 : 2 : 7 of the duration, as in `upper_face`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation
from speech_gesture_ros.face.upper_face import BLINK_LENGTH, CLOSED_FRAMES, CLOSING_FRAMES

DURATION_RANGE_S = (0.1, 1.0)
USUAL_S = BLINK_LENGTH / FACE_RATE
GAP_S = 0.1  # least time with open eyes between two blinks

_EYES = [BLENDSHAPE_INDEX[f"eyeBlink{side}"] for side in ("Left", "Right")]


def blinks_at(animation: FaceAnimation, starts_s: Sequence[float], duration_s: float = USUAL_S) -> FaceAnimation:
    """Add blinks; an eye that is closed further stays so.

    Args:
        animation: The face.
        starts_s: Beginning of each blink [s].
        duration_s: From open to open, 0.1 to 1 s.

    Raises:
        ConfigError: If the duration is out of bounds, or a blink is not within the animation.
    """
    if not DURATION_RANGE_S[0] <= duration_s <= DURATION_RANGE_S[1]:
        raise ConfigError("duration of a blink [s]", duration_s, "0.1 to 1", "0.26 is usual.")
    shapes, times = animation.shapes.copy(), np.arange(len(animation)) / FACE_RATE
    close, hold = (duration_s * frames / BLINK_LENGTH for frames in (CLOSING_FRAMES, CLOSED_FRAMES))
    for start in starts_s:
        if not 0.0 <= start <= animation.duration_s:
            raise ConfigError("time of a blink [s]", start, f"0 to {animation.duration_s:g}", "Choose a time within.")
        blink = np.interp(times - start, (0.0, close, close + hold, duration_s), (0.0, 1.0, 1.0, 0.0))
        shapes[:, _EYES] = np.maximum(shapes[:, _EYES], blink[:, None].astype(np.float32))
    return replace(animation, shapes=shapes)


def without_blinks(animation: FaceAnimation) -> FaceAnimation:
    """Open the eyes in all frames."""
    shapes = animation.shapes.copy()
    shapes[:, _EYES] = 0.0
    return replace(animation, shapes=shapes)


def draw_blinks(animation: FaceAnimation, count: int, duration_s: float = USUAL_S, seed: int = 0) -> list[float]:
    """Draw the times of new blinks: one in each of `count` equal parts, away from the blinks that are there.

    Args:
        animation: The face.
        count: Number of blinks.
        duration_s: Of each [s].
        seed: Of the draws.

    Returns:
        Beginning of each [s], increasing.

    Raises:
        ConfigError: If they do not fit.
    """
    frames, gap, length = len(animation), round(GAP_S * FACE_RATE), int(np.ceil(duration_s * FACE_RATE)) + 1
    taken = animation.shapes[:, _EYES].max(axis=1) > 0.0
    rng, starts = np.random.default_rng(seed), []
    for i in range(count):
        free = _free_starts(taken, length, gap)
        in_part = free[(free >= i * frames // count) & (free < (i + 1) * frames // count)]
        choice = in_part if len(in_part) else free
        if not len(choice):
            raise ConfigError("number of blinks", count, f"at most {i}, of {duration_s:g} s each, beside those "
                              f"that are there in {animation.duration_s:g} s", "Ask for fewer, or remove the others.")
        start = int(choice[rng.integers(len(choice))])
        taken[start:start + length] = True
        starts.append(start / FACE_RATE)
    return sorted(starts)


def _free_starts(taken: npt.NDArray[np.bool_], length: int, gap: int) -> npt.NDArray[np.intp]:
    """Return the frames from which `length` frames, and `gap` on both sides, are not taken."""
    padded = np.concatenate([np.zeros(gap, bool), taken, np.zeros(gap, bool)])
    total = np.concatenate([[0], np.cumsum(padded)])
    width = length + 2 * gap
    if len(padded) < width:
        return np.empty(0, np.intp)
    return np.flatnonzero(total[width:] == total[:-width])
