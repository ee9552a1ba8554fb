"""Run configuration of Speech2Face."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.speech2face.network_config import Speech2FaceConfig
from speech_gesture_ros.training.engine.fit import FitConfig
from speech_gesture_ros.training.engine.run_settings import REMEDY, RunSettings, require_at_least

MODEL = "speech2face"


@dataclass(frozen=True)
class Speech2FaceRunConfig(RunSettings):
    """One run.

    Attributes:
        name: Name of the bundle.
        model: "speech2face".
        network: Sizes.
        face_steps: Steps of the face recogniser and decoder, which are then frozen.
        steps: Steps of the voice encoder.
        batch: Voices in a batch; of them the paper takes 8.
        learning_rate: Of Adam; falls by 0.95 every `decay_steps`, as in the paper.
        decay_steps: Steps from one fall of the learning rate to the next.
        first_layer_weight: Weight of the absolute difference of the decoder's first layer.
        direction_weight: Weight of the squared distance of the normalised features (the paper's lambda 1).
        distillation_weight: Weight of the distillation through the recogniser's last layer (lambda 2).
        temperature: Of the distillation.
        held_out: Share of the people whose faces are searched for in the evaluation and never trained on.
        workers: Processes that read voices ahead.
    """

    name: str
    model: str = MODEL
    network: Speech2FaceConfig = field(default_factory=Speech2FaceConfig)
    face_steps: int = 1500
    steps: int = 600
    batch: int = 16
    learning_rate: float = 1e-3
    decay_steps: int = 10_000
    first_layer_weight: float = 1.0
    direction_weight: float = 1.0
    distillation_weight: float = 0.2
    temperature: float = 2.0
    held_out: float = 0.25
    workers: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model != MODEL:
            raise ConfigError("model", self.model, repr(MODEL), "This is another model's configuration.")
        require_at_least(self, face_steps=1, steps=1, batch=2, decay_steps=1, first_layer_weight=0,
                         direction_weight=0, distillation_weight=0, workers=0)
        if not (0 < self.learning_rate < 1 and 0 < self.temperature <= 100 and 0 < self.held_out < 1):
            raise ConfigError("learning_rate, temperature, held_out",
                              (self.learning_rate, self.temperature, self.held_out),
                              "in (0, 1), (0, 100] and (0, 1)", REMEDY)

    def fit_config(self, steps: int) -> FitConfig:
        """Return the arguments of a fit."""
        return FitConfig(steps, workers=self.workers, **self.settings())


def load_run_config(path: Path) -> Speech2FaceRunConfig:
    """Read a run configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(Speech2FaceRunConfig, load_yaml(path), str(path))
