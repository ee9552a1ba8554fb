"""Pictures of a person by a network, from keypoints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import PictureChunk
from speech_gesture_ros.core.stage import Stage
from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints


def draw_film(stage: Stage[PictureChunk, PictureChunk], keypoints: npt.NDArray[np.floating], size: int
              ) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the pictures of a motion.

    Args:
        stage: Draws the person: a `networks.video.VideoStage`, new or reset.
        keypoints: (T, 137, 3) x, y [pixels] and confidence.
        size: Width and height of the stage's pictures [pixels].

    Yields:
        (size, size, 3) pictures.
    """
    for k, person in enumerate(keypoints):
        drawn = draw_keypoints(person, size).astype(np.float32)[None] / 255.0
        for picture in stage.push(PictureChunk(k, drawn)).values:
            yield np.round(picture * 255).clip(0, 255).astype(np.uint8)
