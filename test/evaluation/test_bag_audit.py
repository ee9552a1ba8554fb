"""The audit finds every planted fault and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from continuous_wrists import with_continuous_wrists

from speech_gesture_ros.evaluation.bag_audit import audit_recording, replay
from speech_gesture_ros.evaluation.bag_recording import BagRecording
from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

Record = Callable[..., BagRecording]


def _smooth(knots: np.ndarray) -> np.ndarray:
    """(T,) half a radian up and down again."""
    return 0.25 * (1 - np.cos(2 * np.pi * knots / knots[-1]))


def test_a_slow_motion_has_no_fault(record: Record, description: RobotDescription) -> None:
    audit = audit_recording(record(_smooth), description, MujocoRobot(description))
    assert audit.commanded.total == 0
    assert audit.measured.total == 0
    assert audit.rejected == ()
    assert audit.self_collisions == 0
    assert audit.tracking_error_rad < 0.01


def test_the_replayed_command_equals_the_messages(record: Record, description: RobotDescription) -> None:
    _, q, _, rejected = replay(record(_smooth), description)
    assert q[len(q) // 2, 0] == pytest.approx(description.rest_q[0] + 0.5, abs=1e-3)
    assert rejected == []


@pytest.mark.parametrize(("kind", "offset"), [
    ("position", lambda t: 1.2 * (1 - np.cos(2 * np.pi * t / 3.0))),
    ("velocity", lambda t: 0.4 * np.sin(2 * np.pi * 1.3 * t) * np.minimum(1, t)),
    ("jerk", lambda t: np.where(t > 1.5, 0.1, 0.0)),
])
def test_each_kind_of_limit_is_checked(record: Record, description: RobotDescription, kind: str,
                                       offset: Callable[[np.ndarray], np.ndarray]) -> None:
    audit = audit_recording(record(offset), description, MujocoRobot(description))
    assert audit.commanded.counts[kind] > 0
    assert audit.commanded.largest_use[kind] > 1.0


def test_measured_positions_beyond_a_limit_are_counted(record: Record, description: RobotDescription) -> None:
    recording = record()
    recording.q[100:110, 2] = description.limits.upper[2] + 0.2
    assert audit_recording(recording, description, MujocoRobot(description)).measured.counts["position"] == 10


def _turning(tmp_path: Path) -> RobotDescription:
    path = tmp_path / "turning.urdf"
    path.write_text(with_continuous_wrists())
    return describe_robot(path)


def test_whole_turns_of_a_continuous_joint_are_no_violation(record: Record, tmp_path: Path) -> None:
    robot = _turning(tmp_path)
    wrist = robot.joint_names.index("left_wrist_yaw")
    recording = record(_smooth, joint=wrist, at=-20.0)
    recording.q[50:, wrist] += 2 * np.pi  # from there on the robot reports another turn
    audit = audit_recording(recording, robot, MujocoRobot(robot))
    assert audit.commanded.counts["position"] == audit.measured.counts["position"] == 0
    assert audit.commanded.largest_use["position"] < 1.0
    assert audit.tracking_error_rad < 0.01


def test_a_continuous_joint_has_its_limits_in_every_turn(record: Record, tmp_path: Path) -> None:
    robot = _turning(tmp_path)
    wrist = robot.joint_names.index("left_wrist_yaw")
    lower, upper = robot.limits.lower.copy(), robot.limits.upper.copy()
    lower[wrist], upper[wrist] = -1.0, 1.0  # of a profile: a cable is in the way
    robot = replace(robot, limits=replace(robot.limits, lower=lower, upper=upper))
    audit = audit_recording(record(_smooth, joint=wrist, at=0.8 - 4 * np.pi), robot, MujocoRobot(robot))
    assert audit.commanded.largest_use["position"] == pytest.approx(1.3, abs=0.01)
    assert audit.measured.counts["position"] > 0


def test_a_window_that_ends_in_motion_is_rejected_with_the_reason(record: Record,
                                                                   description: RobotDescription) -> None:
    audit = audit_recording(record(last_speed=0.3), description, MujocoRobot(description))
    assert len(audit.rejected) == 1
    assert "Velocity of last trajectory point" in audit.rejected[0]


def test_a_hand_inside_the_torso_is_counted_and_named(record: Record, description: RobotDescription) -> None:
    recording = record()
    folded = dict(zip(description.joint_names, description.rest_q))
    folded |= {"left_elbow": -2.2, "left_shoulder_roll": 0.0, "left_shoulder_yaw": -1.4}
    recording.q[50:60] = [folded[name] for name in description.joint_names]
    audit = audit_recording(recording, description, MujocoRobot(description))
    assert audit.self_collisions == 10
    assert any("left" in pair for pair in audit.colliding_links)
