"""MotionE: joints to motion representation z, used in training only.

MotionE and MotionD form a denoising autoencoder (Kucherenko et al., IVA 2019): MotionE takes a pose with noise, MotionD
must give the clean pose. The resulting z is a smooth, small description of poses, which SpeechE learns to predict.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.speech_to_motion.motion_decoder import BodyChain
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig


class MotionE(nn.Module):
    """Motion encoder: joint positions to z."""

    def __init__(self, config: SpeechToMotionConfig, skeleton: Skeleton) -> None:
        super().__init__()
        self.chain = BodyChain(skeleton)
        self.hidden = nn.Linear(3 * (len(skeleton) - 1), config.decoder_hidden)
        self.out = nn.Linear(config.decoder_hidden, config.z_size)

    def forward(self, joint_xyz: Tensor, noise: Tensor | None = None) -> Tensor:
        """Encode poses.

        Args:
            joint_xyz: (..., J, 3) [m].
            noise: (..., J-1, 3) added to the bone directions; None adds nothing.

        Returns:
            (..., D) motion representation, in [-1, 1].
        """
        bones = self.chain.directions(joint_xyz)
        if noise is not None:
            bones = bones + noise
        return torch.tanh(self.out(torch.tanh(self.hidden(bones.flatten(-2)))))
