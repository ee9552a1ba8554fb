"""Speech in, gestures out, on your robot: `ros2 launch speech_gesture_ros agent.launch.py robot:=my_robot`."""

from __future__ import annotations

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile, ParameterValue
from launch_ros.substitutions import FindPackageShare

PACKAGE = "speech_gesture_ros"

ARGUMENTS = (
    ("robot", "demo_humanoid",
     "Robot: a name in config/robots, the path of a URDF, or 'topic' for the text on robot_description"),
    ("profile", "", "Robot profile (YAML); empty for the one shipped under the robot's name, if any"),
    ("model", "default", "Model bundle: a name in models/, or a path"),
    ("params_file", PathJoinSubstitution([FindPackageShare(PACKAGE), "config", "nodes", "gesture_node.yaml"]),
     "Parameters of gesture_node (YAML); the arguments here win over it"),
    ("audio_topic", "audio", "Topic with the robot's own speech"),
    ("audio_type", "auto", "Message type of that topic as package/msg/Type; auto takes what is published"),
    ("joint_states_topic", "joint_states", "Topic with the robot's joint states"),
    ("look_ahead_s", "0.4", "Future speech the network waits for, 0 to 1 s"),
    ("device", "auto", "Where the network runs: auto, cpu, cuda, cuda:1, ..."),
    ("namespace", "", "Namespace of the node"),
    ("use_sim_time", "false", "Follow /clock"),
    ("autostart", "true", "Configure and activate at once; false leaves that to a lifecycle manager"),
    ("dry_run", "false", "Compute everything, send nothing to the robot"),
    ("log_level", "info", "debug, info, warn, error or fatal"),
    ("respawn", "true", "Start the node again should it die; the robot is entered anew, slowly"),
)
CHOICES = {"use_sim_time": ["true", "false"], "autostart": ["true", "false"], "dry_run": ["true", "false"],
           "respawn": ["true", "false"], "log_level": ["debug", "info", "warn", "error", "fatal"]}


def generate_launch_description() -> LaunchDescription:
    """Arguments, then the node."""
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description, choices=CHOICES.get(name))
        for name, default, description in ARGUMENTS
    ]
    given = {name: LaunchConfiguration(name) for name, _, _ in ARGUMENTS}
    node = Node(
        package=PACKAGE,
        executable="gesture_node",
        name="gesture_node",
        namespace=given["namespace"],
        parameters=[
            ParameterFile(given["params_file"], allow_substs=True),
            {
                "robot": ParameterValue(given["robot"], value_type=str),
                "profile": ParameterValue(given["profile"], value_type=str),
                "model": ParameterValue(given["model"], value_type=str),
                "device": ParameterValue(given["device"], value_type=str),
                "audio.type": ParameterValue(given["audio_type"], value_type=str),
                "look_ahead_s": ParameterValue(given["look_ahead_s"], value_type=float),
                "autostart": ParameterValue(given["autostart"], value_type=bool),
                "dry_run": ParameterValue(given["dry_run"], value_type=bool),
                "use_sim_time": ParameterValue(given["use_sim_time"], value_type=bool),
            },
        ],
        remappings=[("audio", given["audio_topic"]), ("joint_states", given["joint_states_topic"])],
        arguments=["--ros-args", "--log-level", given["log_level"]],
        respawn=given["respawn"],
        respawn_delay=2.0,
        output="screen",
        emulate_tty=True,
    )
    return LaunchDescription([*arguments, node])
