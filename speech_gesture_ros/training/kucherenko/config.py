"""What a training run of the 2019 model is made of: one YAML file, read into these.

The defaults are the paper's. Its batch of 2056 windows and its 10 000 steps are work for a GPU; configurations for two
processor cores say what they change.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.config import from_mapping, load_yaml
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.training.kucherenko.features import FEATURE_COMBINATIONS
from speech_gesture_ros.training.lightning_fit import FitConfig

CORRECT = "Correct the training configuration."


@dataclass(frozen=True)
class RepresentationConfig:
    """MotionE and MotionD: the denoising autoencoder of single frames.

    Attributes:
        size: Of the representation (DIM in the paper; 325 of 384 there).
        noise: Added to its input, in standard deviations of each dimension.
        dropout: Share dropped of the input of either layer.
        weight_decay: Of half the sum of squared weights.
        learning_rate: Of Adam.
        batch: Frames a step.
        steps: Of training.
        patience: Validations without improvement before it stops; 0 never.
    """

    size: int = 86
    noise: float = 0.05
    dropout: float = 0.1
    weight_decay: float = 0.5
    learning_rate: float = 1e-4
    batch: int = 128
    steps: int = 20_000
    patience: int = 0


@dataclass(frozen=True)
class SpeechConfig:
    """SpeechE: windows of speech to representations, or to poses in the baseline.

    Attributes:
        past: Feature frames of 50 ms before the pose.
        future: Feature frames after it.
        layers: Dense layers, each on every frame alone.
        width: Of these.
        hidden: Of the recurrent layer.
        dropout: After every block.
        learning_rate: Of Adam.
        batch: Windows a step.
        steps: Of training.
        patience: Validations without improvement before it stops; 0 never.
    """

    past: int = 30
    future: int = 30
    layers: int = 3
    width: int = 256
    hidden: int = 256
    dropout: float = 0.1
    learning_rate: float = 1e-3
    batch: int = 2056
    steps: int = 10_000
    patience: int = 0


@dataclass(frozen=True)
class RunConfig:
    """A whole run.

    Attributes:
        model: "kucherenko2019".
        name: Name of the bundle.
        features: What is heard: a key of `features.FEATURE_COMBINATIONS`.
        representation: The autoencoder; None for the direct baseline, which predicts poses and velocities.
        speech: The speech encoder.
        noisy_copies: Learn from each clip a second time, with white noise of amplitude 0.01.
        silence_frames: Frames of silence before and after each clip.
        seed: Of everything random.
        precision: Of the training, as Lightning has it.
        accelerator: "auto", "cpu" or "cuda".
        threads: Of torch.
        validate_every_steps: How often the validation speakers are heard; 0 never.
        checkpoint_s: Time between checkpoints [s].
        tensorboard: Write the curves of the losses.
    """

    model: str
    name: str
    features: str = "mfcc+prosody"
    representation: RepresentationConfig | None = RepresentationConfig()
    speech: SpeechConfig = SpeechConfig()
    noisy_copies: bool = True
    silence_frames: int = 30
    seed: int = 0
    precision: str = "32-true"
    accelerator: str = "auto"
    threads: int = 1
    validate_every_steps: int = 200
    checkpoint_s: float = 120.0
    tensorboard: bool = True

    def fit_config(self, part: RepresentationConfig | SpeechConfig) -> FitConfig:
        """How one of the two networks is trained."""
        return FitConfig(max_steps=part.steps, seed=self.seed, precision=self.precision, accelerator=self.accelerator,
                         validate_every_steps=min(self.validate_every_steps, part.steps),
                         early_stop_patience=part.patience, checkpoint_s=self.checkpoint_s,
                         tensorboard=self.tensorboard, threads=self.threads)

    def __post_init__(self) -> None:
        if self.features not in FEATURE_COMBINATIONS:
            raise ConfigError("features", self.features, f"one of {sorted(FEATURE_COMBINATIONS)}", CORRECT)
        if self.representation is not None:
            _require_positive(self.representation, ("size", "batch", "steps"), "representation")
        _require_positive(self.speech, ("layers", "width", "hidden", "batch", "steps"), "speech")
        _require_positive(self, ("threads",), "")
        for name in ("past", "future"):
            if getattr(self.speech, name) < 0:
                raise ConfigError(f"speech.{name}", getattr(self.speech, name), "at least 0", CORRECT)


def _require_positive(config: object, names: tuple[str, ...], where: str) -> None:
    for name in names:
        if getattr(config, name) < 1:
            raise ConfigError(f"{where}.{name}".lstrip("."), getattr(config, name), "at least 1", CORRECT)


def load_run_config(path: Path) -> RunConfig:
    """Read a training configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(RunConfig, load_yaml(path), str(path))
