"""The default network as one pure function: `step(frames, codes, state, look_ahead) -> (joint_xyz, state)`.

A step takes any number of input frames, none included; one step of 25 frames gives the same poses as 25 steps of one.
It has no mode, no hidden state and no randomness: the stream's state is an argument and a result.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.causal_encoder import MAX_DEVIATION
from speech_gesture_ros.networks.speech_to_motion.motion_decoder import MotionD
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CodeTensors, SpeechE, SpeechState


class SpeechToMotionNetwork(nn.Module):
    """Feature normalisation, SpeechE and MotionD.

    Args:
        config: Sizes.
        skeleton: Skeleton of the poses.
        feature_mean: (F,) of the training data.
        feature_std: (F,) of the training data, positive.
    """

    def __init__(self, config: SpeechToMotionConfig, skeleton: Skeleton, feature_mean: Tensor,
                 feature_std: Tensor) -> None:
        super().__init__()
        self.config = config
        self.speech_encoder = SpeechE(config)
        self.motion_decoder = MotionD(config, skeleton)
        self.register_buffer("offset", feature_mean.float().repeat(FEATURES_PER_POSE), persistent=False)
        self.register_buffer("scale", 1.0 / feature_std.float().repeat(FEATURES_PER_POSE), persistent=False)

    def initial_state(self, batch: int = 1) -> SpeechState:
        """Return the state of a stream that has not begun."""
        return self.speech_encoder.initial_state(batch)

    def step(self, frames: Tensor, codes: CodeTensors, state: SpeechState,
             look_ahead: int) -> tuple[Tensor, SpeechState]:
        """Advance the stream.

        Args:
            frames: (B, T, 4 * F) features of T pose frames; NaN counts as the mean, extremes are clipped.
            codes: Of the K = num_poses(n + T, L) - num_poses(n, L) pose frames that this completes.
            state: After the n frames before.
            look_ahead: L [pose frames]; the same for the whole stream.

        Returns:
            (B, K, J, 3) `joint_xyz` [m], and the next state.
        """
        joint_xyz, _, state = self.forward(frames, codes, state, look_ahead)
        return joint_xyz, state

    def forward(self, frames: Tensor, codes: CodeTensors, state: SpeechState,
                look_ahead: int) -> tuple[Tensor, Tensor, SpeechState]:
        """Do as `step`, and return the encoded speech (B, T, C) between pose and state, for `SpeechE.event_logits`."""
        normal = torch.nan_to_num((frames - self.offset) * self.scale, nan=0.0).clamp(-MAX_DEVIATION, MAX_DEVIATION)
        z, encoded, state = self.speech_encoder(normal, codes, state, look_ahead)
        return self.motion_decoder(z), encoded, state
