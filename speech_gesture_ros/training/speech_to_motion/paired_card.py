"""Model card of a model trained on paired data."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.clips import SPLITS
from speech_gesture_ros.datasets.prepared import Corpus
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import LookAheadRow, look_ahead_table
from speech_gesture_ros.training.speech_to_motion.run_config import PairedRunConfig


@dataclass(frozen=True)
class PairedFacts:
    """Measurements of a run on paired data.

    Attributes:
        command: Command that started the run.
        split: Split that the metrics are of.
        steps: Training steps of SpeechE through MotionD.
        seconds: Time of these steps [s].
        validation: Lowest validation loss; None without validation.
        parameters: Number of weights.
        minutes: Motion of each split that was used [min].
    """

    command: str
    split: str
    steps: int
    seconds: float
    validation: float | None
    parameters: int
    minutes: dict[str, float]


SPLIT_NOTES = {"test": "Clips that were not trained on.",
               "validation": "Clips that chose the weights, so the metrics are a little too good.",
               "train": "The clips that were trained on: these metrics say nothing about other speech."}


def write_paired_card(config: PairedRunConfig, corpus: Corpus, codebook: Codebook, rows: list[LookAheadRow],
                      facts: PairedFacts) -> str:
    """Return the text of MODEL_CARD.md."""
    best = "not validated: the last weights" if facts.validation is None else \
        f"the weights with the lowest validation loss, {facts.validation:.3f}"
    clips = "\n".join(f"| {split} | {len(corpus.names(split))} | {facts.minutes[split]:.1f} | "
                      f"{len(corpus.speakers(split))} |" for split in SPLITS)
    return f"""# Model card: {config.name}

Speech and a gesture code to the motion of an upper body, streaming. {facts.parameters:,} parameters. SpeechE, MotionE
and MotionD after Kucherenko et al., IVA 2019; gesture codes found in the motion by k-means on MotionE's representation.

## Training data
The prepared corpus `{corpus.name}`. Its licence is that of its sources, and may bind this model too.

| split | clips | used [min] | speakers |
|---|---|---|---|
{clips}

{'Each clip was also trained on as its mirror image. ' if config.mirror else ''}The sound of each clip was used clean \
and in {config.augmented_versions} augmented versions (noise, band limit, gain).

## Gesture codes
{len(codebook.counts)} codes from {codebook.counts.sum()} segments of {codebook.segment_s[0]:.1f} to \
{codebook.segment_s[1]:.1f} s; the rarest has {codebook.counts.min()}, the most frequent {codebook.counts.max()}.
They explain {100 * (1 - codebook.spread):.0f} % of the variance of the segments. At run time codes are drawn as often
as they were found: they add variety, not meaning.

## Training
`{facts.command}`, finished on {today()}: {config.decoder_steps} steps of MotionE and MotionD, then {facts.steps} of
{config.batch} sequences of {config.frames / POSE_RATE:.1f} s in {facts.seconds / 60:.1f} min; {best}.
Machine: {machine_description(config.accelerator)}; {config.threads} thread(s). Seed {config.seed}.

## Metrics
{SPLIT_NOTES[facts.split]} Relative to the recorded motion, with the codes found in it: ratios of variance, speed,
acceleration and jerk and correlation are of the wrists; "shifted" is the chance level of the timing.

{look_ahead_table(rows).replace(' nan |', ' – |')}

`speech-gesture evaluate` compares it with other models and with controls.
"""
