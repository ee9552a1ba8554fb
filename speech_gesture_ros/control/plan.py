"""Plan: knots that end at rest, without a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Consecutive knots that end at rest; `core.window.Window` without a stamp.

    Attributes:
        start_index: Knot index of the first row.
        positions: (K, N) [rad].
        velocities: (K, N) [rad/s]; the last row is exactly 0.
        brakes: Failsafe trajectory of each committed row, (M, 2, N) positions and velocities from it to rest.
    """

    start_index: int
    positions: Array
    velocities: Array
    brakes: tuple[Array, ...] = ()

    def __len__(self) -> int:
        return len(self.positions)
