import numpy as np
import pytest

from speech_gesture_ros.evaluation.accents import ACCENT_THRESHOLD
from speech_gesture_ros.evaluation.acceptance.comparisons import largest_step, mean_distance, phase_depth, speeds_at

RNG = np.random.default_rng(0)
MOTION = RNG.normal(size=(80, 2, 3)).cumsum(axis=0)


def test_mean_distance_is_in_metres() -> None:
    assert mean_distance(MOTION, MOTION + np.array([0.03, 0.04, 0.0])) == pytest.approx(0.05)


def test_phase_depth_is_that_of_the_speed_and_0_without_dependence() -> None:
    phase = np.tile(np.arange(40) / 40, 50)
    periodic = np.repeat((1 + 0.5 * np.sin(2 * np.pi * phase))[:, None], 2, axis=1)
    means = [periodic[(phase * 8).astype(int) == b].mean() for b in range(8)]
    assert phase_depth([periodic], [phase]) == pytest.approx(np.std(means))
    assert phase_depth([np.ones((2000, 2))], [phase]) == pytest.approx(0.0)


def test_a_step_at_a_prominence_is_found() -> None:
    prominence = ACCENT_THRESHOLD + np.linspace(0.0, 0.999, 500)
    assert largest_step(np.ones(500), prominence) == pytest.approx(0.0)
    jump = np.where(prominence < ACCENT_THRESHOLD + 0.4, 0.0, 1.0)
    assert largest_step(jump, prominence) == pytest.approx(1.0 / jump.mean())
    assert np.isnan(largest_step(np.ones(5), prominence[:5]))


def test_the_speed_at_a_time_is_the_largest_around_it() -> None:
    speeds = np.zeros((100, 2))
    speeds[52, 1] = 0.7
    speeds[70, 0] = 0.9
    np.testing.assert_allclose(speeds_at(speeds, np.array([2.0, 2.8, 3.9])), [0.7, 0.9, 0.0])
