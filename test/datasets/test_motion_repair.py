"""Faults are found and bridged or cut, resampling has no aliases, a lag between sound and motion is estimated."""

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.faults import find_faults
from speech_gesture_ros.datasets.motion_resampling import resample_directions
from speech_gesture_ros.datasets.sync import estimate_sync


def directions(motion):
    skeleton = load_skeleton()
    bones = skeleton.bones_from_xyz(motion)
    return bones / np.where(skeleton.bone_lengths > 0, skeleton.bone_lengths, 1)[:, None]


@pytest.mark.parametrize("rate", [24.0, 29.97, 50.0, 60.0, 100.0, 120.0])
def test_any_rate_gives_the_motion_at_25_hz(foreign, rate):
    source, _ = foreign.motion(10.0, rate=rate)
    target, times = foreign.motion(10.0)
    result = resample_directions(directions(source), rate)
    inner = slice(5, len(result) - 5)  # at the ends the kernel has only one side
    skeleton = load_skeleton()
    xyz = skeleton.xyz_from_bones(result * skeleton.bone_lengths[:, None])
    assert abs(len(result) - len(times)) <= 1
    # Below 25 Hz the interpolation does not overshoot: its peaks are a little flatter.
    assert foreign.angle_deg(xyz[inner], target[:len(result)][inner]).max() < (2.0 if rate < 25 else 0.7)


def test_frequencies_above_the_nyquist_frequency_are_removed():
    times = np.arange(600) / 120
    for hz, kept in ((2.0, 0.99), (8.0, 0.9), (22.0, 0.0)):
        angle = 0.2 * np.sin(2 * np.pi * hz * times)
        source = np.stack([np.sin(angle), np.zeros(600), np.cos(angle)], axis=-1)[:, None]
        swing = resample_directions(source, 120.0)[5:-5, 0, 0]
        size = swing.std() * np.sqrt(2) / 0.2
        assert size == pytest.approx(1, abs=0.1) if kept else size < 0.01


def test_a_step_has_no_overshoot():
    source = np.zeros((240, 1, 3))
    source[:120, 0, 0] = 1.0
    source[120:, 0] = (0.8, 0.6, 0.0)
    for rate in (120.0, 20.0):
        result = resample_directions(source, rate)
        assert result[..., 1].min() > -1e-9
        assert result[..., 1].max() < 0.6 + 1e-9


def test_short_gaps_are_bridged_long_ones_are_not(foreign):
    motion, _ = foreign.motion(10.0, rate=50.0)
    clean = directions(motion)
    broken = clean.copy()
    broken[100:105] = np.nan
    broken[300:340, 3] = np.nan
    faults = find_faults(broken, 50.0)
    assert faults.good[:300].all()
    assert not faults.good[300:340].any()
    assert faults.good[340:].all()
    assert np.abs(faults.directions[100:105] - clean[100:105]).max() < 0.2
    np.testing.assert_allclose(np.linalg.norm(faults.directions[100:105, 1:], axis=-1), 1)


def test_jumps_and_constant_parts_are_found(foreign):
    motion, _ = foreign.motion(10.0, rate=50.0)
    broken = directions(motion)
    clean = find_faults(broken, 50.0)
    assert (clean.spikes, clean.good.all()) == (0, True)
    broken[200, 8] = -broken[200, 8]
    broken[350:450] = broken[350]
    faults = find_faults(broken, 50.0)
    assert faults.spikes == 1
    assert faults.directions[200, 8] @ faults.directions[199, 8] > 0.9
    assert not faults.good[350:450].any()
    assert faults.good[451:].all()
    assert find_faults(broken, 50.0, keep_frozen=True).good.all()


@pytest.mark.parametrize("lag", [-25, 0, 20])
def test_a_lag_between_sound_and_motion_is_estimated(talk, lag):
    rng = np.random.default_rng(5)
    samples = np.tile(talk, 2)
    level = np.abs(samples).reshape(-1, 640).mean(axis=1)
    active = np.convolve(level > 0.01, np.ones(9) / 9, mode="same")
    steps = rng.normal(size=(len(active), 2, 3)) * active[:, None, None] * 0.02
    wrists = np.roll(np.cumsum(steps, axis=0), lag, axis=0)
    sync = estimate_sync(samples, wrists)
    assert sync.confidence in ("medium", "high")
    assert sync.offset_s == pytest.approx(lag / 25, abs=0.25)


def test_unrelated_motion_gives_no_confident_estimate(talk):
    rng = np.random.default_rng(6)
    wrists = np.cumsum(rng.normal(size=(1500, 2, 3)), axis=0)
    assert estimate_sync(np.tile(talk, 2), wrists).confidence in ("none", "low")
    assert estimate_sync(talk[:16000], wrists).confidence == "none"
    assert estimate_sync(np.zeros(16000 * 60, np.float32), wrists).confidence == "none"
