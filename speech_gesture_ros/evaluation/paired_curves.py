"""Curves of the plots of a paired evaluation: speeds, spectra, apexes around accents, the wrists of one clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import signal

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import Floats, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.motion_clip import Frames
from speech_gesture_ros.evaluation.metrics.speed_histogram import SPEED_EDGES, speed_histogram
from speech_gesture_ros.evaluation.paired import BUNDLE, MEAN_POSE, OTHER_HALF, RECORDED, PairedClip
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis
from speech_gesture_ros.rendering.evaluation_plots import SHEET_POSES, EvaluationCurves

FPS = float(POSE_RATE)
SEGMENT_FRAMES = 128  # of a spectrum
NEAR_S, FAR_S, BIN_S = 1.0, 2.0, 0.08  # reach of the correlogram, of its reference level, width of a bin
SHOWN_S = 16.0  # of the clip whose wrists are shown


def evaluation_curves(clips: Sequence[PairedClip], motions: Mapping[str, Sequence[Frames]],
                      skeleton: Skeleton) -> EvaluationCurves:
    """Curves of every row.

    Args:
        clips: The test clips.
        motions: Row to one (T, J, 3) for each clip [m]; those of `OTHER_HALF` belong to every second clip.
        skeleton: Of the motions.
    """
    hands = {name: [wrists(m, skeleton) for m in row] for name, row in motions.items()}
    speeches = {name: [c.speech for c in (clips[::2] if name == OTHER_HALF else clips)] for name in motions}
    shown = max(range(len(clips)), key=lambda k: len(clips[k].recorded))
    first = clips[shown].speech.first(round(SHOWN_S * FPS))
    count = len(first)
    heights = {name: hands[name][shown][:count, :, 2] for name in (RECORDED, BUNDLE)}
    picks = np.linspace(0, count - 1, SHEET_POSES + 2).round().astype(int)[1:-1]
    picks = picks[picks < min(map(len, heights.values()))]
    return EvaluationCurves(
        speed_edges=SPEED_EDGES,
        speed_shares={name: speed_histogram(row, FPS)[:-1] for name, row in hands.items()},
        frequencies_hz=np.fft.rfftfreq(SEGMENT_FRAMES, 1 / FPS),
        spectra={name: velocity_spectrum(row) for name, row in hands.items() if name != MEAN_POSE},
        offsets_s=_middles(NEAR_S),
        correlograms={name: correlogram(row, speeches[name]) for name, row in hands.items() if name != MEAN_POSE},
        clip_times_s=np.arange(count) / FPS,
        wrist_heights=heights,
        accents_s=first.accents_s,
        clip_name=clips[shown].name,
        poses={name: np.asarray(motions[name][shown])[picks] for name in (RECORDED, BUNDLE)},
        pose_times_s=picks / FPS,
    )


def velocity_spectrum(hands: Sequence[Frames]) -> Floats:
    """Power density of wrist velocity over all clips, summed over axes, mean of both hands [(m/s)2/Hz].

    Args:
        hands: Each (T, 2, 3) [m]; unfiltered, so that noise is visible.
    """
    parts = []
    for positions in hands:
        velocity = np.diff(np.asarray(positions, dtype=np.float64), axis=0) * FPS
        padded = np.pad(velocity, ((0, max(0, SEGMENT_FRAMES - len(velocity))), (0, 0), (0, 0)))
        density = signal.welch(padded, FPS, nperseg=SEGMENT_FRAMES, axis=0, detrend="constant")[1]
        parts.append(density.sum(axis=2).mean(axis=1) * len(velocity))
    return np.asarray(np.sum(parts, axis=0) / sum(len(p) - 1 for p in hands), dtype=np.float64)


def correlogram(hands: Sequence[Frames], speeches: Sequence[SpeechAnalysis]) -> Floats:
    """Apexes at each distance from accents within 1 s, relative to the level 1 to 2 s away; NaN with too few."""
    edges = np.concatenate([_middles(FAR_S) - BIN_S / 2, [_middles(FAR_S)[-1] + BIN_S / 2]])
    counts = np.zeros(len(edges) - 1)
    for positions, speech in zip(hands, speeches):
        apexes = find_apexes(wrist_speeds(positions)).times_s
        counts += np.histogram(apexes[:, None] - speech.accents_s, edges)[0]
    middles = _middles(FAR_S)
    level = float(counts[np.abs(middles) > NEAR_S].mean())
    near = counts[np.abs(middles) <= NEAR_S + 1e-9]
    return np.asarray(near / (level if level > 0 else np.nan), dtype=np.float64)


def _middles(reach_s: float) -> Floats:
    """Centres of the bins within +-reach_s, one at 0."""
    side = int(reach_s / BIN_S)
    return np.arange(-side, side + 1, dtype=np.float64) * BIN_S
