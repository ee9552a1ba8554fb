"""RViz with the robot and the performed human: `ros2 launch speech_gesture_ros view.launch.py robot:=my_robot.urdf`."""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch_ros.actions import Node

from speech_gesture_ros.nodes import launch_parts as parts

OTHER_ARGUMENTS = (
    parts.Argument("publish_robot", "true", "Start robot_state_publisher; false if the robot has one", is_flag=True),
    parts.Argument("use_sim_time", "false", "Use the time of /clock", is_flag=True),
)
GROUPS = (parts.ROBOT, OTHER_ARGUMENTS)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start RViz, and robot_state_publisher."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node]:
    """Return the nodes."""
    values = parts.Values(context, *GROUPS)
    use_sim_time = values.flag("use_sim_time")
    urdf = parts.robot_urdf(values)
    nodes = [parts.rviz(values, urdf, use_sim_time=use_sim_time)]
    if values.flag("publish_robot"):
        nodes.append(parts.robot_state_publisher(values, urdf, use_sim_time=use_sim_time))
    return nodes
