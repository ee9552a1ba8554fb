"""SpeechE and MotionD in NumPy: the dense layers run once a frame, the recurrent layer on many windows at a time.

    frames (T, F) ── dense, norm, ReLU ──► gate inputs (T, 3 H) ── selected by window ──► GRU ──► z ──► pose

The recurrent state begins at zero in each window; a state kept over hours would drift.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle

Array = npt.NDArray[np.float32]


class KucherenkoNetwork:
    """Network of a bundle.

    Args:
        bundle: With weights that fit its configuration, as `bundle_from_files` checks.
    """

    def __init__(self, bundle: KucherenkoBundle) -> None:
        config, self._keras = bundle.config, bundle.config.gru == "keras2"
        weights = {name: np.asarray(value, dtype=np.float32) for name, value in bundle.weights.items()}
        epsilon = config.norm_epsilon
        self._dense = []
        for i in range(len(config.dense)):
            scale, shift = _norm(weights, f"norm.{i}", epsilon)
            matrix, bias = weights[f"dense.{i}.weight"].T * scale, weights[f"dense.{i}.bias"] * scale + shift
            self._dense.append((np.ascontiguousarray(matrix), bias))
        self._hidden = config.hidden
        self._from_input = np.ascontiguousarray(weights["gru.weight_ih"].T), weights["gru.bias_ih"]
        self._from_hidden = np.ascontiguousarray(weights["gru.weight_hh"].T), weights["gru.bias_hh"]
        self._after_gru = _norm(weights, "gru_norm", epsilon)
        self._out = np.ascontiguousarray(weights["out.weight"].T), weights["out.bias"]
        self._decoder = None
        if config.representation:
            self._decoder = np.ascontiguousarray(weights["decoder.weight"].T), weights["decoder.bias"]
        self._scale, self._mean = bundle.pose_scale, bundle.pose_mean
        self._values_per_joint = config.values_per_joint

    def embed(self, frames: npt.NDArray[np.floating]) -> Array:
        """Frames of 50 ms to inputs of the gates: (T, F) to (T, 3 H)."""
        x = np.asarray(frames, dtype=np.float32)
        for matrix, bias in self._dense:
            x = np.maximum(x @ matrix + bias, 0.0)
        matrix, bias = self._from_input
        return np.asarray(x @ matrix + bias)

    def encode(self, windows: Array) -> Array:
        """Second half of SpeechE: gate inputs of windows (W, B, 3 H), time first, to z (B, R)."""
        hidden = np.zeros((windows.shape[1], self._hidden), np.float32)
        advance = self._advance_keras if self._keras else self._advance_torch
        for inputs in windows:
            hidden = advance(inputs, hidden)
        scale, shift = self._after_gru
        matrix, bias = self._out
        return np.asarray(np.maximum(hidden * scale + shift, 0.0) @ matrix + bias)

    def decode(self, z: Array) -> Array:
        """MotionD: z (B, R) to positions (B, J, 3) [cm]. Without representation z is the normalised pose."""
        if self._decoder is not None:
            matrix, bias = self._decoder
            z = np.tanh(z @ matrix + bias)
        pose = z * self._scale + self._mean
        return np.asarray(pose.reshape(len(pose), -1, self._values_per_joint)[:, :, :3])

    def _advance_torch(self, inputs: Array, hidden: Array) -> Array:
        size = self._hidden
        matrix, bias = self._from_hidden
        recurrent = hidden @ matrix + bias
        gates = 0.5 + 0.5 * np.tanh(0.5 * (inputs[:, :2 * size] + recurrent[:, :2 * size]))  # logistic, no overflow
        new = np.tanh(inputs[:, 2 * size:] + gates[:, :size] * recurrent[:, 2 * size:])
        return np.asarray(new + gates[:, size:] * (hidden - new))

    def _advance_keras(self, inputs: Array, hidden: Array) -> Array:
        size = self._hidden
        matrix, bias = self._from_hidden
        total = inputs[:, :2 * size] + hidden @ matrix[:, :2 * size] + bias[:2 * size]
        gates = np.minimum(np.maximum(np.float32(0.2) * total + np.float32(0.5), 0.0), 1.0)
        new = np.tanh(inputs[:, 2 * size:] + (gates[:, :size] * hidden) @ matrix[:, 2 * size:] + bias[2 * size:])
        return np.asarray(new + gates[:, size:] * (hidden - new))


def _norm(weights: dict[str, Array], name: str, epsilon: float) -> tuple[Array, Array]:
    """A trained normalisation as scale and shift."""
    scale = weights[f"{name}.weight"] / np.sqrt(weights[f"{name}.running_var"] + np.float32(epsilon))
    return scale, weights[f"{name}.bias"] - weights[f"{name}.running_mean"] * scale
