"""Mapping from the joints of a description to those of one controller: order, names, directions, and further joints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.commands import Commands

Array = npt.NDArray[np.float64]


class ControllerJointMapping:
    """Values for the M joints of a controller from those of the N joints of a description.

    Args:
        joint_names: N joints of the description.
        order: M joints of the controller, in its order, by their names in the URDF.
        commands: Names, directions and zeros in messages.

    Attributes:
        order: M joints by their names in the URDF.
        names: The same by their names in messages.
        held_names: Those of them that the description does not have: they are held where they were measured.

    Raises:
        ConfigError: If a joint is repeated, or none is in the description.
    """

    def __init__(self, joint_names: Sequence[str], order: Sequence[str], commands: Commands) -> None:
        self.order = tuple(order)
        columns = {name: i for i, name in enumerate(joint_names)}
        if len(set(order)) != len(order) or not set(order) & set(columns):
            raise ConfigError("joints of a controller", list(order), f"different names, some of {list(joint_names)}",
                              "Correct commands.order in the profile.")
        self.names = tuple(commands.joint(name).name or name for name in order)
        self.held_names = tuple(name for name in order if name not in columns)
        self._rows = np.array([i for i, name in enumerate(order) if name in columns])
        self._columns = np.array([columns[name] for name in order if name in columns])
        self._sign = np.array([commands.joint(name).sign for name in order])
        self._offset = np.array([commands.joint(name).offset for name in order])

    def positions(self, q: Array, held: Mapping[str, float]) -> Array | None:
        """Return (..., M) values for messages from (..., N) positions; None before all held joints were measured.

        Args:
            q: (..., N) [rad].
            held: Measured positions of joints by name [rad].
        """
        if not all(name in held for name in self.held_names):
            return None
        values: Array = np.empty((*q.shape[:-1], len(self.order)))
        values[...] = [held.get(name, 0.0) for name in self.order]
        values[..., self._rows] = q[..., self._columns]
        return np.asarray(values * self._sign + self._offset)

    def velocities(self, dq: Array) -> Array:
        """Return (..., M) speeds for messages from (..., N) [rad/s]; 0 for held joints."""
        values: Array = np.zeros((*dq.shape[:-1], len(self.order)))
        values[..., self._rows] = dq[..., self._columns]
        return np.asarray(values * self._sign)

    def measured(self, values: Array) -> Array:
        """Return (M,) positions [rad] of the joints in `order` from the values of messages."""
        return np.asarray((values - self._offset) * self._sign)

    def velocities_measured(self, values: Array) -> Array:
        """Return (M,) speeds [rad/s] of the joints in `order` from the values of messages."""
        return np.asarray(values * self._sign)
