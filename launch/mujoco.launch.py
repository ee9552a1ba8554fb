"""The gesture node on a robot in MuJoCo, with the controllers of ros2_control (`mujoco_ros2_control`).

`demo.launch.py` has MuJoCo, too, with this package's own controllers, and needs no ros2_control.
"""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch.actions import RegisterEventHandler, Shutdown
from launch.event_handlers import OnProcessExit
from launch_ros.actions import Node

from speech_gesture_ros.nodes import launch_parts as parts

HEADLESS = (parts.Argument("headless", "false", "No window", is_flag=True),)
GROUPS = (parts.ROBOT, parts.CONTROL_FILES, HEADLESS, parts.AUDIO, parts.GESTURES, parts.LOGGING, parts.VIEW)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start the simulation, then its controllers, then the audio file."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node | RegisterEventHandler]:
    """Return the nodes; the file is played when all controllers are active."""
    values = parts.Values(context, *GROUPS)
    files = parts.control_folder(values, "mujoco")
    urdf = files.urdf.replace('<param name="headless">true<', f'<param name="headless">{values["headless"]}<')
    simulator = Node(
        package="mujoco_ros2_control", executable="ros2_control_node", namespace=values["namespace"], output="screen",
        emulate_tty=True, parameters=[str(files.parameters), {"use_sim_time": True}],
        remappings=[("~/robot_description", "robot_description")], on_exit=Shutdown())
    spawner = parts.spawner(values, files)
    nodes = [
        parts.robot_state_publisher(values, urdf, use_sim_time=True), simulator, spawner,
        parts.gesture_node(values, use_sim_time=True, parameters={"commands.interface": "trajectory"},
                           remappings=files.remappings),
        RegisterEventHandler(OnProcessExit(target_action=spawner,
                                           on_exit=[parts.audio_file(values, use_sim_time=True)])),
    ]
    return [*nodes, parts.rviz(values, files.urdf, use_sim_time=True)] if values.flag("rviz") else nodes
