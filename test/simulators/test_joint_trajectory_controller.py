from __future__ import annotations

import re

import numpy as np
import pytest

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.simulators.joint_trajectory_controller import (
    ControllerParameters,
    JointTrajectoryController,
    Trajectory,
    TrajectoryPoint,
)

NAMES = ("a", "b")
MS = NS // 1000


def point(at_ms: int, positions, velocities=(), accelerations=(), effort=()) -> TrajectoryPoint:
    return TrajectoryPoint(at_ms * MS, positions, velocities, accelerations, effort)


def controller(**params: bool) -> JointTrajectoryController:
    return JointTrajectoryController(NAMES, ControllerParameters(**params), start=[0.0, 0.0])


GOOD = (point(100, [0.1, 0.2], [0.5, 0.5]), point(200, [0.2, 0.4], [0.0, 0.0]))


@pytest.mark.parametrize(("trajectory", "reason"), [
    (Trajectory(0, ("a",), (point(100, [0.1]),)), "don't match the controller joints: 1 instead of 2"),
    (Trajectory(0, ("a", "c"), GOOD), "Incoming joint c doesn't match"),
    (Trajectory(0, ("a", "a"), GOOD), "Duplicate joint names"),
    (Trajectory(0, NAMES, ()), "Empty trajectory"),
    (Trajectory(0, NAMES, (point(100, [0, 0]), point(100, [1, 1]))), "not strictly increasing: 0.1 and 0.1"),
    (Trajectory(0, NAMES, (point(100, []),)), r"size \(2\) and positions \(0\) at point #0"),
    (Trajectory(0, NAMES, (point(100, [0, 0]), point(200, [0]))), r"size \(2\) and positions \(1\) at point #1"),
    (Trajectory(0, NAMES, (point(100, [0, 0], [0]),)), r"velocities \(1\)"),
    (Trajectory(0, NAMES, (point(100, [0, 0], effort=[1, 1]),)), "effort"),
    (Trajectory(NS, NAMES, GOOD), "ends in the past, by 0.8 s"),
    (Trajectory(0, NAMES, (point(100, [0, 0], [0.0, 0.1]),)), "joint b is not zero: 0.1"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_an_invalid_trajectory_is_rejected_as_a_whole_and_changes_nothing(trajectory, reason) -> None:
    robot = controller()
    assert robot.accept(Trajectory(0, NAMES, GOOD), 0) is None
    robot.sample(0)
    fault = robot.accept(trajectory, 2 * NS)
    assert fault is not None
    assert re.search(reason, fault), fault
    np.testing.assert_allclose(robot.sample(200 * MS)[0], [0.2, 0.4])


def test_parameters_allow_partial_goals_and_a_last_velocity() -> None:
    moving_end = Trajectory(0, NAMES, (point(100, [0, 0], [0.0, 0.1]),))
    assert controller(allow_nonzero_velocity_at_trajectory_end=True).accept(moving_end, 0) is None
    robot = controller(allow_partial_joints_goal=True)
    assert robot.accept(Trajectory(0, ("b",), (point(100, [1.0], [0.0]),)), 0) is None
    robot.sample(0)
    np.testing.assert_allclose(robot.sample(150 * MS)[0], [0.0, 1.0])


@pytest.mark.parametrize("order", [1, 3, 5])
def test_interpolation_reproduces_the_polynomial_that_was_sampled(order: int) -> None:
    """Linear from positions, cubic with velocities, quintic with accelerations."""
    curve = np.polynomial.Polynomial(np.random.default_rng(order).normal(size=order + 1))
    curves = (curve, curve.deriv(), curve.deriv(2))
    given = curves[:(order + 1) // 2]
    points = tuple(TrajectoryPoint(k * 100 * MS, *([f(k / 10)] * 2 for f in given)) for k in range(3))
    robot = controller(allow_nonzero_velocity_at_trajectory_end=True)
    assert robot.accept(Trajectory(NS, NAMES, points), NS) is None
    for ms in range(0, 200, 7):
        positions, velocities = robot.sample(NS + ms * MS)
        np.testing.assert_allclose(positions, curve(ms / 1000), atol=1e-9)
        np.testing.assert_allclose(velocities, curve.deriv()(ms / 1000), atol=1e-8)


def test_the_last_point_is_held_at_rest() -> None:
    robot = controller()
    robot.accept(Trajectory(0, NAMES, GOOD), 0)
    robot.sample(0)
    positions, velocities = robot.sample(10 * NS)
    assert positions.tolist() == [0.2, 0.4]
    assert velocities.tolist() == [0.0, 0.0]


def test_a_zero_stamp_begins_at_the_cycle_that_first_samples_it() -> None:
    robot = controller()
    robot.accept(Trajectory(0, NAMES, GOOD), 3 * NS)
    robot.sample(3 * NS + 50 * MS)
    np.testing.assert_allclose(robot.sample(3 * NS + 150 * MS)[0], [0.1, 0.2])


@pytest.mark.parametrize(("from_desired", "begins_at"), [(False, 0.05), (True, 0.0)])
def test_it_bridges_from_the_measured_or_the_desired_state(from_desired: bool, begins_at: float) -> None:
    robot = controller(interpolate_from_desired_state=from_desired)
    robot.accept(Trajectory(0, NAMES, GOOD), 0)
    measured = (np.array([0.05, 0.05]), np.zeros(2))
    np.testing.assert_allclose(robot.sample(0, measured)[0], [begins_at, begins_at])


def test_a_window_from_the_past_is_sampled_at_the_present_time_for_any_measured_state() -> None:
    robot = controller()
    robot.accept(Trajectory(NS, NAMES, GOOD), NS + 150 * MS)
    positions, _ = robot.sample(NS + 200 * MS - 1, (np.array([9.0, 9.0]), np.zeros(2)))
    np.testing.assert_allclose(positions, [0.2, 0.4], atol=1e-6)


def test_a_new_message_replaces_the_old_immediately_even_if_it_begins_later() -> None:
    robot = controller()
    robot.accept(Trajectory(0, NAMES, GOOD), 0)
    robot.sample(0)
    at_100 = robot.sample(100 * MS)[0]
    still = tuple(point(ms, at_100, [0.0, 0.0]) for ms in (500, 600))
    robot.accept(Trajectory(100 * MS, NAMES, still), 100 * MS)
    robot.sample(100 * MS)
    assert np.abs(robot.sample(200 * MS)[0] - [0.2, 0.4]).min() > 0.05  # no longer on the old one
    np.testing.assert_allclose(robot.sample(650 * MS)[0], at_100)


def test_the_newer_replacement_replays_a_window_from_its_first_point() -> None:
    robot = controller(allow_trajectory_replacement=True)
    robot.accept(Trajectory(NS, NAMES, GOOD), NS + 150 * MS)
    robot.sample(NS + 150 * MS)
    np.testing.assert_allclose(robot.sample(NS + 250 * MS)[0], [0.1, 0.2])
