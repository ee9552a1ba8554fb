"""Registry of architectures: the `architecture` of a bundle names the module that opens it.

bundle ── architecture ──► the module of that name: open_stage(files) ──► ModelStage
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path

from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.networks.bundle_files import RETRAIN, read_bundle
from speech_gesture_ros.networks.model import ModelStage

_log = logging.getLogger(__name__)

ARCHITECTURES = {
    "strokes": "speech_gesture_ros.networks.strokes.model_stage",
    "speech_to_motion": "speech_gesture_ros.networks.speech_to_motion.model_stage",
    "kucherenko2019": "speech_gesture_ros.networks.kucherenko.model_stage",
    "speech2gesture": "speech_gesture_ros.networks.speech2gesture.model_stage",
}


def open_model(folder: Path, *, look_ahead_s: float, seed: int, device: str) -> ModelStage:
    """Open the model of a bundle.

    Args:
        folder: The bundle.
        look_ahead_s: Future speech that a pose may use [s].
        seed: Choice of gestures, where the model leaves one.
        device: "auto", "cpu", "cuda" or "cuda:<n>".

    Raises:
        BundleError: If the bundle is damaged, of an unknown architecture or does not fit this package.
        ConfigError: If the look-ahead is out of the model's range or the device does not work.
    """
    files = read_bundle(folder)
    module = ARCHITECTURES.get(files.architecture)
    if module is None:
        raise BundleError(f"architecture of bundle {str(folder)!r}", files.architecture,
                          f"one of {sorted(ARCHITECTURES)}", RETRAIN)
    stage: ModelStage = importlib.import_module(module).open_stage(
        files, look_ahead_s=look_ahead_s, seed=seed, device=device)
    _log.info("model %s runs on %s", stage.name, stage.device)
    return stage
