"""The gesture node on your robot: `ros2 launch speech_gesture_ros agent.launch.py robot:=my_robot.urdf`."""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from speech_gesture_ros.nodes import launch_parts as parts

OTHER_ARGUMENTS = (
    parts.Argument("audio_topic", "audio", "Topic of the robot's own speech"),
    parts.Argument("joint_states_topic", "joint_states", "Topic of the robot's joint states"),
    parts.Argument("namespace", "", "Namespace of the node and of the robot's topics"),
    parts.Argument("use_sim_time", "false", "Use the time of /clock", is_flag=True),
    parts.Argument("respawn", "true", "Restart the node if it ends unexpectedly; motion begins with a slow entry",
                   is_flag=True),
    parts.Argument("body", "", "Identifier under which the performed human is published as TF frames and as a body of "
                   "ROS4HRI; empty: not at all"),
    parts.Argument("face_target", "", "Program or robot to which the face is sent (with face:=true): vmc, live_link, "
                   "openxr, reachy, pal, nao, icub or furhat; empty: none"),
    parts.Argument("face_host", "127.0.0.1", "Host that receives the face over UDP"),
    parts.Argument("face_names", "vrm1", "Names of the expressions over VMC: vrm1, vrm0 or arkit"),
    parts.Argument("face_avatar", "", "VRM file of the avatar that is moved over VMC, for the positions of its bones"),
)
GROUPS = (parts.PARAMETER_FILE, parts.PARAMETERS, OTHER_ARGUMENTS, parts.LOGGING)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments and start the node."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node]:
    """Return the node, and those of body and face."""
    values = parts.Values(context, *GROUPS)
    use_sim_time = values.flag("use_sim_time")
    nodes = [parts.gesture_node(
        values, use_sim_time=use_sim_time, respawn=values.flag("respawn"),
        remappings=[("audio", values["audio_topic"]), ("joint_states", values["joint_states_topic"])])]
    if values["body"]:
        nodes.append(Node(package=parts.PACKAGE, executable="body_node", namespace=values["namespace"], output="screen",
                          parameters=[{"id": values["body"], "use_sim_time": use_sim_time}]))
    if values["face_target"]:
        nodes.append(Node(package=parts.PACKAGE, executable="face_converter", namespace=values["namespace"],
                          output="screen", parameters=[{"target": values["face_target"], "host": values["face_host"],
                                                        "expression_names": values["face_names"],
                                                        "avatar_file": ParameterValue(values["face_avatar"],
                                                                                      value_type=str),
                                                        "use_sim_time": use_sim_time}]))
    return nodes
