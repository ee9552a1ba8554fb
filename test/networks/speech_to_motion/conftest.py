"""A network small enough to run in milliseconds, with untrained weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

NUM_FEATURES = 5
CODES = CodeProcess(tuple(f"gesture {i}" for i in range(6)))
TINY = SpeechToMotionConfig(NUM_FEATURES, len(CODES.names), channels=16, dilations=(1, 2, 4), look_ahead_channels=4,
                            hidden=24, code_size=4, z_size=8, decoder_hidden=16)


@pytest.fixture
def network() -> SpeechToMotionNetwork:
    torch.manual_seed(0)
    return SpeechToMotionNetwork(TINY, load_skeleton(), torch.zeros(NUM_FEATURES), torch.ones(NUM_FEATURES)).eval()


@pytest.fixture
def bundle(network: SpeechToMotionNetwork) -> SpeechToMotionBundle:
    rng = np.random.default_rng(1)
    return SpeechToMotionBundle(
        name="tiny", network=TINY, codes=CODES, skeleton=load_skeleton(),
        feature_names=tuple(f"feature_{i}" for i in range(NUM_FEATURES)),
        feature_mean=rng.normal(size=NUM_FEATURES).astype(np.float32),
        feature_std=np.full(NUM_FEATURES, 0.7, np.float32), silence=np.full(NUM_FEATURES, -1.0, np.float32),
        weights=network.state_dict(), card="# Model card: tiny\n",
    )


@pytest.fixture
def features() -> np.ndarray:
    """(403, F): four seconds and three frames over."""
    return np.random.default_rng(2).normal(size=(403, NUM_FEATURES)).astype(np.float32)
