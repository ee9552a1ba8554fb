r"""Keypoints as lines, as in Speech2Gesture: one human or several side by side, the waveform below.

    |  real  |  model  |    left arm warm, right arm cool, fingers thin
    |  /|\   |   /|\   |
    | ~~~~ waveform ~~~~ |

The head is not a keypoint; it is drawn to make the figure recognisable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from speech_gesture_ros.core.keypoints import KEYPOINT_BONES, KEYPOINT_NAMES
from speech_gesture_ros.rendering.waveform import WaveformStrip

Frames = npt.NDArray[np.floating]
Picture = npt.NDArray[np.uint8]

PANEL, HEIGHT, STRIP_HEIGHT = 640, 560, 112  # pixels
PAPER, INK = (252, 252, 253), (70, 78, 88)
LEFT, RIGHT = (212, 98, 47), (34, 104, 138)
VISIBLE_M = (1.3, 1.2)  # width and height that fit into a panel [m]
BASE_AT = (0.5, 0.42)  # place of the point between the shoulders, in shares of the panel
OVERSAMPLING = 2  # drawn larger and reduced, for soft edges
HEAD_M = (0.27, 0.085)  # height of the middle of the head above the shoulders, its radius [m]


class KeypointView:
    """Draws humans given as keypoints.

    Args:
        people: Title to (T, 49, 2) keypoints relative to the base [m] at 25 Hz.
        samples: (N,) the sound in [-1, 1].
        sample_rate: Of the sound [Hz].
    """

    def __init__(self, people: Mapping[str, Frames], samples: Frames, sample_rate: int) -> None:
        self._people = dict(people)
        self._strip = WaveformStrip(samples, sample_rate, PANEL * len(self._people), STRIP_HEIGHT)
        self._font = ImageFont.load_default(19 * OVERSAMPLING)

    def pictures(self, rate_hz: float) -> Iterator[Picture]:
        """Yield (672, 640 P, 3) pictures up to the end of the shortest motion; the sound begins with the first."""
        for i in range(min(len(frames) for frames in self._people.values())):
            panels = [self._panel(name, frames[i]) for name, frames in self._people.items()]
            yield np.concatenate([np.concatenate(panels, axis=1), self._strip.draw(i / rate_hz)])

    def _panel(self, name: str, keypoints: Frames) -> Picture:
        width, height = PANEL * OVERSAMPLING, HEIGHT * OVERSAMPLING
        size = np.array([width, height])
        canvas = Pictures.new("RGB", (width, height), PAPER)
        draw = ImageDraw.Draw(canvas)
        draw.text((width / 2, 30 * OVERSAMPLING), name, fill=INK, font=self._font, anchor="mm")
        per_m = float(np.min(size / np.array(VISIBLE_M)))
        at = np.nan_to_num(np.asarray(keypoints, dtype=np.float64)) * per_m + size * BASE_AT
        x, y = at[0][0], at[0][1] - HEAD_M[0] * per_m
        radius, longer = HEAD_M[1] * per_m, 1.3 * HEAD_M[1] * per_m
        draw.line([*at[0], x, y + longer], fill=INK, width=5 * OVERSAMPLING)
        draw.ellipse([x - radius, y - longer, x + radius, y + longer], outline=INK, width=5 * OVERSAMPLING)
        for start, stop in KEYPOINT_BONES:
            fingers = "hand" in KEYPOINT_NAMES[start] and "hand" in KEYPOINT_NAMES[stop]
            colour = LEFT if KEYPOINT_NAMES[stop].startswith("left") else RIGHT
            draw.line([*at[start], *at[stop]], fill=colour, width=(2 if fingers else 6) * OVERSAMPLING)
        return np.asarray(canvas.resize((PANEL, HEIGHT), Pictures.Resampling.LANCZOS))
