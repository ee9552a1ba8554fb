"""The messages of a bag are read completely and in order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_recording import RecordedAudio, read_bag

STORE = get_typestore(Stores.LATEST)
T = STORE.types
NAMES = ("shoulder", "elbow")


def _stamp(seconds: float) -> object:
    return T["builtin_interfaces/msg/Time"](sec=int(seconds), nanosec=round(seconds % 1 * NS))


def _header(seconds: float) -> object:
    return T["std_msgs/msg/Header"](stamp=_stamp(seconds), frame_id="")


def _joint_state(seconds: float, names: tuple[str, ...], positions: list[float]) -> object:
    return T["sensor_msgs/msg/JointState"](header=_header(seconds), name=list(names), position=np.array(positions),
                                           velocity=np.array(positions) * 2, effort=np.zeros(0))


def _trajectory(seconds: float) -> object:
    point = T["trajectory_msgs/msg/JointTrajectoryPoint"](
        positions=np.array([0.5, 0.6]), velocities=np.zeros(2), accelerations=np.zeros(0), effort=np.zeros(0),
        time_from_start=T["builtin_interfaces/msg/Duration"](sec=0, nanosec=20_000_000))
    return T["trajectory_msgs/msg/JointTrajectory"](header=_header(seconds), joint_names=list(NAMES), points=[point])


def _audio(samples: np.ndarray) -> object:
    dimension = T["std_msgs/msg/MultiArrayDimension"]
    layout = T["std_msgs/msg/MultiArrayLayout"](
        dim=[dimension("samples@8000Hz", len(samples), samples.size), dimension("channels", 2, 2)], data_offset=0)
    return T["std_msgs/msg/Int16MultiArray"](layout=layout, data=samples.reshape(-1))


def _write(bag: Path, messages: list[tuple[str, float, object]], padding: bytes = b"") -> Path:
    with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections = {}
        for topic, seconds, message in messages:
            kind = message.__msgtype__
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=STORE)
            writer.write(connections[topic], round(seconds * NS), bytes(STORE.serialize_cdr(message, kind)) + padding)
    return bag


@pytest.mark.parametrize("padding", [b"", b"\0\0\0"], ids=["as serialised", "padded by DDS"])
def test_joint_states_are_read_in_the_robots_order(tmp_path: Path, padding: bytes) -> None:
    bag = _write(tmp_path / "bag", [("/joint_states", 1.0, _joint_state(1.0, ("elbow", "shoulder"), [0.1, 0.2])),
                                    ("/joint_states", 1.1, _joint_state(1.1, ("elbow",), [0.3]))], padding)
    recording = read_bag(bag, NAMES)
    assert np.allclose(recording.q, [[0.2, 0.1], [0.2, 0.3]])
    assert np.allclose(recording.dq[0], [0.4, 0.2])
    assert recording.joint_times_ns.tolist() == [1_000_000_000, 1_100_000_000]


def test_trajectories_keep_group_stamp_and_time_of_arrival(tmp_path: Path) -> None:
    bag = _write(tmp_path / "bag", [("/joint_states", 1.0, _joint_state(1.0, NAMES, [0.0, 0.0])),
                                    ("/arm/joint_trajectory", 2.0, _trajectory(1.9))])
    message, = read_bag(bag, NAMES).trajectories
    assert (message.group, message.received_ns, message.trajectory.stamp_ns) == ("arm", 2 * NS, round(1.9 * NS))
    assert message.trajectory.points[0].time_from_start_ns == 20_000_000


def test_audio_is_mixed_down_at_its_own_rate(tmp_path: Path) -> None:
    stereo = np.array([[16384, 0], [0, -16384]], dtype=np.int16)
    bag = _write(tmp_path / "bag", [("/joint_states", 1.0, _joint_state(1.0, NAMES, [0.0, 0.0])),
                                    ("/audio", 1.0, _audio(stereo)), ("/audio", 1.00025, _audio(stereo))])
    audio = read_bag(bag, NAMES).audio_in
    assert audio.sample_rate == 8000
    assert np.allclose(audio.samples, [0.25, -0.25, 0.25, -0.25])
    assert audio.begins_ns == NS


def test_the_start_of_recorded_audio_ignores_a_late_message() -> None:
    times = NS + np.arange(10) * 20_000_000
    times[4] += 90_000_000  # one message was late
    assert RecordedAudio(times, np.full(10, 320), np.zeros(3200), 16000).begins_ns == NS


def test_a_bag_without_joint_states_is_refused_with_its_topics(tmp_path: Path) -> None:
    bag = _write(tmp_path / "bag", [("/audio", 1.0, _audio(np.zeros((2, 2), dtype=np.int16)))])
    with pytest.raises(InputError, match=r"'/audio'\], must be one with joint_states"):
        read_bag(bag, NAMES)


def test_a_message_of_the_wrong_length_is_refused_with_its_topic(tmp_path: Path) -> None:
    bag = _write(tmp_path / "bag", [("/joint_states", 1.0, _joint_state(1.0, NAMES, [0.0, 0.0]))], padding=bytes(40))
    with pytest.raises(InputError, match=r"bytes on /joint_states', must be a sensor_msgs/msg/JointState\. The bag is"):
        read_bag(bag, NAMES)


def test_a_missing_bag_is_refused_with_the_place_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must be an existing folder\. See the log of recorder_node"):
        read_bag(tmp_path / "none", NAMES)
