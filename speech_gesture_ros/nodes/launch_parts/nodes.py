"""Nodes that several launch files start, made from the values of their arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from launch.substitutions import EnvironmentVariable
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile, ParameterValue

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.launch_parts.arguments import PARAMETER_ARGUMENTS, Values
from speech_gesture_ros.nodes.launch_parts.control_files import ControlFolder
from speech_gesture_ros.nodes.parameters import from_text
from speech_gesture_ros.nodes.settings import GestureSettings

PACKAGE = "speech_gesture_ros"
RVIZ_FILE, PARAMETERS_FILE = "config/rviz/speech_gesture.rviz", "config/nodes/gesture_node.yaml"

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
