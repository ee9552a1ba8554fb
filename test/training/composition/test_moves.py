"""Moves: minimum-jerk bells, continuity from one to the next, arcs, flattened peaks."""

import numpy as np
import pytest

from speech_gesture_ros.training.composition.moves import append, continue_move, evaluate_moves, move_at, rest_at


def test_a_move_from_rest_is_the_minimum_jerk_bell() -> None:
    move = continue_move(rest_at(np.zeros(1)), 1.0, 2.0, np.ones(1))
    s = np.linspace(0, 1, 21)
    np.testing.assert_allclose(move.evaluate(1.0 + 2.0 * s)[:, 0], s**3 * (10 - 15 * s + 6 * s**2), atol=1e-12)
    assert move.state_at(2.0)[1] == pytest.approx([1.875 / 2.0])


def test_a_move_stays_at_its_ends() -> None:
    move = continue_move(rest_at(np.full(2, 3.0)), 1.0, 0.5, np.array([4.0, 2.0]))
    np.testing.assert_allclose(move.evaluate(np.array([0.0, 1.0])), [[3.0, 3.0]] * 2)
    np.testing.assert_allclose(move.evaluate(np.array([1.5, 9.0])), [[4.0, 2.0]] * 2)
    assert not np.any(move.state_at(1.6)[1:])


def test_a_move_continues_position_speed_and_acceleration(rng: np.random.Generator) -> None:
    first = continue_move(rest_at(np.zeros((2, 3))), 0.0, 1.0, rng.normal(size=(2, 3)), rng.normal(size=(2, 3)))
    second = continue_move(first, 0.37, 0.6, rng.normal(size=(2, 3)))
    for before, after in zip(first.state_at(0.37), second.state_at(0.37)):
        np.testing.assert_allclose(before, after, atol=1e-9)


def test_derivatives_agree_with_differences(rng: np.random.Generator) -> None:
    move = continue_move(rest_at(np.zeros(3)), 0.0, 1.0, rng.normal(size=3), rng.normal(size=3))
    h = 1e-4
    values = move.evaluate(0.3 + h * np.arange(-1, 2))
    _, speed, acceleration = move.state_at(0.3)
    np.testing.assert_allclose((values[2] - values[0]) / (2 * h), speed, rtol=1e-5)
    np.testing.assert_allclose((values[2] - 2 * values[1] + values[0]) / h**2, acceleration, rtol=1e-3)


def test_an_arc_is_zero_at_the_ends_and_full_in_the_middle() -> None:
    move = continue_move(rest_at(np.zeros(1)), 0.0, 1.0, np.zeros(1), np.ones(1))
    np.testing.assert_allclose(move.evaluate(np.array([0.0, 0.5, 1.0]))[:, 0], [0.0, 1.0, 0.0], atol=1e-12)
    assert move.state_at(0.0)[1] == pytest.approx([0.0])
    assert move.state_at(1.0)[1] == pytest.approx([0.0], abs=1e-9)


def test_an_appended_move_removes_those_that_would_start_later() -> None:
    moves = [rest_at(np.zeros(1))]
    append(moves, 1.0, 0.5, np.ones(1))
    append(moves, 3.0, 0.5, np.full(1, 9.0))
    append(moves, 2.0, 0.5, np.full(1, 2.0))
    assert [m.start_s for m in moves[1:]] == [1.0, 2.0]
    assert move_at(moves, 1.9) is moves[1]
    assert move_at(moves, -5.0) is moves[0]


def test_evaluated_moves_are_continuous_and_end_where_the_last_one_ends(rng: np.random.Generator) -> None:
    moves = [rest_at(np.zeros(2))]
    for start in (0.2, 0.5, 0.9, 2.5):
        append(moves, start, 0.6, rng.normal(size=2))
    times = np.arange(0, 4, 1e-3)
    motion = evaluate_moves(moves, times)
    assert np.abs(np.diff(motion, axis=0)).max() < 0.03
    np.testing.assert_allclose(motion[-1], moves[-1].evaluate(np.array([9.0]))[0])
    np.testing.assert_array_equal(motion[:200], 0.0)


def test_a_flattened_move_has_the_peak_measured_of_people_and_the_same_ends() -> None:
    way = np.ones(1)
    plain, flat = (continue_move(rest_at(np.zeros(1)), 0.0, 1.0, way, flatness=f * way) for f in (0.0, 8.0))
    times = np.linspace(0, 1, 2001)
    peaks = [np.gradient(m.evaluate(times)[:, 0], times).max() for m in (plain, flat)]
    np.testing.assert_allclose(peaks, [1.875, 1.625], atol=0.01)
    for order in range(3):
        np.testing.assert_allclose(flat.state_at(0.0)[order], plain.state_at(0.0)[order], atol=1e-9)
        np.testing.assert_allclose(flat.state_at(1.0)[order], plain.state_at(1.0)[order], atol=1e-9)


def test_a_move_may_end_at_a_speed_which_the_next_continues() -> None:
    first = continue_move(rest_at(np.zeros(1)), 0.0, 1.0, np.ones(1), speed=np.full(1, 0.3))
    assert first.state_at(1.0)[1] == pytest.approx(0.3)
    assert continue_move(first, 1.0, 0.5, np.ones(1)).state_at(1.0)[1] == pytest.approx(0.3)
