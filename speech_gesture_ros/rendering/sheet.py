"""Many poses on one picture, each with its name: robot left, person right, as on a contact sheet."""

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
from speech_gesture_ros.rendering.skeleton_view import person
from speech_gesture_ros.rendering.staging import stage

WIDTH, HEIGHT = 840, 420  # of a pose as it is drawn, before it is made smaller
INK, PAPER = (40, 46, 54), (255, 255, 255)
CAPTION = 20
SLACK = 0.12  # share of the picture's height that is cut off above and below


@dataclass(frozen=True)
class NamedPose:
    """A pose of the robot and of the person: name, (N,) configuration [rad], (J, 3) joints [m]."""

    name: str
    q: npt.NDArray[np.floating]
    joint_xyz: npt.NDArray[np.floating]


def draw_sheet(robot: Any, skeleton: Skeleton, poses: Sequence[NamedPose], columns: int = 5,
               tile_width: int = 260) -> npt.NDArray[np.uint8]:
    """Draw all poses, row by row.

    Args:
        robot: Has `description`, `model`, `data` and `show(q)`: a `simulators.MujocoRobot`.
        skeleton: Of the person.
        poses: What to draw.
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
    cut = round(SLACK / 2 * HEIGHT)
    tile_height = round(tile_width * (HEIGHT - 2 * cut) / WIDTH)
    rows = -(-len(poses) // columns)
    sheet = Pictures.new("RGB", (columns * tile_width, rows * (tile_height + CAPTION)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for i, pose in enumerate(poses):
        robot.show(pose.q)
        picture = Pictures.fromarray(view.render(person(skeleton, pose.joint_xyz, staging.person))[cut : HEIGHT - cut])
        x, y = i % columns * tile_width, i // columns * (tile_height + CAPTION)
        sheet.paste(picture.resize((tile_width, tile_height)), (x, y))
        pen.text((x + tile_width / 2, y + tile_height + CAPTION / 2), pose.name, fill=INK, font=font, anchor="mm")
    view.close()
    return np.asarray(sheet)
