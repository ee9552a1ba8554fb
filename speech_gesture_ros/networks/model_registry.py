"""Every model behind one door: which architecture a bundle has decides who understands it, and nobody else asks.

bundle ── architecture ──► the module of that name: open_stage(files) ──► ModelStage
features at 100 Hz in, canonical poses at 25 Hz out
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol

from speech_gesture_ros.core.chunks import FeatureChunk, PoseChunk
from speech_gesture_ros.core.errors import BundleError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.stage import Stage
from speech_gesture_ros.networks.bundle_files import RETRAIN, read_bundle

ARCHITECTURES = {
    "speech_to_motion": "speech_gesture_ros.networks.speech_to_motion.model_stage",
    "kucherenko2019": "speech_gesture_ros.networks.kucherenko.model_stage",
    "speech2gesture": "speech_gesture_ros.networks.speech2gesture.model_stage",
}


class ModelStage(Stage[FeatureChunk, PoseChunk], Protocol):
    """A model in use: FeatureChunk (T, F) at 100 Hz to PoseChunk (K, J, 3) [m] at 25 Hz, T // 4 poses in all."""

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    @property
    def feature_set(self) -> str:
        """The features it hears, by their name in `features.sets`."""
        ...

    @property
    def skeleton(self) -> Skeleton:
        """Whose joints come out: the canonical one."""
        ...

    @property
    def device_reason(self) -> str:
        """Where it runs and why there."""
        ...


def open_model(folder: Path, *, look_ahead_s: float, seed: int, device: str) -> ModelStage:
    """The model of a bundle, ready for a stream.

    Args:
        folder: The bundle.
        look_ahead_s: Future speech a pose may use [s].
        seed: Which gestures are chosen, where the model leaves a choice.
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
    return stage
