"""What a training of Speech2Gesture is made of; the defaults are the paper's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig
from speech_gesture_ros.training.engine.fit import FitConfig
from speech_gesture_ros.training.engine.run_settings import CORRECT, RunSettings, require_at_least

MODEL = "speech2gesture"


@dataclass(frozen=True)
class Speech2GestureRunConfig(RunSettings):
    """A training.

    Attributes:
        name: Name of the bundle.
        model: "speech2gesture".
        speaker: Whose gestures to learn; "" where the corpus has one speaker.
        network: Sizes.
        gan_weight: Of the adversary in the generator's loss, the paper's lambda; 0 trains with L1 alone.
        learning_rate: Of both Adams.
        steps: Batches, each one step of the discriminator and one of the generator.
        batch: Windows.
        workers: Processes that draw batches ahead.
    """

    name: str
    model: str = MODEL
    speaker: str = ""
    network: Speech2GestureConfig = field(default_factory=Speech2GestureConfig)
    gan_weight: float = 1.0
    learning_rate: float = 1e-4
    steps: int = 90_000
    batch: int = 32
    workers: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model != MODEL:
            raise ConfigError("model", self.model, repr(MODEL), "This is another model's configuration.")
        require_at_least(self, gan_weight=0, steps=1, batch=2)
        if not self.learning_rate > 0:
            raise ConfigError("learning_rate", self.learning_rate, "above 0", CORRECT)

    def fit_config(self) -> FitConfig:
        """For `lightning_fit`. Not validated: the best L1 is the stillest motion."""
        return FitConfig(self.steps, workers=self.workers, **self.settings())


def load_run_config(path: Path) -> Speech2GestureRunConfig:
    """Read a training configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(Speech2GestureRunConfig, load_yaml(path), str(path))
