"""Generated motion in files: each is read by another library than the one that wrote it."""

from __future__ import annotations

import csv
import importlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.generated_motion import GeneratedMotion
from speech_gesture_ros.rendering.motion_bag import START_NS, write_motion_bag
from speech_gesture_ros.rendering.motion_files import write_csv, write_npz, write_play_motion
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import (
    JointTrajectoryController,
    Trajectory,
    TrajectoryPoint,
)

FRAMES, KNOTS = 10, 24  # of the human; of the robot, which brakes after the last frame


@pytest.fixture(scope="module")
def motion(description: RobotDescription, skeleton: Skeleton) -> GeneratedMotion:
    """Every joint moves by a different amount; the speech is a ramp, so that every sample differs."""
    t = np.arange(KNOTS)[:, None] / 50
    size = np.linspace(0.05, 0.2, len(description.joint_names))
    positions = description.rest_q + size * np.sin(t)
    velocities = size * np.cos(t)
    velocities[-1] = 0.0
    speech = np.linspace(-1, 1, FRAMES * 640, dtype=np.float32)
    shift = np.arange(FRAMES)[:, None, None] * 0.01
    return GeneratedMotion(speech, skeleton, skeleton.rest_xyz + shift, description, positions, velocities)


def test_csv_has_times_names_and_angles_until_rest(motion: GeneratedMotion, tmp_path: Path) -> None:
    write_csv(tmp_path / "m.csv", motion)
    rows = list(csv.reader(io.StringIO((tmp_path / "m.csv").read_text())))
    assert rows[0] == ["time_s", *motion.description.joint_names]
    values = np.array(rows[1:], dtype=float)
    np.testing.assert_allclose(values[:, 0], np.arange(len(values)) / 25, atol=1e-9)
    np.testing.assert_allclose(values[:-1, 1:], motion.positions[::2], atol=1e-6)
    np.testing.assert_allclose(values[-1, 1:], motion.positions[-1], atol=1e-6)


def test_npz_has_human_and_robot_frame_for_frame(motion: GeneratedMotion, tmp_path: Path) -> None:
    write_npz(tmp_path / "m.npz", motion)
    with np.load(tmp_path / "m.npz") as file:
        assert tuple(file["joint_names"]) == motion.description.joint_names
        assert tuple(file["skeleton_joints"]) == motion.skeleton.names
        assert (file["rate_hz"], file["knot_rate_hz"]) == (25, 50)
        np.testing.assert_array_equal(file["joint_xyz"], motion.joint_xyz)
        np.testing.assert_array_equal(file["q"], motion.positions[: 2 * FRAMES : 2])
        np.testing.assert_array_equal(file["knot_q"], motion.positions)
        np.testing.assert_array_equal(file["knot_dq"], motion.velocities)


def test_play_motion2_finds_its_parameters_with_their_types(motion: GeneratedMotion, tmp_path: Path) -> None:
    write_play_motion(tmp_path / "m.yaml", motion, "good morning-1.2")
    parameters = yaml.safe_load((tmp_path / "m.yaml").read_text())["/play_motion2"]["ros__parameters"]
    (name, values), = parameters["motions"].items()
    assert name == "good_morning_1_2"
    assert values["joints"] == list(motion.description.joint_names)
    assert all(type(number) is float for number in values["positions"] + values["times_from_start"])
    assert len(values["positions"]) == len(values["joints"]) * len(values["times_from_start"])
    np.testing.assert_allclose(values["times_from_start"], np.arange(KNOTS) * 0.02, atol=1e-9)
    np.testing.assert_allclose(np.reshape(values["positions"], (KNOTS, -1)), motion.positions, atol=1e-6)


@pytest.fixture(scope="module")
def messages(motion: GeneratedMotion, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """Topic to (time [ns], message) in the file, read by the MCAP project's own reader."""
    read = pytest.importorskip("mcap_ros2.reader", reason="needs mcap-ros2-support: pip install '.[test]'")
    path = tmp_path_factory.mktemp("bag") / "m.mcap"
    write_motion_bag(path, motion)
    assert list(path.parent.iterdir()) == [path]
    topics: dict[str, list] = {}
    for found in read.read_ros2_messages(str(path)):
        topics.setdefault(found.channel.topic, []).append((found.log_time_ns, found.ros_msg))
    return topics


def stamp_ns(stamp: object) -> int:
    return stamp.sec * 1_000_000_000 + stamp.nanosec  # type: ignore[attr-defined]


def test_joint_states_in_a_bag_have_stamps_names_and_angles(messages: dict, motion: GeneratedMotion) -> None:
    states = messages["/joint_states"]
    assert [time for time, _ in states] == [START_NS + k * 20_000_000 for k in range(KNOTS)]
    for (time, state), position, velocity in zip(states, motion.positions, motion.velocities):
        assert stamp_ns(state.header.stamp) == time
        assert tuple(state.name) == motion.description.joint_names
        np.testing.assert_array_equal(state.position, position)
        np.testing.assert_array_equal(state.velocity, velocity)


def test_each_controller_in_a_bag_has_its_whole_trajectory(messages: dict, motion: GeneratedMotion) -> None:
    groups = motion.description.groups
    assert {t for t in messages if t.endswith("trajectory")} == {f"/{g}_controller/joint_trajectory" for g in groups}
    for group, joints in groups.items():
        (time, trajectory), = messages[f"/{group}_controller/joint_trajectory"]
        assert time < stamp_ns(trajectory.header.stamp) == START_NS
        assert tuple(trajectory.joint_names) == joints
        columns = [motion.description.joint_names.index(joint) for joint in joints]
        np.testing.assert_array_equal([p.positions for p in trajectory.points], motion.positions[:, columns])
        np.testing.assert_array_equal([p.velocities for p in trajectory.points], motion.velocities[:, columns])
        assert [stamp_ns(p.time_from_start) for p in trajectory.points] == [k * 20_000_000 for k in range(KNOTS)]
        assert all(len(p.effort) == 0 for p in trajectory.points)


def test_a_controller_takes_a_trajectory_on_the_bags_clock_only(messages: dict, motion: GeneratedMotion) -> None:
    (time, message), = messages["/left_arm_controller/joint_trajectory"]
    names = tuple(message.joint_names)
    points = tuple(TrajectoryPoint(stamp_ns(p.time_from_start), np.array(p.positions), np.array(p.velocities))
                   for p in message.points)
    trajectory = Trajectory(stamp_ns(message.header.stamp), names, points)
    start = points[0].positions
    assert JointTrajectoryController(names, start=start).accept(trajectory, time) is None
    today_ns = 1_790_000_000_000_000_000
    assert JointTrajectoryController(names, start=start).accept(trajectory, today_ns) is not None


def test_only_controllers_that_take_trajectories_have_one_in_a_bag(motion: GeneratedMotion, tmp_path: Path) -> None:
    read = pytest.importorskip("mcap.reader", reason="needs mcap-ros2-support: pip install '.[test]'")
    commands = Commands(groups={"head": "none", "torso": "forward_position"})
    changed = replace(motion, description=replace(motion.description, commands=commands))
    write_motion_bag(tmp_path / "m.mcap", changed)
    with (tmp_path / "m.mcap").open("rb") as file:
        reader = read.make_reader(file)
        assert reader.get_header().profile == "ros2"
        topics = {channel.topic for channel in reader.get_summary().channels.values()}
    assert {topic for topic in topics if topic.endswith("trajectory")} == {
        "/left_arm_controller/joint_trajectory", "/right_arm_controller/joint_trajectory"}


def test_speech_in_a_bag_is_in_time_with_the_motion(messages: dict, motion: GeneratedMotion) -> None:
    sound = messages["/gesture_node/audio_out"]
    assert [time for time, _ in sound] == [START_NS + k * 50_000_000 for k in range(len(sound))]
    samples = np.concatenate([message.data for _, message in sound])
    np.testing.assert_allclose(samples / 32768, motion.speech, atol=1.01 / 32768)
    first = sound[0][1].layout.dim
    assert [(d.label, d.size, d.stride) for d in first] == [("samples@16000Hz", 800, 800), ("channels", 1, 1)]


def test_the_human_in_a_bag_is_drawn_in_the_robots_base(messages: dict, motion: GeneratedMotion) -> None:
    markers = messages["/gesture_node/skeleton"]
    assert [time for time, _ in markers] == [START_NS + k * 40_000_000 for k in range(FRAMES)]
    for (_, message), joint_xyz in zip(markers, motion.joint_xyz):
        bones, joints = message.markers
        assert joints.header.frame_id == bones.header.frame_id == motion.description.body.base
        np.testing.assert_allclose([(p.x, p.y, p.z) for p in joints.points], joint_xyz)
        assert len(bones.points) == 2 * (len(joint_xyz) - 1)
        np.testing.assert_allclose([bones.points[0].x, bones.points[1].x], [joint_xyz[0, 0], joint_xyz[1, 0]])


def test_the_urdf_in_a_bag_is_that_of_the_robot(messages: dict, motion: GeneratedMotion) -> None:
    (_, message), = messages["/robot_description"]
    assert message.data == motion.description.model.urdf.text


@pytest.mark.parametrize("write", [write_csv, write_npz, write_motion_bag,
                                   lambda path, motion: write_play_motion(path, motion, "m")])
def test_a_failed_file_leaves_the_old_one(write, motion: GeneratedMotion, tmp_path: Path) -> None:
    path = tmp_path / "m.mcap"
    path.write_text("old")
    with pytest.raises((TypeError, ValueError, AttributeError)):
        write(path, replace(motion, positions=None))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.ros
@pytest.mark.parametrize(("topic", "module", "name"), [
    ("/robot_description", "std_msgs.msg", "String"), ("/joint_states", "sensor_msgs.msg", "JointState"),
    ("/head_controller/joint_trajectory", "trajectory_msgs.msg", "JointTrajectory"),
    ("/gesture_node/audio_out", "std_msgs.msg", "Int16MultiArray"),
    ("/gesture_node/skeleton", "visualization_msgs.msg", "MarkerArray"),
])
def test_ros_reads_every_message_of_a_bag(topic: str, module: str, name: str, motion: GeneratedMotion,
                                          messages: dict, tmp_path: Path) -> None:
    serialization = pytest.importorskip("rclpy.serialization", reason="needs ROS 2: pip install '.[ros]'")
    read = pytest.importorskip("mcap.reader", reason="needs mcap-ros2-support: pip install '.[test]'")
    kind = getattr(importlib.import_module(module), name)
    write_motion_bag(tmp_path / "m.mcap", motion)
    with (tmp_path / "m.mcap").open("rb") as file:
        found = list(read.make_reader(file).iter_messages(topics=[topic]))
    assert len(found) == len(messages[topic])
    for (_, _, raw), (_, expected) in zip(found, messages[topic]):
        assert is_same(serialization.deserialize_message(raw.data, kind), expected)


def is_same(message: object, expected: object) -> bool:
    """Compare a message of ROS with one of another library, field by field."""
    if hasattr(message, "get_fields_and_field_types"):
        return all(is_same(getattr(message, field), getattr(expected, field))
                   for field in message.get_fields_and_field_types())
    if isinstance(message, (str, int, float)):
        return message == expected
    return len(message) == len(expected) and all(map(is_same, message, expected))  # type: ignore[arg-type]
