"""The code process is a function of its seed, for any chunking."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess, CodeSampler

PROCESS = CodeProcess(tuple("abcdefgh"), segment_s=(1.2, 3.0))


def columns(parts: list[CodeFrames]) -> list[np.ndarray]:
    return [np.concatenate(c) for c in zip(*((p.code, p.next_code, p.phase, p.remaining) for p in parts))]


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(0, 60), max_size=20), seed=st.integers(-5, 2**40))
def test_any_chunking_draws_the_same_codes(counts: list[int], seed: int) -> None:
    whole, cut = CodeSampler(PROCESS, seed), CodeSampler(PROCESS, seed)
    for a, b in zip(columns([whole.take(sum(counts))]), columns([cut.take(0), *(cut.take(n) for n in counts)])):
        np.testing.assert_array_equal(a, b)


def test_segments_follow_each_other_as_announced() -> None:
    frames = CodeSampler(PROCESS, 1).take(5000)
    borders = np.flatnonzero(np.diff(frames.phase) < 0)
    lengths = np.diff(borders)
    assert lengths.min() >= 30
    assert lengths.max() <= 75
    assert len(set(lengths)) > 20, "the lengths are too regular"
    np.testing.assert_array_equal(frames.code[borders + 1], frames.next_code[borders])
    np.testing.assert_array_equal(frames.phase[borders + 1], 0.0)
    np.testing.assert_allclose(frames.remaining[borders], 0.04)
    assert not np.any(frames.code[borders] // 2 == frames.next_code[borders] // 2), "a code followed its mirror image"


def test_codes_are_drawn_equally_often_or_as_weighted() -> None:
    even = np.bincount(CodeSampler(PROCESS, 2).take(60_000).code, minlength=8) / 60_000
    assert even.min() > 0.09
    assert even.max() < 0.16
    weighted = CodeSampler(dataclasses.replace(PROCESS, frequencies=(4, 1, 0, 1, 1, 1, 1, 1)), 2).take(60_000).code
    share = np.bincount(weighted, minlength=8) / 60_000
    assert share[2] == 0.0
    assert share[0] > 2 * share[1]


def test_one_allowed_code_is_repeated() -> None:
    process = dataclasses.replace(PROCESS, frequencies=(0, 0, 0, 1, 0, 0, 0, 0))
    assert set(CodeSampler(process, 0).take(500).code) == {3}


def test_the_stream_starts_inside_a_segment() -> None:
    phases = [float(CodeSampler(PROCESS, seed).take(1).phase[0]) for seed in range(40)]
    assert max(phases) > 0.7
    assert min(phases) < 0.2


@pytest.mark.parametrize("frequencies", [(1,) * 7, (0,) * 8, (-1,) * 8], ids=["too few", "all zero", "negative"])
def test_invalid_frequencies_are_refused(frequencies: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"frequencies is .*must be 8 values >= 0"):
        dataclasses.replace(PROCESS, frequencies=frequencies)


def test_an_invalid_process_is_refused() -> None:
    with pytest.raises(ConfigError, match="number of mirrored codes is 5, must be even"):
        CodeProcess(tuple("abcde"))
    with pytest.raises(ConfigError, match="segment_s"):
        CodeProcess(tuple("abcd"), segment_s=(3.0, 1.0))
