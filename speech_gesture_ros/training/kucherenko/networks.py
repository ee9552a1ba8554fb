"""Networks of the 2019 paper in torch, for training; `networks.kucherenko` runs bundles of them in NumPy.

    MotionE   pose + velocities ─► tanh ─► z          a denoising autoencoder of single frames
    MotionD   z ─► tanh ─► pose + velocities
    SpeechE   61 frames ─► 3 x (dense, norm, ReLU) ─► GRU, last output ─► norm, ReLU ─► z      (or the pose: baseline)

The autoencoder's input and output are (pose - mean) / scale, which lies in [-1, 1].
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from speech_gesture_ros.training.kucherenko.run_config import SpeechConfig

NORM_EPSILON = 1e-3  # as in Keras
NORM_MOMENTUM = 0.05  # Keras' 0.01 needs more steps than a small run has


class Autoencoder(nn.Module):
    """MotionE and MotionD.

    Args:
        vector_size: Size of a frame's positions and velocities.
        size: Size of z.
        dropout: Share dropped of the input of either layer.
    """

    def __init__(self, vector_size: int, size: int, dropout: float) -> None:
        super().__init__()
        self.encoder = nn.Linear(vector_size, size)
        self.decoder = nn.Linear(size, vector_size)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.encoder, self.decoder):
            bound = 2 * (6 / (vector_size + size)) ** 0.5
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.zeros_(layer.bias)

    def encode(self, vectors: Tensor) -> Tensor:
        """Apply MotionE: (..., D) normalised vectors to (..., size) z in [-1, 1]."""
        return torch.tanh(self.encoder(self.dropout(vectors)))

    def decode(self, z: Tensor) -> Tensor:
        """Apply MotionD: (..., size) z to (..., D) normalised vectors in [-1, 1]."""
        return torch.tanh(self.decoder(self.dropout(z)))

    def forward(self, vectors: Tensor) -> Tensor:
        """Apply both: (..., D) to (..., D)."""
        return self.decode(self.encode(vectors))


class KucherenkoSpeechE(nn.Module):
    """Windows of speech features to the representation of the pose in their middle.

    Args:
        config: Sizes.
        num_features: Columns of the features.
        num_outputs: Size of z, or of a frame's positions and velocities in the baseline.
    """

    def __init__(self, config: SpeechConfig, num_features: int, num_outputs: int) -> None:
        super().__init__()
        widths = [num_features, *[config.width] * config.layers]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))
        self.norm = nn.ModuleList(_norm(config.width) for _ in range(config.layers))
        self.gru = nn.GRU(config.width, config.hidden, batch_first=True)
        self.gru_norm = _norm(config.hidden)
        self.out = nn.Linear(config.hidden, num_outputs)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, windows: Tensor) -> Tensor:
        """Apply the encoder: (B, W, F) windows to (B, num_outputs)."""
        frames = windows.flatten(0, 1)
        for dense, norm in zip(self.dense, self.norm):
            frames = self.dropout(torch.relu(norm(dense(frames))))
        _, last = self.gru(frames.unflatten(0, windows.shape[:2]))
        return self.out(self.dropout(torch.relu(self.gru_norm(last[0]))))


def bundle_weights(speech: KucherenkoSpeechE, autoencoder: Autoencoder | None) -> dict[str, npt.NDArray[np.float32]]:
    """Return the parameters by the names of `networks.kucherenko.network_config.parameter_shapes`."""
    state = {name.replace("_l0", ""): value for name, value in speech.state_dict().items()
             if not name.endswith("num_batches_tracked")}
    if autoencoder is not None:
        state |= {name: value for name, value in autoencoder.state_dict().items() if name.startswith("decoder.")}
    return {name: np.asarray(value.detach().cpu().numpy(), dtype=np.float32) for name, value in state.items()}


def _norm(width: int) -> nn.BatchNorm1d:
    return nn.BatchNorm1d(width, eps=NORM_EPSILON, momentum=NORM_MOMENTUM)
