"""Joints of a face follow their targets within limits of position, velocity and acceleration, frame by frame.

A joint moves towards its target at most as fast as it can still stop there with its acceleration, and stays between
rest and full. The targets are 20 ms apart; velocity is linear between them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.channel_map import FaceChannelMap

Array = npt.NDArray[np.float64]

DT_S = 1.0 / FACE_RATE


class JointFollower:
    """Blendshapes (T, 52) to positions and velocities (T, J) of the joints of a map.

    Args:
        channels: Joints and limits.

    Attributes:
        position: (J,) position of the last frame [rad, m].
        velocity: (J,) [rad/s, m/s].
    """

    def __init__(self, channels: FaceChannelMap) -> None:
        self._channels = channels
        joints = channels.joints.values()
        self._max_velocity, self._max_acceleration = (
            np.array([getattr(joint, name) for joint in joints]) for name in ("max_velocity", "max_acceleration"))
        self._rest = np.array([joint.rest for joint in joints])
        full = np.array([joint.full for joint in joints])
        self._low, self._high = np.minimum(self._rest, full), np.maximum(self._rest, full)
        self.position, self.velocity = self._rest.copy(), np.zeros(len(self._rest))

    def push(self, shapes: npt.NDArray[np.floating]) -> tuple[Array, Array]:
        """Return positions and velocities (T, J) of consecutive frames; NaN in a shape counts as 0."""
        targets = self._channels.targets(np.nan_to_num(np.asarray(shapes, dtype=np.float64), nan=0.0))
        positions, velocities = np.empty_like(targets), np.empty_like(targets)
        for i, target in enumerate(targets):
            positions[i], velocities[i] = self._step(target)
        return positions, velocities

    def _step(self, target: Array) -> tuple[Array, Array]:
        step = self._max_acceleration * DT_S
        # This frame's motion is half of the present and half of the new velocity; the rest must suffice for stopping.
        ahead = target - self.position - 0.5 * self.velocity * DT_S
        stopping = -0.5 * step + np.sqrt(0.25 * step**2 + 2.0 * self._max_acceleration * np.abs(ahead))
        wanted = np.sign(ahead) * np.minimum(np.minimum(stopping, 2.0 * np.abs(ahead) / DT_S), self._max_velocity)
        velocity = np.clip(wanted, self.velocity - step, self.velocity + step)
        # A target that comes nearer during a brake can be passed by a little: the range is kept, braking a little more.
        position = np.clip(self.position + 0.5 * (self.velocity + velocity) * DT_S, self._low, self._high)
        self.velocity = 2.0 * (position - self.position) / DT_S - self.velocity
        self.position = position
        return self.position, self.velocity
