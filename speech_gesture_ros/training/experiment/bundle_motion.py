"""A bundle's motion for a recording, at the 20 Hz of the paper's figures: through the pipeline, or as the paper did.

live      SpeechToPose, 25 Hz, what the look-ahead allows ──► cubic to 20 Hz
offline   kucherenko2019 only: all of the future, one window a pose, at 20 Hz
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.bundle_files import MANIFEST, read_bundle
from speech_gesture_ros.networks.kucherenko.bundle import ARCHITECTURE, bundle_from_files
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.kucherenko.motion import MODEL_RATE, resample
from speech_gesture_ros.training.kucherenko.offline import perform_offline
from speech_gesture_ros.training.kucherenko.post_processing import post_process


def perform(folder: Path, samples: npt.NDArray[np.floating], *, performed: str, look_ahead_s: float, seed: int,
            post_processing: tuple[str, ...] = ()) -> npt.NDArray[np.float64]:
    """The motion of a recording.

    Args:
        folder: The bundle.
        samples: (N,) mono at 16 kHz in [-1, 1].
        performed: "live" or "offline".
        look_ahead_s: Of the live pipeline [s].
        seed: Of models that choose.
        post_processing: Steps of `kucherenko.post_processing.STEPS`.

    Returns:
        (T, J, 3) [m] at 20 Hz.

    Raises:
        ConfigError: If the model cannot be performed that way.
        BundleError: If the bundle cannot be used.
    """
    if performed == "offline":
        files = read_bundle(folder)
        if files.architecture != ARCHITECTURE:
            raise ConfigError(f"architecture in {folder / MANIFEST}", files.architecture,
                              f"{ARCHITECTURE} to be performed offline", "Let the row be performed live.")
        motion = perform_offline(bundle_from_files(files), samples)
    else:
        made = SpeechToPose(folder, look_ahead_s=look_ahead_s, seed=seed).perform(samples)
        motion = resample(made, POSE_RATE, MODEL_RATE)
    return post_process(motion, post_processing)
