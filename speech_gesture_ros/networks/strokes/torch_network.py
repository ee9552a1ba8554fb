"""The two networks of the stroke model, for training: SpeechE detects voice, accents and level; MotionD poses the body.

    features (4 F) ─► causal convolutions ─► voice, accent, level ─► stroke process ─► z: state, velocity ─► MLP ─► pose

Both are functions without state of their own; `numpy_network` computes the same for streams.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.causal_encoder import MAX_DEVIATION
from speech_gesture_ros.networks.speech_to_motion.motion_decoder import BodyChain
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CausalConvolution
from speech_gesture_ros.networks.strokes.network_config import NUM_CUES, STATE_SIZE, StrokeNetworkConfig


class CueEncoder(nn.Module):
    """SpeechE of the stroke model: speech features to what the stroke process detects.

    Args:
        config: Sizes.
        feature_mean: (F,) of the training data.
        feature_std: (F,) of the training data, positive.
    """

    def __init__(self, config: StrokeNetworkConfig, feature_mean: Tensor, feature_std: Tensor) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(config.frame_size, config.channels)
        self.convolutions = nn.ModuleList(CausalConvolution(config.channels, d) for d in config.dilations)
        self.head = nn.Linear(config.channels, NUM_CUES)
        self.dropout = nn.Dropout(0.0)  # training sets its share
        self.register_buffer("offset", feature_mean.float().repeat(FEATURES_PER_POSE), persistent=False)
        self.register_buffer("scale", 1.0 / feature_std.float().repeat(FEATURES_PER_POSE), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, 4 F) features of the first T input frames of streams to (B, T, 3) logits of voice and accent, level.

        NaN counts as the mean; extremes are clipped. Voice and level are those of `cues.VOICE_LAG` frames before,
        the accent of `cues.ACCENT_LAG` frames before.
        """
        normal = torch.nan_to_num((frames - self.offset) * self.scale, nan=0.0).clamp(-MAX_DEVIATION, MAX_DEVIATION)
        encoded = self.embed(normal)
        for convolution in self.convolutions:
            past = encoded.new_zeros(len(encoded), 2 * convolution.dilation, encoded.shape[2])
            encoded, _ = convolution(encoded, past)
        return self.head(self.dropout(encoded))


class StrokeDecoder(nn.Module):
    """MotionD of the stroke model: state of the strokes to joint positions, with exact bone lengths.

    Args:
        config: Sizes.
        skeleton: Bone lengths of the output; untrained weights give its rest pose.
        state_mean: (STATE_SIZE,) of the training data.
        state_std: (STATE_SIZE,) of the training data, positive.
    """

    def __init__(self, config: StrokeNetworkConfig, skeleton: Skeleton, state_mean: Tensor, state_std: Tensor) -> None:
        super().__init__()
        wide = config.decoder_hidden
        self.chain = BodyChain(skeleton)
        self.layers = nn.ModuleList([nn.Linear(STATE_SIZE, wide), nn.Linear(wide, wide)])
        self.bones = nn.Linear(wide, 3 * (len(skeleton) - 1))
        self.register_buffer("offset", state_mean.float(), persistent=False)
        self.register_buffer("scale", 1.0 / state_std.float(), persistent=False)
        rest = skeleton.offsets[1:] / skeleton.bone_lengths[1:, None]
        with torch.no_grad():
            self.bones.weight.mul_(0.3)
            self.bones.bias.copy_(torch.from_numpy(rest.reshape(-1)))

    def directions(self, z: Tensor) -> Tensor:
        """(..., STATE_SIZE) state and velocity to (..., J-1, 3) bone directions before normalisation."""
        inner = (z - self.offset) * self.scale
        for layer in self.layers:
            inner = torch.tanh(layer(inner))
        return self.bones(inner).unflatten(-1, (-1, 3))

    def forward(self, z: Tensor) -> Tensor:
        """(..., STATE_SIZE) state and velocity to (..., J, 3) `joint_xyz` [m]."""
        return self.chain(self.directions(z))
