"""Collision recovery: return to the target after the straight path to it led into self-collision.

    ●───●───●───●───●───●   missed targets: inverse kinematics passed along them, so that path is free
    ╲       ╲           ┊
     ╲ free  ╲ free     ✗ the straight path to the newest is not free
      robot ─►

The robot moves towards the newest missed target with a free straight path; on the way the path to later ones becomes
free. If none is free, as when a robot is engaged with its arms in collision, it moves to a clearance pose, with the
arms well away from the body. Once the path to the current target is free, the caller resets the recovery.

    state                condition                          next state  motion
    INACTIVE             a target is missed                 FOLLOWING
    any                  path to a missed target free       FOLLOWING   towards the newest such target
    FOLLOWING, BLOCKED   no path free, robot moves          BLOCKED     none: the caller brakes
    FOLLOWING, BLOCKED   no path free, robot at rest        CLEARING    to the next clearance pose with a free path
    CLEARING             pose not reached                   CLEARING    to the same pose; none if its path is not free
    CLEARING             pose reached                       CLEARING    to the next clearance pose with a free path
    CLEARING, BLOCKED    no clearance pose left             BLOCKED     none
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.governor import FailsafeTrajectory
from speech_gesture_ros.core.rates import KNOT_RATE

Array = npt.NDArray[np.float64]

MAX_MISSED_TARGETS = 20 * KNOT_RATE  # 20 s; after that the robot waits for a free path to those it has
POSE_REACHED_RAD = 0.05  # distance from a clearance pose at which the next one is tried
STRIDE = 5  # missed targets by which the aim moves in one knot: five times as fast as they came

Propose = Callable[[Array], "FailsafeTrajectory | None"]


class RecoveryState(Enum):
    """State of a `CollisionRecovery`."""

    INACTIVE = "inactive"
    FOLLOWING = "following missed targets"
    CLEARING = "moving to a clearance pose"
    BLOCKED = "no free path"


class CollisionRecovery:
    """Missed targets, and the choice of the configuration to move to.

    Args:
        clearance_poses: Configurations (N,) [rad] to move to while the path to no missed target is free.

    Attributes:
        state: Present state.
    """

    def __init__(self, clearance_poses: Sequence[Array] = ()) -> None:
        self._clearance_poses = tuple(clearance_poses)
        self.reset()

    @property
    def is_active(self) -> bool:
        """True in every state but INACTIVE."""
        return self.state is not RecoveryState.INACTIVE

    def reset(self) -> None:
        """Forget all missed targets; the state becomes INACTIVE."""
        self.state = RecoveryState.INACTIVE
        self._missed: list[Array] = []
        self._aim = 0  # index of the missed target to move to
        self._untried: list[Array] = list(self._clearance_poses)
        self._pose: Array | None = None  # clearance pose to move to, in state CLEARING

    def add_missed_target(self, target: Array) -> None:
        """Record a target (N,) [rad] that could not be followed."""
        if len(self._missed) < MAX_MISSED_TARGETS:
            self._missed.append(target)
        if self.state is RecoveryState.INACTIVE:
            self.state = RecoveryState.FOLLOWING

    def next_motion(self, propose: Propose, robot_state: Array) -> FailsafeTrajectory | None:
        """Return the motion towards the newest missed target with a free path, or to a clearance pose; None if blocked.

        Args:
            propose: Returns the motion towards a configuration (N,) at rest, None if the straight path is not free.
            robot_state: (3, N) position, velocity and acceleration of the robot.
        """
        trajectory = self._follow_missed_targets(propose)
        if trajectory is not None:
            self._untried, self._pose = list(self._clearance_poses), None
            self.state = RecoveryState.FOLLOWING
            return trajectory
        if self._pose is None and robot_state[1:].any():
            self.state = RecoveryState.BLOCKED  # a clearance pose is chosen at rest only
            return None
        if self._pose is not None and np.abs(self._pose - robot_state[0]).max() > POSE_REACHED_RAD:
            return propose(self._pose)
        trajectory = self._try_clearance_poses(propose)
        self.state = RecoveryState.BLOCKED if trajectory is None else RecoveryState.CLEARING
        return trajectory

    def _follow_missed_targets(self, propose: Propose) -> FailsafeTrajectory | None:
        last = len(self._missed) - 1
        for aim in dict.fromkeys((min(self._aim + STRIDE, last), self._aim, max(self._aim - STRIDE, 0))):
            trajectory = propose(self._missed[aim])
            if trajectory is not None:
                self._aim = aim
                return trajectory
        self._aim = max(self._aim - STRIDE, 0)
        return None

    def _try_clearance_poses(self, propose: Propose) -> FailsafeTrajectory | None:
        while self._untried:
            self._pose = self._untried.pop(0)
            trajectory = propose(self._pose)
            if trajectory is not None:
                return trajectory
        self._pose = None
        return None
