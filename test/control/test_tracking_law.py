from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from speech_gesture_ros.control.governor import Governor
from speech_gesture_ros.control.interpolation import KnotTargetStage
from speech_gesture_ros.control.tracking_law import desired_jerk
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.robot.description import JointLimits

QUICK, SLOW = (JointLimits(*(np.full(5, x) for x in (-3.0, 3.0, *rest)))
               for rest in ((7.0, 80.0, 1600.0), (1.5, 15.0, 300.0)))
MIDDLE = 0.3 * np.sin(np.arange(400) / 30)[:, None] * np.ones(5)


def followed(frames: np.ndarray, limits: JointLimits) -> tuple[np.ndarray, np.ndarray]:
    """(K, 5) positions of joints that follow 25 Hz frames (T, 5), and those of their targets."""
    targets = KnotTargetStage().push(JointChunk(0, frames)).values
    governor = Governor(limits)
    governor.seed(targets[0, 0])
    done = []
    for target, after in pairwise(targets):
        governor.accept(governor.propose(target, after))
        done.append(governor.state[0])
    return np.array(done), targets[1:, 0]


@pytest.mark.parametrize(("hertz", "size", "limits"), [(6.0, 0.2, SLOW), (4.0, 0.4, SLOW), (8.0, 0.6, SLOW),
                                                       (8.0, 0.6, QUICK)])
def test_a_joint_does_not_drift_away_from_a_target_that_oscillates_faster_than_it_can(hertz, size, limits) -> None:
    done, targets = followed(MIDDLE + size * np.sin(2 * np.pi * hertz * np.arange(400) / 25)[:, None], limits)
    assert np.abs(done - targets).max() < 0.5  # 3 rad where feed-forward is not limited


@pytest.mark.parametrize(("size", "worst"), [(0.1, 0.5), (0.3, 1.0)])
def test_a_joint_does_not_drift_away_from_a_random_target(size: float, worst: float) -> None:
    done, targets = followed(MIDDLE + np.random.default_rng(0).normal(0, size, MIDDLE.shape), SLOW)
    assert np.abs(done - targets).max() < worst


def test_a_slow_oscillation_is_followed_exactly() -> None:
    done, targets = followed(0.4 * np.sin(2 * np.pi * 0.8 * np.arange(200) / 25)[:, None] * np.ones(5), QUICK)
    assert np.abs(done - targets)[100:].max() < 1e-6


def test_the_desired_jerk_is_within_its_limit_and_nan_for_an_unknown_target() -> None:
    rng = np.random.default_rng(0)
    limits = JointLimits(*(np.full(50, x) for x in (-3.0, 3.0, 7.0, 80.0, 1600.0)))
    for scale in (0.1, 10.0, 1e6, 1e300):
        state, target, after = rng.normal(0, scale, (3, 3, 50))
        assert np.nanmax(np.abs(desired_jerk(state, target, after, limits.velocity, limits))) <= 1600.0
    target[0, 3] = np.nan
    assert np.isnan(desired_jerk(state, target, after, limits.velocity, limits)[3])
