"""Nodes and arguments that several launch files share; the only module here that imports launch.

A launch file declares arguments in groups and makes its nodes from their values:

    declare(ROBOT, AUDIO)                    arguments, for --show-args
    values(context, ROBOT, AUDIO)            their texts
    gesture_node(...), audio_file(...)       nodes made from them
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launch import LaunchContext
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile, ParameterValue

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.parameters import from_text, parameter_rows
from speech_gesture_ros.nodes.settings import GestureSettings

PACKAGE = "speech_gesture_ros"
LOG_LEVELS = ("debug", "info", "warn", "error", "fatal")
RVIZ_FILE, PARAMETERS_FILE = "config/rviz/speech_gesture.rviz", "config/nodes/gesture_node.yaml"


@dataclass(frozen=True)
class Argument:
    """One launch argument.

    Attributes:
        name: Name on the command line.
        default: Default text.
        description: One line.
        choices: Allowed texts; none: any.
        is_flag: True if it is true or false, in any case.
    """

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()
    is_flag: bool = False


Arguments = tuple[Argument, ...]


def _parameter(name: str, parameter: str = "") -> Argument:
    """Return the argument of a parameter of gesture_node, which defines description, type and bounds."""
    row = next(row for row in parameter_rows(GestureSettings) if row.name == (parameter or name))
    return Argument(name, "", f"{row.description} Not given: as in params_file.")


# Launch argument to parameter of gesture_node.
PARAMETER_ARGUMENTS = {
    **{name: name for name in ("robot", "profile", "joint_limits", "srdf", "model", "device", "look_ahead_s", "seed",
                               "activity", "amplitude", "handedness", "styles", "autostart", "dry_run")},
    "command_interface": "commands.interface", "command_prefix": "commands.prefix",
    "audio_type": "audio.type",
}
SIMULATION_PARAMETERS = tuple(name for name in PARAMETER_ARGUMENTS
                              if name not in ("robot", "profile", "command_interface", "command_prefix", "audio_type"))
PARAMETERS: Arguments = tuple(_parameter(*pair) for pair in PARAMETER_ARGUMENTS.items())
PARAMETER_FILE: Arguments = (
    Argument("params_file", "", "Parameters of gesture_node (YAML); arguments have priority; empty: the defaults"),
)
GESTURES: Arguments = (
    *PARAMETER_FILE,
    *(_parameter(name, PARAMETER_ARGUMENTS[name]) for name in SIMULATION_PARAMETERS),
)
ROBOT: Arguments = (
    Argument("robot", "demo_humanoid", "Robot: a name in config/robots, or the path of a URDF or MJCF file"),
    Argument("profile", "", "Robot profile (YAML); empty for the one shipped under the robot's name, if any"),
    Argument("namespace", "", "Namespace of all nodes and topics of this robot"),
)
AUDIO: Arguments = (
    Argument("audio", "", "Sound file: wav, flac, ogg or mp3; empty: the demo speech"),
    Argument("loop", "false", "Start again at the end of the file", is_flag=True),
)
LOGGING: Arguments = (Argument("log_level", "info", "Lowest severity that is logged", LOG_LEVELS),)
VIEW: Arguments = (Argument("rviz", "false", "Open RViz", is_flag=True),)
CONTROL_FILES: Arguments = (
    Argument("files", "", "Folder written by `speech-gesture robot ros2_control`; empty: written for the robot"),
)


def declare(*groups: Arguments) -> list[DeclareLaunchArgument]:
    """Return the declarations of the arguments in some groups."""
    return [DeclareLaunchArgument(argument.name, default_value=argument.default, description=argument.description,
                                  choices=list(argument.choices) or None)
            for group in groups for argument in group]


class Values(Mapping[str, str]):
    """Texts of launch arguments.

    Raises:
        ConfigError: If a flag is neither true nor false.
    """

    def __init__(self, context: LaunchContext, *groups: Arguments) -> None:
        self.context = context
        self._texts: dict[str, str] = {}
        for argument in (argument for group in groups for argument in group):
            text = LaunchConfiguration(argument.name).perform(context)
            if argument.is_flag:
                text = text.strip().lower()
                if text not in ("true", "false"):
                    raise ConfigError(f"launch argument {argument.name!r}", text, "true or false", "Correct it.")
            self._texts[argument.name] = text

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def with_texts(self, **texts: str) -> Values:
        """Return a copy with some texts added or replaced."""
        copy = Values(self.context)
        copy._texts = {**self._texts, **texts}
        return copy

    def flag(self, name: str) -> bool:
        """Return the value of a flag."""
        return self._texts[name] == "true"


def on_start(function: Any) -> OpaqueFunction:
    """Return an action that calls a function with the context and starts the actions that it returns."""
    return OpaqueFunction(function=function)


# --- nodes of this package ---------------------------------------------------------------------------------------


def gesture_node(values: Values, *, use_sim_time: bool = False, parameters: Mapping[str, Any] | None = None,
                 remappings: Iterable[tuple[str, str]] = (), respawn: bool = False, name: str = "gesture_node") -> Node:
    """Return the gesture node: the parameter file, and the given arguments with priority over it.

    Args:
        values: Values of `GESTURES` or `PARAMETERS`, `ROBOT` and `LOGGING`.
        use_sim_time: True to use the time of /clock.
        parameters: Parameters with priority over the arguments.
        remappings: Remapping rules.
        respawn: True to restart the node if it ends unexpectedly.
        name: Name of the node.

    Raises:
        ConfigError: If an argument is not of the parameter's type, or out of bounds.
    """
    file = values.get("params_file") or str(share_folder() / PARAMETERS_FILE)
    given = {parameter: from_text(GestureSettings, parameter, values[argument])
             for argument, parameter in PARAMETER_ARGUMENTS.items() if values.get(argument)}
    return Node(
        package=PACKAGE, executable="gesture_node", name=name, namespace=values["namespace"],
        parameters=[ParameterFile(file, allow_substs=True), {**given, **(parameters or {})},
                    {"use_sim_time": use_sim_time}],
        remappings=list(remappings),
        arguments=_log_arguments(values),
        # Memory in huge pages: 5 to 25 % less compute time for each step (docs/latency.md).
        additional_env={"GLIBC_TUNABLES": EnvironmentVariable("GLIBC_TUNABLES",
                                                              default_value="glibc.malloc.hugetlb=1")},
        respawn=respawn, respawn_delay=2.0, output="screen", emulate_tty=True,
    )


def audio_file(values: Values, *, use_sim_time: bool = False, path: str = "", start_delay_s: float = 0.5) -> Node:
    """Return the node that plays a sound file to the topic `audio`; `path` has priority over the argument."""
    chosen = path or values["audio"] or str(share_folder() / "config" / "demo" / "speech.flac")
    return Node(
        package=PACKAGE, executable="audio_file_node", name="audio_file_node", namespace=values["namespace"],
        parameters=[{"path": ParameterValue(chosen, value_type=str), "loop": values.flag("loop"),
                     "start_delay_s": start_delay_s, "use_sim_time": use_sim_time}],
        arguments=_log_arguments(values), output="screen", emulate_tty=True,
    )


def simulated_robot(values: Values) -> Node:
    """Return the robot in MuJoCo, in real time, with this package's own controllers."""
    return Node(
        package=PACKAGE, executable="mujoco_node", name="mujoco_node", namespace=values["namespace"],
        parameters=[{"robot": ParameterValue(values["robot"], value_type=str),
                     "profile": ParameterValue(values["profile"], value_type=str)}],
        arguments=_log_arguments(values), output="screen", emulate_tty=True,
    )


# --- nodes of other packages -------------------------------------------------------------------------------------


def robot_state_publisher(values: Values, urdf: str, *, use_sim_time: bool = False) -> Node:
    """Return the publisher of the robot's TF frames and of robot_description."""
    return Node(
        package="robot_state_publisher", executable="robot_state_publisher", name="robot_state_publisher",
        namespace=values["namespace"], output="screen",
        parameters=[{"robot_description": ParameterValue(urdf, value_type=str), "use_sim_time": use_sim_time}])


def rviz(values: Values, urdf: str, *, use_sim_time: bool = False) -> Node:
    """Return RViz with the shipped configuration, its fixed frame the root link; topics are in the namespace."""
    from speech_gesture_ros.robot.urdf import load_urdf

    return Node(package="rviz2", executable="rviz2", name="rviz2", namespace=values["namespace"], output="screen",
                arguments=["-d", str(share_folder() / RVIZ_FILE), "-f", load_urdf(urdf).root],
                parameters=[{"use_sim_time": use_sim_time}])


def spawner(values: Values, files: ControlFolder) -> Node:
    """Return the process that loads and activates the controllers, the broadcaster first, and ends."""
    return Node(package="controller_manager", executable="spawner", namespace=values["namespace"], output="screen",
                arguments=[*files.controllers, "--param-file", str(files.parameters),
                           "--controller-manager-timeout", "120"])


def _log_arguments(values: Values) -> list[str]:
    return ["--ros-args", "--log-level", values["log_level"]]


# --- files for ros2_control --------------------------------------------------------------------------------------


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
        folder = Path(tempfile.mkdtemp(prefix=f"{PACKAGE}_"))
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
