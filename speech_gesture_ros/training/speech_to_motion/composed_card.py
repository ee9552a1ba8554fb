"""Model card of a model trained on composed motion: data, training, metrics, limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording
from speech_gesture_ros.training.composition.gestures import CODE_FAMILIES, NUM_CODES, WRITTEN_GESTURES
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import LookAheadRow, look_ahead_table
from speech_gesture_ros.training.speech_to_motion.run_config import ComposedRunConfig

MOTION_LICENCES = {"reachy2_emotions": "Pollen Robotics, Apache-2.0", "flesh_zas2025": "sarkadava, CC0-1.0",
                   "labanotation_kinect": "Microsoft LabanotationSuite, MIT"}


@dataclass(frozen=True)
class ComposedFacts:
    """Measurements of a run on composed motion.

    Attributes:
        preparation_s: Time to make the tracks on free cores, extrapolated from one recording [s].
        training_s: Time of all training steps [s].
        step_s: Mean time of a step [s].
        evaluation_s: Time for the report [s].
        parameters: Number of weights.
        scale: Factor of `calibration`.
    """

    preparation_s: float
    training_s: float
    step_s: float
    evaluation_s: float
    parameters: int
    scale: float = 1.0


def write_composed_card(config: ComposedRunConfig, recordings: list[SpeechRecording], rows: list[LookAheadRow],
                        facts: ComposedFacts, command: str, acceptance: str = "") -> str:
    """Return the text of MODEL_CARD.md; `acceptance` holds the sections of `evaluation.acceptance`."""
    held = set(config.corpus.held_out_speakers)
    trained = [r for r in recordings if r.speaker not in held]
    held_out = [r for r in recordings if r.speaker in held]
    whole_min = (facts.preparation_s + facts.training_s + facts.evaluation_s) / 60
    return f"""# Model card: {config.name}

Speech and a gesture code to the motion of an upper body, streaming. SpeechE and MotionD after Kucherenko et al.,
IVA 2019, trained from scratch; none of their weights or data are used. {facts.parameters:,} parameters, Apache-2.0.

## Training data
Recorded speech, and motion composed for it by `speech_gesture_ros.training.composition`: rules that follow what is
known of human gesturing, not recordings of the people who speak. Which gesture is made is an input (a seeded code, and
its variation), so the model adds timing, size and transitions, not meaning.

Speech:

{_sources(trained, held_out)}

{len(trained)} recordings, {sum(r.seconds for r in trained) / 60:.0f} min, of {len({r.speaker for r in trained})}
speakers were trained on. Mostly English, German and Dutch, nearly all read. Recordings are used under the licences
above; their authors are named in the data sets.

{_motion_sources()}

Held out ({sum(r.seconds for r in held_out) / 60:.0f} min): {', '.join(sorted({r.speaker for r in held_out}))}.

## Training
`{command}`, finished on {today()}. Machine: {machine_description(config.accelerator)}; {config.threads} thread(s),
{config.workers} processes for the preparation.

| part | time [min] |
|---|---|
| preparing the tracks (extrapolated from one recording; they are cached) | {facts.preparation_s / 60:.0f} |
| {config.decoder_steps} steps of MotionD alone, then {config.steps} of {config.batch} sequences of \
{config.frames / POSE_RATE:.1f} s, {facts.step_s:.2f} s each on average | {facts.training_s / 60:.0f} |
| this report | {facts.evaluation_s / 60:.1f} |
| whole | {whole_min:.0f} |

At the end the motion representation was scaled about rest by {facts.scale:.4f} (`speech_to_motion.calibration`).

Of the {config.corpus.motions} motions of each recording the first has activity 1; half of the others have it, too, the
rest have an activity of 0 to 1.5. Times are as measured, with other processes on the machine. Random numbers are seeded
({config.seed}); another machine rounds differently and gives a slightly different model.

## Metrics
Held-out speakers, clean sound, the codes of the composed motion. Ratios (variance, speed, acceleration, jerk) and
correlation are of the wrists, relative to the composed motion, which uses the whole recording. "shifted": the same
motion against accents shifted in time, i.e. chance. "calm": mean wrist speed in silence, noise and music, breathing and
sway included. "augmented": the same recordings with a gain of up to 15 dB either way, most with noise at 5 to 30 dB,
half band-limited.

{look_ahead_table(rows)}
{acceptance}
All tables are written by the training command.

## Parameters at run time
`activity` 0 rests, 1 is a lively talker (anchored at the metrics of people above), 1.5 more than that; `handedness`
-1 to 1 lets the left or right hand lead; `styles` weights the families of gestures
({_families()}).
Activity applies from the next pose on, the others from the first gesture that has not been announced (at most about 3 s
later).

## Limits
- It beats time and takes postures; it does not understand words.
- Below about 0.25 s of look-ahead strokes lie less exactly on the accents.
- The motion was composed by rule: it is plausible, not a measured person's. It beats accents far more regularly than
  people do (their excess over chance is 1.07): a choice, so that it can be seen to belong to the voice.
- Strokes are rarer and more even in time than those of people, because nearly every one is put on an accent.
- Listening is not modelled; overlapping voices and singing were not trained on.
"""


def _motion_sources() -> str:
    """Return the sources of the gestures taken from recorded motion, with licences."""
    units = load_yaml(resolve("motion_units.yaml", "config/training"))["units"]
    counts = Counter(unit["source"] for unit in units)
    if not counts:
        return ""
    listed = ", ".join(f"{count} from {source} ({MOTION_LICENCES.get(source, 'see its folder')})"
                       for source, count in counts.items())
    return (f"Motion: {len(WRITTEN_GESTURES)} gestures were written by hand; the places and paths of {len(units)} were "
            f"taken from recordings without speech: {listed}. Each has a mirror image: {NUM_CODES} codes in all.")


def _families() -> str:
    return ", ".join(sorted(set(CODE_FAMILIES)))


def _sources(trained: list[SpeechRecording], held_out: list[SpeechRecording]) -> str:
    lines = ["| source | licence | languages | trained on [min] | held out [min] |", "|---|---|---|---|---|"]
    recordings = trained + held_out
    for source in sorted({r.source for r in recordings}):
        of_source = [r for r in recordings if r.source == source]
        minutes = [sum(r.seconds for r in part if r.source == source) / 60 for part in (trained, held_out)]
        lines.append(f"| {source} | {', '.join(sorted({r.licence for r in of_source}))} | "
                     f"{', '.join(sorted({r.language for r in of_source}))} | {minutes[0]:.1f} | {minutes[1]:.1f} |")
    return "\n".join(lines)
