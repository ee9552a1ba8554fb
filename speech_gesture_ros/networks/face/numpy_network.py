"""The face network in NumPy, for streams: weights and numbers of `torch_network`, without torch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import VISEME_COLUMNS
from speech_gesture_ros.core.rates import FEATURES_PER_FACE
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.causal_encoder import (
    CausalEncoder,
    Weights,
    encoder_shapes,
    linear,
    linear_layers,
    linear_shapes,
)
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS, NUM_OUTPUTS, FaceNetworkConfig

Array = npt.NDArray[np.float32]


def parameter_shapes(config: FaceNetworkConfig) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter of a bundle."""
    linears = {**encoder_shapes(config.frame_size, config.channels, config.dilations),
               "head": (config.channels, NUM_OUTPUTS)}
    return {"look_ahead": (len(LOOK_AHEADS), config.channels), **linear_shapes(linears)}


class NumpyFaceNetwork:
    """The network for one stream.

    Args:
        config: Sizes.
        feature_mean: (F,).
        feature_std: (F,).
        weights: As `parameter_shapes` names them.
        look_ahead: Index in `LOOK_AHEADS`.

    Raises:
        BundleError: If the weights are not those of the network.
    """

    def __init__(self, config: FaceNetworkConfig, feature_mean: Array, feature_std: Array, weights: Weights,
                 look_ahead: int) -> None:
        check_weights(weights, parameter_shapes(config))
        layers = linear_layers(weights)
        embed, bias = layers["embed"]
        layers["embed"] = (embed, bias + np.asarray(weights["look_ahead"], dtype=np.float32)[look_ahead])
        self._head = layers["head"]
        self._encoder = CausalEncoder(layers, config.dilations, feature_mean, feature_std, FEATURES_PER_FACE)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._pasts = self._encoder.initial_pasts()

    def push(self, frames: Array) -> Array:
        """(T, 2 F) features of consecutive frames to (T, 25) shares of the visemes and articulators in [0, 1]."""
        encoded, self._pasts = self._encoder.encode(frames, self._pasts)
        logits = linear(np.maximum(encoded, 0.0), self._head)
        out = 0.5 + 0.5 * np.tanh(0.5 * logits)  # logistic, no overflow
        visemes = logits[:, VISEME_COLUMNS]
        shares = np.exp(visemes - visemes.max(axis=1, keepdims=True))
        out[:, VISEME_COLUMNS] = shares / shares.sum(axis=1, keepdims=True)
        return np.asarray(out, dtype=np.float32)
