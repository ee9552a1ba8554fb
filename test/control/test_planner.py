from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.interpolation import KnotTargetStage
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import FROZEN_KNOTS, FROZEN_KNOTS_AT_REST, MAX_LEAD_IN_KNOTS, MotionPlanner
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.control.self_collision import MARGIN_M, SelfCollisionChecker
from speech_gesture_ros.control.slow_entry import (
    ENTRY_FASTEST,
    ENTRY_KNOTS,
    ENTRY_RISE,
    ENTRY_SPEED,
    TARGET_REACHED_RAD,
)
from speech_gesture_ros.control.stopping import stop_window
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import JointLimits

REACH = KnotTargetStage().reach
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def garbage(rng: np.random.Generator, limits: JointLimits, count: int) -> np.ndarray:
    """Invalid or infeasible frames: jumps, random walks, steps beyond limits, noise, NaN, infinity, huge numbers."""
    n = len(limits)
    kind = rng.integers(6)
    middle, span = (limits.lower + limits.upper) / 2, limits.upper - limits.lower
    if kind == 0:
        frames = middle + span * rng.choice([-2.0, 2.0], (count, 1))
    elif kind == 1:
        frames = middle + span * np.cumsum(rng.normal(0, 0.2, (count, n)), axis=0)
    elif kind == 2:
        frames = middle + span * rng.normal(0, 1, (count, n))
    elif kind == 3:
        frames = middle + span * np.sin(np.arange(count)[:, None] * rng.uniform(0.05, 1.5, n))
    elif kind == 4:
        frames = np.repeat(middle + span * rng.uniform(-0.6, 0.6, (1, n)), count, axis=0)
    else:
        frames = rng.choice([1e300, -1e300, 1e-300, 0.0, 5.0], (count, n))
    bad = rng.random((count, n)) < rng.choice([0.0, 0.02, 0.3])
    return np.where(bad, rng.choice([np.nan, np.inf, -np.inf], (count, n)), frames)


@pytest.mark.slow
@QUICK
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_for_any_input_every_plan_keeps_the_limits_and_ends_at_rest(
        make_robot, random_limits, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, n)
    planner = MotionPlanner(make_robot(limits))
    previous, frame, now = None, 0, 0.0
    planner.seed(rng.uniform(limits.lower, limits.upper))
    for _ in range(40):
        action = rng.choice(["push", "wait", "stall", "brake", "resume", "seed"],
                            p=[0.6, 0.23, 0.05, 0.04, 0.05, 0.03])
        if action == "push":
            frames = garbage(rng, limits, int(rng.integers(0, 6)))
            planner.push(JointChunk(frame, frames))
            frame += len(frames)
        elif action == "seed":
            planner.seed(rng.uniform(limits.lower - 0.3, limits.upper + 0.3))
            previous = None
        elif action in ("brake", "resume"):
            getattr(planner, action)()
        now = max(now, 2 * frame - rng.uniform(0, 12)) if action != "stall" else now + rng.uniform(0, 80)
        reported = rng.choice([now, -np.inf, np.nan, now - 30], p=[0.85, 0.05, 0.05, 0.05])
        window = planner.plan(reported)
        assert validate_window(window, limits, previous) is None
        if previous is not None:
            agreed = int(np.ceil(reported)) + FROZEN_KNOTS if np.isfinite(reported) else previous.start_index
            assert_equal_until(previous, window, agreed)
        previous = window


def assert_equal_until(before, after, index: int) -> None:
    """Both plans have the same motion up to a knot; after its last knot a plan is at rest."""
    for knot in range(max(after.start_index, before.start_index), index + 1):
        row_before, row = knot - before.start_index, knot - after.start_index
        if row >= len(after):
            break
        standing = row_before >= len(before)
        expected = before.positions[-1] if standing else before.positions[row_before]
        np.testing.assert_array_equal(after.positions[row], expected)
        expected = np.zeros_like(expected) if standing else before.velocities[row_before]
        np.testing.assert_array_equal(after.velocities[row], expected)


@pytest.mark.slow
@QUICK
@given(st.integers(0, 2**32 - 1))
def test_any_chunking_gives_bit_identical_knots_while_now_is_far_behind(
        make_robot, random_limits, seed: int) -> None:
    rng = np.random.default_rng(seed)
    limits = random_limits(rng, 3)
    frames = garbage(rng, limits, 40)
    start = rng.uniform(limits.lower, limits.upper)
    whole, pieces = MotionPlanner(make_robot(limits)), MotionPlanner(make_robot(limits))
    whole.seed(start)
    pieces.seed(start)
    whole.push(JointChunk(0, frames))
    cuts = np.sort(rng.integers(0, 41, 8))
    for first, last in zip([0, *cuts], [*cuts, 40]):
        pieces.push(JointChunk(int(first), frames[first:last]))
        if rng.random() < 0.5:
            pieces.plan(-np.inf)
    expected, actual = whole.plan(-np.inf), pieces.plan(-np.inf)
    np.testing.assert_array_equal(actual.positions, expected.positions)
    np.testing.assert_array_equal(actual.velocities, expected.velocities)


def smooth_motion(n: int, frames: int) -> np.ndarray:
    t = np.arange(frames)[:, None] / 25
    phase = np.arange(n)
    return 0.25 * np.sin(2 * np.pi * 0.7 * t + phase) + 0.06 * np.sin(2 * np.pi * 1.3 * t + 2 * phase)


def test_a_feasible_motion_is_followed_without_lag(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(5)))
    planner.seed(np.full(5, 0.3))
    frames = smooth_motion(5, 200)
    planner.push(JointChunk(0, frames))
    window = planner.plan(-np.inf)
    targets = KnotTargetStage().push(JointChunk(0, frames)).values
    error = np.abs(window.positions[:len(targets)] - targets[:, 0])
    assert window.start_index == 0
    assert error[150:].max() < 1e-6
    assert error[-50:].max() < 1e-12


def test_entry_is_slow_at_first_and_then_fast_enough_to_end_soon(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(2)))
    planner.seed(np.array([1.4, 0.0]))
    planner.push(JointChunk(0, np.zeros((100, 2))))
    window = planner.plan(-np.inf)
    speed = np.abs(window.velocities).max(axis=1)
    between_knots = make_limits(2).jerk.max() / KNOT_RATE**2 / 8  # excess of the speed between knots
    fastest = speed[:ENTRY_KNOTS].max()
    assert 0.99 * (ENTRY_SPEED - between_knots) < fastest <= ENTRY_SPEED - 0.99 * between_knots
    since_s = np.maximum(0, np.arange(len(speed)) - ENTRY_KNOTS) / KNOT_RATE
    assert (speed <= ENTRY_SPEED - 0.99 * between_knots + ENTRY_RISE * since_s).all()
    assert 1.2 < speed.max() <= ENTRY_FASTEST
    assert (np.abs(window.positions[:, 0]) < TARGET_REACHED_RAD)[round(1.7 * KNOT_RATE):].all()


def test_a_joint_that_reached_its_target_is_no_longer_slow(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.array([TARGET_REACHED_RAD / 2]))
    planner.push(JointChunk(0, np.concatenate([np.zeros((ENTRY_KNOTS, 1)), np.ones((60, 1))])))
    window = planner.plan(-np.inf)
    assert np.abs(window.velocities).max() > 1.5


def test_for_half_a_second_a_joint_on_its_target_is_slow_too(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.zeros(1))
    planner.push(JointChunk(0, np.concatenate([np.zeros((2, 1)), np.ones((60, 1))])))
    window = planner.plan(-np.inf)
    assert 0.35 < np.abs(window.velocities[:ENTRY_KNOTS]).max() <= ENTRY_SPEED


def test_a_target_beyond_a_limit_leads_to_the_limit_and_no_farther(make_limits, make_robot) -> None:
    limits = make_limits(1, reach=0.8)
    planner = MotionPlanner(make_robot(limits))
    planner.seed(np.zeros(1))
    planner.push(JointChunk(0, np.full((150, 1), 5.0)))
    window = planner.plan(-np.inf)
    assert window.positions.max() <= 0.8
    assert window.positions[-1, 0] == pytest.approx(0.8, abs=2e-3)
    assert validate_window(window, limits) is None


def test_a_robot_that_starts_outside_its_limits_only_moves_inwards(make_limits, make_robot) -> None:
    limits = make_limits(1, reach=0.8)
    planner = MotionPlanner(make_robot(limits))
    planner.seed(np.array([-1.1]))
    planner.push(JointChunk(0, np.concatenate([np.zeros((60, 1)), np.full((60, 1), -3.0)])))
    window = planner.plan(-np.inf)
    assert window.positions[0, 0] == -1.1
    assert window.positions.min() >= -1.1
    assert np.abs(window.velocities[:ENTRY_KNOTS]).max() <= ENTRY_SPEED
    assert window.positions[100:].min() >= -0.8
    assert validate_window(window, limits) is None


def test_a_stalled_input_stops_the_robot_and_late_targets_are_counted(make_limits, make_robot) -> None:
    limits = make_limits(3)
    planner = MotionPlanner(make_robot(limits))
    planner.seed(np.zeros(3))
    frames = smooth_motion(3, 120)
    planner.push(JointChunk(0, frames[:40]))
    before = planner.plan(-np.inf)
    after = planner.plan(160)  # no input for 80 knots
    assert planner.is_at_rest
    np.testing.assert_array_equal(after.positions[-1], before.positions[-1])
    planner.push(JointChunk(40, frames[40:]))
    earlier = planner.report
    again = planner.plan(160)
    assert planner.report.late_targets == 160 + FROZEN_KNOTS - 2 * (39 - REACH)  # all but those of the first 40
    assert earlier.late_targets == 0
    assert validate_window(again, limits, after) is None
    targets = KnotTargetStage().push(JointChunk(0, frames)).values
    assert np.abs(again.positions[planner.newest_index - again.start_index] - targets[-1, 0]).max() < 1e-3


def test_brake_comes_to_rest_and_resume_enters_slowly(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(2)))
    planner.seed(np.zeros(2))
    frames = smooth_motion(2, 200)
    planner.push(JointChunk(0, frames[:50]))
    planner.plan(-np.inf)
    planner.brake()
    planner.push(JointChunk(50, np.full((50, 2), 1.4)))
    stopped = planner.plan(-np.inf)
    assert planner.is_at_rest
    assert stopped.velocities[-1].tolist() == [0.0, 0.0]
    planner.resume()
    planner.push(JointChunk(100, np.full((50, 2), 1.4)))
    resumed = planner.plan(-np.inf)
    assert 0.4 < np.abs(resumed.velocities[195:195 + ENTRY_KNOTS]).max() <= ENTRY_SPEED
    assert planner.report.late_targets == 0


def test_nan_brakes_its_joint_and_no_other(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(2)))
    planner.seed(np.zeros(2))
    frames = smooth_motion(2, 150)
    frames[60:100, 0] = np.nan
    planner.push(JointChunk(0, frames))
    window = planner.plan(-np.inf)
    targets = KnotTargetStage().push(JointChunk(0, frames)).values
    assert np.all(window.velocities[150:196, 0] == 0.0)
    assert np.abs(window.positions[:len(targets), 1] - targets[:, 0, 1])[100:].max() < 1e-4
    at_frames = 40 + 2 * REACH
    half_way = at_frames + 1
    assert planner.report.non_finite_targets == at_frames + half_way
    assert np.abs(window.positions[len(targets) - 1, 0] - targets[-1, 0, 0]) < 1e-3


def test_interventions_are_counted_and_a_feasible_motion_has_none(make_limits, make_robot) -> None:
    slow = 0.1 * (1 - np.cos(np.arange(100)[:, None] / 10)) * np.ones(2)
    jump, unknown = slow.copy(), slow.copy()
    jump[50:, 1] += 1.0
    unknown[50:60, 1] = np.nan
    reports = []
    for frames in (slow, jump, unknown):
        planner = MotionPlanner(make_robot(make_limits(2)))
        planner.seed(np.zeros(2))
        planner.push(JointChunk(0, frames))
        planner.plan(-np.inf)
        reports.append(planner.report)
    feasible, jumped, partly_unknown = reports
    assert vars(feasible) == vars(SafetyReport(knots=planner.newest_index))
    assert 1 < jumped.clamped < 50
    assert jumped.failsafe_continued == 0
    # An unknown target at either end of a step makes its jerk unknown.
    assert partly_unknown.failsafe_continued == partly_unknown.non_finite_targets + 1


def test_knots_with_braking_or_recovery_for_collision_are_counted_once_each(two_arms) -> None:
    planner = MotionPlanner(two_arms)
    planner.seed(np.zeros(2))
    planner.push(JointChunk(0, np.concatenate([np.zeros((40, 2)), np.tile([-1.2, 1.2], (60, 1))])))
    knots = len(planner.plan(-np.inf).brakes) - 1
    report = planner.report
    assert report.knots == knots
    assert 0 < report.collision_brakes + report.recovery_knots <= knots - 2 * 35


def test_a_plan_begins_in_the_past_even_before_the_first_target(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.array([0.2]))
    planner.push(JointChunk(10, np.zeros((5, 1))))
    window = planner.plan(16.4)
    assert window.start_index == 15
    assert np.all(window.positions[:6] == 0.2)


def test_during_a_stream_every_plan_begins_at_the_knot_before_now(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.zeros(1))
    for frame, q in enumerate(smooth_motion(1, 50)):
        planner.push(JointChunk(frame, q[None]))
        now = 2 * frame - 20.3
        assert planner.plan(now).start_index == int(np.floor(now)) - 1 or now < 0


@pytest.mark.parametrize(("ahead", "begins_at"), [(0, -1), (MAX_LEAD_IN_KNOTS - 1, -1), (MAX_LEAD_IN_KNOTS, None)])
def test_rest_is_put_before_the_first_target_up_to_a_second(ahead, begins_at, make_limits, make_robot) -> None:
    """`begins_at` is relative to now; None: a target farther ahead begins the plan itself."""
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.array([0.2]))
    planner.push(JointChunk(100, np.zeros((5, 1))))
    now = 200 - ahead
    plan = planner.plan(now)
    assert plan.start_index == (200 if begins_at is None else now + begins_at)


def test_a_stop_before_the_first_target_keeps_the_robot_where_it_is(make_limits, make_robot) -> None:
    """It is in the margin inside its limit, from where the failsafe trajectory moves it at the first knot."""
    limits = make_limits(1)
    planner = MotionPlanner(make_robot(limits))
    planner.seed(limits.upper - 1e-5)
    planner.push(JointChunk(20, np.zeros((10, 1))))
    plan = planner.plan(20)
    moving = np.flatnonzero(np.diff(plan.positions[:, 0]))
    assert plan.start_index + moving[0] >= 40, "the motion begins before its first knot"
    stop = stop_window(Window(plan.start_index, 0, plan.positions, plan.velocities, plan.brakes), NS // KNOT_RATE)
    assert stop is not None
    np.testing.assert_array_equal(stop.positions, np.full_like(stop.positions, limits.upper[0] - 1e-5))


@pytest.mark.parametrize("now", [-3.0, 0.0, 1.5, 4.2])
def test_motion_from_rest_begins_only_where_a_slow_message_arrives_in_time(
        now: float, make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.zeros(1))
    planner.push(JointChunk(0, np.full((20, 1), 0.4)))
    window = planner.plan(now)
    standing = window.positions[:max(0, int(np.ceil(now)) + FROZEN_KNOTS_AT_REST) - window.start_index + 1]
    assert np.all(standing == 0.0)
    assert np.all(window.positions[len(standing) + 1:] > 0.0)


@pytest.mark.parametrize("ahead", [4, 5, 6, 8, 10])
def test_with_any_lead_the_robot_begins_to_move(ahead: int, make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.zeros(1))
    for frame in range(75):
        planner.push(JointChunk(frame, np.full((1, 1), 0.4)))
        window = planner.plan(2 * (frame - REACH) - ahead + 2)
    assert window.positions[-1, 0] == pytest.approx(0.4, abs=0.01)


def test_a_present_far_ahead_is_planned_without_a_loop_over_knots(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    planner.seed(np.array([0.2]))
    planner.push(JointChunk(0, np.ones((20, 1))))
    planner.plan(0)
    window = planner.plan(1e12)
    assert window.start_index <= 10**12 < window.start_index + len(window) + 2
    assert np.all(window.velocities == 0.0)


def test_a_missing_seed_and_wrong_frames_are_errors_with_a_remedy(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(2)))
    with pytest.raises(RuntimeError, match="call seed"):
        planner.plan(0)
    with pytest.raises(RobotError, match="2 finite values"):
        planner.seed(np.array([0.0, np.nan]))
    planner.seed(np.zeros(2))
    with pytest.raises(RobotError, match=r"must be \(T, 2\)"):
        planner.push(JointChunk(0, np.zeros((3, 1))))
    planner.push(JointChunk(0, np.zeros((3, 2))))
    with pytest.raises(ValueError, match="starts at frame 5, the stream stopped at 3"):
        planner.push(JointChunk(5, np.zeros((3, 2))))


def test_arms_whose_targets_cross_stop_before_contact_and_separate_again(two_arms) -> None:
    planner = MotionPlanner(two_arms)
    planner.seed(np.zeros(2))
    apart = np.zeros((40, 2))
    crossed = np.tile([-1.2, 1.2], (60, 1))
    planner.push(JointChunk(0, np.concatenate([apart, crossed, apart, apart])))
    window = planner.plan(-np.inf)
    checker = SelfCollisionChecker(two_arms)
    closest = min(checker.min_clearance(q) for q in window.positions)
    assert 0.01 <= closest < 0.2
    assert planner.report.collision_brakes > 0
    assert validate_window(window, two_arms.limits) is None
    assert np.abs(window.positions[-1]).max() < 0.01


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_for_any_input_no_plan_leads_into_self_collision(two_arms, seed: int) -> None:
    rng = np.random.default_rng(seed)
    planner, checker, frame, previous = MotionPlanner(two_arms), SelfCollisionChecker(two_arms), 0, None
    planner.seed(np.zeros(2))
    for _ in range(30):
        frames = garbage(rng, two_arms.limits, int(rng.integers(0, 8)))
        planner.push(JointChunk(frame, frames))
        frame += len(frames)
        window = planner.plan(2 * frame - rng.uniform(0, 20))
        assert validate_window(window, two_arms.limits, previous) is None
        assert min(checker.min_clearance(q) for q in window.positions) >= MARGIN_M
        previous = window


def test_a_robot_seeded_in_contact_moves_out_of_it_and_not_deeper(two_arms) -> None:
    planner = MotionPlanner(two_arms)
    touching = np.array([-0.37, 0.37])
    checker = SelfCollisionChecker(two_arms)
    depth = checker.min_clearance(touching)
    assert depth < 0.01
    planner.seed(touching)
    planner.push(JointChunk(0, np.concatenate([np.tile([-1.0, 1.0], (30, 1)), np.zeros((80, 2))])))
    window = planner.plan(-np.inf)
    assert min(checker.min_clearance(q) for q in window.positions) >= depth - 2e-4
    assert np.abs(window.positions[-1]).max() < 0.01


def test_one_hop_is_computed_in_time(make_limits, make_robot) -> None:
    """A guard against loops in place of matrix products, not a benchmark: a tenth of a hop of 50 ms, for 20 joints."""
    import time

    limits = make_limits(20)
    planner = MotionPlanner(make_robot(limits))
    planner.seed(np.zeros(20))
    frames, durations, previous = smooth_motion(20, 200), [], None
    for k in range(200):
        begin = time.perf_counter()
        planner.push(JointChunk(k, frames[k:k + 1]))
        window = planner.plan(2 * k - 8)
        assert validate_window(window, limits, previous) is None
        durations.append(time.perf_counter() - begin)
        previous = window
    assert np.median(durations) < 5e-3
    assert KNOT_RATE == 50


def test_targets_right_after_the_frozen_knots_are_followed_during_motion(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(3)))
    planner.seed(np.full(3, 0.2))
    frames = smooth_motion(3, 200)
    for k, frame in enumerate(frames):
        planner.push(JointChunk(k, frame[None]))
        newest = 2 * (k - REACH)
        plan = planner.plan(newest - 2 - FROZEN_KNOTS)  # the two new targets are not frozen
    target = KnotTargetStage().push(JointChunk(0, frames)).values[newest, :, :]
    np.testing.assert_allclose(plan.positions[newest - plan.start_index], target[0], atol=1e-6)
    assert planner.report.late_targets == 0


def test_the_target_at_which_the_motion_begins_is_late_only_if_later_knots_are_frozen(make_limits, make_robot) -> None:
    for now, late_targets in ((-FROZEN_KNOTS, 0), (0, 1 + FROZEN_KNOTS)):
        planner = MotionPlanner(make_robot(make_limits(1)))
        planner.seed(np.zeros(1))
        planner.push(JointChunk(0, np.zeros((REACH + 1 if now < 0 else 10, 1))))
        planner.plan(now)
        assert planner.report.late_targets == late_targets


@pytest.mark.parametrize(("ahead", "lead_in"), [(0, 1), (5, 6), (MAX_LEAD_IN_KNOTS - 1, MAX_LEAD_IN_KNOTS),
                                                (MAX_LEAD_IN_KNOTS, 0)])
def test_the_first_window_begins_a_knot_before_the_present_unless_its_targets_are_far_ahead(
        ahead: int, lead_in: int, make_limits, make_robot) -> None:
    """The first frame, and so the first target, is `ahead` knots after the present."""
    begin, start = 120, np.array([0.2])

    def plan(now: float) -> Plan:
        planner = MotionPlanner(make_robot(make_limits(1)))
        planner.seed(start)
        planner.push(JointChunk(begin // 2, np.full((20, 1), 0.5)))
        return planner.plan(now)

    assert plan(-np.inf).start_index == begin
    window = plan(begin - ahead)
    assert window.start_index == begin - lead_in
    np.testing.assert_array_equal(window.positions[:lead_in + 1], np.tile(start, (lead_in + 1, 1)))
    assert not window.velocities[:lead_in + 1].any()


def test_the_newest_index_counts_knots_with_targets(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    assert planner.newest_index == -1
    planner.seed(np.zeros(1))
    assert planner.newest_index == -1
    planner.push(JointChunk(0, np.zeros((10, 1))))
    assert planner.newest_index == 2 * (9 - REACH)


def test_after_a_new_seed_the_stream_may_begin_anywhere(make_limits, make_robot) -> None:
    planner = MotionPlanner(make_robot(make_limits(1)))
    for begin in (0, 100):
        planner.seed(np.zeros(1))
        planner.push(JointChunk(begin, np.zeros((5, 1))))
        assert planner.plan(-np.inf).start_index == 2 * begin
