"""Report of a face model beside baselines: unknown voices, a recorded face, sound without speech, compute time."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.datasets.recorded_faces import FOLDER, load_recorded_face
from speech_gesture_ros.datasets.timed_speech.texts import draw_text
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice, synthesise
from speech_gesture_ros.evaluation.face.live_run import LiveRun
from speech_gesture_ros.evaluation.face.measures import (
    OPEN_GAP,
    RecordingMeasures,
    SpeechMeasures,
    mean_measures,
    measure_recording,
    measure_speech,
    open_share,
)
from speech_gesture_ros.evaluation.face.predictors import Predictor
from speech_gesture_ros.evaluation.signals import sounds_without_speech

TEST_RECORDING = "1114_3_15"
TEXT_SEED = 2024  # texts of the tests; training draws others
VOICES = {
    "flite rms (voice never in training)": Voice("flite", "rms"),
    "festival ked (voice and engine never in training)": Voice("festival", "ked_diphone"),
    "piper joe (neural, voice and engine never in training)": Voice("piper", "en_US-joe-medium"),
    "festival slt (engine never in training)": Voice("festival", "cmu_us_slt_arctic_hts"),
    "flite awb (in training, other texts)": Voice("flite", "awb"),
}


MAIN = "model, 40 ms"  # the predictor that the bounds are for
BOUND_VOICES = tuple(VOICES)[:3]
DELAY_BOUNDS_MS = {0.0: 60.0, 0.04: 90.0}  # look-ahead [s] to the largest delay of a live face


@dataclass(frozen=True)
class FaceReport:
    """Results.

    Attributes:
        speech: Voice to predictor to its measures.
        recorded: Predictor to its agreement with a recorded face; empty without the data folder.
        open_without_speech: Sound to predictor to the share of frames with an open mouth.
        live: Look-ahead [s] to the measurements of a live run of the model.
    """

    speech: Mapping[str, Mapping[str, SpeechMeasures]]
    recorded: Mapping[str, RecordingMeasures]
    open_without_speech: Mapping[str, Mapping[str, float]]
    live: Mapping[float, LiveRun] = field(default_factory=dict)


def evaluate_face(predictors: Mapping[str, Predictor], data: Path, texts: int,
                  progress: Callable[[Sequence[str]], Sequence[str]] = list) -> FaceReport:
    """Measure predictors.

    Args:
        predictors: Name to predictor; the first is the model.
        data: The data folder; may be missing.
        texts: Number of texts of each voice.
        progress: Wraps the names of the voices.

    Returns:
        The report, without live runs; voices whose engine is not installed are left out.
    """
    speech: dict[str, dict[str, SpeechMeasures]] = {}
    for label in progress(list(VOICES)):
        try:
            spoken = test_speech(VOICES[label], texts)
        except MissingDependencyError:
            continue
        speech[label] = {name: mean_measures([measure_speech(predict(s.samples), s.phones) for s in spoken])
                         for name, predict in predictors.items()}
    recorded: dict[str, RecordingMeasures] = {}
    if (data / FOLDER).is_dir():
        face = load_recorded_face(data, TEST_RECORDING)
        recorded = {name: measure_recording(predict(face.samples), face) for name, predict in predictors.items()}
    without = {sound: {name: open_share(predict(samples)) for name, predict in predictors.items()}
               for sound, samples in sounds_without_speech().items()}
    return FaceReport(speech, recorded, without)


def test_speech(voice: Voice, texts: int) -> list[TimedSpeech]:
    """Return so many texts spoken by a voice, the same for every call."""
    rng = np.random.default_rng(TEXT_SEED)
    return [synthesise(voice, draw_text(voice.language, rng)) for _ in range(texts)]


def report_tables(report: FaceReport) -> str:
    """Return the tables of a report in Markdown."""
    lines = ["| voice | predictor | visemes % | without pauses % | closures found % | false closures % | "
             "f, v found % | jaw r | rounding r |", "|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    for voice, rows in report.speech.items():
        for name, measures in rows.items():
            *shares, jaw, rounding = astuple(measures)
            cells = [f"{100 * share:.0f}" if np.isfinite(share) else "-" for share in shares]
            lines.append(f"| {voice} | {name} | {' | '.join(cells)} | {jaw:.2f} | {rounding:.2f} |")
    names = list(next(iter(report.open_without_speech.values()), {}))
    lines += ["", f"| frames with an open mouth (gap above {OPEN_GAP:g}) % | {' | '.join(names)} |",
              "|---|" + "---:|" * len(names)]
    lines += [f"| {sound} | {' | '.join(f'{100 * shares[name]:.1f}' for name in names)} |"
              for sound, shares in report.open_without_speech.items()]
    if report.recorded:
        lines += ["", f"| recorded face {TEST_RECORDING}, never in training | jaw r | lips pressed or rolled r |"
                  " distance of the lips r |",
                  "|---|---:|---:|---:|"]
        lines += [f"| {name} | {r.jaw:.2f} | {r.pressed:.2f} | {r.gap:.2f} |"
                  for name, r in report.recorded.items()]
    if report.live:
        lines += ["", "| model as it runs live | processor time for 10 ms, median [ms] | 95 % [ms] | without features, "
                  "median [ms] | delay by the stamps, 95 % [ms] | with computing, 95 % [ms] | streaming - offline |",
                  "|---|---:|---:|---:|---:|---:|---:|"]
        lines += [f"| look-ahead {1000 * look:g} ms | {run.hop_ms:.2f} | {run.hop_high_ms:.2f} | {run.stage_ms:.2f} | "
                  f"{run.stamp_delay_ms:.0f} | {run.delay_ms:.1f} | {run.difference:.0e} |"
                  for look, run in report.live.items()]
    lines += ["", "| bound | required | measured | |", "|---|---:|---:|---|"]
    lines += [f"| {bound.name} | {bound.required} | {bound.measured} | {'met' if bound.met else 'missed'} |"
              for bound in face_bounds(report)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Bound:
    """One bound and what was measured.

    Attributes:
        name: What is bounded.
        required: The bound, as text.
        measured: The figure, as text.
        met: Whether the bound is met.
    """

    name: str
    required: str
    measured: str
    met: bool


def face_bounds(report: FaceReport) -> list[Bound]:
    """Return the bounds that can be checked on a report, for its predictor `MAIN`."""
    out: list[Bound] = []
    for voice in BOUND_VOICES:
        measures = report.speech.get(voice, {}).get(MAIN)
        if measures is not None:
            name = voice.partition(" (")[0]
            out += [_bound(f"{name}: visemes %", 100 * measures.visemes, at_least=65),
                    _bound(f"{name}: closures found %", 100 * measures.closures_found, at_least=90),
                    _bound(f"{name}: false closures %", 100 * measures.false_closures, at_most=10)]
    out += [_bound(f"{sound}: open mouth %", 100 * shares[MAIN], at_most=5)
            for sound, shares in report.open_without_speech.items() if MAIN in shares]
    for look, run in report.live.items():
        name = f"look-ahead {1000 * look:g} ms"
        out += [_bound(f"{name}: streaming - offline", run.difference, at_most=1e-5, digits="g"),
                _bound(f"{name}: processor time for 10 ms, median [ms]", run.hop_ms, at_most=0.5, digits=".2f")]
        if look in DELAY_BOUNDS_MS:
            out.append(_bound(f"{name}: delay, 95 % [ms]", run.delay_ms, at_most=DELAY_BOUNDS_MS[look]))
    return out


def _bound(name: str, value: float, *, at_least: float | None = None, at_most: float | None = None,
           digits: str = ".1f") -> Bound:
    if at_least is not None:
        return Bound(name, f"at least {at_least:g}", f"{value:{digits}}", value >= at_least)
    limit = float("inf") if at_most is None else at_most
    return Bound(name, f"at most {limit:g}", f"{value:{digits}}", value <= limit)


def card_with_results(card: str, tables: str, command: str, machine: str) -> str:
    """Return a model card with the section "Results", in place of an older one."""
    head, _, limits = card.partition("## Limits\n")
    head, _, _ = head.partition("## Results\n")
    return f"""{head}## Results
`{command}`
on {machine}, with other processes on the machine.
The reference are rules of articulation, not people; definitions are in `evaluation/face/measures.py`. Lips are
measured as they are seen, after the blendshapes.

{tables}
## Limits
{limits}"""


def machine_of_results() -> str:
    """Return cores and processor of this machine, and the date."""
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    return f"{os.cpu_count()} cores, {platform.machine()}, no GPU used, {today}"
