"""Vectors of motion, and post-processing, against hand-computed cases."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.training.kucherenko.motion import resample, to_vectors
from speech_gesture_ros.training.kucherenko.post_processing import (
    centre_hips,
    moving_average,
    one_euro,
    post_process,
    savitzky_golay,
)


def random_walk(count: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(0).normal(0, 0.01, (count, 2, 3)), axis=0)


def test_a_vector_has_the_position_and_change_of_each_joint_in_cm() -> None:
    motion = np.zeros((3, 2, 3))
    motion[1, 1] = (0.01, 0.02, 0.03)
    motion[2, 1] = (0.01, 0.05, 0.03)
    vectors = to_vectors(motion, rate=20)
    np.testing.assert_allclose(vectors[0], 0)
    np.testing.assert_allclose(vectors[1, 6:], [1, 2, 3, 1, 2, 3])
    np.testing.assert_allclose(vectors[2, 6:], [1, 5, 3, 0, 3, 0], atol=1e-12)


def test_resampling_keeps_times() -> None:
    t = np.arange(51) / 25
    motion = np.sin(3 * t)[:, None, None] * np.ones((1, 2, 3))
    slower = resample(motion, 25, 20)
    assert len(slower) == 41
    np.testing.assert_allclose(slower[:, 0, 0], np.sin(3 * np.arange(41) / 20), atol=1e-4)


def test_hips_stay() -> None:
    motion = random_walk(10)
    centred = centre_hips(motion)
    np.testing.assert_array_equal(centred[:, 0], 0)
    np.testing.assert_allclose(centred[:, 1], motion[:, 1] - motion[:, 0])


def test_moving_average_by_hand() -> None:
    values = np.array([1.0, 2.0, 6.0, 3.0, 8.0, 10.0])[:, None, None] * np.ones((1, 1, 3))
    np.testing.assert_allclose(moving_average(values)[:, 0, 0], [1, 3, 4, 5.8, 7, 10])


def test_savitzky_golay_keeps_cubics() -> None:
    t = np.linspace(-1, 1, 30)
    cubic = (t**3 - t)[:, None, None] * np.ones((1, 1, 3))
    np.testing.assert_allclose(savitzky_golay(cubic), cubic, atol=1e-9)


def test_one_euro_by_hand() -> None:
    """Two frames 1 cm apart: the velocity is 20 cm/s, a share of which raises the cut-off."""
    motion = np.array([0.0, 0.01])[:, None, None] * np.ones((1, 1, 3))

    def share(cutoff: float) -> float:
        return 1 / (1 + 20 / (2 * np.pi * cutoff))

    expected = share(0.1 + 0.08 * share(1.0) * 20) * 0.01
    np.testing.assert_allclose(one_euro(motion)[1], expected)


def test_one_euro_removes_jitter_and_keeps_the_path() -> None:
    rng = np.random.default_rng(1)
    slow = 0.3 * np.sin(np.arange(200) / 20)[:, None, None] * np.ones((1, 1, 3))
    smooth = one_euro(slow + rng.normal(0, 0.003, slow.shape))
    assert np.abs(np.diff(smooth, 3, axis=0)).mean() < 0.4 * np.abs(
        np.diff(slow + rng.normal(0, 0.003, slow.shape), 3, axis=0)).mean()
    assert np.abs(smooth - slow).mean() < 0.03


def test_steps_are_applied_by_name() -> None:
    motion = random_walk(30)
    np.testing.assert_array_equal(post_process(motion, ("hips", "average")), moving_average(centre_hips(motion)))
    with pytest.raises(ConfigError, match="smooth"):
        post_process(motion, ("smooth",))
