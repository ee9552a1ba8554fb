"""Synthetic tracks of a few seconds: pulses of noise, and hands that move with them."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.features.prosodic_mel import NUM_FEATURES
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess, CodeSampler
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.new_network import make_network
from speech_gesture_ros.training.speech_to_motion.run_config import PairedRunConfig
from speech_gesture_ros.training.speech_to_motion.statistics import measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import XYZ_STEP_M, TrainingTrack

POSES = 400
CODE_PROCESS = CodeProcess(tuple(f"gesture {i}" for i in range(8)), variations=("place", "size"), announce_s=0.6)


def make_synthetic_track(speaker: str, seed: int) -> TrainingTrack:
    """Accents are bursts in the features; the right hand rises for each, further for odd codes."""
    rng = np.random.default_rng(seed)
    accent = np.zeros(POSES)
    accent[rng.integers(10, POSES - 10, 14)] = 1.0
    features = rng.normal(0, 0.1, (2, 4 * POSES, NUM_FEATURES))
    features += np.repeat(accent, 4)[None, :, None]
    skeleton = load_skeleton()
    motions = []
    codes = [CodeSampler(CODE_PROCESS, seed + i).take(POSES) for i in range(2)]
    bump = np.convolve(accent, np.hanning(15), mode="same")
    for frames in codes:
        bones = np.repeat(skeleton.offsets[None], POSES, axis=0)
        rise = np.clip(bump, 0, 1.2) * (1.0 + 0.4 * (frames.code % 2))
        for part in ("wrist", "hand"):
            joint = skeleton.index[f"right_{part}"]
            bones[:, joint] = skeleton.bone_lengths[joint] * np.stack(
                [np.sin(rise), np.zeros(POSES), -np.cos(rise)], axis=1)
        motions.append(skeleton.xyz_from_bones(bones))
    return TrainingTrack(
        speaker=speaker, features=features.astype(np.float16),
        joint_xyz=np.round(np.stack(motions) / XYZ_STEP_M).astype(np.int16),
        code=np.stack([c.code for c in codes]).astype(np.uint8),
        next_code=np.stack([c.next_code for c in codes]).astype(np.uint8),
        phase=np.stack([c.phase for c in codes]), remaining=np.stack([c.remaining for c in codes]),
        variation=np.stack([c.variation for c in codes]).astype(np.float16),
        activity=np.stack([c.activity for c in codes]).astype(np.float16),
        accent=accent.astype(np.float16), speech=np.ones(POSES, np.float16),
        accent_times_s=np.flatnonzero(accent) / 25,
    )


@pytest.fixture
def tracks() -> list[TrainingTrack]:
    return [make_synthetic_track(f"speaker {i}", i) for i in range(3)]


@pytest.fixture
def config() -> PairedRunConfig:
    return PairedRunConfig(
        name="toy",
        network={"channels": 24, "dilations": (1, 2), "look_ahead_channels": 6, "hidden": 32, "code_size": 4,
                 "z_size": 8, "decoder_hidden": 24, "conditioning_hidden": 16},
        decoder_steps=60, steps=60, batch=8, frames=96, learning_rate=5e-3, warm_up_steps=5, average=0.9,
        dropout=0.05,
        workers=1)


@pytest.fixture
def network(tracks: list[TrainingTrack], config: PairedRunConfig) -> SpeechToMotionNetwork:
    """An untrained network for the tracks."""
    return make_network(config, measure_statistics(tracks), load_skeleton(), num_codes=len(CODE_PROCESS.names),
                        variations=len(CODE_PROCESS.variations))
