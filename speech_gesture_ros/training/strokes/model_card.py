"""Model card of the stroke model: data, training, cues, acceptance, limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording
from speech_gesture_ros.evaluation.acceptance.results import Acceptance, acceptance_sections
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.strokes.cue_report import TOLERANCE_S, CueQuality
from speech_gesture_ros.training.strokes.gestures import GESTURES, WRITTEN_GESTURES
from speech_gesture_ros.training.strokes.run_config import StrokeRunConfig
from speech_gesture_ros.training.strokes.tracks import limit_speakers

MOTION_LICENCES = {"reachy2_emotions": "Pollen Robotics, Apache-2.0", "flesh_zas2025": "sarkadava, CC0-1.0",
                   "labanotation_kinect": "Microsoft LabanotationSuite, MIT"}


@dataclass(frozen=True)
class StrokeFacts:
    """Measurements of a run.

    Attributes:
        preparation_s: Time to make or read the tracks and to compose motion [s].
        encoder_s: Time of the steps of the speech encoder [s].
        decoder_s: Time of the steps of the motion decoder [s].
        parameters: Number of weights.
        decoder_error_m: Mean distance of the joints from the exact pose [m].
    """

    preparation_s: float
    encoder_s: float
    decoder_s: float
    parameters: int
    decoder_error_m: float


def write_stroke_card(config: StrokeRunConfig, recordings: list[SpeechRecording], quality: CueQuality,
                      facts: StrokeFacts, command: str, acceptance: Acceptance) -> str:
    """Return the text of MODEL_CARD.md."""
    used = limit_speakers(recordings, config.speech.speaker_minutes)
    held = set(config.speech.held_out_speakers)
    trained, held_out = ([r for r in used if (r.speaker in held) == kept] for kept in (False, True))
    return f"""# Model card: {config.name}

Speech to the motion of an upper body, streaming. A speech encoder (SpeechE) detects voice, accents and level; a seeded
process draws strokes of hands, head and torso by laws that were measured of people; a motion decoder (MotionD) poses
the body from the state of the strokes. The division into SpeechE and MotionD is that of Kucherenko et al., IVA 2019;
none of their weights or data are used. {facts.parameters:,} parameters, Apache-2.0.

## Training data
Speech of which the encoder learned voice, accents and level, found by `speech_gesture_ros.evaluation.accents`:

{_sources(trained, held_out)}

{len(trained)} recordings, {sum(r.seconds for r in trained) / 60:.0f} min, of {len({r.speaker for r in trained})}
speakers were trained on, at most {config.speech.speaker_minutes:g} min of each. Mostly English, German and Dutch,
nearly all read. Recordings are used under the licences above; their authors are named in the data sets.

Motion: {config.composed_minutes:g} min composed for this speech by the stroke process; its laws (intervals, lengths,
durations, holds, pauses, coordination of the hands) follow measurements of recorded talks, stories and dialogues, and
were fitted until the motion had their statistics. {_motion_sources()}

Held out ({sum(r.seconds for r in held_out) / 60:.0f} min): {', '.join(sorted({r.speaker for r in held_out}))}.

## Training
`{command}`, finished on {today()}. Machine: {machine_description(config.accelerator)}; {config.threads} thread(s),
{config.workers} processes for the preparation.

| part | time [min] |
|---|---|
| tracks of speech, where they were not cached, and composed motion | {facts.preparation_s / 60:.0f} |
| {config.encoder.steps} steps of the speech encoder | {facts.encoder_s / 60:.0f} |
| {config.decoder.steps} steps of the motion decoder | {facts.decoder_s / 60:.0f} |

Times are as measured, with other processes on the machine. Random numbers are seeded ({config.seed}); another machine
rounds differently and gives a slightly different model.

## Speech encoder
Held-out speakers, clean sound, 120 ms after the accent.

| metric | value |
|---|---|
| accents detected within {TOLERANCE_S:g} s | {quality.recall:.2f} |
| detected accents that are accents | {quality.precision:.2f} |
| frames with speech in which a voice is detected | {quality.voice:.3f} |
| frames of silence, noise and music in which a voice is detected | {quality.false_voice:.3f} |
| level of the voice, r | {quality.level_r:.2f} |

## Motion decoder
Mean distance of its joints from the exact pose of the same strokes: {1e3 * facts.decoder_error_m:.1f} mm.
{acceptance_sections(acceptance)}
Tables are written by the training command; those of acceptance by
`speech-gesture evaluate {config.name} --out FOLDER`, too.

## Film strips
Ten seconds of three speakers that were held out, a pose every 0.2 s from the front, drawn by
`speech-gesture evaluate {config.name} --out FOLDER`. The recorded people that this motion was compared with are
not part of this package; `speech-gesture evaluate {config.name} PREPARED` draws the model beside recordings of your
own.

{_STRIPS}

The same voice in four styles, with their parameters:

![styles](../../docs/images/motion/styles.png)

{_JUDGE}
## Parameters at run time
`activity` 0 rests, 0.5 is a calm talker in a dialogue, 1 a talk, 1.5 a lively lecture (wrist speeds above);
`accent_lock` makes more strokes wait for an accent: 0 is as loose as people are, 1 the most visible timing, with fewer
strokes; `handedness` -1 to 1 lets the left or right hand lead; `styles` weights the families of gestures
({_families()}). Activity and accent lock apply from the next stroke on, the others from the next phrase on.

The draws go on over pauses, streams and resets; a seed reproduces a run from its start.

## Limits
- It gestures as people do who say something; it does not understand words.
- The hands of the skeleton have no fingers; hand shapes (rest, flat, fist, point, count) are drawn beside the poses.
- Below about 0.1 s of look-ahead accents are known too late for strokes to be timed to them.
- Laws were measured of few people ({_PEOPLE}), and nearly all speech is read.
- Listening is not modelled; overlapping voices and singing were not trained on.
"""


_STRIPS = "\n\n".join(f"![{name}](../../docs/images/motion/strip_{name}.png)"
                      for name in ("azure_call", "thorsten", "vctk_p228"))
_JUDGE = """## An outside judge
`envisionhgdetector` 3.0.8 labels pictures of films as gesture or not; its classifiers were trained on annotated
recordings of people. It was asked on 2026-11-29 about the human drawn by this package, with the motion of the model of
that day (speakers that were held out, the first 30 s), of recorded people, or none. Share of the pictures:

| motion | judged [s] | network: gesture | network: other movement | trees: gesture |
|---|---|---|---|---|
| model, azure_call | 29 | 0.88 | 0.00 | 0.94 |
| model, thorsten | 29 | 0.85 | 0.11 | 1.00 |
| model, vctk_p228 | 29 | 0.87 | 0.01 | 0.95 |
| person in a conversation (movebox_conversation) | 29 | 0.78 | 0.04 | 0.88 |
| 8 silent charades (flesh_zas2025) | 26 | 0.55 | 0.20 | 0.93 |
| 6 gestures made on request (labanotation_kinect) | 30 | 0.85 | 0.01 | 0.86 |
| first pose of the model, held | 7 | 0.00 | 0.00 | 0.00 |

A person was seen in every picture. The judge sees gestures in the model at least as often as in the recorded
conversation. It does not judge whether they look human or fit the speech, and the recordings are of other voices, or
of none: no recorded pair of speech and motion of a body is among the data. Commands:
`python tools/draw_judge_films.py build/judge` and `python tools/judge_gestures.py build/judge/*.mp4` (two cores of an
AMD EPYC (virtual machine), no GPU).
"""
_PEOPLE = "26 minutes of talks, stories and a task dialogue"


def _motion_sources() -> str:
    """Return the sources of the gestures taken from recorded motion, with licences."""
    units = load_yaml(resolve("motion_units.yaml", "config/training"))["units"]
    counts = Counter(unit["source"] for unit in units)
    listed = ", ".join(f"{count} from {source} ({MOTION_LICENCES.get(source, 'see its folder')})"
                       for source, count in counts.items())
    return (f"The places that the strokes visit are of {len(WRITTEN_GESTURES)} gestures written by hand and "
            f"{len(units)} taken from recordings without speech: {listed}.")


def _families() -> str:
    return ", ".join(sorted({template.family for template in GESTURES}))


def _sources(trained: list[SpeechRecording], held_out: list[SpeechRecording]) -> str:
    lines = ["| source | licence | languages | trained on [min] | held out [min] |", "|---|---|---|---|---|"]
    recordings = trained + held_out
    for source in sorted({r.source for r in recordings}):
        of_source = [r for r in recordings if r.source == source]
        minutes = [sum(r.seconds for r in part if r.source == source) / 60 for part in (trained, held_out)]
        lines.append(f"| {source} | {', '.join(sorted({r.licence for r in of_source}))} | "
                     f"{', '.join(sorted({r.language for r in of_source}))} | {minutes[0]:.1f} | {minutes[1]:.1f} |")
    return "\n".join(lines)
