"""The model card of a 2019 model: what it heard, how long it learned, what it is not."""

from __future__ import annotations

import datetime
import math
import os
import platform
from dataclasses import dataclass

import torch

from speech_gesture_ros.training.engine.fit import FitResult
from speech_gesture_ros.training.kucherenko.run_config import KucherenkoRunConfig


@dataclass(frozen=True)
class TrainingFacts:
    """What happened.

    Attributes:
        corpus: Name of the prepared corpus.
        train_minutes: Length of what was learned from [min].
        validation_minutes: Length of what was validated on [min].
        windows: Number of examples.
        representation: Training of the autoencoder; None in the baseline.
        speech: Training of the speech encoder.
        parameters: Of the speech encoder.
    """

    corpus: str
    train_minutes: float
    validation_minutes: float
    windows: int
    representation: FitResult | None
    speech: FitResult
    parameters: int


def write_card(config: KucherenkoRunConfig, facts: TrainingFacts, command: str) -> str:
    """The text of MODEL_CARD.md."""
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    kind = (f"SpeechE to a representation of {config.representation.size} numbers, MotionD to poses"
            if config.representation else "the direct baseline: poses from speech without a representation")
    window = config.speech.past + 1 + config.speech.future
    return f"""# Model card: {config.name}

After Kucherenko et al., "Analyzing input and output representations for speech-driven gesture generation", IVA 2019:
{kind}. Trained anew; none of their code, weights or data are used.

| | |
|---|---|
| hears | {config.features}, windows of {window} frames of 50 ms, {config.speech.future} of them in the future |
| learned from | {facts.corpus}: {facts.train_minutes:.1f} min, {facts.windows:,} windows; validated on other \
speakers, {facts.validation_minutes:.1f} min |
| training | {_row("motion", facts.representation)}{_row("speech", facts.speech)} |
| size | {facts.parameters:,} parameters in the speech encoder |
| made by | `speech-gesture train {command}`, {today}, {_machine()} |

## What to know before using it
- It needs {0.05 * config.speech.future:.2f} s of future speech for what it can do best; live it has to guess them.
- It gives the mean of what the speakers did at such a sound: motion is smaller than theirs.
- It has no notion of rest: in silence it does what it was shown in silence.
"""


def _row(name: str, result: FitResult | None) -> str:
    if result is None:
        return ""
    loss = f", validation loss {result.best_validation:.4g}" if math.isfinite(result.best_validation) else ""
    return f"{name}: {result.step} steps, {result.seconds / 60:.1f} min{loss}. "


def _machine() -> str:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{os.cpu_count()} cores, {platform.machine()}, {device}, torch {torch.__version__.partition('+')[0]}"
