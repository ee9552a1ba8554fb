"""Motion of a bundle for a recording, at the 20 Hz of the paper's metrics: by the pipeline, or offline as in the paper.

live      SpeechToPose, 25 Hz, with a look-ahead ──► cubic to 20 Hz
offline   kucherenko2019 only: the whole future known, one window for each pose, at 20 Hz
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.bundle_files import MANIFEST, read_bundle
from speech_gesture_ros.networks.kucherenko.bundle import ARCHITECTURE, bundle_from_files
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE
from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
from speech_gesture_ros.training.kucherenko.motion import resample
from speech_gesture_ros.training.kucherenko.offline import generate_offline
from speech_gesture_ros.training.kucherenko.post_processing import post_process


def generate_motion(folder: Path, samples: npt.NDArray[np.floating], *, generation: str, look_ahead_s: float,
                    seed: int, post_processing: tuple[str, ...] = ()) -> npt.NDArray[np.float64]:
    """Return the motion of a recording.

    Args:
        folder: The bundle.
        samples: (N,) mono at 16 kHz in [-1, 1].
        generation: "live" or "offline".
        look_ahead_s: Look-ahead of the live pipeline [s].
        seed: Seed of models that draw gestures.
        post_processing: Steps of `kucherenko.post_processing.POST_PROCESSING_STEPS`.

    Returns:
        (T, J, 3) [m] at 20 Hz.

    Raises:
        ConfigError: If the model cannot run in that way.
        BundleError: If the bundle cannot be used.
    """
    if generation == "offline":
        files = read_bundle(folder)
        if files.architecture != ARCHITECTURE:
            raise ConfigError(f"architecture in {folder / MANIFEST}", files.architecture,
                              f"{ARCHITECTURE} for offline generation", "Set generation of the row to live.")
        motion = generate_offline(bundle_from_files(files), samples)
    else:
        poses = SpeechToPose(folder, look_ahead_s=look_ahead_s, seed=seed).perform(samples)
        motion = resample(poses, POSE_RATE, WINDOW_FRAME_RATE)
    return post_process(motion, post_processing)
