"""Sheet of named poses in one picture: robot on the left, human on the right of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.plain_view import PlainView
from speech_gesture_ros.rendering.robot_view import RobotView, View
from speech_gesture_ros.rendering.skeleton_view import human_shapes
from speech_gesture_ros.rendering.staging import stage

WIDTH, HEIGHT = 840, 420  # of a pose before it is reduced [pixels]
INK, PAPER = (40, 46, 54), (255, 255, 255)  # colours
CAPTION_HEIGHT = 20  # [pixels]
CROPPED_SHARE = 0.12  # of the height, above and below together


@dataclass(frozen=True)
class NamedPose:
    """A pose of robot and human: name, (N,) configuration [rad], (J, 3) joints [m]."""

    name: str
    q: npt.NDArray[np.floating]
    joint_xyz: npt.NDArray[np.floating]


def draw_sheet(robot: Any, skeleton: Skeleton, poses: Sequence[NamedPose], columns: int = 5,
               tile_width: int = 260) -> npt.NDArray[np.uint8]:
    """Draw all poses, row by row.

    Args:
        robot: Has `description`, `model`, `data` and `show(q)`: a `simulators.MujocoRobot`.
        skeleton: Of the human.
        poses: To draw.
        columns: Poses in a row.
        tile_width: Of each [pixels].

    Returns:
        (height, width, 3) picture.
    """
    robot.show(robot.description.rest_q)
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    backend = opengl.find_backend()
    view: View = (RobotView(robot.model, robot.data, staging, WIDTH, HEIGHT, backend) if backend else
                  PlainView(robot.model, robot.data, staging, WIDTH, HEIGHT))
    cut = round(CROPPED_SHARE / 2 * HEIGHT)
    tile_height = round(tile_width * (HEIGHT - 2 * cut) / WIDTH)
    rows = -(-len(poses) // columns)
    sheet = Pictures.new("RGB", (columns * tile_width, rows * (tile_height + CAPTION_HEIGHT)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for i, pose in enumerate(poses):
        robot.show(pose.q)
        drawn = view.render(human_shapes(skeleton, pose.joint_xyz, staging.human))
        picture = Pictures.fromarray(drawn[cut : HEIGHT - cut])
        x, y = i % columns * tile_width, i // columns * (tile_height + CAPTION_HEIGHT)
        sheet.paste(picture.resize((tile_width, tile_height)), (x, y))
        pen.text((x + tile_width / 2, y + tile_height + CAPTION_HEIGHT / 2), pose.name, fill=INK, font=font,
                 anchor="mm")
    view.close()
    return np.asarray(sheet)
