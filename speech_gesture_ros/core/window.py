"""Window: stamped knots with positions and velocities that end at rest, the content of one trajectory message."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Window:
    """Consecutive control knots at `KNOT_RATE`; between knots the motion is the cubic through both.

    Attributes:
        start_index: Knot index of the first row on the stream's grid.
        stamp_ns: ROS time of the first row [ns].
        positions: (K, N) [rad].
        velocities: (K, N) [rad/s]; the last row is exactly 0.
        brakes: Failsafe trajectory of each of the first rows, (M, 2, N) positions and velocities from it to rest; the
            rows after those are a failsafe trajectory themselves.
    """

    start_index: int
    stamp_ns: int
    positions: npt.NDArray[np.float64]
    velocities: npt.NDArray[np.float64]
    brakes: tuple[npt.NDArray[np.float64], ...] = ()

    def __len__(self) -> int:
        return len(self.positions)
