"""A Speech2Gesture small enough to run in milliseconds, with untrained weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.keypoints import keypoints_from_pose
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.speech2gesture.bundle import KeypointStatistics, Speech2GestureBundle, save_bundle
from speech_gesture_ros.networks.speech2gesture.network import Generator
from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig

TINY = Speech2GestureConfig(encoder_channels=(4, 6, 8), channels=16, decoder_layers=2, discriminator_channels=8)


def tiny_bundle() -> Speech2GestureBundle:
    torch.manual_seed(0)
    network = Generator(TINY)
    network.train()(torch.randn(4, 418, 64) * 3 - 6)  # normalisation that fits sound
    skeleton = load_skeleton()
    mean = keypoints_from_pose(skeleton.rest_xyz, skeleton)[1:].astype(np.float32)
    mean[:, 1] -= 0.15  # hands up a little: no bone is quite in the picture's plane
    statistics = KeypointStatistics(mean, np.full((48, 2), 0.03, np.float32))
    weights = {name: value for name, value in network.state_dict().items() if "num_batches" not in name}
    return Speech2GestureBundle("tiny", "someone", TINY, statistics, skeleton, weights, "# Model card: tiny\n")


@pytest.fixture
def bundle() -> Speech2GestureBundle:
    return tiny_bundle()


@pytest.fixture
def folder(bundle: Speech2GestureBundle, tmp_path: Path) -> Path:
    save_bundle(bundle, tmp_path / "tiny")
    return tmp_path / "tiny"
