import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.mixdown import Mixdown
from speech_gesture_ros.audio.pcm import PcmFormat

RATE = 16_000
VOICE = (0.3 * np.sin(np.arange(2 * RATE) * 0.05) * np.sin(np.arange(2 * RATE) * 0.0004)).astype(np.float32)
NOISE = np.random.default_rng(0).normal(0.0, 0.1, (2 * RATE, 4)).astype(np.float32)


def mixed(*channels: np.ndarray) -> np.ndarray:
    return np.asarray(Mixdown(RATE, len(channels)).push(np.stack(channels, axis=1)))


@pytest.mark.parametrize("channels", [
    (VOICE, VOICE), (VOICE, 0 * VOICE), (VOICE, 0 * VOICE, 0 * VOICE, 0 * VOICE), (NOISE[:, 0], NOISE[:, 1]),
    (VOICE, 0.3 * np.roll(VOICE, 8)), tuple(NOISE.T),
], ids=["same", "one silent", "three silent", "independent", "delayed", "four independent"])
def test_the_mean_of_usual_channels_is_kept(channels: tuple[np.ndarray, ...]) -> None:
    np.testing.assert_allclose(mixed(*channels), np.mean(channels, axis=0), atol=1e-7)


@pytest.mark.parametrize("channels", [
    (VOICE, -VOICE), (VOICE, -0.9 * VOICE), (VOICE + 0.01 * NOISE[:, 0], -VOICE), (VOICE, -VOICE, VOICE, -VOICE),
], ids=["opposite", "nearly as loud", "with noise", "two pairs"])
def test_the_loudest_of_channels_that_cancel_is_used(channels: tuple[np.ndarray, ...]) -> None:
    late = slice(RATE // 10, None)  # after the first decisions
    np.testing.assert_allclose(mixed(*channels)[late], channels[0][late], atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=20))
def test_any_chunks_give_the_same_samples_bit_for_bit(cuts: list[int]) -> None:
    frames = np.stack([VOICE, -VOICE], axis=1)[8000:11000]
    frames[1500:, 1] *= -1
    bounds = [0, *sorted(cuts), len(frames)]
    mixdown = Mixdown(RATE, 2)
    parts = [mixdown.push(frames[a:b]) for a, b in itertools.pairwise(bounds)]
    np.testing.assert_array_equal(np.concatenate(parts), Mixdown(RATE, 2).push(frames))


def test_the_mean_returns_when_the_polarity_is_corrected() -> None:
    mixdown = Mixdown(RATE, 2)
    mixdown.push(np.stack([VOICE, -VOICE], axis=1))
    mixdown.push(np.stack([VOICE, 0.5 * VOICE], axis=1))
    np.testing.assert_allclose(mixdown.push(np.stack([VOICE, 0.5 * VOICE], axis=1)), 0.75 * VOICE, atol=1e-7)


def test_the_choice_does_not_click() -> None:
    steps = np.abs(np.diff(mixed(VOICE, -VOICE)))
    assert steps.max() < 1.5 * np.abs(np.diff(VOICE)).max()


def test_the_stage_counts_the_time_of_the_loudest_channel() -> None:
    stage = AudioStage(PcmFormat(RATE, 2, "f32le"))
    mono = stage.push(np.stack([VOICE, -VOICE], axis=1)).values
    assert stage.report.cancelled_s == pytest.approx(2.0, abs=0.1)
    assert np.sqrt(np.mean(mono**2)) == pytest.approx(np.sqrt(np.mean(VOICE**2)), rel=0.02)
