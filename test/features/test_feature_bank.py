"""Sharing a feature set between models gives what separate stages give, bit for bit, and computes it once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk, concatenate
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.feature_bank import FeatureBank
from speech_gesture_ros.features.sets import FEATURE_SETS, make_feature_stage

NUM_SAMPLES = SAMPLE_RATE // 2
SAMPLES = (0.1 * np.random.default_rng(4).standard_normal(NUM_SAMPLES)).astype(np.float32)
SETS = tuple(FEATURE_SETS)


def separate(name: str, bounds: list[int]) -> FeatureChunk:
    stage = make_feature_stage(name)
    parts = [stage.push(AudioChunk(a, SAMPLES[a:b])) for a, b in itertools.pairwise(bounds)]
    return concatenate([*parts, stage.flush()])


def shared(bank: FeatureBank, bounds: list[int]) -> dict[str, FeatureChunk]:
    parts = [bank.push(AudioChunk(a, SAMPLES[a:b])) for a, b in itertools.pairwise(bounds)]
    parts.append(bank.flush())
    return {name: concatenate([part[name] for part in parts]) for name in parts[0]}


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, NUM_SAMPLES), max_size=12))
def test_shared_features_are_those_of_separate_stages_for_any_chunking(cuts: list[int]) -> None:
    found = shared(FeatureBank(SETS), [0, *sorted(cuts), NUM_SAMPLES])
    assert set(found) == set(SETS)
    for name in SETS:
        np.testing.assert_array_equal(found[name].values, separate(name, [0, NUM_SAMPLES]).values)
        assert found[name].start_index == 0


def test_a_set_of_two_models_is_computed_once() -> None:
    made = []
    bank = FeatureBank(["log_mel64", "prosodic_mel", "log_mel64"], lambda name: made.append(name) or
                       make_feature_stage(name))
    assert sorted(made) == ["log_mel64", "prosodic_mel"]
    assert set(bank.push(AudioChunk(0, SAMPLES))) == {"log_mel64", "prosodic_mel"}


def test_reset_equals_a_new_bank() -> None:
    bank = FeatureBank(SETS)
    bank.push(AudioChunk(0, SAMPLES[::-1][:3333]))
    bank.reset()
    found, new = shared(bank, [0, 777, NUM_SAMPLES]), shared(FeatureBank(SETS), [0, 777, NUM_SAMPLES])
    for name in SETS:
        np.testing.assert_array_equal(found[name].values, new[name].values)


def test_each_set_has_the_latency_of_its_stage() -> None:
    bank = FeatureBank(SETS)
    assert {name: bank.latency_s(name) for name in SETS} == {
        name: make_feature_stage(name).latency_s for name in SETS}


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(ConfigError, match="feature set is 'smell'"):
        FeatureBank(["smell"])
