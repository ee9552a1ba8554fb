"""Run configuration of the face model, read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.training.engine.run_settings import RunSettings, require_at_least


@dataclass(frozen=True)
class FaceSpeechConfig:
    """Speech of a run.

    Attributes:
        espeak_languages: Languages of espeak-ng, drawn for each track; one that is named twice is drawn twice as often.
        espeak_minutes: Speech of espeak-ng in all its variants [min].
        flite_voices: Voices of flite.
        flite_minutes: Speech of each of them [min].
        non_speech_minutes: Sound without speech [min].
        versions: Versions of the sound of each track, the clean one included.
        recorded: Recorded faces of the data folder's face/facegood.
    """

    espeak_languages: tuple[str, ...]
    espeak_minutes: float = 60.0
    flite_voices: tuple[str, ...] = ()
    flite_minutes: float = 20.0
    non_speech_minutes: float = 10.0
    versions: int = 3
    recorded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_at_least(self, "speech.", espeak_minutes=0.3, flite_minutes=0, non_speech_minutes=0, versions=1)


@dataclass(frozen=True, kw_only=True)
class FaceRunConfig(RunSettings):
    """Run of the face model.

    Attributes:
        name: Name of the bundle.
        model: The architecture.
        speech: Speech to train on.
        network: Sizes that differ from the defaults of `FaceNetworkConfig`.
        steps: Number of steps.
        batch: Sequences in a step.
        frames: Face frames in a sequence.
        learning_rate: Largest learning rate; falls as a cosine to a fiftieth.
        warm_up_steps: Steps in which the learning rate rises.
        clip: Largest norm of the gradient.
        weight_decay: Weight decay of AdamW.
        dropout: Dropout before the heads.
        average: Decay of the running average of the weights that is written to the bundle.
        workers: Processes that prepare the tracks.
    """

    name: str
    model: str = "face"
    speech: FaceSpeechConfig
    network: dict[str, Any] = field(default_factory=dict)
    steps: int = 4000
    batch: int = 20
    frames: int = 200
    learning_rate: float = 2e-3
    warm_up_steps: int = 100
    clip: float = 1.0
    weight_decay: float = 0.02
    dropout: float = 0.1
    average: float = 0.998
    workers: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least(self, steps=1, batch=1, frames=20, workers=1)


def load_face_config(path: Path) -> FaceRunConfig:
    """Read a configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(FaceRunConfig, load_yaml(path), str(path))
