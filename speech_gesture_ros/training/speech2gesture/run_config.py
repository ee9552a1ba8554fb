"""Run configuration of Speech2Gesture; the defaults are the paper's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.speech2gesture.network_config import Speech2GestureConfig
from speech_gesture_ros.training.engine.fit import FitConfig
from speech_gesture_ros.training.engine.run_settings import REMEDY, RunSettings, require_at_least

MODEL = "speech2gesture"


@dataclass(frozen=True)
class Speech2GestureRunConfig(RunSettings):
    """One run.

    Attributes:
        name: Name of the bundle.
        model: "speech2gesture".
        speaker: Speaker of the corpus; "" where it has one speaker.
        network: Sizes.
        gan_weight: Weight of the adversarial loss of the generator, the paper's lambda; 0 trains with L1 alone.
        learning_rate: Learning rate of both Adams.
        steps: Batches, each one step of the discriminator and one of the generator.
        batch: Windows in a batch.
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
            raise ConfigError("learning_rate", self.learning_rate, "above 0", REMEDY)

    def fit_config(self) -> FitConfig:
        """Return the arguments of the fit, without validation: the lowest L1 is that of the least motion."""
        return FitConfig(self.steps, workers=self.workers, **self.settings())


def load_run_config(path: Path) -> Speech2GestureRunConfig:
    """Read a run configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(Speech2GestureRunConfig, load_yaml(path), str(path))
