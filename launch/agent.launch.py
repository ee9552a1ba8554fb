"""Speech in, gestures out, on your robot: `ros2 launch speech_gesture_ros agent.launch.py robot:=my_robot`."""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile
from launch_ros.substitutions import FindPackageShare

from speech_gesture_ros.nodes.parameters import from_text
from speech_gesture_ros.nodes.settings import GestureSettings

PACKAGE = "speech_gesture_ros"

# Parameters of the node that may be given as arguments: argument, parameter, description; types and bounds are its own.
PARAMETERS = (
    ("robot", "robot",
     "Robot: a name in config/robots, the path of a URDF, or 'topic' for the text on robot_description"),
    ("profile", "profile", "Robot profile (YAML), where the shipped one does not fit"),
    ("joint_limits", "joint_limits", "joint_limits YAML of ros2_control or MoveIt, asked before the URDF"),
    ("srdf", "srdf", "SRDF with pairs of links that may touch"),
    ("command_interface", "commands.interface",
     "How the robot is told to move, where not as its profile says; joint_state needs no robot but RViz"),
    ("model", "model", "Model bundle: a name in models/, or a path"),
    ("device", "device", "Where the network runs: auto, cpu, cuda, cuda:1, ..."),
    ("look_ahead_s", "look_ahead_s", "Future speech the network waits for, 0 to 1 s"),
    ("seed", "seed", "Which gestures are chosen: same seed and speech, same motion"),
    ("activity", "activity", "How much is gestured, 0 to 1.5; live"),
    ("amplitude", "amplitude", "Size of the arms' gestures, 0 to 1.5; live"),
    ("handedness", "handedness", "Which hand leads, -1 left to 1 right; live"),
    ("styles", "styles", "Weights of families of gestures, like 'beat:1, open:0.5'; live"),
    ("audio_type", "audio.type", "Message type of the audio as package/msg/Type; auto takes what is published"),
    ("autostart", "autostart", "Configure and activate at once; false leaves that to a lifecycle manager"),
    ("dry_run", "dry_run", "Compute everything, send nothing to the robot"),
)
ARGUMENTS = (
    ("audio_topic", "audio", "Topic with the robot's own speech", None),
    ("joint_states_topic", "joint_states", "Topic with the robot's joint states", None),
    ("namespace", "", "Namespace of the node", None),
    ("use_sim_time", "false", "Follow /clock", ["true", "false"]),
    ("respawn", "true", "Start the node again should it die; the robot is entered anew, slowly", ["true", "false"]),
    ("log_level", "info", "How much is logged", ["debug", "info", "warn", "error", "fatal"]),
)


def generate_launch_description() -> LaunchDescription:
    """Arguments, then the node."""
    defaults = PathJoinSubstitution([FindPackageShare(PACKAGE), "config", "nodes", "gesture_node.yaml"])
    arguments = [DeclareLaunchArgument("params_file", default_value=defaults,
                                       description="Parameters of gesture_node (YAML); arguments win over it")]
    arguments += [DeclareLaunchArgument(name, default_value="", description=f"{text}; empty: as in params_file")
                  for name, _, text in PARAMETERS]
    arguments += [DeclareLaunchArgument(name, default_value=default, description=text, choices=choices)
                  for name, default, text, choices in ARGUMENTS]
    return LaunchDescription([*arguments, OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[Node]:
    """The node, with the arguments that were given on top of the parameter file."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in (*PARAMETERS, *ARGUMENTS)}
    chosen = {parameter: from_text(GestureSettings, parameter, given[name])
              for name, parameter, _ in PARAMETERS if given[name]}
    return [Node(
        package=PACKAGE,
        executable="gesture_node",
        name="gesture_node",
        namespace=given["namespace"],
        parameters=[ParameterFile(LaunchConfiguration("params_file"), allow_substs=True), chosen,
                    {"use_sim_time": given["use_sim_time"] == "true"}],
        remappings=[("audio", given["audio_topic"]), ("joint_states", given["joint_states_topic"])],
        arguments=["--ros-args", "--log-level", given["log_level"]],
        # Memory in huge pages: 5 to 25 % less compute time a hop (docs/latency.md).
        additional_env={"GLIBC_TUNABLES": EnvironmentVariable("GLIBC_TUNABLES",
                                                              default_value="glibc.malloc.hugetlb=1")},
        respawn=given["respawn"] == "true",
        respawn_delay=2.0,
        output="screen",
        emulate_tty=True,
    )]
