"""A small stroke model with random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, NUM_FEATURES
from speech_gesture_ros.networks.strokes.bundle import StrokeBundle
from speech_gesture_ros.networks.strokes.laws import StrokeLaws
from speech_gesture_ros.networks.strokes.network_config import STATE_SIZE, StrokeNetworkConfig
from speech_gesture_ros.networks.strokes.templates import GestureTemplate, HandTemplate
from speech_gesture_ros.networks.strokes.torch_network import CueEncoder, StrokeDecoder

HAND = HandTemplate(((0.38, 0.11, -0.07), (0.36, 0.34, -0.04), (0.33, 0.14, -0.26)), palm=1.2)
QUIET = HandTemplate(((0.29, 0.11, -0.21), (0.31, 0.15, -0.16), (0.27, 0.10, -0.235)))


@pytest.fixture(scope="session")
def templates() -> tuple[GestureTemplate, ...]:
    return (GestureTemplate("offer both", "open", HAND, HAND),
            GestureTemplate("beat", "beat", HAND, QUIET, one_handed=True, tempo=0.8))


@pytest.fixture(scope="session")
def bundle(templates: tuple[GestureTemplate, ...]) -> StrokeBundle:
    torch.manual_seed(3)
    config = StrokeNetworkConfig(NUM_FEATURES, channels=8, dilations=(1, 2), decoder_hidden=12)
    nothing, state = np.zeros(NUM_FEATURES, np.float32), np.zeros(STATE_SIZE, np.float32)
    encoder = CueEncoder(config, torch.zeros(NUM_FEATURES), torch.ones(NUM_FEATURES))
    decoder = StrokeDecoder(config, load_skeleton(), torch.zeros(STATE_SIZE), torch.ones(STATE_SIZE))
    with torch.no_grad():
        encoder.head.bias[0] = 4.0  # detects a voice all the time
    weights = {f"speech_encoder.{name}": value for name, value in encoder.state_dict().items()}
    weights |= {f"motion_decoder.{name}": value for name, value in decoder.state_dict().items()}
    return StrokeBundle("toy", config, StrokeLaws(), templates, 0.5, load_skeleton(), FEATURE_NAMES, nothing,
                        nothing + 1, nothing - 1, state, state + 1, weights, ("ada",), "card")


@pytest.fixture
def features(rng: np.random.Generator) -> np.ndarray:
    """(403, F) features: a frame for 100 poses and three features more."""
    return rng.normal(0, 1, (403, NUM_FEATURES)).astype(np.float32)
