"""A sound file on a robot that is running: `ros2 launch speech_gesture_ros play_file.launch.py audio:=my.wav`."""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch_ros.actions import Node

from speech_gesture_ros.nodes import launch_parts as parts

OTHER_ARGUMENTS = (
    parts.Argument("joint_states_topic", "joint_states", "Topic of the robot's joint states"),
    parts.Argument("namespace", "", "Namespace of the nodes and of the robot's topics"),
    parts.Argument("use_sim_time", "false", "Use the time of /clock", is_flag=True),
)
GROUPS = (parts.PARAMETER_FILE, parts.PARAMETERS, parts.AUDIO, OTHER_ARGUMENTS, parts.LOGGING)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start the gesture node and the audio file."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node]:
    """Return both nodes; the file begins when the gesture node subscribes."""
    values = parts.Values(context, *GROUPS)
    use_sim_time = values.flag("use_sim_time")
    return [parts.gesture_node(values, use_sim_time=use_sim_time,
                               remappings=[("joint_states", values["joint_states_topic"])]),
            parts.audio_file(values, use_sim_time=use_sim_time)]
