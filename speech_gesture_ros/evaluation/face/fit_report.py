"""Repeatability of faces that are fitted to voices: distances within a voice beside those between voices.

Every voice speaks the same number of other sentences. A distance within a voice is that of the faces of two of its
sentences, one between voices that of the faces of two sentences of different voices; both are means over all pairs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.datasets.timed_speech.timed_speech import Voice
from speech_gesture_ros.evaluation.face.predictors import Samples
from speech_gesture_ros.evaluation.face.report import test_speech
from speech_gesture_ros.face.fit.axes import FACE_AXES, face_distance, fit_axes
from speech_gesture_ros.features.voice.voice_measures import measure_voice

SYNTHETIC = (
    *(Voice("flite", name) for name in ("kal16", "awb", "slt", "rms")),
    *(Voice("festival", name) for name in ("ked_diphone", "cmu_us_slt_arctic_hts")),
    *(Voice("espeak", f"en-us{variant}") for variant in ("", "+f1", "+f3", "+m3", "+m7", "+anika", "+steph")),
)
RECORDED = "speech/librispeech_resemblyzer"  # in the data folder: names end with SPEAKER_SPEAKER-CHAPTER-NUMBER.opus
MAX_RATIO = 0.5

Axes = Mapping[str, float]


@dataclass(frozen=True)
class FitReport:
    """Result for one group of voices.

    Attributes:
        voices: Number of voices.
        within: Mean distance of two sentences of a voice.
        between: Mean distance of sentences of two voices.
        spread: Axis to (standard deviation within a voice, between the means of voices).
    """

    voices: int
    within: float
    between: float
    spread: Mapping[str, tuple[float, float]]

    @property
    def ratio(self) -> float:
        """Distance within over that between voices."""
        return self.within / self.between


def synthetic_voices(texts: int) -> Iterator[tuple[str, list[Samples]]]:
    """Yield each voice that is installed, with its sentences."""
    for voice in SYNTHETIC:
        try:
            yield voice.full_name, [speech.samples for speech in test_speech(voice, texts)]
        except MissingDependencyError:
            continue


def recorded_voices(data: Path, texts: int) -> Iterator[tuple[str, list[Samples]]]:
    """Yield each recorded reader of the data folder, with sentences; nothing without the folder."""
    paths: dict[str, list[Path]] = {}
    for path in sorted((data / RECORDED).glob("*.opus")):
        paths.setdefault(path.stem.split("_")[-2], []).append(path)
    for reader, files in paths.items():
        yield f"reader {reader}", [load_mono_16k(path) for path in files[:texts]]


def fit_report(voices: Sequence[tuple[str, Sequence[Samples]]],
               fit: Callable[[Samples], Axes] | None = None) -> FitReport:
    """Measure groups of sentences by voice.

    Args:
        voices: Name and sentences of each.
        fit: Function from samples to axes; None for the one of `face.fit`.

    Raises:
        InputError: If there are fewer than two voices, or one has fewer than two sentences.
    """
    if len(voices) < 2 or min(len(sentences) for _, sentences in voices) < 2:
        raise InputError("voices to compare", [(name, len(sentences)) for name, sentences in voices],
                         "two or more, each with two sentences or more", "Install espeak-ng and flite.")
    of_voice = [[(fit or fitted_axes)(samples) for samples in sentences] for _, sentences in voices]
    within = [face_distance(a, b) for faces in of_voice for a, b in itertools.combinations(faces, 2)]
    between = [face_distance(a, b) for first, second in itertools.combinations(of_voice, 2)
               for a, b in itertools.product(first, second)]
    spread = {}
    for axis in FACE_AXES:
        values = [[face[axis] for face in faces] for faces in of_voice]
        means = [np.mean(row) for row in values]
        spread[axis] = (float(np.mean([np.std(row) for row in values])), float(np.std(means)))
    return FitReport(len(voices), float(np.mean(within)), float(np.mean(between)), spread)


def fitted_axes(samples: Samples) -> dict[str, float]:
    """Return the axes of the face of a recording."""
    return {axis.name: axis.value for axis in fit_axes(measure_voice(samples).as_mapping())}


def fit_tables(reports: Mapping[str, FitReport], texts: int) -> str:
    """Return the tables in Markdown."""
    lines = [f"| voices, {texts} sentences each | number | distance within | between | ratio, at most {MAX_RATIO:g} |",
             "|---|---:|---:|---:|---:|"]
    lines += [f"| {name} | {report.voices} | {report.within:.3f} | {report.between:.3f} | {report.ratio:.2f} |"
              for name, report in reports.items()]
    lines += ["", f"| axis: deviation within, between | {' | '.join(reports)} |", "|---|" + "---:|" * len(reports)]
    for axis in FACE_AXES:
        cells = " | ".join("{:.3f}, {:.3f}".format(*report.spread[axis]) for report in reports.values())
        lines.append(f"| {axis} | {cells} |")
    return "\n".join(lines) + "\n"
