"""MJCF scene of a robot with one position actuator for each joint, for mujoco_ros2_control."""

from __future__ import annotations

from pathlib import Path

from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.mjcf import import_mujoco
from speech_gesture_ros.robot.package_files import folders_above
from speech_gesture_ros.simulators.mujoco_model import PURPOSE, build_robot_spec
from speech_gesture_ros.simulators.mujoco_servos import add_position_servos

STEP_S = 0.002
BANDWIDTH = 200.0  # [rad/s]; commands without a velocity lag by 2 / bandwidth = 10 ms


def mujoco_scene(description: RobotDescription) -> tuple[str, dict[str, bytes]]:
    """Return the scene as MJCF text, and the mesh files that it names.

    Raises:
        MissingDependencyError: If mujoco is not installed.
        RobotError: If MuJoCo does not accept the robot.
    """
    mujoco = import_mujoco(PURPOSE)
    source = description.model.urdf.file
    spec = build_robot_spec(description, folders_above(source) if source is not None else ())
    spec.option.timestep = STEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    add_position_servos(spec, description, BANDWIDTH)
    spec.compile()
    meshes = {Path(name).name: bytes(data) for name, data in dict(spec.assets).items()}
    return spec.to_xml(), meshes
