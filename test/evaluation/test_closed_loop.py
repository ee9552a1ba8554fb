from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.evaluation import closed_loop
from speech_gesture_ros.evaluation.closed_loop import TOLERANCE, simulate_motion, simulate_speech
from speech_gesture_ros.evaluation.limit_violations import count_violations, cubic_derivatives
from speech_gesture_ros.evaluation.metrics.robot_metrics import RobotMotionSet, fault_counts
from speech_gesture_ros.robot.description import ArmLinks, BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model


def faults(result) -> int:
    return sum(fault_counts(RobotMotionSet([result])).values())


LIMITS = JointLimits([-1.0] * 3, [1.0] * 3, [2.0] * 3, [10.0] * 3, [200.0] * 3)
MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links
ROBOT = RobotDescription("three joints", MODEL, ("a", "b", "c"), LIMITS, [0.1, 0.0, -0.1],
                         {"arm": ("a", "c"), "head": ("b",)}, BodyLinks("base", "torso", None, None, None))


class Swinging:
    """A pipeline that swings all joints while there is sound, 0.2 s later."""

    description = ROBOT
    latency_s = 0.2

    def __init__(self, size=0.5):
        self.size = size
        self.reset()

    def reset(self):
        self.received = self.made = 0

    def push(self, chunk):
        self.received += len(chunk)
        return self.make(max(0, self.received // 640 - 4))

    def flush(self):
        return self.make(self.received // 640)

    def make(self, stop):
        time_s = np.arange(self.made, max(stop, self.made))[:, None] / 25
        q = self.size * np.sin(2 * np.pi * time_s * np.array([0.5, 0.8, 1.1]))
        motion = SimpleNamespace(poses=PoseChunk(self.made, np.tile(time_s[:, :, None], (1, 17, 3))),
                                 joints=JointChunk(self.made, q))
        self.made += len(time_s)
        return motion


@pytest.fixture(scope="module")
def result():
    return simulate_speech(Swinging(), np.ones(4 * 16_000, np.float32))


def test_a_reachable_motion_is_performed_without_a_fault(result):
    assert faults(result) == 0
    assert (result.refused, result.rejected, result.collisions) == ({}, {}, 0)
    assert result.violations.total == 0
    assert result.windows > 60
    assert result.min_distance_m == np.inf


def test_the_motion_is_commanded_and_ends_at_rest(result):
    np.testing.assert_allclose(result.commands[0], ROBOT.rest_q)
    assert np.ptp(result.commands, axis=0).min() > 0.4
    assert result.ends_at_rest
    np.testing.assert_allclose(result.commands[-1], result.commands[-20], atol=1e-9)


def test_every_pose_is_kept_in_order(result):
    np.testing.assert_allclose(result.joint_xyz[:, 0, 0], np.arange(100) / 25, rtol=1e-6)


def test_motion_beyond_the_limits_is_clamped_before_it_is_commanded():
    result = simulate_speech(Swinging(size=30.0), np.ones(2 * 16_000, np.float32))
    assert faults(result) == 0
    assert np.abs(result.commands).max() <= 1.0


def test_a_simulation_repeats_exactly(result):
    again = simulate_speech(Swinging(), np.ones(4 * 16_000, np.float32))
    np.testing.assert_array_equal(again.commands, result.commands)


def test_a_pipeline_is_reset_before_a_simulation(result):
    used = Swinging()
    used.push(np.ones(50_000))
    np.testing.assert_array_equal(simulate_speech(used, np.ones(4 * 16_000, np.float32)).commands, result.commands)


def test_empty_sound_leaves_the_robot_at_rest():
    result = simulate_speech(Swinging(), np.zeros(0, np.float32))
    assert faults(result) == 0
    np.testing.assert_allclose(result.commands, np.tile(ROBOT.rest_q, (len(result.commands), 1)))


def moving_at_the_end(plan):
    return dataclasses.replace(plan, velocities=plan.velocities + 0.3)


def test_windows_that_the_gate_refuses_are_counted_and_not_commanded(monkeypatch):
    plan = MotionPlanner.plan
    monkeypatch.setattr(MotionPlanner, "plan", lambda self, now: moving_at_the_end(plan(self, now)))
    result = simulate_speech(Swinging(), np.ones(16_000, np.float32))
    assert sum(result.refused.values()) == result.windows == faults(result)
    np.testing.assert_allclose(result.commands, np.tile(ROBOT.rest_q, (len(result.commands), 1)))


def test_trajectories_that_the_controllers_reject_are_counted(monkeypatch):
    plan = MotionPlanner.plan
    monkeypatch.setattr(MotionPlanner, "plan", lambda self, now: moving_at_the_end(plan(self, now)))
    monkeypatch.setattr(closed_loop, "validate_window", lambda *_: None)
    result = simulate_speech(Swinging(), np.ones(16_000, np.float32))
    assert sum(result.rejected.values()) == result.windows * len(ROBOT.groups)
    assert "Velocity of last trajectory point of joint a is not zero: 0.3." in result.rejected


def test_overlapping_capsules_are_counted_at_every_knot(monkeypatch):
    monkeypatch.setattr(closed_loop.SelfCollisionChecker, "min_clearance", lambda self, q: 0.05 - abs(q[0]))
    result = simulate_speech(Swinging(), np.ones(2 * 16_000, np.float32))
    np.testing.assert_allclose(result.min_distance_m, 0.05 - np.abs(result.commands[:, 0]).max())
    assert result.collisions == np.sum(np.abs(result.commands[:, 0]) > 0.05) > 0
    assert faults(result) == result.collisions


def violations(position):
    """Of one course of joint a at 100 Hz, with its exact velocities."""
    t = np.arange(0, 1, 0.01)[:, None] * np.array([1.0, 0.0, 0.0])
    p, v = position(t)
    found = count_violations(cubic_derivatives(p, v, 100), LIMITS, TOLERANCE)
    return {kind for kind, count in found.counts.items() if count}


@pytest.mark.parametrize(("course", "expected"), [
    (lambda t: (0.5 * np.sin(2 * t), np.cos(2 * t) * (t > 0)), set()),
    (lambda t: (1.9 * t, 1.9 * (t > -1) * np.array([1.0, 0, 0])), {"position"}),
    (lambda t: (2.1 * t - 1, 2.1 * np.ones_like(t) * np.array([1.0, 0, 0])), {"velocity", "position"}),
    (lambda t: (6 * t**2 - 1, 12 * t), {"velocity", "acceleration", "position"}),
    (lambda t: (0.04 * np.sin(16 * t), 0.64 * np.cos(16 * t)), {"acceleration"}),
    (lambda t: (0.01 * np.sin(30 * t), 0.3 * np.cos(30 * t)), {"jerk"}),
    (lambda t: (np.full_like(t, np.nan), t), {"not finite"}),
])
def test_each_kind_of_limit_violation_is_counted(course, expected):
    assert violations(course) - {"position"} >= expected - {"position"}
    assert ("position" in violations(course)) == ("position" in expected)


def test_robot_wrists_follow_from_the_commanded_joints_at_the_same_time():
    pytest.importorskip("pinocchio")
    urdf = """<robot name="r"><link name="base"/><link name="l1"/><link name="l2"/><link name="l3"/>
      <joint name="a" type="revolute"><parent link="base"/><child link="l1"/><axis xyz="0 0 1"/>
        <origin xyz="0 1 0"/><limit lower="-1" upper="1" velocity="2" effort="1"/></joint>
      <joint name="b" type="revolute"><parent link="l1"/><child link="l2"/><axis xyz="0 0 1"/>
        <origin xyz="2 0 0"/><limit lower="-1" upper="1" velocity="2" effort="1"/></joint>
      <joint name="c" type="revolute"><parent link="base"/><child link="l3"/><axis xyz="0 0 1"/>
        <origin xyz="0 -1 0"/><limit lower="-1" upper="1" velocity="2" effort="1"/></joint></robot>"""
    arms = ArmLinks("l1", "l1", "l2"), ArmLinks("l3", "l3", "l3")
    robot = dataclasses.replace(ROBOT, model=load_model(urdf), body=BodyLinks("base", "base", None, *arms))
    pipeline = Swinging(size=0.3)
    pipeline.description = robot
    result = simulate_speech(pipeline, np.ones(4 * 16_000, np.float32))
    assert result.robot_wrists.shape == (100, 2, 3)
    np.testing.assert_allclose(result.robot_wrists[:, 1], [[0, -1, 0]] * 100, atol=1e-9)
    asked = 0.3 * np.sin(2 * np.pi * np.arange(60, 95) / 25 * 0.5)  # joint a, once the slow entry is over
    done = np.arcsin((result.robot_wrists[60:95, 0, 1] - 1) / 2)
    assert np.abs(done - asked).max() < 0.02


def test_no_frame_is_too_late_for_its_window(result):
    poses = np.tile(np.arange(100, dtype=np.float32)[:, None, None] / 25, (1, 17, 3))
    motion = np.tile(ROBOT.rest_q, (100, 1)) + 0.2 * np.sin(np.arange(100) / 10)[:, None]
    assert simulate_motion(ROBOT, PoseChunk(0, poses), JointChunk(0, motion)).late_targets == 0
    assert result.late_targets == 0


def test_late_frames_are_counted():
    late = Swinging()
    late.latency_s = 0.05  # less than it needs
    assert simulate_speech(late, np.ones(2 * 16_000, np.float32)).late_targets > 0
