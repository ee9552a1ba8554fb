"""The default network's step in NumPy, for streams on a CPU: same weights, same numbers, no torch.

A hop of 50 ms is one or two frames. With so few numbers torch spends its time finding kernels: in a process that slept
20 ms before each hop, as a node does, its step took 1.4 ms, this one 0.6 ms (one core of a busy machine). Training and
CUDA use `torch_network`, which is the definition; a test compares the two.

Shapes are those of `speech_encoder` without the batch axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.causal_encoder import CausalEncoder, encoder_shapes, linear, linear_shapes
from speech_gesture_ros.networks.speech_to_motion.bone_paths import bone_paths
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.networks.speech_to_motion.network_config import (
    MAX_LOOK_AHEAD,
    SpeechToMotionConfig,
)

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NumpyState:
    """State between steps; see `speech_encoder.SpeechState`.

    Attributes:
        layers: For each convolution (2 * dilation, C) its last inputs.
        encoded: (history, C).
        hidden: (H,).
        unsmoothed: (taps - 1, D), None before the first pose frame.
        num_frames: Input frames so far.
    """

    layers: tuple[Array, ...]
    encoded: Array
    hidden: Array
    unsmoothed: Array | None
    num_frames: int


class NumpyNetwork:
    """SpeechE and MotionD for one stream.

    Args:
        config: Sizes.
        skeleton: Skeleton of the poses.
        feature_mean: (F,).
        feature_std: (F,).
        weights: Parameters as `SpeechToMotionNetwork.state_dict` names them.

    Raises:
        BundleError: If the weights do not fit the sizes.
    """

    def __init__(self, config: SpeechToMotionConfig, skeleton: Skeleton, feature_mean: Array, feature_std: Array,
                 weights: Mapping[str, npt.ArrayLike]) -> None:
        self.config = config
        check_weights(weights, parameter_shapes(config, len(skeleton)))
        arrays = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        # Products are written input @ weight, with weights in the memory order that is fastest.
        self._tables = {name: a for name, a in arrays.items() if name.endswith("_embedding.weight")}
        self._weights = {name: np.ascontiguousarray(a.T) for name, a in arrays.items() if name not in self._tables}
        self._layers = {name[:-len(".weight")]: (weight, self._weights[name[:-len("weight")] + "bias"])
                        for name, weight in self._weights.items() if name.endswith(".weight")}
        encoder = {name.removeprefix("speech_encoder."): layer for name, layer in self._layers.items()}
        self._encoder = CausalEncoder(encoder, config.dilations, feature_mean, feature_std, FEATURES_PER_POSE)
        self._paths = bone_paths(skeleton)
        self._smoothing = np.array(config.smoothing, dtype=np.float32)
        self._phase_waves = np.pi * np.arange(1, 5, dtype=np.float32)

    def initial_state(self) -> NumpyState:
        """Return the state of a stream that has not begun."""
        config = self.config
        return NumpyState(
            layers=self._encoder.initial_pasts(),
            encoded=np.zeros((config.history, config.channels), np.float32),
            hidden=np.zeros(config.hidden, np.float32), unsmoothed=None, num_frames=0,
        )

    def step(self, frames: Array, codes: CodeFrames, state: NumpyState, look_ahead: int) -> tuple[Array, NumpyState]:
        """Advance the stream: `SpeechToMotionNetwork.step` without the batch axis.

        Args:
            frames: (T, 4 * F) features of T pose frames; NaN counts as the mean, extremes are clipped.
            codes: Of the K pose frames that this completes.
            state: After the frames before.
            look_ahead: [pose frames]; the same for the whole stream.

        Returns:
            (K, J, 3) `joint_xyz` [m], and the next state.
        """
        encoded, layers = self._encoder.encode(frames, state.layers)
        known = np.concatenate([state.encoded, encoded])
        hidden, unsmoothed, count = state.hidden, state.unsmoothed, len(codes)
        joint_xyz = np.empty((0, len(self._paths), 3), np.float32)
        if count:
            inputs = self._recurrent_input(known[len(known) - count - self.config.history:], codes, look_ahead)
            moved, hidden = self._recur(inputs, hidden)
            inner = np.maximum(self._linear(np.concatenate([moved, inputs], axis=1), "speech_encoder.output.0"), 0.0)
            z, unsmoothed = self._smooth(self._linear(inner, "speech_encoder.output.2"), unsmoothed)
            joint_xyz = self._decode(z)
        # Copies: a view would keep a long chunk in memory.
        next_state = NumpyState(layers, known[len(frames):].copy(), hidden, unsmoothed, state.num_frames + len(frames))
        return joint_xyz, next_state

    def _linear(self, x: Array, name: str) -> Array:
        return linear(x, self._layers[name])

    def _recurrent_input(self, known: Array, codes: CodeFrames, look_ahead: int) -> Array:
        config, count = self.config, len(codes)
        now = config.history - look_ahead
        taps = [known[now + offset:now + offset + count] for offset in (0, look_ahead // 2, look_ahead)]
        span = config.look_ahead_past + 1 + look_ahead
        projected = self._linear(known[now - config.look_ahead_past:], "speech_encoder.look_ahead_projection")
        windows = np.concatenate([projected[k:k + span] for k in range(count)]).reshape(count, -1)  # (K, span * U)
        kernel = windows @ self._weights["speech_encoder.look_ahead_kernel.weight"][:span * config.look_ahead_channels]
        total = (kernel + self._weights["speech_encoder.look_ahead_kernel.bias"]
                 + self._linear(np.concatenate(taps, axis=1), "speech_encoder.look_ahead_taps")
                 + self._conditioning(codes)
                 + self._tables["speech_encoder.look_ahead_embedding.weight"][look_ahead])
        return np.asarray(np.maximum(total, 0.0))

    def _conditioning(self, codes: CodeFrames) -> Array:
        """(K, C) conditioning of K frames of codes."""
        until = codes.remaining[:, None]
        table = self._tables["speech_encoder.code_embedding.weight"]
        columns = [table[codes.code], table[codes.next_code], np.cos(self._phase_waves * codes.phase[:, None]),
                   np.float32(0.5) * until, np.exp(np.float32(-2.0) * until)]
        if not self.config.conditioning_hidden:
            return self._linear(np.concatenate(columns, axis=1), "speech_encoder.conditioning")
        columns += [codes.variation[:, :self.config.variations], codes.activity[:, None]]
        inner = self._linear(np.concatenate(columns, axis=1), "speech_encoder.conditioning.0")
        return self._linear(np.maximum(inner, 0.0), "speech_encoder.conditioning.2")

    def _recur(self, inputs: Array, hidden: Array) -> tuple[Array, Array]:
        """(K, C) and (H,) to (K, H) and (H,): a gated recurrent unit as torch defines it (gates r, z, n)."""
        size = len(hidden)
        from_inputs = inputs @ self._weights["speech_encoder.recurrent.weight_ih_l0"]
        from_inputs += self._weights["speech_encoder.recurrent.bias_ih_l0"]
        weight = self._weights["speech_encoder.recurrent.weight_hh_l0"]
        bias = self._weights["speech_encoder.recurrent.bias_hh_l0"]
        moved = np.empty((len(inputs), size), np.float32)
        for k, from_input in enumerate(from_inputs):
            from_hidden = hidden @ weight + bias
            gates = 0.5 + 0.5 * np.tanh(0.5 * (from_input[:2 * size] + from_hidden[:2 * size]))  # logistic, no overflow
            new = np.tanh(from_input[2 * size:] + gates[:size] * from_hidden[2 * size:])
            hidden = new + gates[size:] * (hidden - new)
            moved[k] = hidden
        return moved, hidden

    def _smooth(self, raw: Array, before: Array | None) -> tuple[Array, Array]:
        taps = len(self._smoothing)
        known = np.concatenate([np.repeat(raw[:1], taps - 1, axis=0) if before is None else before, raw])
        smooth = sum(weight * known[i:i + len(raw)] for i, weight in enumerate(self._smoothing))
        return np.asarray(smooth, dtype=np.float32), known[len(raw):].copy()

    def _decode(self, z: Array) -> Array:
        inner = np.tanh(self._linear(z, "motion_decoder.hidden"))
        bones = self._linear(inner, "motion_decoder.bones").reshape(len(z), -1, 3)
        bones /= np.maximum(np.sqrt(np.square(bones).sum(axis=-1, keepdims=True)), np.float32(1e-6))
        return np.asarray(self._paths @ bones)


def _conditioning_shapes(config: SpeechToMotionConfig) -> dict[str, tuple[int, int]]:
    if not config.conditioning_hidden:
        return {"speech_encoder.conditioning": (config.conditioning_size, config.channels)}
    return {"speech_encoder.conditioning.0": (config.conditioning_size, config.conditioning_hidden),
            "speech_encoder.conditioning.2": (config.conditioning_hidden, config.channels)}


def parameter_shapes(config: SpeechToMotionConfig, num_joints: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter."""
    wide, hidden = config.channels, config.hidden
    span = config.look_ahead_past + 1 + MAX_LOOK_AHEAD
    linears = {
        **encoder_shapes(config.frame_size, wide, config.dilations, "speech_encoder."),
        "speech_encoder.event_head": (wide, 2 * len(config.accent_lags)),
        "speech_encoder.look_ahead_projection": (wide, config.look_ahead_channels),
        "speech_encoder.look_ahead_kernel": (span * config.look_ahead_channels, wide),
        "speech_encoder.look_ahead_taps": (3 * wide, wide),
        **_conditioning_shapes(config),
        "speech_encoder.output.0": (hidden + wide, wide),
        "speech_encoder.output.2": (wide, config.z_size),
        "motion_decoder.hidden": (config.z_size, config.decoder_hidden),
        "motion_decoder.bones": (config.decoder_hidden, 3 * (num_joints - 1)),
    }
    return {
        "speech_encoder.code_embedding.weight": (config.num_codes, config.code_size),
        "speech_encoder.look_ahead_embedding.weight": (MAX_LOOK_AHEAD + 1, wide),
        "speech_encoder.recurrent.weight_ih_l0": (3 * hidden, wide),
        "speech_encoder.recurrent.weight_hh_l0": (3 * hidden, hidden),
        "speech_encoder.recurrent.bias_ih_l0": (3 * hidden,),
        "speech_encoder.recurrent.bias_hh_l0": (3 * hidden,),
        **linear_shapes(linears),
    }
