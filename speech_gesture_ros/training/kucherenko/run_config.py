"""Run configuration of the 2019 model, read from one YAML file.

The defaults are the paper's. Its batch of 2056 windows and its 10 000 steps need a GPU; configurations for two
processor cores state what they change.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.training.engine.fit import FitConfig
from speech_gesture_ros.training.engine.run_settings import REMEDY, RunSettings, require_at_least
from speech_gesture_ros.training.kucherenko.features import FEATURE_COMBINATIONS


@dataclass(frozen=True, kw_only=True)
class LearningConfig:
    """Settings that both networks have.

    Attributes:
        dropout: Share dropped: of the inputs of both layers of the autoencoder, after every block of the encoder.
        learning_rate: Learning rate of Adam.
        batch: Frames in a step, or windows.
        steps: Steps of training.
        patience: Validations without improvement after which training stops; 0 never stops early.
    """

    dropout: float = 0.1
    learning_rate: float
    batch: int
    steps: int
    patience: int = 0


@dataclass(frozen=True, kw_only=True)
class RepresentationConfig(LearningConfig):
    """MotionE and MotionD: the denoising autoencoder of single frames.

    Attributes:
        size: Size of the representation (DIM in the paper; 325 of 384 there).
        noise: Noise added to the input, in standard deviations of each dimension.
        weight_decay: Weight of half the sum of squared weights.
    """

    size: int = 86
    noise: float = 0.05
    weight_decay: float = 0.5
    learning_rate: float = 1e-4
    batch: int = 128
    steps: int = 20_000


@dataclass(frozen=True, kw_only=True)
class SpeechConfig(LearningConfig):
    """SpeechE: windows of speech to representations, or to poses in the baseline.

    Attributes:
        past: Feature frames of 50 ms before the pose.
        future: Feature frames after it.
        layers: Number of dense layers, each applied to single frames.
        width: Width of these.
        hidden: Width of the recurrent layer.
    """

    past: int = 30
    future: int = 30
    layers: int = 3
    width: int = 256
    hidden: int = 256
    learning_rate: float = 1e-3
    batch: int = 2056
    steps: int = 10_000

    @property
    def window(self) -> int:
        """Feature frames in a window."""
        return self.past + 1 + self.future


@dataclass(frozen=True)
class KucherenkoRunConfig(RunSettings):
    """One run.

    Attributes:
        model: "kucherenko2019".
        name: Name of the bundle.
        features: Features of the input: a key of `features.FEATURE_COMBINATIONS`.
        representation: The autoencoder; None for the direct baseline, which predicts poses and velocities.
        speech: The speech encoder.
        noisy_copies: Train on each clip a second time, with white noise of amplitude 0.01.
        silence_frames: Frames of silence before and after each clip.
        validate_every_steps: Steps between validations; 0 for no validation.
    """

    model: str
    name: str
    features: str = "mfcc+prosody"
    representation: RepresentationConfig | None = RepresentationConfig()
    speech: SpeechConfig = SpeechConfig()
    noisy_copies: bool = True
    silence_frames: int = 30
    validate_every_steps: int = 200

    def fit_config(self, part: LearningConfig) -> FitConfig:
        """Return the arguments of the fit of one of the two networks."""
        return FitConfig(part.steps, validate_every_steps=min(self.validate_every_steps, part.steps),
                         early_stop_patience=part.patience, **self.settings())

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.features not in FEATURE_COMBINATIONS:
            raise ConfigError("features", self.features, f"one of {sorted(FEATURE_COMBINATIONS)}", REMEDY)
        if self.representation is not None:
            require_at_least(self.representation, "representation.", size=1, batch=1, steps=1)
        require_at_least(self.speech, "speech.", layers=1, width=1, hidden=1, batch=1, steps=1, past=0, future=0)


def load_run_config(path: Path) -> KucherenkoRunConfig:
    """Read a run configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(KucherenkoRunConfig, load_yaml(path), str(path))
