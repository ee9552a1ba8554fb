"""The face network, for training: features to visemes, articulators and, in training only, phones.

    features (2 F) ─► embed ─► causal convolutions ─┬─► head: visemes, articulators
    look-ahead ──────► + bias ──┘                   └─► phones (training)

The output at step t is of the frame `look-ahead` before t. The look-ahead is an input, so that one set of weights
serves all of them; every sequence of a batch has its own.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from speech_gesture_ros.core.rates import FEATURES_PER_FACE
from speech_gesture_ros.networks.causal_encoder import MAX_DEVIATION
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS, NUM_OUTPUTS, FaceNetworkConfig
from speech_gesture_ros.networks.speech_to_motion.speech_encoder import CausalConvolution


class FaceNetwork(nn.Module):
    """Causal convolutions with a look-ahead as input.

    Args:
        config: Sizes.
        feature_mean: (F,) of the training data.
        feature_std: (F,) of the training data, positive.
        num_phones: Classes of the second head; it is not part of the bundle.
    """

    def __init__(self, config: FaceNetworkConfig, feature_mean: Tensor, feature_std: Tensor,
                 num_phones: int = 1) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(config.frame_size, config.channels)
        self.look_ahead = nn.Parameter(torch.zeros(len(LOOK_AHEADS), config.channels))
        self.convolutions = nn.ModuleList(CausalConvolution(config.channels, d) for d in config.dilations)
        self.head = nn.Linear(config.channels, NUM_OUTPUTS)
        self.phones = nn.Linear(config.channels, num_phones)
        self.dropout = nn.Dropout(0.0)  # training sets its share
        self.register_buffer("offset", feature_mean.float().repeat(FEATURES_PER_FACE), persistent=False)
        self.register_buffer("scale", 1.0 / feature_std.float().repeat(FEATURES_PER_FACE), persistent=False)

    def forward(self, frames: Tensor, look_ahead: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the outputs of the first T frames of streams.

        Args:
            frames: (B, T, 2 F) features. NaN counts as the mean; extremes are clipped.
            look_ahead: (B,) indices in `LOOK_AHEADS`.

        Returns:
            (B, T, 25) logits of visemes and articulators, (B, T, P) logits of phones.
        """
        normal = torch.nan_to_num((frames - self.offset) * self.scale, nan=0.0).clamp(-MAX_DEVIATION, MAX_DEVIATION)
        encoded = self.embed(normal) + self.look_ahead[look_ahead][:, None]
        for convolution in self.convolutions:
            past = encoded.new_zeros(len(encoded), 2 * convolution.dilation, encoded.shape[2])
            encoded, _ = convolution(encoded, past)
        encoded = self.dropout(torch.relu(encoded))
        return self.head(encoded), self.phones(encoded)

    def bundle_weights(self) -> dict[str, Tensor]:
        """Return the weights that a bundle has: all but those of the phones."""
        return {name: value.detach().cpu() for name, value in self.state_dict().items()
                if not name.startswith("phones.")}
