"""Tracks of composed motion: sound and motion on one grid, in every augmented version."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import LEAD_S
from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.training.speech_to_motion.composed_tracks import (
    MIN_TRACK_S,
    make_non_speech_track,
    make_track,
)
from speech_gesture_ros.training.speech_to_motion.run_config import CorpusConfig
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack, accent_track

CORPUS = CorpusConfig(held_out_speakers=(), motions=2, augmented_versions=2)


@pytest.fixture(scope="module")
def spoken() -> TrainingTrack:
    rng = np.random.default_rng(0)
    time = np.arange(5 * 16_000) / 16_000
    loud = np.clip(np.sin(2 * np.pi * 2.1 * time), 0, 1)
    buzz = sum(np.sin(2 * np.pi * 130 * k * time) / k for k in range(1, 30))
    sound = (0.1 * loud * buzz + 1e-4 * rng.standard_normal(len(time))).astype(np.float32)
    return make_track(sound, "someone", CORPUS, [], np.random.default_rng(1))


def test_sound_and_motion_share_one_grid(spoken: TrainingTrack) -> None:
    count = len(spoken)
    assert count == round(MIN_TRACK_S * 25)
    assert spoken.features.shape == (3, 4 * count, len(FEATURE_NAMES))
    assert spoken.joint_xyz.shape == (2, count, 17, 3)
    assert spoken.code.shape == spoken.phase.shape == spoken.remaining.shape == (2, count)


def test_speech_starts_after_the_leading_silence(spoken: TrainingTrack) -> None:
    frames = np.flatnonzero(spoken.speech)
    assert LEAD_S * 25 - 3 <= frames[0] <= LEAD_S * 25 + 15
    assert frames[-1] <= (LEAD_S + 5) * 25 + 10
    energy = spoken.features[0, :, FEATURE_NAMES.index("energy")].astype(np.float32)
    assert energy[100:600].mean() > energy[700:].mean() + 0.5


def test_motions_have_different_codes(spoken: TrainingTrack) -> None:
    assert not np.array_equal(spoken.code[0], spoken.code[1])
    assert np.abs(np.diff(spoken.joint_xyz.astype(np.int64), axis=0)).max() * XYZ_STEP_M > 0.02


def test_positions_are_stored_to_a_tenth_of_a_millimetre(spoken: TrainingTrack) -> None:
    skeleton = load_skeleton()
    bones = skeleton.bones_from_xyz(spoken.joint_xyz[0] * XYZ_STEP_M)
    lengths = np.linalg.norm(bones, axis=-1)[:, 1:]
    assert np.abs(lengths - skeleton.bone_lengths[1:]).max() < 1e-4


def test_hands_rest_without_speech() -> None:
    track = make_non_speech_track(CORPUS, [], np.random.default_rng(2))
    wrist = track.joint_xyz[:, :, load_skeleton().index["right_wrist"]] * XYZ_STEP_M
    assert np.linalg.norm(np.diff(wrist, axis=1), axis=-1).mean() * 25 < 0.03
    assert not track.speech.any()
    assert not track.accent.any()
    assert track.speaker == ""


def test_an_accent_between_frames_is_divided_between_them() -> None:
    accents = Accents(np.array([1.01]), np.array([3.0]), np.ones(50, bool), np.zeros(50), np.zeros(200))
    track = accent_track(accents).astype(np.float64)
    assert np.flatnonzero(track).tolist() == [25, 26]
    assert track[26] / track.sum() == pytest.approx(0.25, abs=0.01)
