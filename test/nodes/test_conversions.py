"""Conversion of motion, states and diagnostics to messages and back."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("trajectory_msgs", reason="needs ROS 2: pip install '.[ros]'")

from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import (
    SkeletonWriter,
    TrajectoryWriter,
    diagnostics_message,
    joint_state_message,
    ns_from_time,
    time_from_ns,
    trajectory_from_message,
)
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

NAMES = ("a", "b", "c")


@pytest.fixture
def description() -> RobotDescription:
    ones = np.ones(3)
    limits = JointLimits(lower=-ones, upper=ones, velocity=ones, acceleration=ones, jerk=ones)
    return RobotDescription(name="test", model=MODEL, joint_names=NAMES, limits=limits, rest_q=np.zeros(3),
                            groups={"left": ("c", "a"), "head": ("b",)},
                            body=BodyLinks("base", "torso", None, None, None))


def _window(length: int, offset: float = 0.0) -> Window:
    positions = np.arange(length * 3, dtype=np.float64).reshape(length, 3) / 100.0 + offset
    return Window(start_index=7, stamp_ns=3_000_000_005, positions=positions, velocities=positions * 2.0)


def test_a_stamp_survives_the_round_trip():
    for time_ns in (0, 1, 999_999_999, 1_000_000_000, 1_795_175_724_079_085_349):
        assert ns_from_time(time_from_ns(time_ns)) == time_ns


def test_a_trajectory_has_the_joints_of_its_controller_in_its_order(description):
    window = _window(4)
    message = TrajectoryWriter(description, "left").message(window)
    assert list(message.joint_names) == ["c", "a"]
    assert ns_from_time(message.header.stamp) == window.stamp_ns
    times = [ns_from_time(p.time_from_start) for p in message.points]
    assert times == [k * 1_000_000_000 // KNOT_RATE for k in range(4)]
    np.testing.assert_array_equal([p.positions for p in message.points], window.positions[:, [2, 0]])
    np.testing.assert_array_equal([p.velocities for p in message.points], window.velocities[:, [2, 0]])
    assert not any(len(p.effort) or len(p.accelerations) for p in message.points)


def test_a_message_contains_nothing_of_the_window_before(description):
    writer = TrajectoryWriter(description, "head")
    writer.message(_window(10, offset=5.0))
    short = _window(3)
    message = writer.message(short)
    assert len(message.points) == 3
    np.testing.assert_array_equal([p.positions[0] for p in message.points], short.positions[:, 1])
    longer = writer.message(_window(12))
    assert len(longer.points) == 12


def test_a_message_is_converted_back_to_the_same_trajectory(description):
    window = _window(3)
    trajectory = trajectory_from_message(TrajectoryWriter(description, "head").message(window))
    assert trajectory.stamp_ns == window.stamp_ns
    assert trajectory.joint_names == ("b",)
    assert [p.time_from_start_ns for p in trajectory.points] == [0, 20_000_000, 40_000_000]
    assert [float(p.positions[0]) for p in trajectory.points] == window.positions[:, 1].tolist()


def test_joint_states_contain_names_positions_and_velocities():
    message = joint_state_message(NAMES, np.array([1.0, 2.0, 3.0]), np.zeros(3), 42)
    assert list(message.name) == list(NAMES)
    assert list(message.position) == [1.0, 2.0, 3.0]
    assert message.header.stamp.nanosec == 42


def test_a_skeleton_has_a_sphere_for_each_joint_and_a_line_for_each_bone():
    skeleton = load_skeleton()
    message = SkeletonWriter(skeleton, "base_link").message(skeleton.rest_xyz, 5)
    bones, joints = message.markers
    assert joints.header.frame_id == bones.header.frame_id == "base_link"
    assert len(joints.points) == len(skeleton)
    assert len(bones.points) == 2 * (len(skeleton) - 1)
    xyz = [(p.x, p.y, p.z) for p in joints.points]
    np.testing.assert_allclose(xyz, skeleton.rest_xyz)


def test_nested_diagnostics_become_dotted_keys():
    message = diagnostics_message("node: gestures", "warn", "hm", {"a": {"b": 1.23456789}, "c": "text"}, 0)
    status = message.status[0]
    assert (status.level, status.message) == (b"\x01", "hm")
    assert {v.key: v.value for v in status.values} == {"a.b": "1.23457", "c": "text"}
