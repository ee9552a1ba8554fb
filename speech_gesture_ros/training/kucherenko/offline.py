"""Offline motion of a recording as in the paper: 20 Hz, the whole future known, one window for each pose."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.networks.bundle_files import RETRAIN
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork
from speech_gesture_ros.training.kucherenko.examples import pad
from speech_gesture_ros.training.kucherenko.features import FEATURE_SET, compute_columns
from speech_gesture_ros.training.kucherenko.motion import CM_PER_M

WINDOWS_AT_ONCE = 256


def generate_offline(bundle: KucherenkoBundle, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the motion of a recording.

    Args:
        bundle: A model trained by this package.
        samples: (N,) mono at 16 kHz in [-1, 1].

    Returns:
        (N // 800, J, 3) [m] at 20 Hz; bones have the lengths that the network gives them.

    Raises:
        BundleError: If it is another kind of model.
    """
    config = bundle.config
    if config.feature_set != FEATURE_SET or config.output != "canonical":
        raise BundleError("feature_set and output", (config.feature_set, config.output),
                          f"{FEATURE_SET} and canonical", RETRAIN)
    network = KucherenkoNetwork(bundle)
    frames = compute_columns(samples, config.columns)
    gates = network.embed(pad(frames, bundle.silence, config.past, config.future))
    offsets = np.arange(config.window)[:, None]
    parts = [network.decode(network.encode(gates[offsets + np.arange(i, min(i + WINDOWS_AT_ONCE, len(frames)))]))
             for i in range(0, len(frames), WINDOWS_AT_ONCE)]
    return np.concatenate([np.empty((0, len(bundle.skeleton), 3)), *parts]) / CM_PER_M
