"""Arguments, nodes and files that several launch files share; the only package here that imports launch.

Groups of arguments, their declarations and checked texts: `arguments`. Nodes made from them: `nodes`. Files of a robot
for ros2_control: `control_files`.
"""

from speech_gesture_ros.nodes.launch_parts.arguments import (
    AUDIO,
    CONTROL_FILES,
    GESTURES,
    LOGGING,
    PARAMETER_FILE,
    PARAMETERS,
    ROBOT,
    VIEW,
    Argument,
    Values,
    declare,
    on_start,
)
from speech_gesture_ros.nodes.launch_parts.control_files import ControlFolder, control_folder, robot_urdf
from speech_gesture_ros.nodes.launch_parts.nodes import (
    PACKAGE,
    audio_file,
    gesture_node,
    robot_state_publisher,
    rviz,
    simulated_robot,
    spawner,
)

__all__ = [
    "AUDIO",
    "CONTROL_FILES",
    "GESTURES",
    "LOGGING",
    "PACKAGE",
    "PARAMETERS",
    "PARAMETER_FILE",
    "ROBOT",
    "VIEW",
    "Argument",
    "ControlFolder",
    "Values",
    "audio_file",
    "control_folder",
    "declare",
    "gesture_node",
    "on_start",
    "robot_state_publisher",
    "robot_urdf",
    "rviz",
    "simulated_robot",
    "spawner",
]
