"""Settings that every training has: read from every shipped file as written, checked, and passed on to the fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError

pytest.importorskip("pytorch_lightning", reason="needs pip install '.[train]'")

from speech_gesture_ros.training.engine.run_settings import RunSettings
from speech_gesture_ros.training.kucherenko import run_config as kucherenko
from speech_gesture_ros.training.speech2gesture import run_config as speech2gesture
from speech_gesture_ros.training.speech_to_motion.learners import fit_config
from speech_gesture_ros.training.speech_to_motion.run_config import load_paired_config
from speech_gesture_ros.training.strokes.learners import stroke_fit_config
from speech_gesture_ros.training.strokes.run_config import StrokeRunConfig, load_stroke_config

OTHER = {"seed": 7, "precision": "bf16-mixed", "accelerator": "cpu", "threads": 2, "checkpoint_s": 5.0,
         "tensorboard": False}
SHIPPED = {
    "default": load_stroke_config, "paired": load_paired_config, "tiny": load_paired_config,
    "kucherenko2019": kucherenko.load_run_config, "kucherenko2019_direct": kucherenko.load_run_config,
    "speech2gesture": speech2gesture.load_run_config, "speech2gesture_small": speech2gesture.load_run_config,
}


def fits(config: Any) -> list[RunSettings]:
    """The arguments of every fit of a run."""
    if isinstance(config, kucherenko.KucherenkoRunConfig):
        return [config.fit_config(part) for part in (config.representation, config.speech) if part]
    if isinstance(config, StrokeRunConfig):
        return [stroke_fit_config(config, part) for part in (config.encoder, config.decoder)]
    return [config.fit_config() if isinstance(config, speech2gesture.Speech2GestureRunConfig) else fit_config(config)]


@pytest.fixture(params=SHIPPED)
def shipped(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """A function that reads a shipped file with some keys changed."""
    content = yaml.safe_load(resolve(request.param, "config/training").read_text(encoding="utf-8"))

    def read(**changes: object) -> tuple[dict[str, Any], Any]:
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(content | changes), encoding="utf-8")
        return content | changes, SHIPPED[request.param](path)

    return read


def test_shipped_files_are_read_as_written(shipped) -> None:
    content, config = shipped()
    expected = {name: content.get(name, value) for name, value in RunSettings().settings().items()}
    assert config.settings() == expected


def test_settings_reach_every_fit(shipped) -> None:
    _, config = shipped(**OTHER)
    assert [fit.settings() for fit in fits(config)] == [OTHER] * len(fits(config))


@pytest.mark.parametrize(("name", "value"), [
    ("precision", "8-bit"), ("accelerator", "tpu"), ("threads", 0), ("checkpoint_s", -1.0), ("seed", "seven"),
])
def test_wrong_settings_are_refused_when_read(shipped, name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=name):
        shipped(**{name: value})
