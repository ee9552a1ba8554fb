"""The gesture node on a robot in Gazebo: `ros2 launch speech_gesture_ros gazebo.launch.py robot:=my_robot.urdf`.

    gz sim ─► robot from robot_description ─► joint_state_broadcaster, controllers ─► audio file
    bridge of /clock; all nodes use simulated time

For Fortress, Harmonic, Ionic and Jetty; the release is that of the ROS distribution, or the argument `gazebo`.
"""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import IncludeLaunchDescription, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.nodes import launch_parts as parts
from speech_gesture_ros.simulators.gazebo_releases import AUTO_RELEASE, GAZEBO_RELEASES, gazebo_release

GAZEBO = (
    parts.Argument("gazebo", AUTO_RELEASE, "Gazebo release; auto: that of the ROS distribution",
                   (AUTO_RELEASE, *GAZEBO_RELEASES)),
    parts.Argument("headless", "false", "No window: the server only", is_flag=True),
    parts.Argument("world", "", "World (SDF) with physics, user commands and scene broadcaster; empty: ground and sun"),
)
GROUPS = (parts.ROBOT, parts.CONTROL_FILES, GAZEBO, parts.AUDIO, parts.GESTURES, parts.LOGGING, parts.VIEW)
VERBOSITY = "-v2"  # errors and warnings


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start Gazebo, the robot in it, its controllers, then the audio file."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node | IncludeLaunchDescription | RegisterEventHandler]:
    """Return the nodes; the file is played when all controllers are active."""
    values = parts.Values(context, *GROUPS)
    release = gazebo_release(values["gazebo"], lambda name: _share(name) is not None)
    gazebo_files = _share("ros_gz_sim")
    if gazebo_files is None or _share(release.control_package) is None:
        raise MissingDependencyError(f"ros_gz or {release.control_package}", "gazebo.launch.py",
                                     "Install both: sudo apt install ros-$ROS_DISTRO-ros-gz "
                                     f"ros-$ROS_DISTRO-{release.control_package.replace('_', '-')}")
    files = parts.control_folder(values, "gazebo", release.name)
    world = values["world"] or files.folder / "world.sdf"
    simulator = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(gazebo_files / "launch" / "gz_sim.launch.py")),
        launch_arguments={"gz_args": f"-r {'-s ' if values.flag('headless') else ''}{VERBOSITY} {world}",
                          "on_exit_shutdown": "true"}.items())
    clock = Node(package="ros_gz_bridge", executable="parameter_bridge", name="clock_bridge", output="screen",
                 arguments=[f"/clock@rosgraph_msgs/msg/Clock[{release.clock_message}"])
    create = Node(package="ros_gz_sim", executable="create", namespace=values["namespace"], output="screen",
                  arguments=["-topic", "robot_description", "-name", values["namespace"].strip("/") or "robot"])
    spawner = parts.spawner(values, files)
    nodes = [
        simulator, clock, parts.robot_state_publisher(values, files.urdf, use_sim_time=True), create,
        parts.gesture_node(values, use_sim_time=True, parameters={"commands.interface": "trajectory"},
                           remappings=files.remappings),
        RegisterEventHandler(OnProcessExit(target_action=create, on_exit=[spawner])),
        RegisterEventHandler(OnProcessExit(target_action=spawner,
                                           on_exit=[parts.audio_file(values, use_sim_time=True)])),
    ]
    return [*nodes, parts.rviz(values, files.urdf, use_sim_time=True)] if values.flag("rviz") else nodes


def _share(package: str) -> Path | None:
    """Return the share folder of a ROS package; None if it is not installed."""
    try:
        return Path(get_package_share_directory(package))
    except PackageNotFoundError:
        return None
