"""Run configuration of the stroke model, read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.strokes.laws import StrokeLaws
from speech_gesture_ros.training.engine.run_settings import AveragedRunSettings, require_at_least


@dataclass(frozen=True)
class RecordedSpeechConfig:
    """Recorded speech of a run.

    Attributes:
        held_out_speakers: Speakers that are not trained on; the report is about them.
        speaker_minutes: Speech of one speaker that is used at most [min]; the rest of a long one adds little.
        augmented_versions: Versions of the sound of each recording with noise, filter or gain, beside the clean one.
        non_speech_minutes: Sound without speech [min].
    """

    held_out_speakers: tuple[str, ...]
    speaker_minutes: float = 12.0
    augmented_versions: int = 3
    non_speech_minutes: float = 12.0

    def __post_init__(self) -> None:
        require_at_least(self, speaker_minutes=0.1, augmented_versions=0, non_speech_minutes=0)


@dataclass(frozen=True)
class StepsConfig:
    """Steps of one network.

    Attributes:
        steps: Number of steps.
        batch: Sequences, or poses, in a step.
        learning_rate: Largest learning rate; falls as a cosine to a fiftieth.
    """

    steps: int
    batch: int
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        require_at_least(self, steps=1, batch=1)


@dataclass(frozen=True, kw_only=True)
class StrokeRunConfig(AveragedRunSettings):
    """Run on recorded speech with motion drawn by the stroke process.

    Attributes:
        model: The architecture.
        speech: Recorded speech.
        laws: Laws of the strokes; part of the bundle.
        encoder: Steps of the speech encoder.
        decoder: Steps of the motion decoder.
        frames: Pose frames in a sequence of the speech encoder.
        composed_minutes: Motion that the motion decoder learns from [min].
    """

    model: str = "strokes"
    speech: RecordedSpeechConfig
    laws: StrokeLaws = field(default_factory=StrokeLaws)
    encoder: StepsConfig = StepsConfig(4000, 16)
    decoder: StepsConfig = StepsConfig(8000, 1024)
    frames: int = 320
    composed_minutes: float = 120.0
    dropout: float = 0.08

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least(self, frames=10, composed_minutes=0.1)


def load_stroke_config(path: Path) -> StrokeRunConfig:
    """Read a configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(StrokeRunConfig, load_yaml(path), str(path))
