"""Generated motion as an MCAP file of ROS 2 messages, written without ROS.

    topic                                  type                            contents
    /robot_description                     std_msgs/String                 URDF; latched
    /joint_states                          sensor_msgs/JointState          commands at 50 Hz, for RViz and plots
    /<group>_controller/joint_trajectory   trajectory_msgs/JointTrajectory the whole motion of one controller
    /gesture_node/audio_out                std_msgs/Int16MultiArray        the speech, in time with the motion
    /gesture_node/skeleton                 visualization_msgs/MarkerArray  the human, 25 Hz

Time 0 of the speech is `START_NS`, so the same motion always gives the same messages. Trajectories have that stamp: a
controller performs them with `ros2 bag play --clock` and `use_sim_time`, and refuses them on another clock. Only the
groups whose interface takes trajectories have one, and only if the controller has no joints besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from speech_gesture_ros.control.joint_mapping import ControllerJointMapping
from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.rendering.generated_motion import GeneratedMotion
from speech_gesture_ros.robot.command_interfaces.shipped import TRAJECTORY_INTERFACE

START_NS = NS  # of the speech; 0 would mean "now" to a controller
LEAD_NS = NS // 10  # by which trajectories are earlier than their stamp
AUDIO_MESSAGE_SAMPLES = SAMPLE_RATE // 20
INT16 = 32768.0
QOS_VERSION = 8  # form of the QoS: readers assume it for a file without metadata.yaml
FOREVER_S, FOREVER_NS = 9_223_372_036, 854_775_807  # RMW_DURATION_INFINITE
BONE_WIDTH_M, JOINT_DIAMETER_M = 0.02, 0.035
BONE_RGB, JOINT_RGB = (0.25, 0.45, 0.75), (0.95, 0.55, 0.2)


class TimedMessage(NamedTuple):
    """A message with its topic, type and time [ns]."""

    topic: str
    kind: str
    time_ns: int
    message: Any


def write_motion_bag(path: Path, motion: GeneratedMotion) -> None:
    """Write the file.

    Raises:
        MissingDependencyError: If rosbags is not installed.
        OutputError: If the file cannot be written.
    """
    try:
        from rosbags.rosbag2 import StoragePlugin, Writer
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise MissingDependencyError("rosbags", "Writing .mcap", "pip install 'speech_gesture_ros[sim]'") from error
    store = get_typestore(Stores.LATEST)
    messages = sorted(_Messages(store, motion).all(), key=lambda message: message.time_ns)
    with replaced_file(path) as temporary, TemporaryDirectory(dir=temporary.parent, prefix=temporary.name) as folder:
        bag = Path(folder) / "bag"
        with Writer(bag, version=QOS_VERSION, storage_plugin=StoragePlugin.MCAP) as writer:
            connections: dict[str, Any] = {}
            for topic, kind, time_ns, message in messages:
                if topic not in connections:
                    latched = [_latched()] if topic == "/robot_description" else []
                    connections[topic] = writer.add_connection(topic, kind, typestore=store,
                                                               offered_qos_profiles=latched)
                writer.write(connections[topic], time_ns, store.serialize_cdr(message, kind))
        next(bag.glob("*.mcap")).replace(temporary)


class _Messages:
    """Makes the messages of a motion from the classes of a type store."""

    def __init__(self, store: Any, motion: GeneratedMotion) -> None:
        self._types, self._motion = store.types, motion

    def all(self) -> Iterator[TimedMessage]:
        """Yield the messages of each topic, in order of time."""
        urdf = self._motion.description.model.urdf.text
        yield TimedMessage("/robot_description", "std_msgs/msg/String", START_NS - LEAD_NS,
                           self._new("std_msgs/msg/String", data=urdf))
        yield from self._trajectories()
        yield from self._joint_states()
        yield from self._audio()
        yield from self._skeleton()

    def _joint_states(self) -> Iterator[TimedMessage]:
        kind, names = "sensor_msgs/msg/JointState", list(self._motion.description.joint_names)
        for k, (position, velocity) in enumerate(zip(self._motion.positions, self._motion.velocities)):
            time_ns = START_NS + index_to_ns(k, KNOT_RATE)
            yield TimedMessage("/joint_states", kind, time_ns, self._new(
                kind, header=self._header(time_ns), name=names, position=position, velocity=velocity,
                effort=np.zeros(0)))

    def _trajectories(self) -> Iterator[TimedMessage]:
        description, kind = self._motion.description, "trajectory_msgs/msg/JointTrajectory"
        for group, joints in description.groups.items():
            order = description.commands.controller_joints(group, joints)
            mapping = ControllerJointMapping(description.joint_names, order, description.commands)
            positions = mapping.positions(self._motion.positions, {})  # None if the controller has further joints
            if description.commands.of_group(group) != TRAJECTORY_INTERFACE or positions is None:
                continue
            velocities = mapping.velocities(self._motion.velocities)
            points = [self._point(k, position, velocity)
                      for k, (position, velocity) in enumerate(zip(positions, velocities))]
            yield TimedMessage(f"/{description.commands.topic(group).lstrip('/')}", kind, START_NS - LEAD_NS, self._new(
                kind, header=self._header(START_NS), joint_names=list(mapping.names), points=points))

    def _point(self, k: int, position: np.ndarray[Any, Any], velocity: np.ndarray[Any, Any]) -> Any:
        since_ns = index_to_ns(k, KNOT_RATE)
        duration = self._new("builtin_interfaces/msg/Duration", sec=since_ns // NS, nanosec=since_ns % NS)
        return self._new("trajectory_msgs/msg/JointTrajectoryPoint", positions=position, velocities=velocity,
                         accelerations=np.zeros(0), effort=np.zeros(0), time_from_start=duration)

    def _audio(self) -> Iterator[TimedMessage]:
        kind, dimension = "std_msgs/msg/Int16MultiArray", "std_msgs/msg/MultiArrayDimension"
        samples = np.clip(np.round(self._motion.speech * INT16), -INT16, INT16 - 1).astype(np.int16)
        for start in range(0, len(samples), AUDIO_MESSAGE_SAMPLES):
            part = samples[start : start + AUDIO_MESSAGE_SAMPLES]
            layout = self._new("std_msgs/msg/MultiArrayLayout", data_offset=0, dim=[
                self._new(dimension, label=f"samples@{SAMPLE_RATE}Hz", size=len(part), stride=len(part)),
                self._new(dimension, label="channels", size=1, stride=1)])
            yield TimedMessage("/gesture_node/audio_out", kind, START_NS + index_to_ns(start, SAMPLE_RATE),
                               self._new(kind, layout=layout, data=part))

    def _skeleton(self) -> Iterator[TimedMessage]:
        kind, parents = "visualization_msgs/msg/MarkerArray", self._motion.skeleton.parents
        for k, joint_xyz in enumerate(np.asarray(self._motion.joint_xyz, dtype=np.float64)):
            time_ns = START_NS + index_to_ns(k, POSE_RATE)
            joints = [self._new("geometry_msgs/msg/Point", x=x, y=y, z=z) for x, y, z in joint_xyz.tolist()]
            lines = [joints[i] for child, parent in enumerate(parents) if parent >= 0 for i in (int(parent), child)]
            yield TimedMessage("/gesture_node/skeleton", kind, time_ns, self._new(kind, markers=[
                self._marker(time_ns, "bones", "LINE_LIST", (BONE_WIDTH_M, 0.0, 0.0), BONE_RGB, lines),
                self._marker(time_ns, "joints", "SPHERE_LIST", (JOINT_DIAMETER_M,) * 3, JOINT_RGB, joints)]))

    def _marker(self, time_ns: int, name: str, shape: str, size: tuple[float, float, float],
                rgb: tuple[float, float, float], points: list[Any]) -> Any:
        kind = "visualization_msgs/msg/Marker"
        vector = self._new("geometry_msgs/msg/Vector3", **dict(zip("xyz", size)))
        zero = {"x": 0.0, "y": 0.0, "z": 0.0}
        pose = self._new("geometry_msgs/msg/Pose", position=self._new("geometry_msgs/msg/Point", **zero),
                         orientation=self._new("geometry_msgs/msg/Quaternion", **zero, w=1.0))
        colour = self._new("std_msgs/msg/ColorRGBA", r=rgb[0], g=rgb[1], b=rgb[2], a=1.0)
        lifetime = self._new("builtin_interfaces/msg/Duration", sec=0, nanosec=0)
        return self._new(
            kind, header=self._header(time_ns, self._motion.description.body.base), ns=name, id=0,
            type=getattr(self._types[kind], shape), action=0, pose=pose, scale=vector, color=colour, lifetime=lifetime,
            frame_locked=False, points=points, colors=[], texture_resource="", uv_coordinates=[], text="",
            texture=self._new("sensor_msgs/msg/CompressedImage", header=self._header(0), format="",
                              data=np.zeros(0, dtype=np.uint8)),
            mesh_resource="", mesh_use_embedded_materials=False,
            mesh_file=self._new("visualization_msgs/msg/MeshFile", filename="", data=np.zeros(0, dtype=np.uint8)))

    def _header(self, time_ns: int, frame: str = "") -> Any:
        stamp = self._new("builtin_interfaces/msg/Time", sec=time_ns // NS, nanosec=time_ns % NS)
        return self._new("std_msgs/msg/Header", stamp=stamp, frame_id=frame)

    def _new(self, kind: str, **fields: Any) -> Any:
        return self._types[kind](**fields)


def _latched() -> Any:
    """QoS of a topic whose last message a late subscriber receives."""
    from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime

    forever = QosTime(FOREVER_S, FOREVER_NS)
    return Qos(QosHistory.KEEP_LAST, 1, QosReliability.RELIABLE, QosDurability.TRANSIENT_LOCAL, forever, forever,
               QosLiveliness.AUTOMATIC, forever, avoid_ros_namespace_conventions=False)
