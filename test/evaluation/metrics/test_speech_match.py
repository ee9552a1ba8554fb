"""Speech matcher: high accuracy for motion that follows the sound, chance for other motion."""

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.metrics.speech_match import (
    SpeechMatcher,
    lagged,
    motion_features,
    sound_features,
    speech_match,
)


def made_up(rng: np.random.Generator, seconds: float = 40.0, follows: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Smooth sound features, and motion features that follow the first one by 0.2 s, to a given degree."""
    count = int(seconds * 25)
    kernel = np.hanning(25) / np.hanning(25).sum()
    sound = np.stack([np.convolve(rng.normal(size=count), kernel, "same") for _ in range(4)], axis=1)
    noise = np.stack([np.convolve(rng.normal(size=count), kernel, "same") for _ in range(5)], axis=1)
    motion = (1 - follows) * noise
    motion[:, :3] += follows * np.roll(sound[:, :1], 5, axis=0)
    return sound, motion


@pytest.fixture(scope="module")
def matcher() -> SpeechMatcher:
    rng = np.random.default_rng(0)
    return SpeechMatcher.fit([made_up(rng, follows=0.7) for _ in range(6)])


def test_motion_that_follows_is_matched_and_shuffled_motion_is_not(matcher) -> None:
    rng = np.random.default_rng(1)
    pairs = [made_up(rng, follows=0.7) for _ in range(8)]
    sounds, motions = [p[0] for p in pairs], [p[1] for p in pairs]
    right = speech_match(matcher, sounds, motions)
    wrong = speech_match(matcher, sounds, motions[3:] + motions[:3],
                         sources=[3, 4, 5, 6, 7, 0, 1, 2])
    assert right.accuracy > 0.95
    assert right.low > 0.9
    assert right.windows == 8 * 9  # 40 s in windows of 8 s, half over the next
    assert wrong.accuracy == pytest.approx(0.5, abs=0.15)
    assert wrong.low < 0.5 < wrong.high


def test_a_body_that_stands_still_has_an_accuracy_of_one_half(matcher) -> None:
    sounds = [made_up(np.random.default_rng(k))[0] for k in range(4)]
    result = speech_match(matcher, sounds, [np.zeros((1000, 5))] * 4)
    assert (result.accuracy, result.low, result.high) == (0.5, 0.5, 0.5)


def test_a_matcher_of_unrelated_pairs_has_chance_accuracy() -> None:
    rng = np.random.default_rng(2)
    unrelated = SpeechMatcher.fit([made_up(rng, follows=0.0) for _ in range(20)])
    assert unrelated.correlations[0] < 0.4
    pairs = [made_up(rng, follows=0.0) for _ in range(8)]
    result = speech_match(unrelated, [p[0] for p in pairs], [p[1] for p in pairs])
    assert result.accuracy == pytest.approx(0.5, abs=0.15)


def test_one_clip_has_no_wrong_sound(matcher) -> None:
    sound, motion = made_up(np.random.default_rng(3))
    result = speech_match(matcher, [sound], [motion])
    assert np.isnan(result.accuracy)
    assert result.windows == 0


def test_less_than_a_minute_is_refused() -> None:
    with pytest.raises(InputError, match="speech matcher"):
        SpeechMatcher.fit([made_up(np.random.default_rng(0), seconds=20.0)])


def test_lagged_rows_repeat_the_ends() -> None:
    rows = np.arange(3.0)[:, None]
    assert lagged(rows, np.array([-1, 0, 1])).tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 2]]


def test_features_of_sound_and_motion_have_one_row_a_frame() -> None:
    rng = np.random.default_rng(0)
    tone = 0.3 * np.sin(2 * np.pi * 150 * np.arange(32000) / 16000) * (np.arange(32000) > 16000)
    sound = sound_features(tone + 1e-4 * rng.normal(size=32000))
    assert sound.shape == (50, 4)
    assert sound[35:45, 0].min() > sound[5:15, 0].max() + 0.3  # louder in the second half
    assert sound[35:45, 2].min() > 0.9  # and voiced
    skeleton = load_skeleton()
    still = np.broadcast_to(skeleton.rest_xyz, (50, 17, 3)).copy()
    moving = still.copy()
    moving[:, skeleton.index["left_wrist"], 0] += np.arange(50) / 25 * 0.4
    assert np.abs(motion_features(still, skeleton)).max() < 1e-9
    assert motion_features(moving, skeleton)[10:40, 0] == pytest.approx(0.4, abs=1e-3)
