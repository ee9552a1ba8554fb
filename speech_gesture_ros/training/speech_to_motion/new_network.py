"""Parts of a new bundle of the default architecture: the untrained network, the features of silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.speech_to_motion.run_config import SpeechToMotionRunConfig
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics

SETTLING_S = 4.0  # of silence, after which the features are constant


def make_network(config: SpeechToMotionRunConfig, statistics: Statistics, skeleton: Skeleton,
                 **sizes: int) -> SpeechToMotionNetwork:
    """Return an untrained network of the configured size.

    Args:
        config: Run configuration; its sizes override `sizes`.
        statistics: Statistics of the data.
        skeleton: Skeleton of the motion.
        **sizes: Fields of `SpeechToMotionConfig`, such as `num_codes`.
    """
    network = {"num_features": len(FEATURE_NAMES), **sizes, **config.network}
    return SpeechToMotionNetwork(from_mapping(SpeechToMotionConfig, network, "network"), skeleton,
                                 torch.from_numpy(statistics.feature_mean), torch.from_numpy(statistics.feature_std))


def silence_features() -> npt.NDArray[np.float32]:
    """Return (F,) the feature frame of digital silence."""
    silence = np.zeros(round(SETTLING_S * SAMPLE_RATE), dtype=np.float32)
    return np.asarray(compute_prosodic_mel(silence)[-1])
