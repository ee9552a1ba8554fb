"""Registry of feature sets: each is a module with FEATURE_NAMES and open_stage()."""

from __future__ import annotations

import importlib
from types import ModuleType

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.stage import Stage

FEATURE_SETS = {
    "prosodic_mel": "speech_gesture_ros.features.prosodic_mel",
    "kucherenko2019": "speech_gesture_ros.features.kucherenko",
    "kucherenko2019_16k": "speech_gesture_ros.features.kucherenko_16k",
    "log_mel64": "speech_gesture_ros.features.log_mel",
}


def make_feature_stage(feature_set: str) -> Stage[AudioChunk, FeatureChunk]:
    """Make a stage: AudioChunk (N,) at 16 kHz to FeatureChunk (N // 160, F) at 100 Hz.

    Raises:
        ConfigError: If there is no such set.
    """
    stage: Stage[AudioChunk, FeatureChunk] = _module(feature_set).open_stage()
    return stage


def feature_names(feature_set: str) -> tuple[str, ...]:
    """Return the names of the columns of a set.

    Raises:
        ConfigError: If there is no such set.
    """
    names: tuple[str, ...] = _module(feature_set).FEATURE_NAMES
    return names


def _module(feature_set: str) -> ModuleType:
    if feature_set not in FEATURE_SETS:
        raise ConfigError("feature set", feature_set, f"one of {sorted(FEATURE_SETS)}", "Use a bundle that fits.")
    return importlib.import_module(FEATURE_SETS[feature_set])
