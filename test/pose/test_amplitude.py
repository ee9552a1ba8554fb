"""Amplitude of the arms: proportional, without a jump, with unchanged bone lengths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import ActivityChunk, PoseChunk, concatenate
from speech_gesture_ros.core.controls import GestureControls, parse_styles
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.amplitude import MAX_EXTRA_RAD, Amplitude
from speech_gesture_ros.pose.performance_stage import PerformanceStage

SKELETON = load_skeleton()
ARM = [SKELETON.index[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist", "hand", "thumb")]
REST = np.repeat(SKELETON.rest_xyz[None], 200, axis=0)


def angles(resting: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """(T, K) between the arms' bones [rad]."""
    a, b = (SKELETON.bones_from_xyz(pose)[:, ARM] for pose in (resting, moving))
    cosine = np.einsum("tkc,tkc->tk", a, b) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return np.arccos(np.clip(cosine, -1, 1))


def scaled(moving: np.ndarray, **controls: float) -> np.ndarray:
    amplitude = Amplitude(SKELETON)
    amplitude.set_controls(GestureControls(**controls))
    amplitude.reset()
    return amplitude.push(REST, moving)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.8])
def test_every_bone_turns_by_that_share(talking, share):
    np.testing.assert_allclose(angles(REST, scaled(talking, amplitude=share)), share * angles(REST, talking), atol=1e-6)


def test_beyond_one_small_turns_grow_in_proportion_and_large_ones_by_a_little(talking):
    before, after = angles(REST, talking), angles(REST, scaled(talking, amplitude=1.5))
    small = before < 0.1
    np.testing.assert_allclose(after[small], 1.5 * before[small], rtol=0.02)
    assert (after >= before - 1e-6).all()
    assert (after - before).max() < MAX_EXTRA_RAD


@pytest.mark.parametrize("share", [0.0, 0.5, 1.5])
def test_bones_keep_their_lengths_and_the_rest_of_the_body_its_directions(talking, share):
    before, after = (SKELETON.bones_from_xyz(pose) for pose in (talking, scaled(talking, amplitude=share)))
    np.testing.assert_allclose(np.linalg.norm(after, axis=-1), np.linalg.norm(before, axis=-1), atol=1e-9)
    others = [i for i in range(len(SKELETON)) if i not in ARM]
    np.testing.assert_allclose(after[:, others], before[:, others], atol=1e-12)


def test_share_one_changes_nothing(talking):
    assert scaled(talking) is talking


def test_without_activity_the_hands_of_every_model_rest(talking):
    np.testing.assert_allclose(angles(REST, scaled(talking, activity=0.0)), 0.0, atol=1e-6)
    assert scaled(talking, activity=0.5) is talking, "the model itself applies this activity"


def perform(talking: np.ndarray, changes: dict[int, float], cuts: tuple[int, ...] = ()) -> np.ndarray:
    """Output of the performance stage with amplitudes that are set before the given frames are returned."""
    stage, out = PerformanceStage(SKELETON, seed=3, anticipation_s=0.0), []
    edges = sorted({0, 200, *cuts, *changes})
    for start, stop in itertools.pairwise(edges):
        if start in changes:
            stage.set_controls(GestureControls(amplitude=changes[start]))
        out.append(stage.push(PoseChunk(start, talking[start:stop]), ActivityChunk(start, np.ones(stop - start))))
    return concatenate([*out, stage.flush()]).values


def test_a_change_is_tied_to_its_frame_for_any_chunking(talking):
    changes = {60: 0.4, 70: 1.3, 150: 0.0}
    whole = perform(talking, changes)
    np.testing.assert_allclose(perform(talking, changes, (3, 64, 65, 66, 149, 180)), whole, atol=1e-6)
    np.testing.assert_allclose(whole[:60], perform(talking, {})[:60], atol=1e-6)
    assert np.abs(whole[85:150] - perform(talking, {})[85:150]).max() > 0.01


def test_a_change_does_not_jump(talking):
    still = np.repeat(talking[20:21], 200, axis=0)
    calm = perform(still, {})
    changed = perform(still, {60: 0.0, 64: 1.5, 70: 0.0})
    speed = np.linalg.norm(np.diff(changed - calm, axis=0), axis=-1) * 25
    assert 0.1 < speed.max() < 1.5
    assert np.abs(np.diff(speed, axis=0)).max() * 25 < 12.0, "no more acceleration than a gesture [m/s^2]"


def test_reset_keeps_the_controls(talking):
    stage = PerformanceStage(SKELETON, seed=3)
    stage.set_controls(GestureControls(amplitude=0.0))
    stage.reset()
    out = concatenate([stage.push(PoseChunk(0, talking), ActivityChunk(0, np.ones(200))), stage.flush()])
    idle = PerformanceStage(SKELETON, seed=3)
    rest = concatenate([idle.push(PoseChunk(0, talking), ActivityChunk(0, np.zeros(200))), idle.flush()])
    assert angles(rest.values, out.values).max() < 1e-3


def test_styles_are_written_as_family_and_weight():
    assert parse_styles("") == ()
    assert parse_styles(" beat:1, open:0.5 ,") == (("beat", 1.0), ("open", 0.5))


@pytest.mark.parametrize("text", ["beat", "beat:", ":1", "beat:x", "beat:-1", "beat:nan", "beat:inf", "beat:1,beat:2"])
def test_invalid_styles_are_refused(text):
    with pytest.raises(ConfigError, match="styles"):
        parse_styles(text)
