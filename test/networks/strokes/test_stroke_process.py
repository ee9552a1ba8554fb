"""Strokes are drawn by human laws: causal, in any chunks, by the seed, without beginning again after a reset."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spoken_cues import talk

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.strokes.channels import HANDS, RIGHT, WRIST
from speech_gesture_ros.networks.strokes.cues import SpeechCues
from speech_gesture_ros.networks.strokes.laws import PhraseLaws, ReachLaws, StrokeLaws
from speech_gesture_ros.networks.strokes.stroke_process import StrokeProcess

LONG_S = 120.0


def make(templates, seed: int = 0, look_ahead: int = 10, **controls) -> StrokeProcess:
    process = StrokeProcess(StrokeLaws(), templates, seed, look_ahead)
    process.set_controls(GestureControls(**controls))
    return process


def part(cues: SpeechCues, start: int, stop: int) -> SpeechCues:
    return SpeechCues(cues.voice[start:stop], cues.accent[start:stop], cues.level[start:stop])


def speeds(frames) -> np.ndarray:
    """(T, 2) wrist speeds relative to the chest."""
    return np.stack([np.linalg.norm(frames.velocity[:, hand][:, WRIST], axis=1) for hand in HANDS], axis=1)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.integers(0, 500), max_size=20), look_ahead=st.sampled_from([0, 10, 25]))
def test_any_chunking_gives_the_same_strokes(templates, cuts, look_ahead) -> None:
    detected = talk(20.0)
    whole = make(templates, look_ahead=look_ahead).push(detected)
    assert len(whole) == 500 - look_ahead
    process = make(templates, look_ahead=look_ahead)
    parts = [process.push(part(detected, a, b)) for a, b in pairwise([0, *sorted(cuts), 500])]
    np.testing.assert_array_equal(np.concatenate([p.state for p in parts]), whole.state)
    np.testing.assert_array_equal(np.concatenate([p.velocity for p in parts]), whole.velocity)


def test_later_speech_does_not_change_earlier_strokes(templates) -> None:
    detected, other = talk(20.0), talk(20.0, seed=9)
    mixed = SpeechCues(*(np.concatenate([getattr(detected, n)[:250], getattr(other, n)[250:]])
                      for n in ("voice", "accent", "level")))
    one, two = make(templates).push(detected), make(templates).push(mixed)
    np.testing.assert_array_equal(one.state[:240], two.state[:240])
    assert np.abs(one.state[260:] - two.state[260:]).max() > 0.05


def test_a_seed_reproduces_a_run_and_another_one_does_not(templates) -> None:
    one, again, other = (make(templates, seed).push(talk(20.0)) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.state, again.state)
    assert np.abs(one.state - other.state)[:, WRIST].mean() > 0.02


def test_a_reset_continues_the_draws_from_the_resting_pose(templates) -> None:
    process, detected = make(templates), talk(20.0)
    first = process.push(detected)
    process.reset()
    second = process.push(detected)
    np.testing.assert_array_equal(second.state[0, RIGHT][:3], first.state[0, RIGHT][:3])
    hands = [np.concatenate([f.state[:, hand][:, WRIST] for hand in HANDS], axis=1) for f in (first, second)]
    a, b = (h - h.mean(axis=0) for h in hands)
    assert abs(float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))) < 0.5


def test_different_voices_get_different_strokes_with_one_seed(templates) -> None:
    one, two = make(templates).push(talk(20.0)), make(templates).push(talk(20.0, seed=4))
    assert np.abs(one.state - two.state)[125:, WRIST].mean() > 0.02


def test_without_a_voice_the_hands_rest(templates) -> None:
    frames = make(templates).push(talk(20.0, voice=0.0))
    assert speeds(frames).max() < 1e-6


def test_at_activity_0_the_hands_rest(templates) -> None:
    assert speeds(make(templates, activity=0.0).push(talk(20.0))).max() < 1e-6


def test_more_activity_is_more_motion(templates) -> None:
    means = [speeds(make(templates, activity=a).push(talk(LONG_S))).mean() for a in (0.5, 1.0, 1.5)]
    assert 0.1 < means[0] < 0.8 * means[1]
    assert 1.1 * means[1] < means[2] < 1.0


def test_velocity_is_the_derivative_of_the_state(templates) -> None:
    frames = make(templates).push(talk(20.0))
    step = np.diff(frames.state.astype(np.float64), axis=0) * 25
    middle = 0.5 * (frames.velocity[1:] + frames.velocity[:-1])
    assert np.abs(step - middle).max() < 0.2 * np.abs(frames.velocity).max()


def test_strokes_overlap_and_phrases_are_held_or_end_at_rest(templates) -> None:
    fast = speeds(make(templates).push(talk(LONG_S))).max(axis=1)
    assert 0.2 < fast.mean() < 0.7
    assert (fast < 0.1).mean() > 0.05
    assert fast.max() < 5.0


def accents_met(templates, lock: float) -> float:
    """Share of the accents with a speed maximum within 0.1 s."""
    detected = talk(600.0)
    fast = speeds(make(templates, accent_lock=lock).push(detected)).max(axis=1)
    peaks = np.flatnonzero((fast[1:-1] > fast[:-2]) & (fast[1:-1] >= fast[2:]) & (fast[1:-1] > 0.25)) + 1
    accents = np.flatnonzero(detected.accent > 1)[:-1] - 2  # known three frames late, at the rise before its peak
    return float(np.mean([np.abs(peaks - a).min() <= 2 for a in accents]))


@pytest.mark.slow
def test_the_accent_lock_times_strokes_to_accents(templates) -> None:
    assert accents_met(templates, 1.0) > accents_met(templates, 0.0) + 0.05


def test_handedness_leads_with_one_hand(templates) -> None:
    left, right = (speeds(make(templates, handedness=h).push(talk(LONG_S))).mean(axis=0) for h in (-1.0, 1.0))
    assert left[0] > 1.5 * left[1]
    assert right[1] > 1.5 * right[0]


def test_styles_choose_families_and_unknown_ones_are_refused(templates) -> None:
    one_handed = speeds(make(templates, styles=(("open", 0.0),)).push(talk(LONG_S)))
    moving = one_handed.max(axis=1) > 0.4
    assert (one_handed.min(axis=1) > 0.5 * one_handed.max(axis=1))[moving].mean() < 0.35
    with pytest.raises(ConfigError, match="families of the model"):
        make(templates, styles=(("dance", 1.0),))
    with pytest.raises(ConfigError, match="weight above 0"):
        make(templates, styles=(("open", 0.0), ("beat", 0.0)))


@pytest.mark.parametrize("laws", [lambda: PhraseLaws(interval_s=0.0), lambda: PhraseLaws(pause=1.2),
                                  lambda: ReachLaws(length_m=-0.1), lambda: ReachLaws(hanging=2.0)])
def test_impossible_laws_are_refused(laws) -> None:
    with pytest.raises(ConfigError):
        laws()
