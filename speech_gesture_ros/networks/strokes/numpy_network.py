"""The two networks of the stroke model in NumPy, for streams: weights and numbers of `torch_network`, without torch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.causal_encoder import (
    CausalEncoder,
    Weights,
    encoder_shapes,
    linear,
    linear_layers,
    linear_shapes,
)
from speech_gesture_ros.networks.speech_to_motion.bone_paths import bone_paths
from speech_gesture_ros.networks.strokes.cues import SpeechCues
from speech_gesture_ros.networks.strokes.network_config import NUM_CUES, STATE_SIZE, StrokeNetworkConfig

Array = npt.NDArray[np.float32]


def parameter_shapes(config: StrokeNetworkConfig, num_joints: int) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter, of the speech encoder and the motion decoder."""
    wide, hidden = config.channels, config.decoder_hidden
    return linear_shapes({
        **encoder_shapes(config.frame_size, wide, config.dilations, "speech_encoder."),
        "speech_encoder.head": (wide, NUM_CUES),
        "motion_decoder.layers.0": (STATE_SIZE, hidden),
        "motion_decoder.layers.1": (hidden, hidden),
        "motion_decoder.bones": (hidden, 3 * (num_joints - 1)),
    })


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
        layers = linear_layers(weights, "speech_encoder.")
        self._threshold, self._head = accent_threshold, layers["head"]
        self._encoder = CausalEncoder(layers, config.dilations, feature_mean, feature_std, FEATURES_PER_POSE)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._pasts = self._encoder.initial_pasts()

    def push(self, frames: Array) -> SpeechCues:
        """Feed (T, 4 F) features of consecutive pose frames; NaN counts as the mean, extremes are clipped."""
        encoded, self._pasts = self._encoder.encode(frames, self._pasts)
        detected = linear(encoded, self._head).astype(np.float64)
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
        self._layers = linear_layers(weights, "motion_decoder.")
        self._offset, self._scale = state_mean, (1.0 / state_std).astype(np.float32)
        self._paths = bone_paths(skeleton)

    def decode(self, z: Array) -> Array:
        """(K, STATE_SIZE) state and velocity to (K, J, 3) `joint_xyz` [m]."""
        inner = (z - self._offset) * self._scale
        for name in ("layers.0", "layers.1"):
            inner = np.tanh(linear(inner, self._layers[name]))
        bones = linear(inner, self._layers["bones"]).reshape(len(z), -1, 3)
        bones /= np.maximum(np.sqrt(np.square(bones).sum(axis=-1, keepdims=True)), np.float32(1e-6))
        return np.asarray(self._paths @ bones)


def check_parameters(weights: Weights, config: StrokeNetworkConfig, num_joints: int) -> None:
    """Check names and shapes of the parameters.

    Raises:
        BundleError: If they do not fit the sizes.
    """
    check_weights(weights, parameter_shapes(config, num_joints))
