"""Stand-in shapes for robots without visuals, which make shoulders, palms and face visible.

    shoulders   a bar from one to the other, on the chest
    palms       a flat hand with a thumb, in the thumb direction of the description
    face        a nose, in the direction of the head

Only links without visuals get them; they have no contacts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.robot_directions import read_robot_directions
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
VISIBLE_GROUP = 1  # geoms that are drawn
DARK_SHARE = 0.8  # of the robot's colour, for palms and nose


def show_stand_ins(spec: Any, description: RobotDescription, shown: set[str], rgba: tuple[float, ...]) -> None:
    """Add stand-in shapes to a MuJoCo model.

    Args:
        spec: The `mujoco.MjSpec`.
        description: The robot.
        shown: Links with visuals.
        rgba: Colour of capsules.
    """
    import mujoco

    body = description.body
    if body.left_arm is None or body.right_arm is None:
        return
    kinematics = description.kinematics()
    robot_directions = read_robot_directions(description, kinematics)
    dark = (*(DARK_SHARE * c for c in rgba[:3]), 1.0)
    at = {link: _origin_in(kinematics, body.torso, link) for link in (body.left_arm.shoulder, body.right_arm.shoulder)}
    width = float(np.linalg.norm(at[body.left_arm.shoulder] - at[body.right_arm.shoulder]))
    size = width / 0.36  # of a human's, by the shoulders

    def add(link: str, kind: Any, colour: tuple[float, ...], **shape: Any) -> None:
        geom = spec.body(link).add_geom(type=kind, contype=0, conaffinity=0, mass=0.0, rgba=colour, group=VISIBLE_GROUP)
        for name, value in shape.items():
            setattr(geom, name, value)

    capsule, box = mujoco.mjtGeom.mjGEOM_CAPSULE, mujoco.mjtGeom.mjGEOM_BOX
    if body.torso not in shown:
        add(body.torso, capsule, rgba, size=(0.04 * size, 0, 0), fromto=np.concatenate(list(at.values())))
    directions = robot_directions.local_axes()
    if body.head is not None and body.head not in shown and "head_forward" in directions:
        middle = _middle(description, body.head)
        if middle is not None:
            add(body.head, capsule, dark, size=(0.018 * size, 0, 0),
                fromto=np.concatenate([middle, middle + 0.13 * size * directions["head_forward"]]))
    for side, arm in (("left", body.left_arm), ("right", body.right_arm)):
        if arm.hand is None or {arm.hand, arm.wrist} & shown or f"{side}_thumb" not in directions:
            continue
        along, thumb = directions[f"{side}_hand"], directions[f"{side}_thumb"]
        start = _origin_in(kinematics, arm.hand, arm.wrist)
        frame = np.column_stack([thumb, np.cross(along, thumb), along])
        add(arm.hand, box, dark, size=size * np.array([0.045, 0.014, 0.08]), pos=start + 0.10 * size * along,
            quat=_quaternion(mujoco, frame))
        root = start + size * (0.05 * along + 0.03 * thumb)
        add(arm.hand, capsule, dark, size=(0.013 * size, 0, 0),
            fromto=np.concatenate([root, root + size * (0.05 * thumb + 0.04 * along)]))


def _origin_in(kinematics: Kinematics, link: str, other: str) -> Array:
    """Return the (3,) origin of another link in a link's frame while all joints are at zero [m]."""
    ends = kinematics.origins(link, other)
    return np.asarray(kinematics.rotation(link).T @ (ends[1] - ends[0]))


def _middle(description: RobotDescription, link: str) -> Array | None:
    """Return the (3,) middle of a link's capsules in its frame [m]; None without any."""
    ends = [np.add(c.start, c.stop) / 2 for c in description.capsules if c.link == link]
    return np.mean(ends, axis=0) if ends else None


def _quaternion(mujoco: Any, rotation: Array) -> Array:
    quat_wxyz = np.zeros(4)
    mujoco.mju_mat2Quat(quat_wxyz, np.ascontiguousarray(rotation).ravel())
    return quat_wxyz
