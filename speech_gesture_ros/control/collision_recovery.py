"""The way round: where to go while the straight way to the target leads through the robot itself.

    ●───●───●───●───●───●   targets missed so far: inverse kinematics came along there, so that way is free
    ╲       ╲           ┊
     ╲ sight ╲ sight    ✗ the newest is out of sight
      robot ─►

The robot goes towards the newest missed target in sight of it, that is with a clear straight way between, and as it
goes later ones come into sight. Once the newest of all is, the detour is over.

If it stands and none is in sight, as when it is entered with its arms entangled, it goes towards an open pose, with the
arms well off the body, until one is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.governor import FailsafeTrajectory
from speech_gesture_ros.core.rates import KNOT_RATE

Array = npt.NDArray[np.float64]

LONGEST = 20 * KNOT_RATE  # targets remembered; whoever is stuck for longer waits for the newest to come into sight
REACHED = 0.05  # [rad] from a way out, and the next is tried
STRIDE = 5  # missed targets by which the aim moves in one knot: so many times as fast as they came

Try = Callable[[Array], FailsafeTrajectory | None]


class CollisionRecovery:
    """Remembers missed targets, and which of them is aimed at.

    Args:
        ways_out: Configurations (N,) to go to from where no missed target is in sight.
    """

    def __init__(self, ways_out: Sequence[Array] = ()) -> None:
        self._ways_out = ways_out
        self.end()

    @property
    def is_on(self) -> bool:
        """Whether the robot is on its way round."""
        return bool(self._missed)

    def end(self) -> None:
        """Forget all."""
        self._missed: list[Array] = []
        self._aim = 0
        self._untried = list(self._ways_out)
        self._way_out: Array | None = None

    def miss(self, target: Array) -> None:
        """Remember a target (N,) that could not be followed."""
        if len(self._missed) < LONGEST:
            self._missed.append(target)

    def go_on(self, try_: Try, state: Array) -> FailsafeTrajectory | None:
        """The motion towards the newest missed target in sight, or out of where none is; None if there is no way.

        Args:
            try_: Gives the motion towards a configuration (N,) that stands still, None if it is out of sight.
            state: (3, N) the robot's position, velocity and acceleration.
        """
        last = len(self._missed) - 1
        for aim in dict.fromkeys((min(self._aim + STRIDE, last), self._aim, max(self._aim - STRIDE, 0))):
            promise = try_(self._missed[aim])
            if promise is not None:
                self._aim, self._way_out, self._untried = aim, None, list(self._ways_out)
                return promise
        self._aim = max(self._aim - STRIDE, 0)
        if self._way_out is not None and np.abs(self._way_out - state[0]).max() > REACHED:
            return try_(self._way_out)
        return None if state[1:].any() and self._way_out is None else self._next_way_out(try_)

    def _next_way_out(self, try_: Try) -> FailsafeTrajectory | None:
        while self._untried:
            self._way_out = self._untried.pop(0)
            promise = try_(self._way_out)
            if promise is not None:
                return promise
        self._way_out = None
        return None
