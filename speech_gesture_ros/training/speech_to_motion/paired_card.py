"""The model card of a model trained on paired data."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import torch

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.prepared import Corpus
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import LookAheadRow, table
from speech_gesture_ros.training.speech_to_motion.run_config import PairedConfig


@dataclass(frozen=True)
class PairedFacts:
    """What happened.

    Attributes:
        date: ISO date of the end of the run.
        command: That made it.
        split: What the figures are of.
        steps: Training steps of SpeechE through MotionD.
        seconds: Time they took [s].
        validation: Lowest validation loss; None without validation.
        parameters: Number of weights.
        minutes: Motion of each split that was used [min].
    """

    date: str
    command: str
    split: str
    steps: int
    seconds: float
    validation: float | None
    parameters: int
    minutes: dict[str, float]


def write_paired_card(config: PairedConfig, corpus: Corpus, codebook: Codebook, rows: list[LookAheadRow],
                      facts: PairedFacts) -> str:
    """The text of MODEL_CARD.md."""
    best = "not validated: the last weights" if facts.validation is None else \
        f"the weights with the lowest validation loss, {facts.validation:.3f}"
    device = torch.cuda.get_device_name() if torch.cuda.is_available() and config.accelerator != "cpu" else "no GPU"
    unheard = {"test": "Clips never trained on.", "validation": "Clips that chose the weights, so a little too good.",
               "train": "The clips that were trained on: these figures say nothing about other speech."}[facts.split]
    clips = "\n".join(f"| {split} | {len(corpus.names(split))} | {facts.minutes[split]:.1f} | "
                      f"{len({corpus.manifest['clips'][n]['speaker'] for n in corpus.names(split)})} |"
                      for split in ("train", "validation", "test"))
    return f"""# Model card: {config.name}

Speech and a gesture code to the motion of an upper body, streaming. {facts.parameters:,} parameters. SpeechE, MotionE
and MotionD after Kucherenko et al., IVA 2019; gesture codes found in the motion by k-means on MotionE's representation.

## What it learned from
The prepared corpus `{corpus.name}`. Its licence is that of its sources, and may bind this model too.

| split | clips | used [min] | speakers |
|---|---|---|---|
{clips}

{'Each clip was also learned from as its mirror image. ' if config.mirror else ''}Sound was learned from clean and in \
{config.damaged_versions} damaged versions (noise, band limit, gain).

## Gesture codes
{len(codebook.counts)} codes from {codebook.counts.sum()} segments of {codebook.segment_s[0]:.1f} to \
{codebook.segment_s[1]:.1f} s; the rarest has {codebook.counts.min()}, the most frequent {codebook.counts.max()}.
They tell {100 * (1 - codebook.spread):.0f} % of how segments differ. At run time codes are drawn as often as they were
found: they add variety, not meaning.

## How it was trained
`{facts.command}`, finished on {facts.date}: {config.decoder_steps} steps of MotionE and MotionD, then {facts.steps} of
{config.batch} sequences of {config.frames / POSE_RATE:.1f} s in {facts.seconds / 60:.1f} min; {best}.
Machine: {config.threads} of {os.cpu_count()} cores, {platform.machine()}, {device}, torch {torch.__version__}, Python
{platform.python_version()}. Seed {config.seed}.

## How well it does
{unheard} Against the recorded motion, with the codes found in it: ratios of variance, speed, acceleration and jerk and
correlation are of the wrists; "shifted" is the chance level of the timing.

{table(rows).replace(' nan |', ' – |')}

`speech-gesture evaluate` compares it with other models and with controls.
"""
