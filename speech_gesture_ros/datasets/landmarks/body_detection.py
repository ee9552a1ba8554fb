"""Place of a person in a picture: MediaPipe's pose detection, a single-shot detector with 2254 anchors.

Bazarevsky et al., "BlazePose: On-device real-time body pose tracking" (2020); the anchors lie on grids of 28, 14 and 7.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from speech_gesture_ros.datasets.landmarks.models import Network
from speech_gesture_ros.datasets.landmarks.regions import Region, region_along

GRIDS = ((28, 2), (14, 2), (7, 6))  # cells of a side, anchors in each cell
MIN_SCORE, MAX_LOGIT = 0.5, 100.0
BODY_SCALE = 1.25  # of the region, around the circle of the body
BOX_VALUES, HIPS, TOP = 12, slice(4, 6), slice(6, 8)  # values of a box; middle of the hips, point on the body's circle


def anchors() -> npt.NDArray[np.float64]:
    """Return the (2254, 2) middles of the anchors, in shares of the picture."""
    out = []
    for cells, copies in GRIDS:
        middles = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        out.append(np.repeat(grid, copies, axis=0))
    return np.concatenate(out)


class BodyDetector:
    """Finds the most certain person in a picture."""

    def __init__(self) -> None:
        self._network = Network("pose_detection.tflite")
        self._anchors = anchors()

    def find(self, picture: Image.Image) -> Region | None:
        """Return the region of the body; None without a person."""
        whole = Region(picture.width / 2, picture.height / 2, max(picture.size))
        size = self._network.size
        boxes, logits = self._network.run(whole.cut(picture, size) * 2.0 - 1.0)
        best = int(np.argmax(logits))
        if 1.0 / (1.0 + np.exp(-np.clip(logits[best], -MAX_LOGIT, MAX_LOGIT))) < MIN_SCORE:
            return None
        box = boxes.reshape(-1, BOX_VALUES)[best] / size
        hips, top = whole.to_picture(np.stack([box[HIPS], box[TOP]]) + self._anchors[best])
        return region_along(hips, top, BODY_SCALE)
