"""Learned codes: one for each kind of gesture; cuts where hands are still."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.training.speech_to_motion.learned_codes import cluster, codes_of_motion, cut, learn_codes
from speech_gesture_ros.training.speech_to_motion.run_config import CodesConfig

SKELETON = load_skeleton()
WAYS = {"up": ("right", (0.2, 0.0, 1.0)), "out": ("right", (0.1, -1.0, 0.0)), "ahead": ("right", (1.0, 0.0, 0.1)),
        "left up": ("left", (0.2, 0.0, 1.0))}
CONFIG = CodesConfig(count=4, segment_s=(0.8, 2.0))


def make_motion(seed: int, repeats: int = 8) -> tuple[np.ndarray, list[tuple[str, int, int]]]:
    """(T, J, 3) of gestures in random order, each away from rest and back, and where each lies."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(np.repeat(list(WAYS), repeats))
    bones, places, begin = [], [], 0
    for name in names:
        side, way = WAYS[name]
        count = int(rng.integers(27, 46))
        share = rng.uniform(0.8, 1.0) * np.sin(np.pi * np.arange(count) / count) ** 2
        pose = np.repeat(SKELETON.offsets[None], count, axis=0).astype(np.float64)
        for part in ("wrist", "hand"):
            joint = SKELETON.index[f"{side}_{part}"]
            down = SKELETON.offsets[joint] / SKELETON.bone_lengths[joint]
            bone = down + share[:, None] * (np.array(way) - down) + rng.normal(0, 0.01, (count, 3))
            pose[:, joint] = SKELETON.bone_lengths[joint] * bone / np.linalg.norm(bone, axis=1, keepdims=True)
        bones.append(pose)
        places.append((str(name), begin, begin + count))
        begin += count
    return SKELETON.xyz_from_bones(np.concatenate(bones)).astype(np.float32), places


@pytest.fixture(scope="module")
def encoder() -> MotionE:
    torch.manual_seed(1)
    return MotionE(SpeechToMotionConfig(num_features=4, num_codes=2, z_size=16, decoder_hidden=48), SKELETON).eval()


def test_each_kind_of_gesture_has_a_code_also_in_held_out_motion(encoder: MotionE) -> None:
    codebook = learn_codes([make_motion(seed)[0] for seed in range(2)], encoder, SKELETON, CONFIG, seed=0)
    assert len(codebook.counts) == 4
    motion, places = make_motion(7)
    codes = codes_of_motion(motion, codebook, encoder, SKELETON)
    found = {name: Counter(int(codes.code[(a + b) // 2]) for n, a, b in places if n == name) for name in WAYS}
    usual = {name: counts.most_common(1)[0] for name, counts in found.items()}
    assert len({code for code, _ in usual.values()}) == 4, f"two kinds of gesture have one code: {found}"
    assert sum(times for _, times in usual.values()) >= 0.9 * len(places), found


def test_cuts_are_where_hands_are_slow() -> None:
    motion, places = make_motion(3)
    bounds = cut(motion, SKELETON, CONFIG.segment_s)
    assert bounds[0] == 0
    assert bounds[-1] == len(motion)
    assert np.diff(bounds).min() >= 20
    assert np.diff(bounds).max() <= 50
    still = np.array([place for _, a, b in places for place in (a, (a + b) / 2, b)])  # at rest, or all the way up
    assert max(np.abs(still - b).min() for b in bounds) <= 3


def test_codes_of_a_motion_have_the_form_of_drawn_codes(encoder: MotionE) -> None:
    motion, _ = make_motion(4)
    codebook = learn_codes([motion], encoder, SKELETON, CONFIG, seed=0)
    codes = codes_of_motion(motion, codebook, encoder, SKELETON)
    assert len(codes) == len(motion)
    assert codes.phase[0] == 0
    assert codes.phase.max() < 1
    starts = np.flatnonzero(codes.phase == 0)
    np.testing.assert_allclose(codes.remaining[starts][:-1] * 25, np.diff(starts), atol=1e-3)
    for before, after in pairwise(starts):
        assert codes.next_code[before] == codes.code[after]
    process = codebook.process()
    assert sum(process.frequencies) == pytest.approx(1.0, abs=1e-3)
    assert list(process.frequencies) == sorted(process.frequencies, reverse=True)


def test_the_same_seed_finds_the_same_codes(encoder: MotionE) -> None:
    motions = [make_motion(5)[0]]
    first, again = (learn_codes(motions, encoder, SKELETON, CONFIG, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.centres, again.centres)


def test_no_cluster_is_empty() -> None:
    points = np.concatenate([np.zeros((20, 2)), np.full((1, 2), 9.0)])
    centres, nearest = cluster(points + np.random.default_rng(0).normal(0, 1e-3, points.shape), 5,
                               np.random.default_rng(1))
    assert np.bincount(nearest, minlength=5).min() >= 1
    assert np.abs(centres - 9.0).max(axis=1).min() < 0.01


def test_too_little_motion_is_refused(encoder: MotionE) -> None:
    with pytest.raises(ConfigError, match=r"number of motion segments is '3 \(3 distinct\)', must be at least 8"):
        learn_codes([make_motion(0)[0][:120]], encoder, SKELETON, CONFIG, seed=0)


def test_constant_motion_is_refused(encoder: MotionE) -> None:
    with pytest.raises(ConfigError, match=r"\(1 distinct\)"):
        learn_codes([np.repeat(SKELETON.rest_xyz[None].astype(np.float32), 1000, axis=0)], encoder, SKELETON, CONFIG, 0)
