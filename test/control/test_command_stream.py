"""Sampled commands: on the windows at every instant, inside the limits, at rest in the end; weights change slowly."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.command_stream import LINGER_NS, CommandStream, sample
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

PERIOD_S = 0.01
PERIOD_NS = NS // 100
SPEED = np.full(2, 2.5)
RAMP_S = 0.5


def window_at(q: float, stamp_ns: int = 0, rows: int = 5) -> Window:
    """Rest at (q, q)."""
    return Window(0, stamp_ns, np.full((rows, 2), q), np.zeros((rows, 2)))


def sampled(stream: CommandStream, published: list[tuple[int, Window]], times_ns: np.ndarray) -> list:
    """Commands at these times, with each window followed once it is published."""
    commands, waiting = [], list(published)
    for now_ns in times_ns.tolist():
        while waiting and waiting[0][0] <= now_ns:
            assert stream.follow(waiting.pop(0)[1])
        commands.append(stream.step(now_ns))
    return commands


def test_a_sample_is_the_cubic_through_both_knots(published):
    window = published[30][1]
    for row in range(len(window) - 1):
        position, velocity = sample(window, window.stamp_ns + row * NS // KNOT_RATE)
        np.testing.assert_allclose(position, window.positions[row], atol=1e-12)
        np.testing.assert_allclose(velocity, window.velocities[row], atol=1e-9)
    middle, h = window.stamp_ns + 3 * NS // KNOT_RATE + 7_000_000, 1_000_000
    before, after = sample(window, middle - h)[0], sample(window, middle + h)[0]
    np.testing.assert_allclose(sample(window, middle)[1], (after - before) / (2 * h / NS), atol=1e-4)


def test_a_window_is_at_rest_before_it_begins_and_after_it_has_ended(published):
    window = published[30][1]
    for now_ns, row in ((window.stamp_ns - 1, 0), (end_ns(window), -1), (end_ns(window) + NS, -1)):
        position, velocity = sample(window, now_ns)
        np.testing.assert_array_equal(position, window.positions[row])
        assert not velocity.any()


@pytest.mark.parametrize("jitter_ns", [0, 4_000_000])
def test_sampled_motion_keeps_the_limits_and_ends_at_rest(published, make_limits, rng, jitter_ns):
    limits = make_limits(2)
    stream = CommandStream(limits.velocity, PERIOD_S)
    stream.engage()
    times_ns = np.arange(published[0][0], published[-1][0] + 2 * NS, PERIOD_NS)
    times_ns = np.sort(times_ns + rng.integers(0, jitter_ns + 1, len(times_ns)))
    commands = sampled(stream, published, times_ns)
    moving = [(t, c) for t, c in zip(times_ns.tolist(), commands) if c is not None]
    assert len(moving) > 500
    times = np.array([t for t, _ in moving]) / NS
    q, dq = np.array([c.positions for _, c in moving]), np.array([c.velocities for _, c in moving])
    assert np.abs(q).max() > 0.5, "the motion is too small for this test"
    assert np.all((q >= limits.lower) & (q <= limits.upper))
    assert np.all(np.abs(dq) <= limits.velocity * (1 + 1e-6))
    dt = np.diff(times)[:, None]
    assert np.all(np.abs(np.diff(q, axis=0)) <= limits.velocity * dt * (1 + 1e-6))
    assert np.all(np.abs(np.diff(dq, axis=0)) <= limits.acceleration * dt * (1 + 1e-6))
    assert not dq[-1].any()
    np.testing.assert_array_equal(q[-1], published[-1][1].positions[-1])


def test_commands_begin_with_the_first_window_and_end_soon_after_the_last(published):
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage()
    assert stream.step(0) is None
    now_ns, window = published[0]
    assert stream.follow(window)
    times_ns = np.arange(now_ns, end_ns(window) + LINGER_NS + 2 * PERIOD_NS, PERIOD_NS)
    is_commanded = np.array([command is not None for command in sampled(stream, [], times_ns)])
    assert is_commanded[times_ns <= end_ns(window) + LINGER_NS].all()
    assert not is_commanded[times_ns > end_ns(window) + LINGER_NS].any()


def test_between_windows_that_do_not_agree_the_command_changes_no_faster_than_the_limit():
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage()
    assert stream.follow(window_at(0.0, rows=500))
    stream.step(0)
    assert stream.follow(window_at(1.0, rows=500))
    positions = [stream.step(k * PERIOD_NS).positions for k in range(1, 60)]
    steps = np.abs(np.diff(positions, axis=0))
    assert steps.max() <= SPEED[0] * PERIOD_S * (1 + 1e-9)
    np.testing.assert_array_equal(positions[-1], [1.0, 1.0])


def test_after_a_delayed_step_the_command_does_not_catch_up_at_once():
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage()
    assert stream.follow(window_at(0.0, rows=500))
    stream.step(0)
    assert stream.follow(window_at(1.0, rows=500))
    assert stream.step(NS).positions.max() <= 2 * SPEED[0] * PERIOD_S * (1 + 1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_windows_that_are_not_finite_or_of_another_size_are_refused(bad):
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage()
    positions = np.zeros((5, 2))
    positions[2, 1] = bad
    assert not stream.follow(Window(0, 0, positions, np.zeros((5, 2))))
    assert not stream.follow(Window(0, 0, np.zeros((5, 2)), positions))
    assert not stream.follow(Window(0, 0, np.zeros((5, 3)), np.zeros((5, 3))))
    assert stream.refused_windows == 3
    with pytest.raises(ValueError, match="finite"):
        stream.engage(np.array([0.0, bad]))


def test_windows_are_refused_before_engaging_and_after_release():
    stream = CommandStream(SPEED, PERIOD_S)
    assert not stream.follow(window_at(0.0))
    stream.engage()
    assert stream.follow(window_at(0.0))
    stream.release()
    assert not stream.follow(window_at(0.5))


def test_after_release_the_last_window_is_followed_to_rest(published):
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage()
    now_ns, window = published[40]
    assert stream.follow(window)
    stream.step(now_ns)
    stream.release()
    q = [stream.step(t).positions for t in range(now_ns, end_ns(window) + 1, PERIOD_NS)]
    assert np.abs(np.diff(q, axis=0)).max() > 0.005
    np.testing.assert_allclose(stream.step(end_ns(window) + PERIOD_NS).positions, window.positions[-1])


def test_a_stream_engaged_with_a_configuration_commands_at_rest_until_release():
    stream = CommandStream(SPEED, PERIOD_S)
    stream.engage(np.array([0.2, 0.3]))
    assert stream.follow(window_at(0.2))
    assert stream.step(10 * NS) is not None
    stream.release()
    assert stream.step(11 * NS) is None


# -- weight ------------------------------------------------------------------------------------------------------------


def stream_with_weight() -> CommandStream:
    stream = CommandStream(SPEED, PERIOD_S, RAMP_S)
    stream.step(0)
    stream.engage(np.array([0.1, -0.2]))
    return stream


def steps(stream: CommandStream, first_ns: int, seconds: float) -> list:
    return [stream.step(first_ns + k * PERIOD_NS) for k in range(1, round(seconds / PERIOD_S) + 1)]


def test_engaging_with_a_weight_needs_the_measured_configuration():
    with pytest.raises(ValueError, match="measured configuration"):
        CommandStream(SPEED, PERIOD_S, RAMP_S).engage()


def test_the_weight_rises_linearly_while_the_measured_configuration_is_commanded():
    stream = stream_with_weight()
    commands = steps(stream, 0, RAMP_S)
    weights = np.array([c.weight for c in commands])
    np.testing.assert_allclose(np.diff(weights, prepend=0.0), PERIOD_S / RAMP_S, atol=1e-9)
    assert weights[-1] == pytest.approx(1.0)
    for command in commands:
        np.testing.assert_array_equal(command.positions, [0.1, -0.2])
        assert not command.velocities.any()


def test_windows_are_refused_until_the_weight_is_full():
    stream = stream_with_weight()
    steps(stream, 0, RAMP_S / 2)
    assert not stream.is_ready
    assert not stream.follow(window_at(0.5))
    steps(stream, round(RAMP_S / 2 * NS), RAMP_S)
    assert stream.is_ready
    assert stream.follow(window_at(0.1))


def test_a_delayed_step_does_not_make_the_weight_jump():
    stream = stream_with_weight()
    assert stream.step(5 * NS).weight <= 2 * PERIOD_S / RAMP_S + 1e-9


def test_the_weight_falls_only_once_the_robot_is_at_rest(published):
    now_ns, window = published[40]
    stream = CommandStream(SPEED, PERIOD_S, RAMP_S)
    stream.step(now_ns - NS)
    stream.engage(window.positions[0])
    steps(stream, now_ns - NS, 1.0)
    assert stream.follow(window)
    stream.step(now_ns)
    stream.release()
    first_ns = now_ns
    commands = steps(stream, first_ns, 3.0)
    weights = np.array([0.0 if c is None else c.weight for c in commands])
    moving = np.array([c is not None and bool(c.velocities.any()) for c in commands])
    assert moving.any()
    assert np.all(weights[moving] == 1.0)
    assert np.all(np.diff(weights) <= 0)
    assert np.abs(np.diff(weights)).max() <= PERIOD_S / RAMP_S + 1e-9
    assert commands[-1] is None
    last = [c for c in commands if c is not None][-1]
    assert last.weight <= PERIOD_S / RAMP_S + 1e-9, "the weight jumped at the end"


def test_engaged_again_during_release_it_continues_from_the_last_command():
    stream = stream_with_weight()
    steps(stream, 0, RAMP_S)
    stream.release()
    half = steps(stream, round(RAMP_S * NS), RAMP_S / 2)[-1]
    stream.engage(np.array([0.4, 0.4]))
    again = stream.step(round(1.5 * RAMP_S * NS) + PERIOD_NS)
    np.testing.assert_array_equal(again.positions, half.positions)
    assert half.weight < again.weight <= half.weight + PERIOD_S / RAMP_S + 1e-9


@pytest.mark.parametrize("jump_s", [-3000.0, -0.3, 0.7, 600.0])
def test_after_a_jump_of_ros_time_the_present_window_is_finished_as_without_it(published, make_limits, jump_s):
    """There are no windows for the new time yet, and a step to where the new time points would exceed all limits."""
    limits = make_limits(2)
    stream = CommandStream(limits.velocity, PERIOD_S)
    stream.engage()
    begin_ns = published[0][0]
    first = np.arange(begin_ns, begin_ns + 2 * NS, PERIOD_NS)
    before = sampled(stream, [pair for pair in published if pair[0] < first[-1]], first)
    times_ns = np.arange(first[-1] + PERIOD_NS, first[-1] + 3 * NS, PERIOD_NS) + round(jump_s * NS)
    after = [stream.step(now_ns) for now_ns in times_ns.tolist()]
    moving = [c for c in after if c is not None]
    dq = np.array([c.velocities for c in before[-1:] + moving])
    assert np.abs(dq[0]).max() > 0.2, "the robot must move when time jumps"
    assert np.abs(np.diff(dq, axis=0)).max() <= limits.acceleration.max() * 2 * PERIOD_S
    assert not dq[-1].any()
    assert after[-1] is None, "no commands after rest"
    window = [w for t, w in published if t < first[-1]][-1]
    np.testing.assert_allclose(moving[-1].positions, window.positions[-1])
