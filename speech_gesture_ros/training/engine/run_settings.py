"""What every training has in common, whichever model it makes: a part of each configuration, and of the fit.

    RunSettings ─┬─► TrainingConfig ─► PairedConfig      our own model
                 ├─► kucherenko.RunConfig                each adds what is learned, and how
                 ├─► speech2gesture.RunConfig
                 └─► FitConfig                           what `lightning_fit` is told

Wrong settings are refused when a configuration is read, not hours later.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.errors import ConfigError

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed")
ACCELERATORS = ("auto", "cpu", "cuda")
CORRECT = "Correct the training configuration."


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Where and how a training runs.

    Attributes:
        seed: Of everything random.
        precision: "32-true", or "16-mixed" or "bf16-mixed" for graphics processors that have it.
        accelerator: "auto", "cpu" or "cuda".
        threads: Of torch on the CPU: a second one gains little with networks of this size.
        checkpoint_s: Time between checkpoints [s].
        tensorboard: Whether to write events for TensorBoard.
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
                raise ConfigError(name, getattr(self, name), f"one of {', '.join(known)}", CORRECT)

    def settings(self) -> dict[str, Any]:
        """These by name, to be passed on."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(RunSettings)}


def require_at_least(config: object, where: str = "", **lowest: float) -> None:
    """Check fields of a configuration against their lowest values.

    Args:
        config: Whose fields.
        where: In front of the name in the error, such as "speech.".
        **lowest: Field to the least that it may be.

    Raises:
        ConfigError: If one is less.
    """
    for name, low in lowest.items():
        if getattr(config, name) < low:
            raise ConfigError(f"{where}{name}", getattr(config, name), f"at least {low}", CORRECT)
