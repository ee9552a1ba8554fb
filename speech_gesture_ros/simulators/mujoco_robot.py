"""Robot in MuJoCo: servos that follow position commands with inertia, lag and contacts.

Each joint is driven by a position actuator (`mujoco_servos`). As the velocity of the command is known, only its
acceleration causes a lag: about ddq / w^2, with w = `SERVO_BANDWIDTH`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.mjcf import import_mujoco
from speech_gesture_ros.simulators.mujoco_model import PURPOSE, build_robot_spec
from speech_gesture_ros.simulators.mujoco_servos import add_position_servos, joint_addresses

SERVO_BANDWIDTH = 80.0  # w [rad/s], about 13 Hz: a good position servo of an arm
Vector = npt.NDArray[np.float64]


class MujocoRobot:
    """A simulated robot with a fixed base.

    Attributes:
        description: The robot.
        model: The compiled `mujoco.MjModel`, also what `rendering.robot_view` draws.
        data: Its `mujoco.MjData`.
        dt: Length of one step [s].

    Example:
        >>> robot = MujocoRobot(description)  # doctest: +SKIP
        >>> robot.step(description.rest_q)  # doctest: +SKIP
    """

    def __init__(self, description: RobotDescription, dt: float = 0.002, mesh_folders: Iterable[Path] = ()) -> None:
        if not 1e-4 <= dt <= 0.005:
            raise ConfigError("simulation step", dt, "in [0.0001, 0.005] s", "Take 0.002.")
        self._mujoco = import_mujoco(PURPOSE)
        self.description = description
        self.dt = dt
        spec = build_robot_spec(description, mesh_folders)
        spec.option.timestep = dt
        spec.option.integrator = self._mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        self._velocity_share = 2.0 / SERVO_BANDWIDTH  # kv / kp, the same for every joint
        add_position_servos(spec, description, SERVO_BANDWIDTH)
        self.model: Any = spec.compile()
        self.data: Any = self._mujoco.MjData(self.model)
        self._qpos, self._qvel = joint_addresses(self.model, description)
        self.reset(description.rest_q)

    def reset(self, q: npt.ArrayLike) -> None:
        """Set the robot at rest to `q` (N,) [rad]."""
        self._mujoco.mj_resetData(self.model, self.data)
        self.data.qpos[self._qpos] = np.asarray(q, dtype=np.float64)
        self.data.ctrl[:] = np.asarray(q, dtype=np.float64)
        self._mujoco.mj_forward(self.model, self.data)

    def step(self, q_command: npt.ArrayLike, dq_command: npt.ArrayLike | None = None) -> None:
        """Advance by `dt`.

        Args:
            q_command: (N,) commanded configuration [rad]. Values that are not finite keep the previous command.
            dq_command: (N,) its velocity [rad/s]; None for zero.
        """
        target = np.array(q_command, dtype=np.float64)
        if dq_command is not None:
            target += self._velocity_share * np.asarray(dq_command, dtype=np.float64)
        self.data.ctrl[:] = np.where(np.isfinite(target), target, self.data.ctrl)
        self._mujoco.mj_step(self.model, self.data)

    def show(self, q: npt.ArrayLike) -> None:
        """Pose the robot without physics: for pictures and for checks of recorded motion."""
        self.data.qpos[self._qpos] = np.asarray(q, dtype=np.float64)
        self._mujoco.mj_kinematics(self.model, self.data)
        self._mujoco.mj_comPos(self.model, self.data)

    @property
    def time_s(self) -> float:
        """Simulated time since the last reset [s]."""
        return float(self.data.time)

    @property
    def joint_positions(self) -> Vector:
        """(N,) measured configuration [rad], order of `description.joint_names`."""
        return np.array(self.data.qpos[self._qpos])

    @property
    def joint_velocities(self) -> Vector:
        """(N,) measured velocities [rad/s]."""
        return np.array(self.data.qvel[self._qvel])

    def self_contacts(self, q: npt.ArrayLike | None = None) -> list[tuple[str, str]]:
        """Return pairs of links whose capsules touch, at present or with the robot posed at `q`."""
        if q is not None:
            self.show(q)
            self._mujoco.mj_collision(self.model, self.data)
        pairs = []
        for contact in self.data.contact[: self.data.ncon]:
            if contact.dist < 0.0:
                links = (self.model.body(self.model.geom_bodyid[g]).name for g in contact.geom)
                pairs.append((next(links), next(links)))
        return pairs
