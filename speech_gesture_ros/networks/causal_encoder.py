"""Encoder of speech that all networks for streams begin with, in NumPy: causal convolutions over frames of features.

    frames (T, S) ─► normalised, clipped ─► embed ─► + linear(relu(three taps)) for each dilation ─► (T, C)

It has no state of its own: the last inputs of each convolution are given and returned. The networks for training
compute the same with `speech_encoder.CausalConvolution`; tests compare them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Weights = Mapping[str, npt.ArrayLike]
Layer = tuple[Array, Array]  # (inputs, outputs) weight and (outputs,) bias

MAX_DEVIATION = 6.0  # [standard deviations] where a normalised feature is clipped: bursts, clipping, damaged input


def encoder_shapes(frame_size: int, channels: int, dilations: Sequence[int], prefix: str = ""
                   ) -> dict[str, tuple[int, int]]:
    """Return (inputs, outputs) of the linear layers of an encoder, by name."""
    return {f"{prefix}embed": (frame_size, channels),
            **{f"{prefix}convolutions.{i}.taps": (3 * channels, channels) for i in range(len(dilations))}}


def linear_shapes(linears: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of weights and biases, as torch keeps them, of linear layers given by (inputs, outputs)."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (inputs, outputs) in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)
    return shapes


def linear_layers(weights: Weights, prefix: str = "") -> dict[str, Layer]:
    """Return the linear layers whose names begin with a prefix, without it, for products input @ weight."""
    arrays = {name[len(prefix):]: np.asarray(value, dtype=np.float32) for name, value in weights.items()
              if name.startswith(prefix)}
    return {name[:-len(".weight")]: (np.ascontiguousarray(array.T), arrays[name[:-len("weight")] + "bias"])
            for name, array in arrays.items() if name.endswith(".weight")}


def linear(x: Array, layer: Layer) -> Array:
    """(T, inputs) to (T, outputs)."""
    weight, bias = layer
    out: Array = x @ weight
    out += bias
    return out


class CausalEncoder:
    """Frames of features to (T, C), for any chunking the same.

    Args:
        layers: "embed" and "convolutions.<i>.taps"; others are not used.
        dilations: Of the convolutions [frames].
        feature_mean: (F,).
        feature_std: (F,).
        features_per_frame: Feature frames in an input frame.
    """

    def __init__(self, layers: Mapping[str, Layer], dilations: Sequence[int], feature_mean: Array, feature_std: Array,
                 features_per_frame: int) -> None:
        self._embed = layers["embed"]
        self._convolutions = [(dilation, layers[f"convolutions.{i}.taps"]) for i, dilation in enumerate(dilations)]
        self._offset = np.tile(feature_mean, features_per_frame)
        self._scale = (1.0 / np.tile(feature_std, features_per_frame)).astype(np.float32)

    def initial_pasts(self) -> tuple[Array, ...]:
        """Return the last inputs of a stream that has not begun: for each convolution (2 * dilation, C)."""
        channels = len(self._embed[1])
        return tuple(np.zeros((2 * dilation, channels), np.float32) for dilation, _ in self._convolutions)

    def encode(self, frames: Array, pasts: Sequence[Array]) -> tuple[Array, tuple[Array, ...]]:
        """Advance the stream.

        Args:
            frames: (T, S) features of consecutive frames; NaN counts as the mean, extremes are clipped.
            pasts: Last inputs of the frames before.

        Returns:
            (T, C), and the last inputs now.
        """
        normal = (frames - self._offset) * self._scale
        normal[np.isnan(normal)] = 0.0
        encoded = linear(normal.clip(-MAX_DEVIATION, MAX_DEVIATION), self._embed)
        latest, count = [], len(frames)
        for (dilation, layer), past in zip(self._convolutions, pasts):
            active = np.maximum(encoded, 0.0)
            known = np.concatenate([past, active])
            tapped = np.concatenate([known[:count], known[dilation:dilation + count], active], axis=1)  # (T, 3C)
            encoded += linear(tapped, layer)
            latest.append(known[count:].copy())  # a view would keep a long chunk in memory
        return encoded, tuple(latest)
