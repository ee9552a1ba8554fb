"""Keypoints of a person drawn as small coloured pictures, the input of a network that draws the person.

Each part of the body has a colour of its own, so that a network can distinguish left from right and arm from finger.
Parts with an unknown end are left out. The background is black. The method is that of Chan et al., "Everybody Dance
Now" (ICCV 2019).
"""

from __future__ import annotations

import colorsys

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw

from speech_gesture_ros.core.person_keypoints import PERSON_LINES

Floats = npt.NDArray[np.floating]
Picture = npt.NDArray[np.uint8]

OVERSAMPLING = 2  # drawn larger and reduced, so that motion below a pixel is visible
LIMB_SHARE, FINE_SHARE = 1 / 64, 1 / 160  # widths of the lines in shares of the picture
MIN_CONFIDENCE = 0.1  # below which a keypoint is not drawn
_FINE = ("finger", "outline", "brow", "bridge", "nostrils", "lid", "lips", "mouth", "head")


def _colours() -> dict[str, tuple[int, int, int]]:
    colours = {}
    for i, name in enumerate(PERSON_LINES):
        red, green, blue = colorsys.hsv_to_rgb(i * 0.618034 % 1.0, 0.55 + 0.45 * (i % 2), 1.0)
        colours[name] = (round(255 * red), round(255 * green), round(255 * blue))
    return colours


COLOURS = _colours()  # of the parts: neighbours in the list are far apart on the colour wheel


def draw_keypoints(person: Floats, size: int, whole: int | None = None) -> Picture:
    """Draw one person.

    Args:
        person: (137, 3) x, y [pixels of the picture] and confidence.
        size: Width and height of the picture [pixels].
        whole: Those of the picture of which this is a piece, which give the widths of the lines; none for `size`.

    Returns:
        (size, size, 3) picture.
    """
    points = np.nan_to_num(np.asarray(person, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    at = np.floor(np.clip((points[:, :2] + 0.5) * OVERSAMPLING - 0.5, -4.0 * size, 8.0 * size))
    is_known = points[:, 2] >= MIN_CONFIDENCE
    canvas = Pictures.new("RGB", (size * OVERSAMPLING, size * OVERSAMPLING))
    draw = ImageDraw.Draw(canvas)
    for name, pairs in PERSON_LINES.items():
        share = FINE_SHARE if any(word in name for word in _FINE) else LIMB_SHARE
        width = max(1, round(share * (whole or size) * OVERSAMPLING))
        for start, stop in pairs:
            if is_known[start] and is_known[stop]:
                draw.line([*at[start], *at[stop]], fill=COLOURS[name], width=width)
    return np.asarray(canvas.resize((size, size), Pictures.Resampling.BOX))
