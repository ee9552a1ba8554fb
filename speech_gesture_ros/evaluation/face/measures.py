"""Measures of a predicted face against rules for known phones, against a recorded face, and without speech.

Closing of the lips is measured on what is seen, the distance of the lips of the blendshapes (`arkit_map.lip_gap`), for
the model and the baselines alike:

    closures found   p, b, m with closed lips within `TOLERANCE_S` of them
    false closures   vowels of at least 60 ms in which the lips close more than `TOLERANCE_S` from any p, b, m and pause

The rules are those of `face.dominance`: agreement with them says that sounds were recognised, not that people like it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, ARTICULATOR_INDEX, VISEME_COLUMNS
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.datasets.recorded_faces import RecordedFace
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.face_stage import CONTACT_FROM, CONTACT_TO, FaceStage
from speech_gesture_ros.face.phones import SHAPES
from speech_gesture_ros.face.upper_face import UpperFaceControls

Array = npt.NDArray[np.floating]

TOLERANCE_S = 0.04
CLOSED_GAP, OPEN_GAP = 0.03, 0.1  # of a full jaw opening
SHORTEST_VOWEL_S = 0.06
CONTACT_SHOWN = 0.5 * (CONTACT_FROM + CONTACT_TO)  # evidence from which a contact is more than half made


@dataclass(frozen=True)
class SpeechMeasures:
    """Agreement with the rules on one voice; shares, and correlations r.

    Attributes:
        visemes: Frames of speech and pauses whose largest viseme is that of the rules.
        visemes_in_speech: The same without pauses.
        closures_found: p, b, m on which the lips close.
        false_closures: Vowels in which they close without one.
        teeth_found: f, v on which the lower lip touches the teeth.
        jaw_r: Correlation of the jaw with the rules.
        rounding_r: Correlation of the rounding with the rules.
    """

    visemes: float
    visemes_in_speech: float
    closures_found: float
    false_closures: float
    teeth_found: float
    jaw_r: float
    rounding_r: float


@dataclass(frozen=True)
class RecordingMeasures:
    """Correlations r with a recorded face.

    Attributes:
        jaw: Of the opening of the jaw.
        pressed: Of the contact of the lips with the recorded pressing and rolling of the lips.
        gap: Of the distance of the lips (`arkit_map.lip_gap`) on both faces.
    """

    jaw: float
    pressed: float
    gap: float


def lips_of(articulation: Array) -> npt.NDArray[np.float64]:
    """Return (T,) the distance of the lips of articulation, as the face stage shows it."""
    stage = FaceStage(upper_face=UpperFaceControls(0.0, 0.0, 0.0))
    return lip_gap(stage.push(ArticulationChunk(0, np.asarray(articulation, dtype=np.float32))).values)


def measure_speech(predicted: Array, phones: Sequence[TimedPhone]) -> SpeechMeasures:
    """Compare predicted articulation (T, NUM_ARTICULATION) of speech with the rules for its phones."""
    rules = articulate(phones, len(predicted))
    first, last = (int(t * FACE_RATE) for t in (phones[0].start_s, phones[-1].end_s))
    inside = slice(first, min(last, len(predicted)))
    same = (predicted[:, VISEME_COLUMNS].argmax(axis=1) == rules[:, VISEME_COLUMNS].argmax(axis=1))[inside]
    in_speech = rules[inside, VISEME_COLUMNS].argmax(axis=1) != 0
    gap = lips_of(predicted)
    teeth = predicted[:, _column("labiodental")]
    return SpeechMeasures(
        float(same.mean()), float(same[in_speech].mean()),
        _share_shown(gap < CLOSED_GAP, [p for p in phones if SHAPES[p.name][0].close > 0.0]),
        _false_share(gap < CLOSED_GAP, phones),
        _share_shown(teeth >= CONTACT_SHOWN, [p for p in phones if SHAPES[p.name][0].labiodental > 0.0]),
        *(correlation(predicted[inside, _column(name)], rules[inside, _column(name)]) for name in ("jaw", "rounding")),
    )


def mean_measures(measures: Sequence[SpeechMeasures]) -> SpeechMeasures:
    """Return the mean of each measure; those that could not be measured do not count."""
    return SpeechMeasures(*(float(np.nanmean([getattr(m, f.name) for m in measures])) for f in fields(SpeechMeasures)))


def measure_recording(predicted: Array, recorded: RecordedFace) -> RecordingMeasures:
    """Compare predicted articulation (T, NUM_ARTICULATION) with a recorded face."""
    count = min(len(predicted), len(recorded.jaw))
    return RecordingMeasures(correlation(predicted[:count, _column("jaw")], recorded.jaw[:count]),
                             correlation(predicted[:count, _column("close")], recorded.pressed[:count]),
                             correlation(lips_of(predicted)[:count], recorded.gap[:count]))


def open_share(predicted: Array) -> float:
    """Return the share of frames with an open mouth."""
    return float((lips_of(predicted) > OPEN_GAP).mean())


def correlation(a: Array, b: Array) -> float:
    """Return the correlation r of two tracks; 0 if one of them is constant."""
    if len(a) < 2 or np.std(a) < 1e-9 or np.std(b) < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _column(name: str) -> int:
    return ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX[name]


def _frames(start_s: float, end_s: float, count: int) -> slice:
    """Frames within a time, at least one."""
    first = min(max(int(np.ceil(start_s * FACE_RATE - 1e-6)), 0), count - 1)
    return slice(first, max(first + 1, min(int(end_s * FACE_RATE + 1e-6) + 1, count)))


def _share_shown(shown: npt.NDArray[np.bool_], phones: Sequence[TimedPhone]) -> float:
    if not phones:
        return float("nan")
    return float(np.mean([shown[_frames(p.start_s - TOLERANCE_S, p.end_s + TOLERANCE_S, len(shown))].any()
                          for p in phones]))


def _false_share(closed: npt.NDArray[np.bool_], phones: Sequence[TimedPhone]) -> float:
    allowed = np.ones(len(closed), bool)
    for phone in phones:
        if SHAPES[phone.name][0].close == 0.0:
            allowed[_frames(phone.start_s, phone.end_s, len(closed))] = False
    for phone in phones:  # pauses are already allowed; what is beside one, or beside p, b, m, is no fault either
        if SHAPES[phone.name][0].close > 0.0:
            allowed[_frames(phone.start_s - TOLERANCE_S, phone.end_s + TOLERANCE_S, len(closed))] = True
    pauses = [(a.end_s, b.start_s) for a, b in itertools.pairwise(phones) if b.start_s > a.end_s + 0.01]
    edges = [phones[0].start_s, *(edge for pause in pauses for edge in pause), phones[-1].end_s]
    for edge in edges:
        allowed[_frames(edge - TOLERANCE_S, edge + TOLERANCE_S, len(closed))] = True
    vowels = [p for p in phones if SHAPES[p.name][0].is_vowel and p.end_s - p.start_s >= SHORTEST_VOWEL_S]
    faults = [(closed & ~allowed)[_frames(p.start_s, p.end_s, len(closed))].any() for p in vowels]
    return float(np.mean(faults)) if faults else float("nan")
