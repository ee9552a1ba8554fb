from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control import gate
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.robot.description import JointLimits

DT = 0.02


@pytest.fixture
def limits(make_limits) -> JointLimits:
    return make_limits(2, reach=1.0)


def cubic(coefficients: list[float], count: int) -> Plan:
    """Window of joint 0 along a polynomial in time; joint 1 is at rest."""
    curve = np.polynomial.Polynomial(coefficients)
    t = np.arange(count) * DT
    zero = np.zeros(count)
    return Plan(0, np.stack([curve(t), zero], axis=1), np.stack([curve.deriv()(t), zero], axis=1))


def planned(limits: JointLimits, make_robot, now: float = -np.inf) -> Plan:
    planner = MotionPlanner(make_robot(limits))
    planner.seed(np.zeros(2))
    planner.push(JointChunk(0, np.full((30, 2), 0.4)))
    return planner.plan(now)


def test_a_planned_window_passes(limits, make_robot) -> None:
    assert validate_window(planned(limits, make_robot), limits) is None


@pytest.mark.parametrize(("change", "reason"), [
    (lambda p, v: p.__setitem__((3, 0), np.nan), "not finite"),
    (lambda p, v: v.__setitem__((3, 1), np.inf), "not finite"),
    (lambda p, v: v.__setitem__((-1, 1), 1e-9), "joint 1 still moves at the end"),
    (lambda p, v: p.__setitem__((slice(5, None), 0), -1.01), "joint 0 is below its position limit"),
    (lambda p, v: p.__setitem__((slice(5, None), 1), 1.01), "joint 1 is above its position limit"),
    (lambda p, v: v.__setitem__((5, 1), 2.6), "joint 1 exceeds its velocity limit at row 5, by 0.1"),
    (lambda p, v: p.__setitem__((5, 0), p[5, 0] + 0.01), "exceeds its .* limit"),
    (lambda p, v: v.__setitem__((5, 0), v[5, 0] + 0.05), "exceeds its .* limit"),
], ids=["nan", "infinite", "moving end", "below", "above", "too fast", "position jump", "velocity jump"])
def test_one_wrong_value_is_found(limits, make_robot, change, reason: str) -> None:
    window = planned(limits, make_robot)
    change(window.positions, window.velocities)
    with pytest.raises(AssertionError, match=reason):
        assert validate_window(window, limits) is None, validate_window(window, limits)


def test_motion_between_knots_is_checked() -> None:
    """The cubic between two knots at rest is fast half way; that between two knots in motion overshoots."""
    limits = JointLimits(*(np.full(1, x) for x in (-1.0, 1.0, 2.5, 1e5, 1e8)))
    rest = Plan(0, np.array([[0.0], [0.04]]), np.zeros((2, 1)))  # peak speed 1.5 * 0.04 / 0.02
    assert "velocity limit between knots" in str(validate_window(rest, limits))
    over = Plan(0, np.array([[0.999], [0.999], [0.999]]), np.array([[0.0], [2.4], [0.0]]))
    assert "rises above its position limit between knots" in str(validate_window(over, limits))
    under = Plan(0, -over.positions, -over.velocities)
    assert "dips below its position limit between knots" in str(validate_window(under, limits))


def test_the_bounds_pass_no_window_that_the_exact_check_refuses(limits, make_robot, monkeypatch) -> None:
    window, rng = planned(limits, make_robot), np.random.default_rng(0)
    bounded, exact = [], []
    for size in 10.0 ** rng.uniform(-7, -1, 500):
        p, v = (x + size * rng.normal(size=x.shape) * (rng.random(x.shape) < 0.05)
                for x in (window.positions, window.velocities))
        v[-1] = 0.0
        bounded.append(validate_window(Plan(0, p, v), limits))
        with monkeypatch.context() as patch:
            patch.setattr(gate, "_is_within_bounds", lambda *_: False)
            exact.append(validate_window(Plan(0, p, v), limits))
    assert bounded == exact
    assert 100 < exact.count(None) < 400


def test_a_gentle_motion_from_limit_to_limit_takes_no_exact_check(limits, monkeypatch) -> None:
    """1 mrad from the limits and below all others the bounds suffice: most windows are checked quickly."""
    monkeypatch.setattr(gate, "_exceeds", lambda *_: "checked exactly")
    s, zero = np.linspace(0, 1, 101), np.zeros(101)  # in 2 s
    positions = np.stack([0.999 * (2 * s**3 * (10 - 15 * s + 6 * s * s) - 1), zero], axis=1)
    velocities = np.stack([0.999 * 30 * s**2 * (1 - s) ** 2, zero], axis=1)
    assert validate_window(Plan(0, positions, velocities), limits) is None
    assert validate_window(Plan(0, positions * 1.002, velocities * 1.002), limits) == "checked exactly"


@pytest.mark.parametrize(("sign", "reason"), [(1.0, "rises above"), (-1.0, "dips below")])
def test_an_overshoot_between_slow_knots_is_refused_although_all_knots_are_inside(make_limits, sign, reason) -> None:
    """The bounds are exact for a parabola between knots at equal height, which rises 1e-5 beyond the limit."""
    limits = make_limits(2, reach=1.0)
    speed, zero = 0.1, np.zeros(3)
    edge = 1.0 - speed * DT / 4 + 1e-5  # knots at +0.1 and -0.1 rad/s: the parabola rises by speed DT / 4
    positions, velocities = np.array([edge, edge, edge - speed * DT / 2]), np.array([speed, -speed, 0.0])
    window = Plan(0, np.stack([zero, sign * positions], axis=1), np.stack([zero, sign * velocities], axis=1))
    assert np.abs(window.positions).max() < 1.0
    assert f"joint 1 {reason} its position limit between knots" in str(validate_window(window, limits))


@pytest.mark.parametrize("joint", [0, 1])
@pytest.mark.parametrize("quantity", ["velocity", "acceleration", "jerk"])
def test_a_motion_just_above_one_limit_is_refused_and_just_below_passes(quantity: str, joint: int) -> None:
    """All other limits are far away, so nothing else can refuse it."""
    t = np.linspace(0, 1, 51)
    smooth = np.stack([t**3 * (10 - 15 * t + 6 * t * t), 30 * t**2 * (1 - t) ** 2])  # position, velocity
    positions, velocities = np.zeros((2, len(t), 2))
    positions[:, joint], velocities[:, joint] = -smooth if joint else smooth
    window, peak = Plan(0, positions, velocities), peaks(positions, velocities)[quantity]
    for share, is_refused in ((0.99999, True), (1.00001, False)):
        limits = {"velocity": 100.0, "acceleration": 1e4, "jerk": 1e6} | {quantity: share * peak}
        reason = validate_window(window, JointLimits(np.full(2, -2.0), np.full(2, 2.0),
                                                     *(np.full(2, limits[name]) for name in limits)))
        assert bool(reason) == is_refused
        assert not is_refused or f"joint {joint} exceeds its {quantity} limit" in str(reason)


def peaks(positions: np.ndarray, velocities: np.ndarray) -> dict[str, float]:
    """Largest velocity, acceleration and jerk of the cubics through the knots, by sampling."""
    (p, q), (v, w) = ((x[:-1], x[1:]) for x in (positions, velocities))
    a, j = 6 * (q - p) / DT**2 - (4 * v + 2 * w) / DT, 12 * (p - q) / DT**3 + 6 * (v + w) / DT**2
    t = np.linspace(0, DT, 41)[:, None, None]
    return {"velocity": float(np.abs(v + t * (a + t * j / 2)).max()), "acceleration": float(np.abs(a + t * j).max()),
            "jerk": float(np.abs(j).max())}


def test_jerk_is_measured_inside_each_segment(make_limits) -> None:
    limits = make_limits(2, reach=5.0, velocity=50.0, acceleration=500.0, jerk=100.0)
    gentle, sharp = cubic([0, 0, 0, 99 / 6], 20), cubic([0, 0, 0, 101 / 6], 20)
    for window in (gentle, sharp):
        window.velocities[-1] = 0.0
    relevant = [Plan(0, w.positions[:-1], w.velocities[:-1]) for w in (gentle, sharp)]
    reasons = []
    for window in relevant:
        window.velocities.setflags(write=True)
        reversed_window = Plan(0, window.positions[::-1].copy(), -window.velocities[::-1])
        reasons.append(validate_window(reversed_window, limits))
    assert reasons[0] is None
    assert "exceeds its jerk limit" in str(reasons[1])


def test_a_window_that_leaves_the_published_one_is_refused(limits, make_robot) -> None:
    window = planned(limits, make_robot)
    moved = Plan(window.start_index + 1, window.positions + 0.01, window.velocities)
    assert "leaves the window published last at knot 1: by" in str(validate_window(moved, limits, window))
    later = Plan(window.start_index + 500, window.positions[-1:], window.velocities[-1:])
    assert validate_window(later, limits, window) is None
    earlier = Plan(window.start_index - 50, window.positions[:1], np.zeros((1, 2)))
    assert "ends before the window published last begins" in str(validate_window(earlier, limits, window))


def test_shapes_that_do_not_fit_are_refused(limits) -> None:
    assert "not both (K >= 1, 2)" in str(validate_window(Plan(0, np.zeros((3, 1)), np.zeros((3, 1))), limits))
    assert "not both (K >= 1, 2)" in str(validate_window(Plan(0, np.zeros((0, 2)), np.zeros((0, 2))), limits))
    assert "not both (K >= 1, 2)" in str(validate_window(Plan(0, np.zeros((3, 2)), np.zeros((2, 2))), limits))


def test_a_joint_that_begins_outside_may_move_inwards_but_not_farther_out(limits) -> None:
    t = np.linspace(0, 1, 51)
    smooth = t**3 * (10 - 15 * t + 6 * t * t)
    speed = 30 * t**2 * (1 - t) ** 2
    for distance, reason in ((-0.3, None), (0.1, "above its position limit")):
        positions = np.stack([1.2 + distance * smooth, 0 * t], axis=1)
        velocities = np.stack([distance * speed, 0 * t], axis=1)
        fault = validate_window(Plan(0, positions, velocities), limits)
        assert fault is None if reason is None else reason in str(fault)


def test_a_joint_outside_is_refused_if_it_rises_by_more_than_its_acceleration_allows(limits) -> None:
    """Knots at +0.3 and -0.3 rad/s: the parabola rises by 1.5 mrad, twice the margin of 15 rad/s²."""
    positions = np.array([[1.2, 0.0], [1.2, 0.0], [1.197, 0.0]])
    velocities = np.array([[0.3, 0.0], [-0.3, 0.0], [0.0, 0.0]])
    assert "joint 0 rises above its position limit between knots at row 0, by 0.000747" in str(
        validate_window(Plan(0, positions, velocities), limits))
