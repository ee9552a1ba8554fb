"""The robot's own directions, one for each of the human's: what inverse kinematics makes equal.

A robot has some of the twelve directions of `targets.DIRECTIONS`. Two kinds:

    segments   shoulder to elbow, elbow to wrist: between points on two links
    axes       chest, head, hand, thumb: fixed in one link

Chest and head look forward while torso and neck stand at zero. The hand's axis is wrist to knuckles. The thumb is a
link of that name; without one it is taken to point forward while the arm hangs with its joints in the middle of their
range, as most hands are built (`hands` finds it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.retargeting.targets import DIRECTIONS
from speech_gesture_ros.robot.arm_points import MIN_SEGMENT_M, base_axes, hand_axis, wrist_point
from speech_gesture_ros.robot.description import BodyLinks
from speech_gesture_ros.robot.kinematics import Kinematics, Places, join
from speech_gesture_ros.robot.urdf import Urdf

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
    """All directions that a robot has, with how they move.

    Attributes:
        names: Names of the D directions.
        rows: (D,) where they are in `targets.DIRECTIONS`.
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
        places = join(_points(kinematics, [d.start for d in segments]),
                      _points(kinematics, [d.stop for d in segments if d.stop is not None]),
                      kinematics.axes([d.start[0] for d in axes], np.array([d.start[1] for d in axes]).reshape(-1, 3)))
        self._segments = len(segments)
        self._axes = {d.name: d.start[1] for d in axes}
        self._relative = np.array([[not n.startswith("torso")] for n in self.names])
        # Seen from the chest: only what lies beyond it moves an arm or the head.
        of_torso = kinematics.axes([body.torso], np.eye(3)[:1]).carried
        is_relative = np.concatenate([self._relative[:self._segments], self._relative])
        beyond = np.where(is_relative, np.clip(places.carried - of_torso, 0, 1), places.carried)
        self._places = replace(places, carried=beyond)

    def chest(self) -> Array:
        """(3, 3) forward, left, up of the chest as columns in the root link's frame."""
        return np.asarray(self._kinematics.rotation(self._torso) @ self.chest_axes)

    def local_axes(self) -> dict[str, Array]:
        """Name of each direction that is fixed in a link to (3,) what it is in that link's frame."""
        return dict(self._axes)

    def directions(self) -> tuple[Array, Array]:
        """The robot's D directions now, and how they move as seen from the chest.

        Returns:
            (D, 3) unit directions and (D, 3, N) their derivatives, both in the root link's frame.
        """
        positions = self._kinematics.positions(self._places)
        motions = self._kinematics.motions(positions, self._places)
        s = self._segments
        directions, motion = positions[s:], motions[s:]  # stops and axes
        directions[:s] -= positions[:s]
        motion[:s] -= motions[:s]
        lengths = np.maximum(np.sqrt(np.einsum("sc,sc->s", directions[:s], directions[:s])), MIN_SEGMENT_M)
        directions[:s] /= lengths[:, None]
        motion[:s] /= lengths[:, None, None]
        return directions, motion

    def targets(self, human: Array) -> Array:
        """(D, 3) where the human's (12, 3) directions, in the order of `targets.DIRECTIONS`, point on this robot."""
        wanted = human[self.rows]
        return np.asarray(np.where(self._relative, wanted @ self.chest().T, wanted @ self.base_axes.T))

    def errors_deg(self, human: Array) -> Array:
        """(D,) angles between the robot's directions now and where the human's (12, 3) point on it [degrees]."""
        cosines = np.einsum("dc,dc->d", self.directions()[0], self.targets(human))
        return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0))))


def _points(kinematics: Kinematics, places: list[tuple[str, Array]]) -> Places:
    return kinematics.points([link for link, _ in places], np.array([o for _, o in places]).reshape(-1, 3))


def read_robot_directions(urdf: Urdf, kinematics: Kinematics, body: BodyLinks, thumbs: dict[str, Array]
                          ) -> RobotDirections:
    """Find the directions of a robot; `kinematics` stands at zero.

    Args:
        urdf: The robot.
        kinematics: Its kinematics.
        body: Where its parts are.
        thumbs: Side to the thumb's direction in the hand link's frame (`hands.find_thumbs`); else it has none.
    """
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
        wrist = wrist_point(urdf, kinematics, arm)
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
