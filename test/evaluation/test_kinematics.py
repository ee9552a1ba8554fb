import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.kinematics import (
    derivative,
    find_apexes,
    find_strokes,
    low_pass,
    pauses,
    rest_share,
    two_handed_share,
    wrist_speeds,
    wrists,
)

RATE = 25.0


def bell(num: int, middle_s: float, duration_s: float, distance_m: float) -> np.ndarray:
    """(T,) position of a minimum-jerk movement."""
    s = np.clip((np.arange(num) / RATE - middle_s) / duration_s + 0.5, 0, 1)
    return distance_m * s**3 * (10 - 15 * s + 6 * s**2)


def hands(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(T, 2, 3) wrists that move along x."""
    out = np.zeros((len(left), 2, 3))
    out[:, 0, 0], out[:, 1, 0] = left, right
    return out


def test_low_pass_keeps_slow_motion_in_place_and_drops_fast_motion() -> None:
    t = np.arange(250) / RATE
    slow, fast = np.sin(2 * np.pi * t), np.sin(2 * np.pi * 11.0 * t)
    np.testing.assert_allclose(low_pass(slow)[25:-25], slow[25:-25], atol=2e-3)
    assert np.abs(low_pass(fast)[25:-25]).max() < 0.03


def test_low_pass_halves_the_power_at_its_cutoff_both_ways() -> None:
    t = np.arange(1000) / RATE
    out = low_pass(np.sin(2 * np.pi * 6.0 * t))[200:-200]
    assert out.std() * np.sqrt(2) == pytest.approx(0.5, abs=0.02)  # each way 1/sqrt(2)


def test_derivatives_of_a_parabola_are_exact() -> None:
    t = np.arange(100) / RATE
    motion = np.stack([3 * t**2, 0 * t, 0 * t], axis=1)
    np.testing.assert_allclose(derivative(motion, 1)[20:-20, 0], 6 * t[20:-20], atol=0.02)
    np.testing.assert_allclose(derivative(motion, 2)[30:-30, 0], 6.0, atol=0.05)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_motion_that_is_not_finite_is_refused(value: float) -> None:
    motion = np.zeros((50, 2, 3))
    motion[7] = value
    with pytest.raises(InputError, match="finite"):
        wrist_speeds(motion)


def test_too_short_a_motion_is_refused() -> None:
    with pytest.raises(InputError, match="at least 3"):
        low_pass(np.zeros((2, 3)))


def test_the_apex_of_a_bell_is_its_middle_with_its_peak_speed() -> None:
    speeds = wrist_speeds(hands(bell(100, 2.013, 0.6, 0.3), np.zeros(100)))
    apexes = find_apexes(speeds)
    assert apexes.times_s == pytest.approx([2.013], abs=0.004)
    assert apexes.speeds == pytest.approx([1.875 * 0.3 / 0.6], rel=0.04)
    assert apexes.hands.tolist() == [0]


def test_hands_that_move_together_have_one_apex_at_the_time_of_the_faster() -> None:
    left, right = bell(100, 2.0, 0.6, 0.2), bell(100, 2.1, 0.6, 0.3)
    apexes = find_apexes(wrist_speeds(hands(left, right)))
    assert len(apexes) == 1
    assert apexes.hands.tolist() == [1]
    assert apexes.times_s == pytest.approx([2.1], abs=0.01)


def test_hands_that_move_in_turn_have_two_apexes() -> None:
    apexes = find_apexes(wrist_speeds(hands(bell(150, 2.0, 0.6, 0.2), bell(150, 3.0, 0.6, 0.2))))
    assert apexes.hands.tolist() == [0, 1]


def test_slow_movements_have_no_apex() -> None:
    slow = bell(100, 2.0, 2.0, 0.2)  # peak 0.19 m/s
    assert len(find_apexes(wrist_speeds(hands(slow, slow)))) == 0


def test_a_stroke_is_as_long_as_the_movement() -> None:
    strokes = find_strokes(wrist_speeds(hands(bell(100, 2.0, 0.8, 0.3), np.zeros(100))))
    assert len(strokes) == 1
    # A bell is above 15 % of its peak for 0.78 of its time and 0.97 of its path.
    assert strokes.durations_s[0] == pytest.approx(0.64, abs=0.06)
    assert strokes.paths_m[0] == pytest.approx(0.29, abs=0.02)
    assert strokes.peaks[0] == pytest.approx(1.875 * 0.3 / 0.8, rel=0.03)


def test_strokes_that_follow_each_other_meet_in_the_minimum() -> None:
    chain = bell(100, 1.5, 0.8, 0.3) + bell(100, 2.1, 0.8, 0.3)
    strokes = find_strokes(wrist_speeds(hands(chain, np.zeros(100))))
    assert len(strokes) == 2
    assert strokes.paths_m.sum() == pytest.approx(0.6, abs=0.05)


def test_pauses_are_gaps_long_enough() -> None:
    speech = np.ones(50, dtype=bool)
    speech[10:14] = False  # 0.16 s
    speech[20:30] = False  # 0.4 s
    np.testing.assert_array_equal(np.flatnonzero(pauses(speech)), np.arange(20, 30))


def test_shares_of_rest_and_of_two_hands() -> None:
    speeds = np.array([[0.05, 0.05], [0.05, 0.5], [0.4, 0.5], [0.2, 0.2]])
    assert rest_share(speeds) == 0.25
    assert two_handed_share(speeds) == 0.5
    assert np.isnan(two_handed_share(np.zeros((3, 2))))


def test_wrists_are_left_then_right() -> None:
    skeleton = load_skeleton()
    assert wrists(skeleton.rest_xyz[None], skeleton)[0, :, 1] == pytest.approx([0.18, -0.18])
