"""The way round: where to go while the straight way to the target leads through the robot itself.

    ●───●───●───●───●───●   targets missed so far: inverse kinematics came along there, so that way is free
    ╲       ╲           ┊
     ╲ sight ╲ sight    ✗ the newest is out of sight
      robot ─►

The robot goes towards the newest missed target in sight of it, that is with a clear straight way between, and as it
goes later ones come into sight. Once the newest of all is, the detour is over.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.governor import Promise
from speech_gesture_ros.core.rates import KNOT_RATE

Array = npt.NDArray[np.float64]

LONGEST = 20 * KNOT_RATE  # targets remembered; whoever is stuck for longer waits for the newest to come into sight
STRIDE = 5  # missed targets by which the aim moves in one knot: so many times as fast as they came

Try = Callable[[Array], Promise | None]


class Detour:
    """Remembers missed targets, and which of them is aimed at."""

    def __init__(self) -> None:
        self.end()

    @property
    def is_on(self) -> bool:
        """Whether the robot is on its way round."""
        return bool(self._missed)

    def end(self) -> None:
        """Forget all."""
        self._missed: list[Array] = []
        self._aim = 0

    def miss(self, target: Array) -> None:
        """Remember a target (N,) that could not be followed."""
        if len(self._missed) < LONGEST:
            self._missed.append(target)

    def go_on(self, try_: Try) -> Promise | None:
        """The motion towards the newest missed target in sight; None if there is none among the next few.

        Args:
            try_: Gives the motion towards a configuration (N,) that stands still, None if it is out of sight.
        """
        last = len(self._missed) - 1
        for aim in (min(self._aim + STRIDE, last), self._aim, max(self._aim - STRIDE, 0)):
            promise = try_(self._missed[aim])
            if promise is not None:
                self._aim = aim
                return promise
        self._aim = max(self._aim - STRIDE, 0)
        return None
