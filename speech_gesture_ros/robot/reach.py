"""Which parts of a robot can touch at all, wherever its joints stand.

    chest ──●  shoulder          a hand stays in a ball about the shoulder: as large as the arm is long;
           ╱ ╲                   feet that lie outside of it can never be touched, and need not be watched
          ╱ R ╲
         ╱     hand

A turning joint stays where it is in the part that carries it. So what lies beyond it is never farther from it than the
sum of the offsets from joint to joint; sliding joints add their travel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import Capsule, JointLimits
from speech_gesture_ros.robot.kinematics import Kinematics

Array = npt.NDArray[np.float64]
BEYOND_M = 0.02  # parts that stay farther apart than this never touch


def touchable(kinematics: Kinematics, limits: JointLimits, capsules: tuple[Capsule, ...],
              pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those pairs of capsules that some configuration might bring together.

    Args:
        kinematics: Of the robot; where it stands does not matter.
        limits: Of its N joints.
        capsules: All of them.
        pairs: Indices into `capsules`.
    """
    parts = [_Part(kinematics, limits, capsule) for capsule in capsules]
    return [(i, j) for i, j in pairs if _gap(parts[i], parts[j]) <= BEYOND_M]


class _Part:
    """One capsule, and the balls that it stays in: one about each joint that carries it.

    Attributes:
        bodies: The body that carries it, its parent, and so on to the root, which is 0.
        ends: (2, 3) in the frame of the first of them [m].
        radius: Of the capsule [m].
        balls: For each body but the root, where its joint sits in its parent (3,), and the radius of the ball.
    """

    def __init__(self, kinematics: Kinematics, limits: JointLimits, capsule: Capsule) -> None:
        body, pose = kinematics.placement[capsule.link]
        self.ends = np.array([capsule.start, capsule.stop]) @ pose[:3, :3].T + pose[:3, 3]
        self.radius = capsule.radius
        self.bodies, self.balls = [body], []
        reach = float(np.linalg.norm(self.ends, axis=1).max()) + capsule.radius
        while body:
            joint = body - 1
            if kinematics.slides(body):
                reach += float(max(abs(limits.lower[joint]), abs(limits.upper[joint])))
            parent, seat = kinematics.seat(body)
            self.balls.append((seat, reach))
            reach += float(np.linalg.norm(seat))
            body = parent
            self.bodies.append(body)


def _gap(part: _Part, other: _Part) -> float:
    """A distance that two parts on different bodies always keep [m]; negative where nothing is promised."""
    shared = next(body for body in part.bodies if body in other.bodies)
    depths = part.bodies.index(shared), other.bodies.index(shared)
    if 0 not in depths:
        (seat, reach), (other_seat, other_reach) = part.balls[depths[0] - 1], other.balls[depths[1] - 1]
        return float(np.linalg.norm(seat - other_seat)) - reach - other_reach
    still, moved, depth = (part, other, depths[1]) if depths[0] == 0 else (other, part, depths[0])
    seat, reach = moved.balls[depth - 1]
    start, along = still.ends[0], still.ends[1] - still.ends[0]
    share = np.clip((seat - start) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    return float(np.linalg.norm(start + share * along - seat)) - still.radius - reach
