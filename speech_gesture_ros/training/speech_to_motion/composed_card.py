"""The model card: what a bundle was made from, how, and how well it does, in one page a user can trust."""

from __future__ import annotations

import os
import platform
from collections import Counter
from dataclasses import dataclass

import torch

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording
from speech_gesture_ros.training.composition.gestures import CODE_FAMILIES, NUM_CODES, WRITTEN
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import LookAheadRow, table
from speech_gesture_ros.training.speech_to_motion.run_config import TrainingConfig

MOTION_LICENCES = {"reachy2_emotions": "Pollen Robotics, Apache-2.0", "flesh_zas2025": "sarkadava, CC0-1.0",
                   "labanotation_kinect": "Microsoft LabanotationSuite, MIT"}


@dataclass(frozen=True)
class RunFacts:
    """What happened.

    Attributes:
        date: ISO date of the end of the run.
        preparation_s: Time to make the tracks on free cores, extrapolated from one recording [s].
        training_s: Time of all training steps [s].
        step_s: Mean time of a step [s].
        evaluation_s: Time for the report [s].
        parameters: Number of weights.
        stretched: Factor of `calibration`.
    """

    date: str
    preparation_s: float
    training_s: float
    step_s: float
    evaluation_s: float
    parameters: int
    stretched: float = 1.0


def write_card(config: TrainingConfig, recordings: list[SpeechRecording], rows: list[LookAheadRow], facts: RunFacts,
               command: str, judged: str = "") -> str:
    """The text of MODEL_CARD.md; `judged` holds further sections, such as the tables of `acceptance`."""
    held = set(config.corpus.held_out_speakers)
    learned = [r for r in recordings if r.speaker not in held]
    unheard = [r for r in recordings if r.speaker in held]
    whole_min = (facts.preparation_s + facts.training_s + facts.evaluation_s) / 60
    return f"""# Model card: {config.name}

Speech and a gesture code to the motion of an upper body, streaming. SpeechE and MotionD after Kucherenko et al.,
IVA 2019, trained anew; none of their weights or data are used. {facts.parameters:,} parameters, Apache-2.0.

## What it learned from
Recorded speech, and motion composed for it by `speech_gesture_ros.training.composition`: rules that follow what is
known of human gesturing, not recordings of the people who speak. Which gesture is made is an input (a seeded code, and
how this time differs from others), so the model adds timing, size and transitions, not meaning.

Speech:

{_sources(learned, unheard)}

{len(learned)} recordings, {sum(r.seconds for r in learned) / 60:.0f} min, of {len({r.speaker for r in learned})}
speakers were learned from. Mostly English, German and Dutch, nearly all read. Recordings are used under the licences
above; their authors are named in the data sets.

{_motion_sources()}

Never trained on ({sum(r.seconds for r in unheard) / 60:.0f} min): {', '.join(sorted({r.speaker for r in unheard}))}.

## How it was trained
`{command}`, finished on {facts.date}. Machine: {_machine(config)}.

| part | time [min] |
|---|---|
| preparing the tracks (extrapolated from one recording; they are cached) | {facts.preparation_s / 60:.0f} |
| {config.decoder_steps} steps of MotionD alone, then {config.steps} of {config.batch} sequences of \
{config.frames / POSE_RATE:.1f} s, {facts.step_s:.2f} s each on average | {facts.training_s / 60:.0f} |
| this report | {facts.evaluation_s / 60:.1f} |
| whole | {whole_min:.0f} |

At the end the motion representation was stretched about rest by {facts.stretched:.4f} (`training.calibration`).

Of the {config.corpus.performances} performances of each recording the first is as lively as usual; half of the others
are too, the rest are anything from rest to wild. Times are as measured, with whatever else ran on the machine. Random
numbers are seeded ({config.seed}); another machine rounds differently and gives a slightly different model.

## How well it does
Speakers never trained on, clean sound, the choreographer's codes. Ratios (variance, speed, acceleration, jerk) and
correlation are of the wrists, to the choreographer, who hears the whole recording. "shifted": the same motion against
accents shifted in time, i.e. chance. "calm": mean wrist speed in silence, noise and music, breathing and sway included.
"damaged": the same recordings with a gain of up to 15 dB either way, most with noise at 5 to 30 dB, half band-limited.

{table(rows)}
{judged}
All tables are written by the training command.

## What can be asked of it at run time
`activity` 0 rests, 1 is a lively talker (anchored at the figures of people above), 1.5 more than that; `handedness`
-1 to 1 lets the left or right hand lead; `styles` weighs the families of gestures
({_families()}).
Activity counts from the next pose on, the others from the first gesture that has not been announced (at most about 3 s
later).

## What to know before using it
- It beats time and takes postures; it does not understand words.
- Below about 0.25 s of look-ahead strokes lie less exactly on the accents.
- The motion was composed by rule: it is plausible, not a measured person's. It beats accents far more regularly than
  people do (their excess over chance is 1.07): a choice, so that it can be seen to belong to the voice.
- Strokes are rarer and more even in time than those of people, because nearly every one is put on an accent.
- Listening is not modelled; overlapping voices and singing were not trained on.
"""


def _motion_sources() -> str:
    """Where gestures were taken from recorded motion, with licences."""
    units = load_yaml(resolve("motion_units.yaml", "config/training"))["units"]
    counts = Counter(unit["source"] for unit in units)
    if not counts:
        return ""
    listed = ", ".join(f"{count} from {source} ({MOTION_LICENCES.get(source, 'see its folder')})"
                       for source, count in counts.items())
    return (f"Motion: {len(WRITTEN)} gestures were written by hand; the places and paths of {len(units)} were taken "
            f"from recordings without speech: {listed}. Each has a mirror image: {NUM_CODES} codes in all.")


def _families() -> str:
    return ", ".join(sorted(set(CODE_FAMILIES)))


def _sources(learned: list[SpeechRecording], unheard: list[SpeechRecording]) -> str:
    lines = ["| source | licence | languages | learned [min] | held out [min] |", "|---|---|---|---|---|"]
    everything = learned + unheard
    for source in sorted({r.source for r in everything}):
        mine = [r for r in everything if r.source == source]
        minutes = [sum(r.seconds for r in part if r.source == source) / 60 for part in (learned, unheard)]
        lines.append(f"| {source} | {', '.join(sorted({r.licence for r in mine}))} | "
                     f"{', '.join(sorted({r.language for r in mine}))} | {minutes[0]:.1f} | {minutes[1]:.1f} |")
    return "\n".join(lines)


def _machine(config: TrainingConfig) -> str:
    return (f"{config.threads} of {os.cpu_count()} cores ({config.workers} for preparation), {platform.machine()}, "
            f"no GPU, torch {torch.__version__}, Python {platform.python_version()}")
