"""A face model of a few kilobytes with random weights."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.face.bundle import FaceBundle
from speech_gesture_ros.networks.face.network_config import FaceNetworkConfig
from speech_gesture_ros.networks.face.numpy_network import parameter_shapes


def small_face_bundle() -> FaceBundle:
    rng, config = np.random.default_rng(4), FaceNetworkConfig(len(FEATURE_NAMES), channels=8, dilations=(1, 2, 4))
    weights = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in parameter_shapes(config).items()}
    weights["head.bias"][0] = -30.0  # never silent, so that loudness shows
    zeros = np.zeros(len(FEATURE_NAMES), np.float32)
    return FaceBundle("tiny", config, FEATURE_NAMES, zeros, zeros + 1.0, zeros - 1.0, weights, ("espeak",))
