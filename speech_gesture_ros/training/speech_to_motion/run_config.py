"""What a training run is made of: one YAML file, read into these."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD
from speech_gesture_ros.training.engine.run_settings import CORRECT, RunSettings, require_at_least


@dataclass(frozen=True)
class CorpusConfig:
    """What is learned from.

    Attributes:
        held_out_speakers: Never trained on; the report is about them.
        performances: Performances composed for each recording, each with codes of its own.
        damaged_versions: Versions of each recording's sound that are noisy, filtered or louder, beside the clean one.
        calm_minutes: Sound without speech, over which the hands rest [min].
        rest: Where the choreographer's hands rest.
    """

    held_out_speakers: tuple[str, ...]
    performances: int = 8
    damaged_versions: int = 3
    calm_minutes: float = 8.0
    rest: str = "together"

    def __post_init__(self) -> None:
        require_at_least(self, performances=1, damaged_versions=0, calm_minutes=0)


@dataclass(frozen=True)
class LossConfig:
    """Weights of the parts of the loss, each about 1 for a network that knows nothing.

    Attributes:
        position: Of joint positions.
        velocity: Of their first differences.
        acceleration: Of their second differences.
        size: Of how much each joint moves in a sequence, as a log ratio.
        acceleration_size: Of how much it is accelerated, likewise.
        size_early: Instead of `size` until `size_from`, and nothing of accelerations: a network that does not know its
            gestures yet would learn to wave.
        size_from: Share of the steps after which both sizes count.
        direction: Of bone directions.
        events: Of the accent and speech heads.
    """

    position: float = 1.0
    velocity: float = 1.0
    acceleration: float = 0.2
    size: float = 0.05
    acceleration_size: float = 0.0
    size_early: float = 0.05
    size_from: float = 0.0
    direction: float = 0.5
    events: float = 0.3

    def at(self, progress: float) -> LossConfig:
        """The weights that count at a share of the steps, 0 to 1, in `size` and `acceleration_size`."""
        return self if progress >= self.size_from else replace(self, size=self.size_early, acceleration_size=0.0)


@dataclass(frozen=True)
class TrainingConfig(RunSettings):
    """A whole run.

    Attributes:
        name: Name of the bundle.
        corpus: What is learned from.
        model: The architecture.
        network: Sizes that differ from `SpeechToMotionConfig`'s defaults.
        loss: Weights of the loss.
        decoder_steps: Steps of MotionE and MotionD alone, before SpeechE.
        steps: Steps of SpeechE through MotionD.
        batch: Sequences a step.
        frames: Pose frames a sequence.
        learning_rate: Largest; falls as a cosine to a fiftieth.
        warm_up_steps: In which it rises.
        clip: Largest norm of the gradient.
        weight_decay: Of AdamW.
        dropout: Share of what was heard, and of what drives the motion, that is dropped.
        average: Decay of the running average of the weights that goes into the bundle.
        usual_look_ahead: Trained on more often than the others [pose frames].
        workers: Processes that prepare the corpus.
        validate_every_steps: Steps between validations; 0 validates never.
        early_stop_patience: Validations in a row without a lower loss after which to stop; 0 never stops early.
    """

    name: str
    corpus: CorpusConfig
    model: str = "speech_to_motion"
    network: dict[str, Any] = field(default_factory=dict)
    loss: LossConfig = LossConfig()
    decoder_steps: int = 600
    steps: int = 4000
    batch: int = 16
    frames: int = 320
    learning_rate: float = 2e-3
    warm_up_steps: int = 100
    clip: float = 1.0
    weight_decay: float = 0.03
    dropout: float = 0.15
    average: float = 0.998
    usual_look_ahead: int = 10
    workers: int = 2
    validate_every_steps: int = 0
    early_stop_patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.frames <= 2 * MAX_LOOK_AHEAD:
            raise ConfigError("frames", self.frames, f"more than {2 * MAX_LOOK_AHEAD}", "Use longer sequences.")
        if not 0 <= self.usual_look_ahead <= MAX_LOOK_AHEAD:
            raise ConfigError("usual_look_ahead", self.usual_look_ahead, f"0 to {MAX_LOOK_AHEAD}", "Correct it.")
        require_at_least(self, steps=1, batch=1, workers=1)


@dataclass(frozen=True)
class CodesConfig:
    """Gesture codes that are learned from motion.

    Attributes:
        count: Codes to find; fewer if there are not enough segments for so many.
        segment_s: Shortest and longest segment [s].
    """

    count: int = 24
    segment_s: tuple[float, float] = (1.0, 2.4)

    def __post_init__(self) -> None:
        if not 2 <= self.count <= 255:
            raise ConfigError("codes: count", self.count, "2 to 255", CORRECT)
        if not 0.2 <= self.segment_s[0] <= self.segment_s[1] / 2:
            raise ConfigError("codes: segment_s", self.segment_s, "at least 0.2 s, the longest twice the shortest",
                              CORRECT)


@dataclass(frozen=True)
class PairedConfig(TrainingConfig):
    """A run on paired data: the user's speech with the motion that belongs to it. `corpus` is not used.

    Attributes:
        codes: What is learned of the motion's gestures.
        mirror: Whether each clip's mirror image is learned from too.
        damaged_versions: Versions of each clip's sound that are noisy, filtered or louder, beside the clean one.
        validation_batches: Batches drawn from the validation clips.
    """

    codes: CodesConfig = CodesConfig()
    mirror: bool = True
    damaged_versions: int = 2
    validation_batches: int = 8


def load_paired_config(path: Path) -> PairedConfig:
    """Read the configuration of a training on paired data.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    content = load_yaml(path)
    if "corpus" in content:
        raise ConfigError(f"{path}: key", "corpus", "left out: the corpus is prepared and comes with --data",
                          "Remove it.")
    return from_mapping(PairedConfig, {**content, "corpus": {"held_out_speakers": []}}, str(path))


def load_training_config(path: Path) -> TrainingConfig:
    """Read a training configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(TrainingConfig, load_yaml(path), str(path))
