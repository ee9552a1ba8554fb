"""The gesture node on a simulated robot: `ros2 launch speech_gesture_ros demo.launch.py audio:=my.wav`.

The robot is in MuJoCo, in real time, with this package's own controllers: only `pip install mujoco` is needed.
"""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch_ros.actions import Node

from speech_gesture_ros.nodes import launch_parts as parts

GROUPS = (parts.ROBOT, parts.AUDIO, parts.GESTURES, parts.LOGGING, parts.VIEW)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start the simulated robot, the gesture node and the audio file."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node]:
    """Return the nodes; the file begins when the gesture node subscribes."""
    values = parts.Values(context, *GROUPS)
    nodes = [parts.simulated_robot(values),
             parts.gesture_node(values, parameters={"commands.interface": "trajectory"}), parts.audio_file(values)]
    if values.flag("rviz"):
        urdf = parts.robot_urdf(values)
        nodes += [parts.robot_state_publisher(values, urdf), parts.rviz(values, urdf)]
    return nodes
