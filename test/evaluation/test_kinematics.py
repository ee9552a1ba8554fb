import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.kinematics import (
    apex_timing,
    derivative,
    find_apexes,
    find_strokes,
    gesture_space,
    low_pass,
    magnitude_p95,
    mean_speed,
    near_share,
    nearest_offsets,
    pauses,
    rest_share,
    strokes_per_minute,
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
def test_a_motion_with_holes_is_refused(value: float) -> None:
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


def test_hands_that_move_together_count_once_and_the_faster_gives_the_time() -> None:
    left, right = bell(100, 2.0, 0.6, 0.2), bell(100, 2.1, 0.6, 0.3)
    apexes = find_apexes(wrist_speeds(hands(left, right)))
    assert len(apexes) == 1
    assert apexes.hands.tolist() == [1]
    assert apexes.times_s == pytest.approx([2.1], abs=0.01)


def test_hands_that_move_in_turn_count_twice() -> None:
    apexes = find_apexes(wrist_speeds(hands(bell(150, 2.0, 0.6, 0.2), bell(150, 3.0, 0.6, 0.2))))
    assert apexes.hands.tolist() == [0, 1]


def test_slow_movements_have_no_apex() -> None:
    slow = bell(100, 2.0, 2.0, 0.2)  # peak 0.19 m/s
    assert len(find_apexes(wrist_speeds(hands(slow, slow)))) == 0


def test_a_stroke_is_as_long_as_the_movement() -> None:
    strokes = find_strokes(wrist_speeds(hands(bell(100, 2.0, 0.8, 0.3), np.zeros(100))))
    assert len(strokes) == 1
    # A bell is above 15 % of its peak for 0.78 of its time and 0.97 of its way.
    assert strokes.durations_s[0] == pytest.approx(0.64, abs=0.06)
    assert strokes.paths_m[0] == pytest.approx(0.29, abs=0.02)
    assert strokes.peaks[0] == pytest.approx(1.875 * 0.3 / 0.8, rel=0.03)


def test_strokes_that_follow_each_other_meet_in_the_minimum() -> None:
    chain = bell(100, 1.5, 0.8, 0.3) + bell(100, 2.1, 0.8, 0.3)
    strokes = find_strokes(wrist_speeds(hands(chain, np.zeros(100))))
    assert len(strokes) == 2
    assert strokes.paths_m.sum() == pytest.approx(0.6, abs=0.05)


def test_offsets_are_signed_distances_to_the_nearest_event() -> None:
    offsets = nearest_offsets(np.array([0.9, 1.2, 4.0]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(offsets, [-0.1, 0.2, 2.0])
    assert near_share(np.array([-0.05, 0.099, 0.2, -0.3])) == 0.5


def test_nothing_to_compare_has_no_share() -> None:
    assert np.isnan(near_share(np.zeros(0)))
    assert np.isnan(apex_timing(np.zeros(0), np.array([1.0]), 60.0).share)


def test_the_shifted_control_of_locked_apexes_is_chance() -> None:
    rng = np.random.default_rng(0)
    accents = np.sort(rng.uniform(0, 300, 300))
    timing = apex_timing(accents + rng.normal(-0.02, 0.02, 300), accents, 300.0, draws=200)
    assert timing.share > 0.98
    # Chance that one of 300 random events in 300 s lies within 0.1 s: 1 - exp(-0.2).
    assert timing.shifted_share == pytest.approx(1 - np.exp(-0.2), abs=0.03)
    assert timing.shifted_p95 > timing.shifted_share
    assert timing.offset_median_s == pytest.approx(-0.02, abs=0.005)


def test_a_short_recording_has_no_shifted_control() -> None:
    timing = apex_timing(np.array([1.0]), np.array([1.05]), 8.0)
    assert timing.share == 1.0
    assert np.isnan(timing.shifted_share)


def test_strokes_are_counted_where_asked() -> None:
    during = np.zeros(1500, dtype=bool)
    during[:750] = True
    assert strokes_per_minute(np.array([1.0, 2.0, 40.0]), during) == pytest.approx(4.0)
    assert np.isnan(strokes_per_minute(np.array([1.0]), np.zeros(100, dtype=bool)))


def test_pauses_are_gaps_long_enough() -> None:
    speech = np.ones(50, dtype=bool)
    speech[10:14] = False  # 0.16 s
    speech[20:30] = False  # 0.4 s
    np.testing.assert_array_equal(np.flatnonzero(pauses(speech)), np.arange(20, 30))


def test_mean_speed_is_taken_over_both_hands_and_the_frames_marked() -> None:
    speeds = np.array([[0.1, 0.3], [1.0, 1.0]])
    assert mean_speed(speeds, np.array([True, False])) == pytest.approx(0.2)
    assert np.isnan(mean_speed(speeds, np.array([False, False])))


def test_shares_of_rest_and_of_two_hands() -> None:
    speeds = np.array([[0.05, 0.05], [0.05, 0.5], [0.4, 0.5], [0.2, 0.2]])
    assert rest_share(speeds) == 0.25
    assert two_handed_share(speeds) == 0.5
    assert np.isnan(two_handed_share(np.zeros((3, 2))))


def test_acceleration_of_a_circle() -> None:
    t = np.arange(500) / RATE
    circle = np.stack([0.1 * np.cos(2 * np.pi * t), 0.1 * np.sin(2 * np.pi * t), 0 * t], axis=1)
    assert magnitude_p95(np.stack([circle, circle], axis=1), 2) == pytest.approx(0.1 * (2 * np.pi) ** 2, rel=0.05)


def test_space_is_measured_from_the_own_shoulder_in_arm_lengths_whatever_the_heading() -> None:
    skeleton = load_skeleton()
    xyz = np.repeat(skeleton.rest_xyz[None], 5, axis=0)
    xyz[:, skeleton.index["left_wrist"]] = xyz[:, skeleton.index["left_shoulder"]] + [0.265, 0.053, -0.106]
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for motion in (xyz, xyz @ turn.T):
        np.testing.assert_allclose(gesture_space(motion, skeleton)[0], [[0.5, 0.1, -0.2]] * 3, atol=1e-6)
        np.testing.assert_allclose(gesture_space(motion, skeleton)[1], [[0.0, 0.0, -1.0]] * 3, atol=1e-6)


def test_wrists_are_left_then_right() -> None:
    skeleton = load_skeleton()
    assert wrists(skeleton.rest_xyz[None], skeleton)[0, :, 1] == pytest.approx([0.18, -0.18])
