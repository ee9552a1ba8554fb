"""The network's step in NumPy, for streams on a CPU: the same weights, the same numbers, no torch.

A hop of 50 ms is one or two frames. On so few numbers torch spends its time finding kernels: in a process that slept
20 ms before each hop, as a node does, its step took 1.4 ms, this one 0.6 ms (one core of a busy machine). Training and
CUDA keep to `gesture_network`, which is the definition; a test holds the two together.

Shapes are those of `speech_encoder` without the batch axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import FEATURES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.networks.bundle_files import check_weights
from speech_gesture_ros.networks.speech_to_motion.bone_paths import bone_paths
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.networks.speech_to_motion.network_config import EXTREME, MAX_LOOK_AHEAD, SpeechToMotionConfig

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NumpyState:
    """Everything remembered between steps; see `speech_encoder.SpeechState`.

    Attributes:
        layers: For each convolution (2 * dilation, C) its last inputs.
        heard: (history, C).
        hidden: (H,).
        unsmoothed: (taps - 1, D), None before the first pose frame.
        seen: Input frames so far.
    """

    layers: tuple[Array, ...]
    heard: Array
    hidden: Array
    unsmoothed: Array | None
    seen: int


class NumpyNetwork:
    """SpeechE and MotionD for one stream.

    Args:
        config: Sizes.
        skeleton: Whose joints come out.
        feature_mean: (F,).
        feature_std: (F,).
        weights: Parameters as `SpeechToMotionNetwork.state_dict` names them.
    """

    def __init__(self, config: SpeechToMotionConfig, skeleton: Skeleton, feature_mean: Array, feature_std: Array,
                 weights: Mapping[str, npt.ArrayLike]) -> None:
        self.config = config
        check_weights(weights, parameter_shapes(config, len(skeleton)))
        arrays = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
        # Products are written input @ weight, with weights the way they lie fastest in memory.
        self._tables = {name: a for name, a in arrays.items() if name.endswith(("codes.weight", "look_aheads.weight"))}
        self._weights = {name: np.ascontiguousarray(a.T) for name, a in arrays.items() if name not in self._tables}
        self._layers = {name[:-len(".weight")]: (weight, self._weights[name[:-len("weight")] + "bias"])
                        for name, weight in self._weights.items() if name.endswith(".weight")}
        self._convolutions = [(dilation, f"speech_encoder.convolutions.{i}.taps")
                              for i, dilation in enumerate(config.dilations)]
        self._offset = np.tile(feature_mean, FEATURES_PER_POSE)
        self._scale = (1.0 / np.tile(feature_std, FEATURES_PER_POSE)).astype(np.float32)
        self._paths = bone_paths(skeleton)
        self._smoothing = np.array(config.smoothing, dtype=np.float32)
        self._waves = np.pi * np.arange(1, 5, dtype=np.float32)

    def initial_state(self) -> NumpyState:
        """The state of a stream that has not begun."""
        config = self.config
        return NumpyState(
            layers=tuple(np.zeros((2 * d, config.channels), np.float32) for d in config.dilations),
            heard=np.zeros((config.history, config.channels), np.float32),
            hidden=np.zeros(config.hidden, np.float32), unsmoothed=None, seen=0,
        )

    def step(self, frames: Array, codes: CodeFrames, state: NumpyState, look_ahead: int) -> tuple[Array, NumpyState]:
        """Advance the stream: `SpeechToMotionNetwork.step` without the batch axis.

        Args:
            frames: (T, 4 * F) features of T pose frames; NaN counts as the mean, extremes are cut.
            codes: Of the K pose frames that this completes.
            state: After the frames before.
            look_ahead: [pose frames]; the same for the whole stream.

        Returns:
            (K, J, 3) `joint_xyz` [m], and the next state.
        """
        heard, layers = self._hear(self._normalise(frames), state.layers)
        known = np.concatenate([state.heard, heard])
        hidden, unsmoothed, count = state.hidden, state.unsmoothed, len(codes)
        joint_xyz = np.empty((0, len(self._paths), 3), np.float32)
        if count:
            drive = self._drive(known[len(known) - count - self.config.history:], codes, look_ahead)
            moved, hidden = self._move(drive, hidden)
            inner = np.maximum(self._linear(np.concatenate([moved, drive], axis=1), "speech_encoder.out.0"), 0.0)
            z, unsmoothed = self._smooth(self._linear(inner, "speech_encoder.out.2"), unsmoothed)
            joint_xyz = self._decode(z)
        # Copies: a view would keep a long chunk alive.
        return joint_xyz, NumpyState(layers, known[len(frames):].copy(), hidden, unsmoothed, state.seen + len(frames))

    def _normalise(self, frames: Array) -> Array:
        normal = (frames - self._offset) * self._scale
        normal[np.isnan(normal)] = 0.0
        return np.asarray(np.minimum(np.maximum(normal, -EXTREME), EXTREME))  # `clip` in half the time for few numbers

    def _linear(self, x: Array, name: str) -> Array:
        weight, bias = self._layers[name]
        out: Array = x @ weight
        out += bias
        return out

    def _hear(self, frames: Array, pasts: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        heard, layers, count = self._linear(frames, "speech_encoder.embed"), [], len(frames)
        for (dilation, name), past in zip(self._convolutions, pasts):
            known = np.concatenate([past, heard])
            seen = np.concatenate([known[:count], known[dilation:dilation + count], heard], axis=1)  # (T, 3C)
            heard = heard + self._linear(np.maximum(seen, 0.0), name)
            layers.append(known[count:].copy())
        return heard, tuple(layers)

    def _drive(self, known: Array, codes: CodeFrames, look_ahead: int) -> Array:
        config, count = self.config, len(codes)
        now = config.history - look_ahead
        taps = [known[now + offset:now + offset + count] for offset in (0, look_ahead // 2, look_ahead)]
        span = config.foresight_past + 1 + look_ahead
        outlook = self._linear(known[now - config.foresight_past:], "speech_encoder.outlook")
        ahead = np.concatenate([outlook[k:k + span] for k in range(count)]).reshape(count, -1)  # (K, span * U)
        foresight = ahead @ self._weights["speech_encoder.foresight.weight"][:span * config.foresight]
        total = (foresight + self._weights["speech_encoder.foresight.bias"]
                 + self._linear(np.concatenate(taps, axis=1), "speech_encoder.taps")
                 + self._plan(codes)
                 + self._tables["speech_encoder.look_aheads.weight"][look_ahead])
        return np.asarray(np.maximum(total, 0.0))

    def _plan(self, codes: CodeFrames) -> Array:
        """What K frames of codes call for, (K, C)."""
        until = codes.remaining[:, None]
        table = self._tables["speech_encoder.codes.weight"]
        told = [table[codes.code], table[codes.next_code], np.cos(self._waves * codes.phase[:, None]),
                np.float32(0.5) * until, np.exp(np.float32(-2.0) * until)]
        if not self.config.plan_hidden:
            return self._linear(np.concatenate(told, axis=1), "speech_encoder.plan")
        told += [codes.variation[:, :self.config.variations], codes.activity[:, None]]
        inner = self._linear(np.concatenate(told, axis=1), "speech_encoder.plan.0")
        return self._linear(np.maximum(inner, 0.0), "speech_encoder.plan.2")

    def _move(self, drive: Array, hidden: Array) -> tuple[Array, Array]:
        """(K, C) and (H,) to (K, H) and (H,): a gated recurrent unit as torch defines it (gates r, z, n)."""
        size = len(hidden)
        inputs = drive @ self._weights["speech_encoder.recurrent.weight_ih_l0"]
        inputs += self._weights["speech_encoder.recurrent.bias_ih_l0"]
        weight = self._weights["speech_encoder.recurrent.weight_hh_l0"]
        bias = self._weights["speech_encoder.recurrent.bias_hh_l0"]
        moved = np.empty((len(drive), size), np.float32)
        for k, from_input in enumerate(inputs):
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


def _plan_shapes(config: SpeechToMotionConfig) -> dict[str, tuple[int, int]]:
    if not config.plan_hidden:
        return {"speech_encoder.plan": (config.plan_size, config.channels)}
    return {"speech_encoder.plan.0": (config.plan_size, config.plan_hidden),
            "speech_encoder.plan.2": (config.plan_hidden, config.channels)}


def parameter_shapes(config: SpeechToMotionConfig, num_joints: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter."""
    wide, hidden = config.channels, config.hidden
    linears = {
        "speech_encoder.embed": (config.frame_size, wide),
        **{f"speech_encoder.convolutions.{i}.taps": (3 * wide, wide) for i in range(len(config.dilations))},
        "speech_encoder.events": (wide, 2 * len(config.accent_lags)),
        "speech_encoder.outlook": (wide, config.foresight),
        "speech_encoder.foresight": ((config.foresight_past + 1 + MAX_LOOK_AHEAD) * config.foresight, wide),
        "speech_encoder.taps": (3 * wide, wide),
        **_plan_shapes(config),
        "speech_encoder.out.0": (hidden + wide, wide),
        "speech_encoder.out.2": (wide, config.z_size),
        "motion_decoder.hidden": (config.z_size, config.decoder_hidden),
        "motion_decoder.bones": (config.decoder_hidden, 3 * (num_joints - 1)),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "speech_encoder.codes.weight": (config.num_codes, config.code_size),
        "speech_encoder.look_aheads.weight": (MAX_LOOK_AHEAD + 1, wide),
        "speech_encoder.recurrent.weight_ih_l0": (3 * hidden, wide),
        "speech_encoder.recurrent.weight_hh_l0": (3 * hidden, hidden),
        "speech_encoder.recurrent.bias_ih_l0": (3 * hidden,),
        "speech_encoder.recurrent.bias_hh_l0": (3 * hidden,),
    }
    for name, (inputs, outputs) in linears.items():
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outputs, inputs), (outputs,)
    return shapes
