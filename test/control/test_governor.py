from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.control.braking import (
    BrakeTable,
    advance,
    brake_lengths,
    brake_matrices,
    from_rest_to_rest,
)
from speech_gesture_ros.control.governor import Governor, inner_limits
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.robot.description import JointLimits

DT = 1 / KNOT_RATE
EXACT = 1 + 1e-7


def assert_within_at_every_instant(states: np.ndarray, limits: JointLimits) -> None:
    """Check the motion between states at 11 instants each, with the constant jerk that leads to the next."""
    jerk = np.diff(states[:, 2], axis=0) / DT
    assert np.all(np.abs(jerk) <= limits.jerk * EXACT)
    for t in np.linspace(0, DT, 11):
        step = np.array([[1, t, t * t / 2], [0, 1, t], [0, 0, 1]])
        p, v, a = np.moveaxis(step @ states[:-1] + np.array([t**3 / 6, t * t / 2, t])[:, None] * jerk[:, None], 1, 0)
        assert np.all((p >= limits.lower - 1e-9) & (p <= limits.upper + 1e-9))
        assert np.all(np.abs(v) <= limits.velocity * EXACT)
        assert np.all(np.abs(a) <= limits.acceleration * EXACT)
    # Each state is where that jerk leads: the motion is continuous.
    reached = np.stack([advance(x, j) for x, j in zip(states[:-1], jerk)])
    np.testing.assert_allclose(reached, states[1:], atol=1e-9)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_for_any_target_every_failsafe_trajectory_is_within_the_limits_and_ends_at_rest(
        random_limits, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, n)
    governor = Governor(limits)
    governor.seed(rng.uniform(limits.lower, limits.upper))
    path, target = [governor.state], np.zeros((3, n))
    for _ in range(60):
        after = target + rng.normal(size=(3, n)) * 10.0 ** rng.uniform(-3, 3)
        after[rng.random((3, n)) < 0.02] = rng.choice([np.nan, np.inf, -np.inf, 1e308])
        failsafe = governor.propose(target, after) if rng.random() < 0.9 else governor.continue_failsafe()
        assert np.all(failsafe.states[-1, 1:] == 0.0)
        assert_within_at_every_instant(np.concatenate([governor.state[None], failsafe.states]), limits)
        governor.accept(failsafe)
        path.append(governor.state)
        target = np.where(np.abs(after) < 1e6, after, 0.0)
    assert_within_at_every_instant(np.array(path), limits)


@pytest.mark.parametrize("length", [5, 12, 40])
def test_a_brake_ends_at_rest_with_less_jerk_than_any_other(length: int) -> None:
    states, jerks = brake_matrices(length)
    start = np.array([0.3, 1.5, -4.0])
    x, reach = start[:, None], []
    for k in range(length):
        np.testing.assert_allclose(states[k] @ start, x[:, 0], atol=1e-9)
        x = advance(x, jerks[k] @ start)
        reach.append(advance(np.zeros((3, 1)), np.ones(1))[:, 0])
    np.testing.assert_allclose(x[1:, 0], 0.0, atol=1e-9)
    # Least norm: orthogonal to every change of the jerks that leaves the end as it is.
    i = np.arange(length)
    constraints = np.stack([length - i - 0.5, np.ones(length)])
    null = np.linalg.svd(constraints)[2][2:]
    np.testing.assert_allclose(null @ (jerks @ start), 0.0, atol=1e-8)


def test_brakes_of_different_lengths_run_in_parallel_as_long_as_the_longest_chosen(make_limits) -> None:
    lengths = (5, 9, 20)
    table, state = BrakeTable(lengths, make_limits(3)), np.random.default_rng(0).normal(size=(3, 3))
    states = table.brake(state, np.array([1, 0, 1]))
    assert len(states) == 9 + 1
    for joint, length in enumerate((9, 5, 9)):
        expected = brake_matrices(length)[0] @ state[:, joint]
        np.testing.assert_allclose(states[:length + 1, :, joint], expected, atol=1e-12)
        np.testing.assert_array_equal(states[length:, 1:, joint], 0.0)


def test_a_joint_reaches_its_full_speed(make_limits) -> None:
    limits = make_limits(1, reach=5.0)
    governor = Governor(limits)
    far = np.array([[4.9], [0.0], [0.0]])
    speeds = []
    for _ in range(150):
        governor.accept(governor.propose(far, far))
        speeds.append(governor.state[1, 0])
    assert max(speeds) > 0.95 * limits.velocity[0]
    assert governor.state[0, 0] == pytest.approx(4.9, abs=1e-3)
    assert min(speeds) > -0.05  # arrives without overshoot


def test_a_step_is_followed_about_as_fast_as_the_limits_allow(make_limits) -> None:
    limits = make_limits(1)
    governor = Governor(limits)
    goal = np.array([[0.6], [0.0], [0.0]])
    knots = 0
    while abs(governor.state[0, 0] - 0.6) > 0.02 and knots < 200:
        governor.accept(governor.propose(goal, goal))
        knots += 1
    # From rest to rest with this acceleration and jerk takes at least 0.49 s.
    assert knots * DT < 1.0


def test_a_target_beyond_a_limit_is_followed_up_to_the_limit(make_limits) -> None:
    limits = make_limits(1, reach=0.5)
    governor = Governor(limits)
    beyond = np.array([[3.0], [0.0], [0.0]])
    for _ in range(150):
        governor.accept(governor.propose(beyond, beyond))
    edge = inner_limits(limits).upper[0]
    assert edge - 1e-4 < governor.state[0, 0] <= edge
    assert limits.upper[0] - edge < 1e-3


def test_a_lowered_speed_limit_is_in_force_once_the_failsafe_allows(make_limits) -> None:
    limits = make_limits(1, reach=5.0)
    governor = Governor(limits)
    far = np.array([[4.9], [0.0], [0.0]])
    for _ in range(25):
        governor.accept(governor.propose(far, far))
    fast = governor.state[1, 0]
    governor.limit_speed(np.array([0.5]))
    path = [governor.state]
    for _ in range(40):
        governor.accept(governor.propose(far, far))
        path.append(governor.state)
    assert fast > 1.5
    assert abs(governor.state[1, 0]) <= 0.5
    assert_within_at_every_instant(np.array(path), limits)


def test_for_an_unknown_target_the_failsafe_trajectory_is_continued_and_flagged(make_limits) -> None:
    governor = Governor(make_limits(2))
    target = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    for _ in range(10):
        governor.accept(governor.propose(target, target))
    target[0, 1] = np.nan
    failsafe = governor.propose(target, target)
    assert failsafe.is_continued.tolist() == [False, True]
    np.testing.assert_array_equal(failsafe.states[0, :, 1], governor.continue_failsafe().states[0, :, 1])


def test_the_longest_brake_suits_the_slowest_joint() -> None:
    quick, slow = (JointLimits(*(np.full(1, x) for x in (-1, 1, 1.0, a, 1000.0))) for a in (20.0, 3.0))
    assert brake_lengths(quick)[-1] < brake_lengths(slow)[-1]
    assert brake_lengths(slow)[-1] * DT >= 1.5 / 3.0


# --- near and at position limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_from_just_inside_a_limit_a_joint_starts_at_its_measured_position(make_limits, share: float) -> None:
    """A start at the margin's inner edge would make the first command jump."""
    limits = make_limits(2, reach=0.5)
    governor = Governor(limits)
    margin = governor.limits.lower - limits.lower
    start = limits.lower + share * margin
    governor.seed(start)
    path, target = [governor.state], np.array([[-3.0, 3.0], [0.0, 0.0], [0.0, 0.0]])
    assert_within_at_every_instant(governor.failsafe.states, limits)
    for _ in range(80):
        governor.accept(governor.propose(target, target))
        path.append(governor.state)
    np.testing.assert_array_equal(path[0][0], start)
    assert_within_at_every_instant(np.array(path), limits)
    assert governor.state[0, 1] > 0.4  # the other joint follows its target
    assert path[5][0, 0] <= governor.state[0, 0] <= governor.limits.lower[0] + 1e-6


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_joint_at_its_limit_follows_its_target_while_others_move(make_limits, share: float) -> None:
    """Elbows are at their limit in the zero pose of many robots."""
    governor = Governor(make_limits(2, reach=0.5))
    governor.seed(np.array([-0.5 + share * (governor.limits.lower[0] + 0.5), 0.2]))
    for k in range(150):
        goal = np.array([0.1, 0.2 + 0.1 * np.sin(k / 10)])
        target = np.stack([goal, np.zeros(2), np.zeros(2)])
        governor.accept(governor.propose(target, target))
    assert governor.state[0, 0] == pytest.approx(0.1, abs=1e-3)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_at_every_knot_the_braking_distance_fits_before_the_position_limit(random_limits, seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, 5)
    governor = Governor(limits)
    governor.seed(rng.uniform(limits.lower, limits.upper))
    for k in range(80):
        goal = limits.lower - 1 if (k // 40) % 2 else limits.upper + 1  # beyond both limits in turn
        target = np.stack([goal, np.zeros(5), np.zeros(5)])
        governor.accept(governor.propose(target, target))
        p, v, _ = governor.state
        room = np.where(v > 0, limits.upper - p, p - limits.lower)
        assert np.all(v**2 <= 2 * limits.acceleration * room * (1 + 1e-6) + 1e-12)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_from_rest_to_rest_within_half_the_limits_and_without_overshoot(random_limits, seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, 4)
    start = rng.uniform(limits.lower, limits.upper)
    stop = start + np.array([0.0, 1.0, -1.0, 1.0]) * 10.0 ** rng.uniform(-6, -1, 4)
    states = from_rest_to_rest(start, stop, limits)
    np.testing.assert_array_equal(states[0, 0], start)
    np.testing.assert_array_equal(states[-1], [stop, np.zeros(4), np.zeros(4)])
    wide = JointLimits(np.minimum(start, stop) - 1e-9, np.maximum(start, stop) + 1e-9,
                       *(0.51 * getattr(limits, name) for name in ("velocity", "acceleration", "jerk")))
    assert_within_at_every_instant(states, wide)


def test_limits_at_knots_leave_room_for_rounding(make_limits) -> None:
    limits = make_limits(2)
    inner = inner_limits(limits)
    assert np.all(inner.acceleration < limits.acceleration)
    assert np.all(inner.jerk < limits.jerk)
    margin = inner.acceleration * DT**2 / 8
    assert np.all(inner.upper + margin < limits.upper)
    assert np.all(inner.lower - margin > limits.lower)
