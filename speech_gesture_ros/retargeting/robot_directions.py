"""Directions of a robot's body parts, which inverse kinematics makes equal to those of the human.

A robot has some of the twelve directions of `targets.DIRECTIONS`, of two kinds:

    segments   shoulder to elbow, elbow to wrist: between points on two links
    axes       chest, head, hand, thumb: fixed in one link

Chest and head look forward while torso and neck are at zero. The hand's axis is wrist to knuckles. The thumb is that of
the description (`hands` finds it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.robot.arm_points import MIN_SEGMENT_M, base_axes, hand_axis, wrist_point
from speech_gesture_ros.robot.description import BodyLinks, RobotDescription
from speech_gesture_ros.robot.kinematic_model import KinematicModel, LinkVectors, join
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Direction:
    """One direction of the robot: a segment between two points, or an axis of one link.

    Attributes:
        name: One of `targets.DIRECTIONS`.
        start: Link and offset in it [m] where a segment starts; the link of an axis.
        stop: Link and offset where a segment ends; None for an axis, whose direction is the offset of `start`.
    """

    name: str
    start: tuple[str, Array]
    stop: tuple[str, Array] | None = None


class RobotDirections:
    """All directions that a robot has, and their derivatives.

    Attributes:
        names: Names of the D directions.
        rows: (D,) their indices in `targets.DIRECTIONS`.
        base_axes: (3, 3) the robot's forward, left, up as columns in the root link's frame.
        chest_axes: (3, 3) the same in the torso link's frame.
    """

    def __init__(self, kinematics: Kinematics, body: BodyLinks, directions: list[Direction], base_axes: Array) -> None:
        self._kinematics = kinematics
        segments = [d for d in directions if d.stop is not None]
        axes = [d for d in directions if d.stop is None]
        self.names = tuple(d.name for d in (*segments, *axes))
        self.rows = np.array([DIRECTIONS.index(n) for n in self.names], dtype=np.int64)
        self.base_axes = base_axes
        self.chest_axes = kinematics.rotation(body.torso).T @ base_axes
        self._torso = body.torso
        model = kinematics.model
        vectors = join(_points(model, [d.start for d in segments]),
                       _points(model, [d.stop for d in segments if d.stop is not None]),
                       model.axes([d.start[0] for d in axes], np.array([d.start[1] for d in axes]).reshape(-1, 3)))
        self._segments = len(segments)
        self._axes = {d.name: d.start[1] for d in axes}
        self._relative = np.array([[not n.startswith("torso")] for n in self.names])
        # As seen from the chest only the joints beyond it move an arm or the head.
        of_torso = model.axes([body.torso], np.eye(3)[:1]).moved_by
        is_relative = np.concatenate([self._relative[:self._segments], self._relative])
        beyond = np.where(is_relative, np.clip(vectors.moved_by - of_torso, 0, 1), vectors.moved_by)
        self._vectors = replace(vectors, moved_by=beyond)

    def chest(self) -> Array:
        """Return (3, 3) forward, left, up of the chest as columns in the root link's frame."""
        return np.asarray(self._kinematics.rotation(self._torso) @ self.chest_axes)

    def local_axes(self) -> dict[str, Array]:
        """Return the directions that are fixed in a link: name to (3,) in that link's frame."""
        return dict(self._axes)

    def directions(self) -> tuple[Array, Array]:
        """Compute the robot's D directions at present, and their derivatives as seen from the chest.

        Returns:
            (D, 3) unit directions and (D, 3, N) their derivatives, both in the root link's frame.
        """
        positions = self._kinematics.positions(self._vectors)
        motions = self._kinematics.motions(positions, self._vectors)
        s = self._segments
        directions, motion = positions[s:], motions[s:]  # stops and axes
        directions[:s] -= positions[:s]
        motion[:s] -= motions[:s]
        lengths = np.maximum(np.sqrt(np.einsum("sc,sc->s", directions[:s], directions[:s])), MIN_SEGMENT_M)
        directions[:s] /= lengths[:, None]
        motion[:s] /= lengths[:, None, None]
        return directions, motion

    def targets(self, human: Array) -> Array:
        """Return (D, 3) target directions for the human's (12, 3), which are in the order of `targets.DIRECTIONS`."""
        chosen = human[self.rows]
        return np.asarray(np.where(self._relative, chosen @ self.chest().T, chosen @ self.base_axes.T))

    def errors_deg(self, human: Array) -> Array:
        """Return (D,) angles between the robot's directions and the targets for the human's (12, 3) [degrees]."""
        cosines = np.einsum("dc,dc->d", self.directions()[0], self.targets(human))
        return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))))


def _points(model: KinematicModel, points: list[tuple[str, Array]]) -> LinkVectors:
    return model.points([link for link, _ in points], np.array([offset for _, offset in points]).reshape(-1, 3))


def read_robot_directions(description: RobotDescription, kinematics: Kinematics) -> RobotDirections:
    """Find the directions of a robot.

    Args:
        description: The robot.
        kinematics: Its kinematics, at zero; the directions are those of its present configuration.
    """
    body, thumbs = description.body, description.thumbs
    axes = base_axes(kinematics, body)
    found = [Direction("torso_left", (body.torso, kinematics.rotation(body.torso).T @ axes[:, 1])),
             Direction("torso_up", (body.torso, kinematics.rotation(body.torso).T @ axes[:, 2]))]
    if body.head is not None:
        rotation = kinematics.rotation(body.head).T
        found += [Direction("head_forward", (body.head, rotation @ axes[:, 0])),
                  Direction("head_up", (body.head, rotation @ axes[:, 2]))]
    for side, arm in (("left", body.left_arm), ("right", body.right_arm)):
        if arm is None:
            continue
        wrist = wrist_point(description.model.tree, kinematics, arm)
        elbow = (arm.elbow, np.zeros(3))
        found += [Direction(f"{side}_upper_arm", (arm.shoulder, np.zeros(3)), elbow),
                  Direction(f"{side}_forearm", elbow, wrist)]
        if arm.hand is not None:
            axis = hand_axis(kinematics, arm)
            found.append(Direction(f"{side}_hand", (arm.hand, axis)))
            if side in thumbs:
                thumb = thumbs[side] - axis * (axis @ thumbs[side])
                found.append(Direction(f"{side}_thumb", (arm.hand, thumb / np.linalg.norm(thumb))))
    return RobotDirections(kinematics, body, found, axes)
