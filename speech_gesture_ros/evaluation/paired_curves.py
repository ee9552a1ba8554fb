"""The curves behind the plots of a paired evaluation: speeds, spectra, apexes around accents, one clip's wrists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import signal

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import Floats, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics import speed_histogram
from speech_gesture_ros.evaluation.metrics.speed_histogram import EDGES
from speech_gesture_ros.evaluation.paired import BUNDLE, MEAN_POSE, OTHER_HALF, RECORDED
from speech_gesture_ros.evaluation.paired_clips import FPS, Example, Frames, Sound
from speech_gesture_ros.rendering.evaluation_plots import SHEET_POSES, EvaluationCurves

SEGMENT = 128  # frames of a spectrum
NEAR_S, FAR_S, BIN_S = 1.0, 2.0, 0.08
CLIP_S = 16.0  # of the clip that is shown


def evaluation_curves(examples: Sequence[Example], motions: Mapping[str, Sequence[Frames]],
                      skeleton: Skeleton) -> EvaluationCurves:
    """Curves of every row.

    Args:
        examples: The test clips.
        motions: Of each row one (T, J, 3) for each clip [m]; those of `OTHER_HALF` belong to every second clip.
        skeleton: Of the motions.
    """
    hands = {name: [wrists(m, skeleton) for m in row] for name, row in motions.items()}
    sounds = {name: [e.sound for e in (examples[::2] if name == OTHER_HALF else examples)] for name in motions}
    shown = max(range(len(examples)), key=lambda k: len(examples[k].truth))
    first = examples[shown].sound.first(round(CLIP_S * FPS))
    count = len(first.speech)
    heights = {name: hands[name][shown][:count, :, 2] for name in (RECORDED, BUNDLE)}
    picks = np.linspace(0, count - 1, SHEET_POSES + 2).round().astype(int)[1:-1]
    picks = picks[picks < min(map(len, heights.values()))]
    return EvaluationCurves(
        speed_edges=EDGES,
        speed_shares={name: speed_histogram(row, FPS)[:-1] for name, row in hands.items()},
        frequencies_hz=np.fft.rfftfreq(SEGMENT, 1 / FPS),
        spectra={name: velocity_spectrum(row) for name, row in hands.items() if name != MEAN_POSE},
        offsets_s=_middles(NEAR_S),
        correlograms={name: correlogram(row, sounds[name]) for name, row in hands.items() if name != MEAN_POSE},
        clip_times_s=np.arange(count) / FPS,
        wrist_heights=heights,
        accents_s=first.accents_s,
        clip_name=examples[shown].name,
        poses={name: np.asarray(motions[name][shown])[picks] for name in (RECORDED, BUNDLE)},
        pose_times_s=picks / FPS,
    )


def velocity_spectrum(hands: Sequence[Frames]) -> Floats:
    """Power density of wrist velocity over all clips, summed over axes, mean of hands [(m/s)2/Hz].

    Args:
        hands: Each (T, 2, 3) [m]; unfiltered, so that noise shows.
    """
    parts = []
    for positions in hands:
        velocity = np.diff(np.asarray(positions, dtype=np.float64), axis=0) * FPS
        padded = np.pad(velocity, ((0, max(0, SEGMENT - len(velocity))), (0, 0), (0, 0)))
        density = signal.welch(padded, FPS, nperseg=SEGMENT, axis=0, detrend="constant")[1]
        parts.append(density.sum(axis=2).mean(axis=1) * len(velocity))
    return np.asarray(np.sum(parts, axis=0) / sum(len(p) - 1 for p in hands), dtype=np.float64)


def correlogram(hands: Sequence[Frames], sounds: Sequence[Sound]) -> Floats:
    """Apexes at each distance from accents within a second, over the level 1 to 2 s away; NaN with too few."""
    edges = np.concatenate([_middles(FAR_S) - BIN_S / 2, [_middles(FAR_S)[-1] + BIN_S / 2]])
    counts = np.zeros(len(edges) - 1)
    for positions, sound in zip(hands, sounds):
        apexes = find_apexes(wrist_speeds(positions)).times_s
        counts += np.histogram(apexes[:, None] - sound.accents_s, edges)[0]
    middles = _middles(FAR_S)
    level = float(counts[np.abs(middles) > NEAR_S].mean())
    near = counts[np.abs(middles) <= NEAR_S + 1e-9]
    return np.asarray(near / (level if level > 0 else np.nan), dtype=np.float64)


def _middles(reach_s: float) -> Floats:
    """Middles of the bins within +-reach_s, one at 0."""
    side = int(reach_s / BIN_S)
    return np.arange(-side, side + 1, dtype=np.float64) * BIN_S
