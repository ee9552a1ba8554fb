"""Arguments that several launch files share: declared in groups, read as checked texts.

`declare(ROBOT, AUDIO)` returns the declarations, `Values(context, ROBOT, AUDIO)` the texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from launch import LaunchContext
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.parameters import parameter_rows
from speech_gesture_ros.nodes.settings import GestureSettings

LOG_LEVELS = ("debug", "info", "warn", "error", "fatal")


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
    "audio_type": "audio.type", "face": "face.enabled", "face_channels": "face.channels",
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
