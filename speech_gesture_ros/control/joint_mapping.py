"""Our joints to those of one controller: its order, its names, its directions, and joints of it that are not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.commands import Commands

Array = npt.NDArray[np.float64]


class ControllerJointMapping:
    """What is to be told to M joints, from what N are to do.

    Args:
        joint_names: Our N joints.
        order: The M joints of the controller, in its order.
        commands: Names, directions and zeros in messages.

    Attributes:
        order: The M joints by their names in the URDF.
        names: The same by their names in messages.
        foreign: Those of them that are not ours: they are held where they were measured.

    Raises:
        ConfigError: If a joint comes twice, or none is ours.
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
        """(..., M) values for messages from our (..., N) positions; None while a foreign joint was never measured.

        Args:
            q: [rad].
            held: Where joints that are not ours were measured [rad].
        """
        if not all(name in held for name in self.held_names):
            return None
        told: Array = np.empty((*q.shape[:-1], len(self.order)))
        told[...] = [held.get(name, 0.0) for name in self.order]
        told[..., self._rows] = q[..., self._columns]
        return np.asarray(told * self._sign + self._offset)

    def velocities(self, dq: Array) -> Array:
        """(..., M) speeds for messages from our (..., N) [rad/s]; joints that are not ours stand still."""
        told: Array = np.zeros((*dq.shape[:-1], len(self.order)))
        told[..., self._rows] = dq[..., self._columns]
        return np.asarray(told * self._sign)

    def measured(self, values: Array) -> Array:
        """(M,) positions [rad] of the joints in `order` from the values of messages."""
        return np.asarray((values - self._offset) * self._sign)

    def velocities_measured(self, values: Array) -> Array:
        """(M,) speeds [rad/s] of the joints in `order` from the values of messages."""
        return np.asarray(values * self._sign)
