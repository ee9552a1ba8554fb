"""Strokes that overlap add up, smoothly, and are forgotten when they have ended."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.networks.strokes.superposition import Superposition


def test_a_stroke_is_the_minimum_jerk_curve() -> None:
    curves = Superposition(np.zeros(2))
    curves.add(1.0, 0.5, np.array([0.2, -0.4]))
    np.testing.assert_array_equal(curves.at(1.0)[0], 0.0)
    state, velocity = curves.at(1.25)
    np.testing.assert_allclose(state, [0.1, -0.2])
    np.testing.assert_allclose(velocity, 1.875 * np.array([0.2, -0.4]) / 0.5)
    np.testing.assert_allclose(curves.at(1.5)[0], [0.2, -0.4])


def test_overlapping_strokes_add_up_and_carry_speed_over() -> None:
    curves = Superposition(np.ones(1))
    curves.add(0.0, 0.6, np.array([0.3]))
    curves.add(0.3, 0.6, np.array([0.2]))
    np.testing.assert_allclose(curves.goal, [1.5])
    assert curves.at(0.45)[1][0] > 0.4
    np.testing.assert_allclose(curves.at(2.0), ([1.5], [0.0]))


def test_ended_strokes_are_forgotten() -> None:
    curves = Superposition(np.zeros(1))
    for k in range(100):
        curves.add(0.1 * k, 0.3, np.array([0.01]))
        curves.at(0.1 * k)
    assert len(curves.onsets_s) <= 4
    np.testing.assert_allclose(curves.goal, [1.0])
