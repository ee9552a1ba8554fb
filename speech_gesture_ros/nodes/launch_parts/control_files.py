"""Files of a robot for ros2_control, as launch files use them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.launch_parts.arguments import Values


@dataclass(frozen=True)
class ControlFolder:
    """A folder written by `speech-gesture robot ros2_control`.

    Attributes:
        folder: Its path.
        urdf: URDF text, with absolute paths of the other files.
        controllers: Names of the controllers, joint_state_broadcaster first.
        remappings: For the gesture node: topic in the robot's profile to that of the controller, where they differ.
    """

    folder: Path
    urdf: str
    controllers: tuple[str, ...]
    remappings: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> Path:
        """Parameters of the controllers."""
        return self.folder / "controllers.yaml"


def control_folder(values: Values, simulation: str, release: str = "harmonic") -> ControlFolder:
    """Return the files of the robot for ros2_control: those of the argument `files`, else written now.

    Args:
        values: Values of `ROBOT` and `CONTROL_FILES`.
        simulation: One of `simulators.ros2_control_files.SIMULATIONS`.
        release: Gazebo release.

    Raises:
        SpeechGestureError: If the robot cannot be used.
    """
    from speech_gesture_ros.retargeting import RobotConfig, load_robot
    from speech_gesture_ros.simulators.controllers_yaml import BROADCASTER, controller_names
    from speech_gesture_ros.simulators.ros2_control_files import (
        CONTROLLERS_FILE,
        SCENE_FILE,
        URDF_FILE,
        make_files,
        write_files,
    )

    description = load_robot(RobotConfig(robot=values["robot"], profile=values["profile"] or None,
                                         interface="trajectory"))
    if values["files"]:
        folder = Path(values["files"]).expanduser().resolve()
        if not (folder / URDF_FILE).is_file():
            raise ConfigError("launch argument 'files'", str(folder), f"a folder with {URDF_FILE}",
                              "Write it: speech-gesture robot ros2_control")
    else:
        folder = Path(tempfile.mkdtemp(prefix="speech_gesture_ros_"))
        write_files(make_files(description, simulation, folder=str(folder), release=release,
                               namespace=values["namespace"]), folder)
    urdf = (folder / URDF_FILE).read_text(encoding="utf-8")
    for name in (CONTROLLERS_FILE, SCENE_FILE):
        urdf = urdf.replace(f">{name}<", f">{folder / name}<")
    names = controller_names(description)
    topics = {description.topics[group]: f"{name}/joint_trajectory" for group, name in names.items()}
    return ControlFolder(folder, urdf, (BROADCASTER, *names.values()),
                         tuple(pair for pair in topics.items() if pair[0] != pair[1]))


def robot_urdf(values: Values) -> str:
    """Return the URDF text of the argument `robot`.

    Raises:
        SpeechGestureError: If the robot cannot be used.
    """
    from speech_gesture_ros.retargeting import RobotConfig, load_robot

    return load_robot(RobotConfig(robot=values["robot"], profile=values["profile"] or None)).model.urdf.text
