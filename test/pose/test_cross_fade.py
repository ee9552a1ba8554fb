from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import ActivityChunk, concatenate
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.pose.cross_fade import CrossFadeConfig, Fade, SpeechDemand
from speech_gesture_ros.pose.minimum_jerk import minimum_jerk

CONFIG = CrossFadeConfig()


def weight_of(activity, cuts=(), config=CONFIG):
    demand, fade = SpeechDemand(config), Fade(config)
    activity = np.asarray(activity, dtype=np.float32)
    edges = [0, *sorted(cuts), len(activity)]
    parts = [demand.push(ActivityChunk(a, activity[a:b])) for a, b in itertools.pairwise(edges)]
    return concatenate([fade.push(part) for part in [*parts, demand.flush()]]).values


def speech(start, stop, total=200):
    activity = np.zeros(total)
    activity[start:stop] = 1.0
    return activity


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=20), st.integers(0, 2**31))
def test_any_chunking_gives_the_same_bits(cuts, seed):
    activity = np.random.default_rng(seed).uniform(0, 1, 200)
    np.testing.assert_array_equal(weight_of(activity, cuts), weight_of(activity))


def test_one_weight_for_each_activity_frame_even_in_streams_shorter_than_the_anticipation():
    for count in (0, 1, 5, 6, 7, 30):
        assert len(weight_of(np.ones(count))) == count


def test_demand_has_exactly_the_declared_latency():
    demand = SpeechDemand(CONFIG)
    assert demand.latency_s == pytest.approx(0.24)
    assert len(demand.push(ActivityChunk(0, np.ones(6)))) == 0
    assert len(demand.push(ActivityChunk(6, np.ones(1)))) == 1


def test_hands_start_before_the_voice_by_the_anticipation():
    moving = np.flatnonzero(weight_of(speech(100, 150)) > 0)
    assert moving[0] == 100 - CONFIG.anticipation


def test_speech_is_fully_on_after_the_attack():
    weight = weight_of(speech(100, 150))
    on = 100 - CONFIG.anticipation + round(CONFIG.attack_s * 25) - 1
    np.testing.assert_allclose(weight[on:150], 1.0, atol=1e-12)


def test_hands_are_down_after_hangover_and_release_and_not_before():
    weight = weight_of(speech(50, 100))
    last_speech = 99
    np.testing.assert_allclose(weight[last_speech:last_speech + round(CONFIG.hangover_s * 25)], 1.0, atol=1e-12)
    down = last_speech + round(CONFIG.hangover_s * 25) + round(CONFIG.release_s * 25)
    np.testing.assert_allclose(weight[down:], 0.0, atol=1e-12)
    assert weight[down - 6] > 0.0


def test_a_short_pause_does_not_lower_the_hands():
    activity = speech(50, 150)
    activity[90:100] = 0.0
    np.testing.assert_allclose(weight_of(activity)[60:150], 1.0, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_the_weight_is_smooth_for_any_activity(seed):
    rng = np.random.default_rng(seed)
    activity = np.repeat(rng.integers(0, 2, 40), rng.integers(1, 25, 40)).astype(float)
    weight = weight_of(activity)
    assert weight.min() >= 0.0
    assert weight.max() <= 1.0
    # Bounds of the two kernels together: largest slope and largest change of slope of a minimum-jerk step.
    fast, slow = round(CONFIG.attack_s * 25), round(CONFIG.release_s * 25)
    assert np.abs(np.diff(weight)).max() <= 1.875 / fast + 1.875 / slow
    assert np.abs(np.diff(weight, 2)).max() <= 5.8 / fast**2 + 5.8 / slow**2 + 2 * 1.875**2 / fast / slow


def test_uncertain_activity_gives_a_partial_weight():
    assert weight_of(np.full(100, 0.3)).max() == 0.0
    assert 0.4 < weight_of(np.full(100, 0.5)).max() < 0.8
    assert weight_of(np.full(100, 0.7)).max() == pytest.approx(1.0)


def test_activity_that_is_not_a_number_is_silence():
    activity = speech(50, 60)
    activity[:20] = np.nan
    activity[150:] = -np.inf
    np.testing.assert_array_equal(weight_of(activity), weight_of(speech(50, 60)))


def test_minimum_jerk_goes_from_zero_to_one_and_is_flat_at_both_ends():
    np.testing.assert_allclose(minimum_jerk([-1, 0, 0.5, 1, 2]), [0, 0, 0.5, 1, 1])
    assert minimum_jerk(0.001) < 1e-8


def test_a_time_out_of_range_is_named():
    with pytest.raises(ConfigError, match=r"attack_s is 0.0, must be 0.12 to 3.0 s"):
        CrossFadeConfig(attack_s=0.0)
