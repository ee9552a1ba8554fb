"""The two networks of the stroke model in NumPy, for streams: weights and numbers of `torch_network`, without torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import check_weights
from speech_gesture_ros.networks.speech_to_motion.bone_paths import bone_paths
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_DEVIATION
from speech_gesture_ros.networks.strokes.cues import SpeechCues
from speech_gesture_ros.networks.strokes.network_config import NUM_CUES, STATE_SIZE, StrokeNetworkConfig

Array = npt.NDArray[np.float32]
Weights = Mapping[str, npt.ArrayLike]


def parameter_shapes(config: StrokeNetworkConfig, num_joints: int) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter, of the speech encoder and the motion decoder."""
    wide, hidden = config.channels, config.decoder_hidden
    linears = {
        "speech_encoder.embed": (config.frame_size, wide),
        **{f"speech_encoder.convolutions.{i}.taps": (3 * wide, wide) for i in range(len(config.dilations))},
        "speech_encoder.head": (wide, NUM_CUES),
        "motion_decoder.layers.0": (STATE_SIZE, hidden),
        "motion_decoder.layers.1": (hidden, hidden),
        "motion_decoder.bones": (hidden, 3 * (num_joints - 1)),
    }
    shapes: dict[str, tuple[int, ...]] = {}
    for name, (inputs, outputs) in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)
    return shapes


class NumpyCueEncoder:
    """SpeechE for one stream.

    Args:
        config: Sizes.
        feature_mean: (F,).
        feature_std: (F,).
        accent_threshold: Probability from which an accent counts.
        weights: Parameters of both networks, as `parameter_shapes` names them.
    """

    def __init__(self, config: StrokeNetworkConfig, feature_mean: Array, feature_std: Array, accent_threshold: float,
                 weights: Weights) -> None:
        self.config, self._threshold = config, accent_threshold
        self._layers = _transposed(weights, "speech_encoder.")
        self._offset = np.tile(feature_mean, FEATURES_PER_POSE)
        self._scale = (1.0 / np.tile(feature_std, FEATURES_PER_POSE)).astype(np.float32)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._pasts = [np.zeros((2 * d, self.config.channels), np.float32) for d in self.config.dilations]

    def push(self, frames: Array) -> SpeechCues:
        """Feed (T, 4 F) features of consecutive pose frames; NaN counts as the mean, extremes are clipped."""
        normal = (frames - self._offset) * self._scale
        normal[np.isnan(normal)] = 0.0
        encoded = _linear(np.minimum(np.maximum(normal, -MAX_DEVIATION), MAX_DEVIATION), self._layers["embed"])
        for i, dilation in enumerate(self.config.dilations):
            known = np.concatenate([self._pasts[i], encoded])
            count = len(encoded)
            tapped = np.concatenate([known[:count], known[dilation:dilation + count], encoded], axis=1)  # (T, 3C)
            self._pasts[i] = known[count:].copy()  # a view would keep a long chunk in memory
            encoded = encoded + _linear(np.maximum(tapped, 0.0), self._layers[f"convolutions.{i}.taps"])
        detected = _linear(encoded, self._layers["head"]).astype(np.float64)
        voice, accent = (0.5 + 0.5 * np.tanh(0.5 * detected[:, column]) for column in range(2))  # logistic, no overflow
        return SpeechCues(voice, accent / self._threshold, detected[:, 2])


class NumpyStrokeDecoder:
    """MotionD.

    Args:
        skeleton: Skeleton of the poses.
        state_mean: (STATE_SIZE,).
        state_std: (STATE_SIZE,).
        weights: Parameters of both networks, as `parameter_shapes` names them.
    """

    def __init__(self, skeleton: Skeleton, state_mean: Array, state_std: Array, weights: Weights) -> None:
        self._layers = _transposed(weights, "motion_decoder.")
        self._offset, self._scale = state_mean, (1.0 / state_std).astype(np.float32)
        self._paths = bone_paths(skeleton)

    def decode(self, z: Array) -> Array:
        """(K, STATE_SIZE) state and velocity to (K, J, 3) `joint_xyz` [m]."""
        inner = (z - self._offset) * self._scale
        for name in ("layers.0", "layers.1"):
            inner = np.tanh(_linear(inner, self._layers[name]))
        bones = _linear(inner, self._layers["bones"]).reshape(len(z), -1, 3)
        bones /= np.maximum(np.sqrt(np.square(bones).sum(axis=-1, keepdims=True)), np.float32(1e-6))
        return np.asarray(self._paths @ bones)


def check_parameters(weights: Weights, config: StrokeNetworkConfig, num_joints: int) -> None:
    """Check names and shapes of the parameters.

    Raises:
        BundleError: If they do not fit the sizes.
    """
    check_weights(weights, parameter_shapes(config, num_joints))


def _transposed(weights: Weights, prefix: str) -> dict[str, tuple[Array, Array]]:
    """Layer name to (inputs, outputs) weight and bias; products are written input @ weight."""
    arrays = {name[len(prefix):]: np.asarray(value, dtype=np.float32) for name, value in weights.items()
              if name.startswith(prefix)}
    return {name[:-len(".weight")]: (np.ascontiguousarray(array.T), arrays[name[:-len("weight")] + "bias"])
            for name, array in arrays.items() if name.endswith(".weight")}


def _linear(x: Array, layer: tuple[Array, Array]) -> Array:
    weight, bias = layer
    out: Array = x @ weight
    out += bias
    return out
