"""Position actuators of a MuJoCo model, with gains from the inertia that each joint moves.

    torque = kp (q_command - q) + kv (dq_command - dq)        kp = I w^2,  kv = 2 I w,  w = bandwidth

So every joint, from a torso that carries two arms to a wrist, responds with the same critically damped motion.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.robot.description import RobotDescription

Indices = npt.NDArray[np.int64]


def joint_addresses(model: Any, description: RobotDescription) -> tuple[Indices, Indices]:
    """Return where the N commanded joints are in `qpos` and in `qvel` of a compiled model, (N,) each."""
    joints = [model.joint(name) for name in description.joint_names]
    return (np.array([int(j.qposadr[0]) for j in joints], dtype=np.int64),
            np.array([int(j.dofadr[0]) for j in joints], dtype=np.int64))


def add_position_servos(spec: Any, description: RobotDescription, bandwidth: float) -> None:
    """Add one position actuator for each commanded joint, with the joint's name.

    Args:
        spec: A `mujoco.MjSpec`, changed in place.
        description: Joints and rest pose.
        bandwidth: Of the servos [rad/s].
    """
    import mujoco

    for name, moved in zip(description.joint_names, _joint_inertia(spec.compile(), description)):
        kp = float(moved) * bandwidth**2
        actuator = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_position(kp=kp, kv=kp * 2.0 / bandwidth)


def _joint_inertia(model: Any, description: RobotDescription) -> npt.NDArray[np.float64]:
    """Return the (N,) inertia that each joint moves in the rest pose [kg m^2; kg for prismatic joints]."""
    import mujoco

    data = mujoco.MjData(model)
    qpos, qvel = joint_addresses(model, description)
    data.qpos[qpos] = description.rest_q
    mujoco.mj_forward(model, data)
    full = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, full)
    return np.asarray(np.diag(full)[qvel])
