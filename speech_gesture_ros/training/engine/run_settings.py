"""Settings that every training has, whichever model it makes: a part of each run configuration, and of the fit.

    RunSettings ─┬─► AveragedRunSettings ─► SpeechToMotionRunConfig, StrokeRunConfig, FaceRunConfig
                 ├─► KucherenkoRunConfig                                   each adds data and network
                 ├─► Speech2GestureRunConfig
                 └─► FitConfig                                             arguments of `engine.fit`

Wrong settings are refused when a configuration is read.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from speech_gesture_ros.core.errors import ConfigError

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")
ACCELERATORS = ("auto", "cpu", "cuda")
REMEDY = "Correct the training configuration."


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Device and seed of a run, and the files it writes.

    Attributes:
        seed: Seed of all random numbers.
        precision: "32-true", or "16-mixed" or "bf16-mixed" on processors that have it.
        accelerator: "auto", "cpu" or "cuda".
        threads: Threads of torch on the CPU; more than one gains little with networks of this size.
        checkpoint_s: Time between checkpoints [s].
        tensorboard: Write events for TensorBoard.
    """

    seed: int = 0
    precision: str = "32-true"
    accelerator: str = "auto"
    threads: int = 1
    checkpoint_s: float = 120.0
    tensorboard: bool = True

    def __post_init__(self) -> None:
        require_at_least(self, threads=1, checkpoint_s=0)
        for name, known in (("precision", PRECISIONS), ("accelerator", ACCELERATORS)):
            if getattr(self, name) not in known:
                raise ConfigError(name, getattr(self, name), f"one of {', '.join(known)}", REMEDY)

    def settings(self) -> dict[str, Any]:
        """Return these settings by name, without those of subclasses."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(RunSettings)}


@dataclass(frozen=True, kw_only=True)
class AveragedRunSettings(RunSettings):
    """Settings of the runs with an `AveragedLearner`.

    Attributes:
        name: Name of the bundle.
        network: Sizes that differ from the defaults of the architecture.
        warm_up_steps: Steps in which the learning rate rises.
        clip: Largest norm of the gradient.
        weight_decay: Weight decay of AdamW.
        dropout: Dropout in the encoder of speech.
        average: Decay of the running average of the weights that is written to the bundle.
        workers: Processes that prepare the corpus.
    """

    name: str
    network: dict[str, Any] = field(default_factory=dict)
    warm_up_steps: int = 100
    clip: float = 1.0
    weight_decay: float = 0.02
    dropout: float = 0.1
    average: float = 0.998
    workers: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least(self, workers=1)


def require_at_least(config: object, where: str = "", **lowest: float) -> None:
    """Check fields of a configuration against their lowest values.

    Args:
        config: Configuration to check.
        where: Prefix of the name in the error, such as "speech.".
        **lowest: Field name to its lowest value.

    Raises:
        ConfigError: If a field is below its lowest value.
    """
    for name, low in lowest.items():
        if getattr(config, name) < low:
            raise ConfigError(f"{where}{name}", getattr(config, name), f"at least {low}", REMEDY)
