"""Files with which a robot runs under ros2_control: URDF, controllers, and what the simulation needs.

    mock      mock_components: no physics, every command is reached at once
    gazebo    Gazebo with gz_ros2_control, 1 kHz
    mujoco    mujoco_ros2_control, which shares no code with this package's own simulated robot

The files are written for one robot, and read by `ros2_control.launch.py`, `gazebo.launch.py` and `mujoco.launch.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.controllers_yaml import controllers_yaml
from speech_gesture_ros.simulators.gazebo_releases import DEFAULT_RELEASE, gazebo_release, gazebo_world
from speech_gesture_ros.simulators.ros2_control_urdf import Hardware, ros2_control_urdf

SIMULATIONS = ("gazebo", "mock", "mujoco")
RATES_HZ = {"gazebo": 1000, "mock": 200, "mujoco": 500}  # update rates of the controller manager
URDF_FILE, CONTROLLERS_FILE, WORLD_FILE, SCENE_FILE = "robot.urdf", "controllers.yaml", "world.sdf", "scene.xml"


@dataclass(frozen=True)
class ControlFiles:
    """Texts of one simulation, by file name, and notes about what was replaced."""

    texts: dict[str, str]
    binaries: dict[str, bytes]
    notes: tuple[str, ...]


def make_files(description: RobotDescription, simulation: str, *, folder: str, release: str = DEFAULT_RELEASE,
               namespace: str = "") -> ControlFiles:
    """Return the files of a robot for one simulation.

    Args:
        description: The robot, with the command interface `trajectory`.
        simulation: One of `SIMULATIONS`.
        folder: Folder in which the simulation will find the files; "" for names relative to it.
        release: Gazebo release: a key of `gazebo_releases.GAZEBO_RELEASES`, or "auto".
        namespace: Namespace of the controller manager; "" for none.

    Raises:
        ConfigError: If there is no such simulation or release.
        MissingDependencyError: If mujoco is not installed, for `simulation` "mujoco".
    """
    if simulation not in SIMULATIONS:
        raise ConfigError("simulation", simulation, f"one of {', '.join(SIMULATIONS)}", "Choose one.")
    is_simulated = simulation != "mock"
    texts = {CONTROLLERS_FILE: controllers_yaml(description, RATES_HZ[simulation], use_sim_time=is_simulated,
                                                namespace=namespace)}
    binaries: dict[str, bytes] = {}
    if simulation == "gazebo":
        gazebo = gazebo_release(release)
        texts[URDF_FILE], notes = ros2_control_urdf(
            description, Hardware(gazebo.hardware), gazebo=gazebo, namespace=namespace,
            controllers=str(Path(folder) / CONTROLLERS_FILE))
        texts[WORLD_FILE] = gazebo_world(gazebo)
    elif simulation == "mock":
        texts[URDF_FILE], notes = ros2_control_urdf(description, Hardware("mock_components/GenericSystem"))
    else:
        from speech_gesture_ros.simulators.mujoco_scene import mujoco_scene

        texts[SCENE_FILE], binaries = mujoco_scene(description)
        texts[URDF_FILE], notes = ros2_control_urdf(description, Hardware(
            "mujoco_ros2_control/MujocoSystemInterface",
            {"mujoco_model": str(Path(folder) / SCENE_FILE), "headless": "true"}, only_commanded=True))
    return ControlFiles(texts, binaries, tuple(notes))


def write_files(files: ControlFiles, folder: Path) -> None:
    """Write the files into a folder, which is made if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.texts.items():
        write_text(folder / name, text)
    for name, data in files.binaries.items():
        (folder / name).write_bytes(data)
