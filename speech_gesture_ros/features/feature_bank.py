"""Feature sets of one audio stream, each computed once for all models that take it.

AudioChunk ──► FeatureBank ──► {"prosodic_mel": FeatureChunk, "log_mel64": FeatureChunk} ──► each model takes its set
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.stage import Stage
from speech_gesture_ros.features.sets import make_feature_stage

FeatureStage = Stage[AudioChunk, FeatureChunk]


class FeatureBank:
    """One feature stage for each feature set.

    Args:
        feature_sets: Names in `features.sets`, as the capabilities of the models give them; each counts once.
        make_stage: Constructor of a feature stage.

    Raises:
        ConfigError: If a name is unknown.
    """

    def __init__(self, feature_sets: Iterable[str],
                 make_stage: Callable[[str], FeatureStage] = make_feature_stage) -> None:
        self._stages = {name: make_stage(name) for name in sorted(set(feature_sets))}

    def latency_s(self, feature_set: str) -> float:
        """Algorithmic delay of a feature set [s]."""
        return self._stages[feature_set].latency_s

    def push(self, chunk: AudioChunk) -> dict[str, FeatureChunk]:
        """Feed consecutive 16 kHz samples; return the frames that they complete, by feature set."""
        return {name: stage.push(chunk) for name, stage in self._stages.items()}

    def flush(self) -> dict[str, FeatureChunk]:
        """Return the remaining frames, as if silence followed, by feature set."""
        return {name: stage.flush() for name, stage in self._stages.items()}

    def reset(self) -> None:
        """Return to the state of a new feature bank."""
        for stage in self._stages.values():
            stage.reset()
