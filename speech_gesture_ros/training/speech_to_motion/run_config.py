"""Run configuration of the architecture "speech_to_motion", read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD
from speech_gesture_ros.training.engine.run_settings import REMEDY, AveragedRunSettings, require_at_least


@dataclass(frozen=True)
class LossConfig:
    """Weights of the parts of the loss, each about 1 for an untrained network.

    Attributes:
        position: Joint positions.
        velocity: First differences of the positions.
        acceleration: Second differences.
        size: Extent of the motion of each joint in a sequence, as a log ratio.
        acceleration_size: Extent of its acceleration, likewise.
        size_early: Replaces `size` until `size_from`, with no weight on accelerations: a network that does not yet
            predict gestures would learn to oscillate.
        size_from: Share of the steps after which both sizes have their full weight.
        direction: Bone directions.
        events: Accent and speech heads.
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
        """Return the weights at a share of the steps, 0 to 1; `size` and `acceleration_size` depend on it."""
        return self if progress >= self.size_from else replace(self, size=self.size_early, acceleration_size=0.0)


@dataclass(frozen=True, kw_only=True)
class SpeechToMotionRunConfig(AveragedRunSettings):
    """Part that both kinds of run share.

    Attributes:
        model: The architecture.
        loss: Weights of the loss.
        decoder_steps: Steps of MotionE and MotionD alone, before SpeechE.
        steps: Steps of SpeechE through MotionD.
        batch: Sequences in a step.
        frames: Pose frames in a sequence.
        learning_rate: Largest learning rate; falls as a cosine to a fiftieth.
        usual_look_ahead: Look-ahead that is trained more often than the others [pose frames].
        validate_every_steps: Steps between validations; 0 for no validation.
        early_stop_patience: Validations in a row without a lower loss after which the run stops; 0 never stops early.
    """

    model: str = "speech_to_motion"
    loss: LossConfig = LossConfig()
    decoder_steps: int = 600
    steps: int = 4000
    batch: int = 16
    frames: int = 320
    learning_rate: float = 2e-3
    weight_decay: float = 0.03
    dropout: float = 0.15
    usual_look_ahead: int = 10
    validate_every_steps: int = 0
    early_stop_patience: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.frames <= 2 * MAX_LOOK_AHEAD:
            raise ConfigError("frames", self.frames, f"more than {2 * MAX_LOOK_AHEAD}", "Use longer sequences.")
        if not 0 <= self.usual_look_ahead <= MAX_LOOK_AHEAD:
            raise ConfigError("usual_look_ahead", self.usual_look_ahead, f"0 to {MAX_LOOK_AHEAD}", "Correct it.")
        require_at_least(self, steps=1, batch=1)


@dataclass(frozen=True)
class CodesConfig:
    """Gesture codes that are learned from motion.

    Attributes:
        count: Number of codes; fewer are found if there are too few segments.
        segment_s: Shortest and longest segment [s].
    """

    count: int = 24
    segment_s: tuple[float, float] = (1.0, 2.4)

    def __post_init__(self) -> None:
        if not 2 <= self.count <= 255:
            raise ConfigError("codes: count", self.count, "2 to 255", REMEDY)
        if not 0.2 <= self.segment_s[0] <= self.segment_s[1] / 2:
            raise ConfigError("codes: segment_s", self.segment_s, "at least 0.2 s, the longest twice the shortest",
                              REMEDY)


@dataclass(frozen=True, kw_only=True)
class PairedRunConfig(SpeechToMotionRunConfig):
    """Run on paired data: the user's speech with the motion recorded with it.

    Attributes:
        codes: Gesture codes to learn.
        mirror: Train on the mirror image of each clip, too.
        augmented_versions: Versions of the sound of each clip with noise, filter or gain, beside the clean one.
        validation_batches: Batches drawn from the validation clips.
    """

    codes: CodesConfig = CodesConfig()
    mirror: bool = True
    augmented_versions: int = 2
    validation_batches: int = 8


def load_paired_config(path: Path) -> PairedRunConfig:
    """Read the configuration of a run on paired data.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    content = load_yaml(path)
    if "corpus" in content:
        raise ConfigError(f"{path}: key", "corpus", "left out: the prepared corpus is given with --data", "Remove it.")
    return from_mapping(PairedRunConfig, content, str(path))
