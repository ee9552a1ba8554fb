"""Configuration of an experiment: its rows, and what they have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.training.train import DEFAULT_MODEL

REMEDY = "Correct the experiment's configuration."
GENERATION_MODES = ("live", "offline")


@dataclass(frozen=True)
class RowConfig:
    """One row of the table.

    Attributes:
        name: Name in the table.
        train: Name in config/training, or a YAML file.
        overrides: Keys of that configuration that differ; mappings are merged.
        generation: "offline" as in the paper (20 Hz, the whole future known, kucherenko2019 only) or "live": by the
            run-time pipeline.
        look_ahead_s: Look-ahead of the run-time pipeline [s].
        post_processing: Steps of `kucherenko.post_processing.POST_PROCESSING_STEPS`, after the network.
    """

    name: str
    train: str
    overrides: dict[str, Any] = field(default_factory=dict)
    generation: str = "live"
    look_ahead_s: float = 0.4
    post_processing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.generation not in GENERATION_MODES:
            raise ConfigError(f"generation of row {self.name!r}", self.generation, "live or offline", REMEDY)


@dataclass(frozen=True)
class ExperimentConfig:
    """One experiment.

    Attributes:
        name: Title of the table.
        rows: Models to train and measure.
        overrides: For every row whose configuration has that `model`: keys that differ, before the row's own.
        seeds: Each row is trained once for each; more than one gives mean and standard deviation.
        other_speech: Row whose motion for other clips is measured as a control; "" for the first.
        joints: Joints of the metrics; empty for all but the root.
        longest_s: Part of each test clip that is used [s].
    """

    name: str
    rows: tuple[RowConfig, ...]
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    other_speech: str = ""
    joints: tuple[str, ...] = ()
    longest_s: float = 60.0

    def __post_init__(self) -> None:
        names = [row.name for row in self.rows]
        for thing, values in (("rows", names), ("seeds", self.seeds)):
            if not values or len(set(values)) < len(values):
                raise ConfigError(thing, list(values), "at least one, none twice", REMEDY)
        if self.other_speech and self.other_speech not in names:
            raise ConfigError("other_speech", self.other_speech, f"one of {names}", REMEDY)

    @property
    def control_row(self) -> str:
        """Name of the row whose motion for other clips is the control."""
        return self.other_speech or self.rows[0].name


def load_experiment(path: Path) -> ExperimentConfig:
    """Read an experiment.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(ExperimentConfig, load_yaml(path), str(path))


def effective_config(config: ExperimentConfig, row: RowConfig, seed: int) -> dict[str, Any]:
    """Return the training configuration of a row: its file, the overrides of its model, its own overrides, the seed.

    Keys that a file sets to null are not overridden by those of the model.
    """
    base = load_yaml(resolve(row.train, "config/training"))
    common = config.overrides.get(str(base.get("model", DEFAULT_MODEL)), {})
    common = {key: value for key, value in common.items() if base.get(key, value) is not None}
    return {**merged(merged(base, common), row.overrides), "seed": seed}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with changes; mappings within are merged as well."""
    out = dict(base)
    for key, value in changes.items():
        before = out.get(key)
        out[key] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return out
