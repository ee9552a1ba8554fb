"""Pictures of the film: robot on the left, the avatar that performs the human's motion on the right, waveform below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.avatar_view import CLOSED, AvatarView
from speech_gesture_ros.rendering.camera import camera_of
from speech_gesture_ros.rendering.plain_view import PlainView
from speech_gesture_ros.rendering.robot_view import RobotView, View
from speech_gesture_ros.rendering.staging import stage
from speech_gesture_ros.rendering.waveform import WaveformStrip
from speech_gesture_ros.robot.description import RobotDescription

WIDTH, HEIGHT, STRIP_HEIGHT = 1280, 720, 136  # [pixels]
LABEL_COLOUR = (70, 78, 88)
Frames = npt.NDArray[np.floating]


class Film:
    """Draws one robot, one avatar and one waveform.

    Args:
        robot: Has `description`, `model`, `data` and `show(q)`: a `simulators.MujocoRobot`.
        skeleton: Of the human that the avatar follows.
        strip: The waveform.

    Attributes:
        is_plain: True if there is no OpenGL and plain outlines are drawn.
    """

    def __init__(self, robot: Any, skeleton: Skeleton, strip: WaveformStrip) -> None:
        self._robot, self._strip = robot, strip
        description: RobotDescription = robot.description
        robot.show(description.rest_q)
        self._staging = stage(robot.model, robot.data, description.body, skeleton)
        backend = opengl.find_backend()
        self.is_plain = backend is None
        size = (WIDTH, HEIGHT - STRIP_HEIGHT)
        self._view: View = (RobotView(robot.model, robot.data, self._staging, *size, backend) if backend else
                            PlainView(robot.model, robot.data, self._staging, *size))
        self._avatar = AvatarView(skeleton, self._staging.human)
        self._camera = camera_of(self._staging, *size)
        self._labels = _labels(size[0], description.name.replace("_", " "))

    def draw(self, q: Frames, joint_xyz: Frames, voice_s: float, shapes: Frames = CLOSED) -> npt.NDArray[np.uint8]:
        """(720, 1280, 3) picture of the next frame.

        Args:
            q: (N,) robot configuration [rad].
            joint_xyz: (J, 3) human joints [m].
            voice_s: Time since the sound began [s].
            shapes: (52,) blendshapes of the avatar.
        """
        self._robot.show(q)
        scene = self._avatar.draw(self._view.render([]), self._camera, joint_xyz, shapes)
        ink, box = self._labels
        area = scene[box]
        scene[box] = np.asarray(area * (1 - ink) + np.array(LABEL_COLOUR) * ink, dtype=np.uint8)
        return np.concatenate([scene, self._strip.draw(voice_s)])

    def pictures(self, q: Frames, joint_xyz: Frames, voice_s: Frames, shapes: Frames | None = None
                 ) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield the pictures of a whole motion: (T, N), (T, J, 3), (T,) and (T, 52) as for `draw`."""
        faces = np.tile(CLOSED, (len(q), 1)) if shapes is None else shapes
        for row in zip(q, joint_xyz, voice_s, faces):
            yield self.draw(*row)

    def close(self) -> None:
        """Free the resources of the drawing."""
        self._view.close()


def _labels(width: int, robot_name: str) -> tuple[Frames, tuple[slice, slice]]:
    """Names above robot and human: opacity (rows, columns, 1) in [0, 1] and its place in the picture."""
    height = 52
    canvas = Pictures.new("L", (width, height), 0)
    font = ImageFont.load_default(19)
    for text, x in ((f"robot · {robot_name}", width * 0.29), ("avatar · the model's motion", width * 0.71)):
        ImageDraw.Draw(canvas).text((x, 34), text, fill=230, font=font, anchor="mm")
    ink = np.asarray(canvas, dtype=np.float64)[..., None] / 255.0
    return ink, (slice(0, height), slice(0, width))
