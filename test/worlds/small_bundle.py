"""A small bundle of the architecture "speech_to_motion" with untrained weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_small_bundle(folder: Path, *, conditioning_hidden: int = 0) -> Path:
    """Write it, for the features of the default model; return the folder."""
    import torch

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
    from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
    from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess
    from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
    from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

    count = len(FEATURE_NAMES)
    codes = CodeProcess(tuple(f"gesture {i}" for i in range(6)))
    config = SpeechToMotionConfig(count, len(codes.names), channels=16, dilations=(1, 2, 4), look_ahead_channels=4,
                                  hidden=24, code_size=4, z_size=8, decoder_hidden=16,
                                  conditioning_hidden=conditioning_hidden)
    torch.manual_seed(0)
    network = SpeechToMotionNetwork(config, load_skeleton(), torch.zeros(count), torch.ones(count)).eval()
    save_bundle(SpeechToMotionBundle(
        name="tiny", network=config, codes=codes, skeleton=load_skeleton(), feature_names=tuple(FEATURE_NAMES),
        feature_mean=np.zeros(count, np.float32), feature_std=np.full(count, 0.7, np.float32),
        silence=np.full(count, -1.0, np.float32), weights=network.state_dict(), card="# tiny\n"), folder)
    return folder
