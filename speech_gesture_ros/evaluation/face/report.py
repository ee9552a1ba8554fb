"""Report of a face model beside baselines: unknown voices, a recorded face, sound without speech, compute time."""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.datasets.recorded_faces import FOLDER, load_recorded_face
from speech_gesture_ros.datasets.timed_speech.texts import draw_text
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice, synthesise
from speech_gesture_ros.evaluation.face.measures import (
    OPEN_GAP,
    SpeechMeasures,
    mean_measures,
    measure_recording,
    measure_speech,
    open_share,
)
from speech_gesture_ros.evaluation.face.predictors import Predictor, Samples
from speech_gesture_ros.evaluation.signals import sounds_without_speech
from speech_gesture_ros.features.prosodic_mel import compute_prosodic_mel
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

TEST_RECORDING = "1114_3_15"
TEXT_SEED = 2024  # texts of the tests; training draws others
VOICES = {
    "flite rms (voice never in training)": Voice("flite", "rms"),
    "festival ked (voice and engine never in training)": Voice("festival", "ked_diphone"),
    "piper joe (neural, voice and engine never in training)": Voice("piper", "en_US-joe-medium"),
    "festival slt (engine never in training)": Voice("festival", "cmu_us_slt_arctic_hts"),
    "flite awb (in training, other texts)": Voice("flite", "awb"),
}


@dataclass(frozen=True)
class FaceReport:
    """Results.

    Attributes:
        speech: Voice to predictor to its measures.
        recorded: Predictor to the correlations of jaw and closed lips; empty without the data folder.
        open_without_speech: Sound to predictor to the share of frames with an open mouth.
        compute_ms: Name to (median, 95th percentile) of the time for a hop of 10 ms [ms].
    """

    speech: Mapping[str, Mapping[str, SpeechMeasures]]
    recorded: Mapping[str, tuple[float, float]]
    open_without_speech: Mapping[str, Mapping[str, float]]
    compute_ms: Mapping[str, tuple[float, float]]


def evaluate_face(predictors: Mapping[str, Predictor], data: Path, texts: int,
                  progress: Callable[[Sequence[str]], Sequence[str]] = list) -> FaceReport:
    """Measure predictors.

    Args:
        predictors: Name to predictor; the first is the model.
        data: The data folder; may be missing.
        texts: Number of texts of each voice.
        progress: Wraps the names of the voices.

    Returns:
        The report, without compute times; voices whose engine is not installed are left out.
    """
    speech: dict[str, dict[str, SpeechMeasures]] = {}
    for label in progress(list(VOICES)):
        try:
            spoken = test_speech(VOICES[label], texts)
        except MissingDependencyError:
            continue
        speech[label] = {name: mean_measures([measure_speech(predict(s.samples), s.phones) for s in spoken])
                         for name, predict in predictors.items()}
    recorded: dict[str, tuple[float, float]] = {}
    if (data / FOLDER).is_dir():
        face = load_recorded_face(data, TEST_RECORDING)
        recorded = {name: measure_recording(predict(face.samples), face) for name, predict in predictors.items()}
    without = {sound: {name: open_share(predict(samples)) for name, predict in predictors.items()}
               for sound, samples in sounds_without_speech().items()}
    return FaceReport(speech, recorded, without, {})


def test_speech(voice: Voice, texts: int) -> list[TimedSpeech]:
    """Return so many texts spoken by a voice, the same for every call."""
    rng = np.random.default_rng(TEXT_SEED)
    return [synthesise(voice, draw_text(voice.language, rng)) for _ in range(texts)]


def measure_compute(folder: Path, samples: Samples, look_ahead_s: float) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile of the time for each hop of 10 ms [ms], of model and face stage.

    A face frame takes two hops, of which one computes: the time is the mean of both.
    """
    face = SpeechToFace(folder, look_ahead_s)
    rows = compute_prosodic_mel(samples)
    times = []
    for i in range(len(rows)):
        began = time.perf_counter()
        face.push_features(FeatureChunk(i, rows[i:i + 1]))
        times.append(1e3 * (time.perf_counter() - began))
    pairs = np.array(times[:len(times) // 2 * 2]).reshape(-1, 2).mean(axis=1)[20:]
    return {"model and face stage": (float(np.median(pairs)), float(np.percentile(pairs, 95)))}


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
        lines += ["", f"| recorded face {TEST_RECORDING}, never in training | jaw r | closed lips r |",
                  "|---|---:|---:|"]
        lines += [f"| {name} | {jaw:.2f} | {close:.2f} |" for name, (jaw, close) in report.recorded.items()]
    if report.compute_ms:
        lines += ["", "| time for 10 ms of speech | median [ms] | 95 % [ms] |", "|---|---:|---:|"]
        lines += [f"| {name} | {median:.2f} | {high:.2f} |" for name, (median, high) in report.compute_ms.items()]
    return "\n".join(lines) + "\n"


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
