"""Batches: functions of seed and index, aligned, mirrored as a whole; statistics of the data."""

from __future__ import annotations

import numpy as np
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.training.speech_to_motion.sequences import (
    NON_SPEECH_SHARE,
    SequenceSampler,
    track_weights,
    vary_voice,
)
from speech_gesture_ros.training.speech_to_motion.statistics import measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack


def test_a_batch_is_a_function_of_seed_and_index(tracks: list[TrainingTrack]) -> None:
    one, again, other = (SequenceSampler(tracks, load_skeleton(), True, s).draw(7, 4, 96, 10) for s in (0, 0, 1))
    torch.testing.assert_close(one.frames, again.frames, atol=0, rtol=0)
    torch.testing.assert_close(one.joint_xyz, again.joint_xyz, atol=0, rtol=0)
    assert one.frames.shape != other.frames.shape or not torch.equal(one.frames, other.frames)


def test_targets_are_the_poses_that_the_look_ahead_completes(tracks: list[TrainingTrack]) -> None:
    sampler = SequenceSampler(tracks, load_skeleton(), True, 0)
    look_aheads = set()
    for index in range(60):
        batch = sampler.draw(index, 2, 96, 10)
        look_aheads.add(batch.look_ahead)
        assert batch.joint_xyz.shape == (2, 96 - batch.look_ahead, 17, 3)
        assert batch.codes.code.shape == batch.joint_xyz.shape[:2]
        assert batch.frames.shape[:2] == batch.accent.shape == (2, 96)
    assert len(look_aheads) > 10


def test_sound_and_motion_are_cut_at_the_same_place(tracks: list[TrainingTrack]) -> None:
    batch = SequenceSampler(tracks, load_skeleton(), True, 0).draw(3, 8, 96, 10)
    loud = batch.frames.reshape(8, 96, 4, -1).mean(dim=(2, 3))
    both = torch.corrcoef(torch.stack([loud.flatten(), batch.accent.flatten()]))[0, 1]
    assert both > 0.8


def test_half_of_the_sequences_are_mirrored_if_codes_are(tracks: list[TrainingTrack]) -> None:
    plain = SequenceSampler(tracks[:1], load_skeleton(), False, 0)
    mirrored = SequenceSampler(tracks[:1], load_skeleton(), True, 0)
    skeleton = load_skeleton()
    right = skeleton.index["right_wrist"]
    rests = skeleton.rest_xyz[right]
    moves = {}
    for name, sampler in (("plain", plain), ("mirrored", mirrored)):
        xyz = torch.cat([sampler.draw(i, 8, 96, 10).joint_xyz[:, :60] for i in range(6)])
        moves[name] = (xyz[..., right, 0] - rests[0]).abs().amax(dim=1) > 0.02
    assert moves["plain"].all(), "only the right hand moves in the synthetic tracks"
    assert 0.2 < moves["mirrored"].float().mean() < 0.8


def test_tracks_are_weighted_by_the_root_of_the_speakers_time(tracks: list[TrainingTrack]) -> None:
    long = [tracks[0]] * 4
    silent = TrainingTrack(**{**vars(tracks[1]), "speaker": ""})
    weights = track_weights([*long, tracks[2], silent])
    assert weights.sum() == 1.0 or abs(weights.sum() - 1.0) < 1e-9
    assert abs(weights[5] - NON_SPEECH_SHARE) < 1e-9
    assert abs(weights[:4].sum() / weights[4] - 2.0) < 1e-6


def test_a_varied_voice_keeps_loudness_and_melody() -> None:
    features = np.random.default_rng(0).normal(size=(200, len(FEATURE_NAMES))).astype(np.float32)
    features[:, :40] += np.linspace(1, -1, 40)
    for seed in range(10):
        varied = vary_voice(features, np.random.default_rng(seed))
        np.testing.assert_array_equal(varied, vary_voice(features, np.random.default_rng(seed)))
        assert not np.array_equal(varied, features)
        for name in ("energy", "level", "voicing"):
            column = FEATURE_NAMES.index(name)
            np.testing.assert_array_equal(varied[:, column], features[:, column])
        f0 = FEATURE_NAMES.index("f0")
        ratio = varied[:, f0] / features[:, f0]
        assert 0.74 < ratio.min() <= ratio.max() < 1.31
        assert np.ptp(ratio) < 1e-4, "the melody has changed"


def test_statistics_are_those_of_the_data(tracks: list[TrainingTrack]) -> None:
    statistics = measure_statistics(tracks)
    everything = np.concatenate([t.features.reshape(-1, t.features.shape[-1]) for t in tracks]).astype(np.float64)
    np.testing.assert_allclose(statistics.feature_mean, everything.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(statistics.feature_std, everything.std(axis=0), atol=1e-3)
    motion = np.concatenate([t.joint_xyz[0] for t in tracks]) * XYZ_STEP_M
    right = load_skeleton().index["right_wrist"]
    np.testing.assert_allclose(statistics.position_std[right], np.sqrt(motion[:, right].var(axis=0).sum()), rtol=1e-4)
    assert statistics.position_std.min() >= 4e-3
