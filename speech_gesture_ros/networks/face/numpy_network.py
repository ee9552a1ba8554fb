"""The face network in NumPy, for streams: weights and numbers of `torch_network`, without torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import VISEME_COLUMNS
from speech_gesture_ros.core.rates import FEATURES_PER_FACE
from speech_gesture_ros.networks.bundle_files import check_weights
from speech_gesture_ros.networks.face.network_config import LOOK_AHEADS, NUM_OUTPUTS, FaceNetworkConfig
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_DEVIATION

Array = npt.NDArray[np.float32]
Weights = Mapping[str, npt.ArrayLike]


def parameter_shapes(config: FaceNetworkConfig) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter of a bundle."""
    wide = config.channels
    linears = {
        "embed": (config.frame_size, wide),
        **{f"convolutions.{i}.taps": (3 * wide, wide) for i in range(len(config.dilations))},
        "head": (wide, NUM_OUTPUTS),
    }
    shapes: dict[str, tuple[int, ...]] = {"look_ahead": (len(LOOK_AHEADS), wide)}
    for name, (inputs, outputs) in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)
    return shapes


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
        self.config = config
        arrays = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        self._layers = {name[:-len(".weight")]: (np.ascontiguousarray(array.T), arrays[name[:-len("weight")] + "bias"])
                        for name, array in arrays.items() if name.endswith(".weight")}
        embed, bias = self._layers["embed"]
        self._layers["embed"] = (embed, bias + arrays["look_ahead"][look_ahead])
        self._offset = np.tile(feature_mean, FEATURES_PER_FACE)
        self._scale = (1.0 / np.tile(feature_std, FEATURES_PER_FACE)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._pasts = [np.zeros((2 * d, self.config.channels), np.float32) for d in self.config.dilations]

    def push(self, frames: Array) -> Array:
        """(T, 2 F) features of consecutive frames to (T, 25) shares of the visemes and articulators in [0, 1]."""
        normal = (frames - self._offset) * self._scale
        normal[np.isnan(normal)] = 0.0
        encoded = _linear(np.minimum(np.maximum(normal, -MAX_DEVIATION), MAX_DEVIATION), self._layers["embed"])
        for i, dilation in enumerate(self.config.dilations):
            known = np.concatenate([self._pasts[i], encoded])
            count = len(encoded)
            tapped = np.concatenate([known[:count], known[dilation:dilation + count], encoded], axis=1)  # (T, 3C)
            self._pasts[i] = known[count:].copy()  # a view would keep a long chunk in memory
            encoded = encoded + _linear(np.maximum(tapped, 0.0), self._layers[f"convolutions.{i}.taps"])
        logits = _linear(np.maximum(encoded, 0.0), self._layers["head"])
        out = 0.5 + 0.5 * np.tanh(0.5 * logits)  # logistic, no overflow
        visemes = logits[:, VISEME_COLUMNS]
        shares = np.exp(visemes - visemes.max(axis=1, keepdims=True))
        out[:, VISEME_COLUMNS] = shares / shares.sum(axis=1, keepdims=True)
        return np.asarray(out, dtype=np.float32)


def _linear(x: Array, layer: tuple[Array, Array]) -> Array:
    weight, bias = layer
    out: Array = x @ weight
    out += bias
    return out
