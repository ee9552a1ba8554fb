"""Reference implementation of the published network after its specification: one window and step at a time, in float64.

It is slow and shares no code with `numpy_network`; the import is checked against it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import savgol_filter

from speech_gesture_ros.networks.kucherenko.published import PublishedFiles

Array = npt.NDArray[np.float64]

CONTEXT = 30  # frames of 50 ms before and after
_BN_EPSILON = 1e-3


def evaluate_speech_encoder(files: PublishedFiles, features: npt.NDArray[np.floating],
                            silence: npt.NDArray[np.floating]) -> Array:
    """SpeechE: features (T, 30) at 20 Hz, padded with frames of silence (30,), to z (T, 112)."""
    pad = np.tile(np.asarray(silence, dtype=np.float64), (CONTEXT, 1))
    padded = np.concatenate([pad, features, pad])
    return np.array([_window(files, padded[t:t + 2 * CONTEXT + 1]) for t in range(len(features))])


def evaluate_decoder(files: PublishedFiles, z: Array) -> Array:
    """MotionD: z (T, 112) to joint positions (T, 46, 3) [cm]."""
    matrix = files.decoder["AE_Variables/Variables/matrix2"].astype(np.float64)
    bias = files.decoder["AE_Variables/Variables/bias2"].astype(np.float64)
    pose = np.tanh(z @ matrix + bias) * files.max_val + files.mean_pose
    return np.asarray(pose.reshape(len(z), 46, 3))


def smooth(positions: Array) -> Array:
    """Apply the authors' last step: a Savitzky-Golay filter, cubic over nine frames."""
    return np.asarray(savgol_filter(positions, 9, 3, axis=0))


def _window(files: PublishedFiles, frames: Array) -> Array:
    kernel, recurrent, bias = (_get(files, "gru_1", part) for part in ("kernel", "recurrent_kernel", "bias"))
    units = len(recurrent)
    hidden = np.zeros(units)
    for frame in frames:
        x = frame
        for i in (1, 2):
            x = x @ _get(files, f"time_distributed_{i}", "kernel") + _get(files, f"time_distributed_{i}", "bias")
            x = np.maximum(_batch_norm(files, f"batch_normalization_{i}", x), 0.0)
        inputs = x @ kernel + bias
        z = _hard_sigmoid(inputs[:units] + hidden @ recurrent[:, :units])
        r = _hard_sigmoid(inputs[units:2 * units] + hidden @ recurrent[:, units:2 * units])
        new = np.tanh(inputs[2 * units:] + (r * hidden) @ recurrent[:, 2 * units:])
        hidden = z * hidden + (1 - z) * new
    last = np.maximum(_batch_norm(files, "batch_normalization_3", hidden), 0.0)
    return np.asarray(last @ _get(files, "dense_3", "kernel") + _get(files, "dense_3", "bias"))


def _batch_norm(files: PublishedFiles, layer: str, x: Array) -> Array:
    gamma, beta, mean, variance = (_get(files, layer, part)
                                   for part in ("gamma", "beta", "moving_mean", "moving_variance"))
    return np.asarray(gamma * (x - mean) / np.sqrt(variance + _BN_EPSILON) + beta)


def _hard_sigmoid(x: Array) -> Array:
    return np.clip(0.2 * x + 0.5, 0.0, 1.0)


def _get(files: PublishedFiles, layer: str, part: str) -> Array:
    return files.speech_encoder[f"model_weights/{layer}/{layer}/{part}:0"].astype(np.float64)
