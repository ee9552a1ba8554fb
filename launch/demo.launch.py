"""The gesture node on a simulated robot: `ros2 launch speech_gesture_ros demo.launch.py audio:=my.wav`."""

from __future__ import annotations

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

PACKAGE = "speech_gesture_ros"
SHARE_FOLDER = FindPackageShare(PACKAGE)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start the audio file, the gesture node and the simulated robot."""
    audio, robot, loop = (LaunchConfiguration(name) for name in ("audio", "robot", "loop"))
    arguments = [
        DeclareLaunchArgument("audio",
                              default_value=PathJoinSubstitution([SHARE_FOLDER, "config", "demo", "speech.flac"]),
                              description="Sound file: wav, flac, ogg or mp3"),
        DeclareLaunchArgument("robot", default_value="demo_humanoid",
                              description="Robot: a name in config/robots, or the path of a URDF"),
        DeclareLaunchArgument("loop", default_value="false", choices=["true", "false"],
                              description="Start again at the end of the file"),
    ]
    audio_file = Node(
        package=PACKAGE, executable="audio_file_node", name="audio_file_node", output="screen",
        parameters=[{"path": ParameterValue(audio, value_type=str), "loop": ParameterValue(loop, value_type=bool)}],
    )
    simulated_robot = Node(
        package=PACKAGE, executable="mujoco_node", name="mujoco_node", output="screen",
        parameters=[{"robot": ParameterValue(robot, value_type=str)}],
    )
    agent = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(PathJoinSubstitution([SHARE_FOLDER, "launch", "agent.launch.py"])),
        launch_arguments={"robot": robot}.items(),
    )
    return LaunchDescription([*arguments, simulated_robot, agent, audio_file])
