"""The gesture node with a real controller manager on mock_components: no physics, commands are reached at once."""

from __future__ import annotations

import os

from launch import LaunchContext, LaunchDescription
from launch.actions import RegisterEventHandler, Shutdown
from launch.event_handlers import OnProcessExit
from launch_ros.actions import Node

from speech_gesture_ros.nodes import launch_parts as parts

GROUPS = (parts.ROBOT, parts.CONTROL_FILES, parts.AUDIO, parts.GESTURES, parts.LOGGING, parts.VIEW)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start the controller manager, then its controllers, then the audio file."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node | RegisterEventHandler]:
    """Return the nodes; the file is played when all controllers are active."""
    values = parts.Values(context, *GROUPS)
    files = parts.control_folder(values, "mock")
    # Since Jazzy the controller manager takes the robot from a topic only.
    description = [{"robot_description": files.urdf}] if os.environ.get("ROS_DISTRO") == "humble" else []
    manager = Node(
        package="controller_manager", executable="ros2_control_node", namespace=values["namespace"], output="screen",
        parameters=[str(files.parameters), *description],
        remappings=[("~/robot_description", "robot_description")], on_exit=Shutdown())
    spawner = parts.spawner(values, files)
    nodes = [parts.robot_state_publisher(values, files.urdf), manager, spawner,
             parts.gesture_node(values, parameters={"commands.interface": "trajectory"}, remappings=files.remappings),
             RegisterEventHandler(OnProcessExit(target_action=spawner, on_exit=[parts.audio_file(values)]))]
    return [*nodes, parts.rviz(values, files.urdf)] if values.flag("rviz") else nodes
