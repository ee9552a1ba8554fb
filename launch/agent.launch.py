"""The gesture node on your robot: `ros2 launch speech_gesture_ros agent.launch.py robot:=my_robot.urdf`."""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile
from launch_ros.substitutions import FindPackageShare

from speech_gesture_ros.nodes.parameters import from_text, parameter_rows
from speech_gesture_ros.nodes.settings import GestureSettings

PACKAGE = "speech_gesture_ros"

# Launch argument to parameter of the node, which defines description, type and bounds.
PARAMETER_ARGUMENTS = {
    **{name: name for name in ("robot", "profile", "joint_limits", "srdf", "model", "device", "look_ahead_s", "seed",
                               "activity", "amplitude", "handedness", "styles", "autostart", "dry_run")},
    "command_interface": "commands.interface",
    "audio_type": "audio.type",
}
OTHER_ARGUMENTS = (
    ("audio_topic", "audio", "Topic of the robot's own speech", None),
    ("joint_states_topic", "joint_states", "Topic of the robot's joint states", None),
    ("namespace", "", "Namespace of the node", None),
    ("use_sim_time", "false", "Use the time of /clock", ["true", "false"]),
    ("respawn", "true", "Restart the node if it ends unexpectedly; motion begins with a slow entry", ["true", "false"]),
    ("log_level", "info", "Lowest severity that is logged", ["debug", "info", "warn", "error", "fatal"]),
)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments and start the node."""
    defaults = PathJoinSubstitution([FindPackageShare(PACKAGE), "config", "nodes", "gesture_node.yaml"])
    arguments = [DeclareLaunchArgument("params_file", default_value=defaults,
                                       description="Parameters of gesture_node (YAML); arguments have priority")]
    descriptions = {row.name: row.description for row in parameter_rows(GestureSettings)}
    arguments += [DeclareLaunchArgument(name, default_value="",
                                        description=f"{descriptions[parameter]} Not given: as in params_file.")
                  for name, parameter in PARAMETER_ARGUMENTS.items()]
    arguments += [DeclareLaunchArgument(name, default_value=default, description=text, choices=choices)
                  for name, default, text, choices in OTHER_ARGUMENTS]
    return LaunchDescription([*arguments, OpaqueFunction(function=start_node)])


def start_node(context: LaunchContext) -> list[Node]:
    """Return the node: the parameter file, and the arguments with priority over it."""
    names = (*PARAMETER_ARGUMENTS, *(name for name, *_ in OTHER_ARGUMENTS))
    given = {name: LaunchConfiguration(name).perform(context) for name in names}
    chosen = {parameter: from_text(GestureSettings, parameter, given[name])
              for name, parameter in PARAMETER_ARGUMENTS.items() if given[name]}
    return [Node(
        package=PACKAGE,
        executable="gesture_node",
        name="gesture_node",
        namespace=given["namespace"],
        parameters=[ParameterFile(LaunchConfiguration("params_file"), allow_substs=True), chosen,
                    {"use_sim_time": given["use_sim_time"] == "true"}],
        remappings=[("audio", given["audio_topic"]), ("joint_states", given["joint_states_topic"])],
        arguments=["--ros-args", "--log-level", given["log_level"]],
        # Memory in huge pages: 5 to 25 % less compute time for each step (docs/latency.md).
        additional_env={"GLIBC_TUNABLES": EnvironmentVariable("GLIBC_TUNABLES",
                                                              default_value="glibc.malloc.hugetlb=1")},
        respawn=given["respawn"] == "true",
        respawn_delay=2.0,
        output="screen",
        emulate_tty=True,
    )]
