"""Model card of a 2019 model: features, training, limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.engine.fit import FitResult
from speech_gesture_ros.training.kucherenko.run_config import KucherenkoRunConfig


@dataclass(frozen=True)
class KucherenkoFacts:
    """Measurements of a run.

    Attributes:
        corpus: Name of the prepared corpus.
        train_minutes: Length of the training clips [min].
        validation_minutes: Length of the validation clips [min].
        windows: Number of examples.
        representation: Fit of the autoencoder; None in the baseline.
        speech: Fit of the speech encoder.
        parameters: Weights of the speech encoder.
    """

    corpus: str
    train_minutes: float
    validation_minutes: float
    windows: int
    representation: FitResult | None
    speech: FitResult
    parameters: int


def write_card(config: KucherenkoRunConfig, facts: KucherenkoFacts, command: str) -> str:
    """Return the text of MODEL_CARD.md."""
    kind = (f"SpeechE to a representation of {config.representation.size} numbers, MotionD to poses"
            if config.representation else "the direct baseline: poses from speech without a representation")
    return f"""# Model card: {config.name}

After Kucherenko et al., "Analyzing input and output representations for speech-driven gesture generation", IVA 2019:
{kind}. Trained from scratch; none of their code, weights or data are used.

| | |
|---|---|
| input | {config.features}, windows of {config.speech.window} frames of 50 ms, {config.speech.future} of them in the \
future |
| data | {facts.corpus}: {facts.train_minutes:.1f} min, {facts.windows:,} windows; validated on other \
speakers, {facts.validation_minutes:.1f} min |
| training | {_fit_text("motion", facts.representation)}{_fit_text("speech", facts.speech)} |
| size | {facts.parameters:,} parameters in the speech encoder |
| made by | `speech-gesture train {command}`, {today()}, {machine_description(config.accelerator)} |

## Limits
- It needs {config.speech.future / WINDOW_FRAME_RATE:.2f} s of future speech; with less look-ahead it has to predict \
them.
- It gives the mean of the speakers' motion for a sound: its motion is smaller than theirs.
- It has no notion of rest: in silence it moves as the training data do in silence.
"""


def _fit_text(name: str, result: FitResult | None) -> str:
    if result is None:
        return ""
    loss = f", validation loss {result.best_validation:.4g}" if math.isfinite(result.best_validation) else ""
    return f"{name}: {result.step} steps, {result.seconds / 60:.1f} min{loss}. "
