r"""How a motion moves, in the figures in which people were measured; `human_ranges` says what people do.

Pooled over all clips given: a percentile of the whole, not a mean of percentiles. Wrists are those of `body_frame`,
derivatives follow a zero-phase 4th-order 6 Hz low-pass, apexes and strokes those of `evaluation.kinematics`.

    peak speed |       . '           main sequence: a longer stroke is faster, peak = a path^b,
    (log)      |   . '               fitted in log-log (Bahill, Clark & Stark, Math. Biosci. 24, 1975, for eyes;
               | '  path (log)       the same law holds for arms)

What they prove: that speeds, sizes and rhythms are those of people. What they do not: that the motion fits the speech;
only `pause_ratio` hears it at all. Source of definitions: our measurements of 26 minutes of recorded people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import (
    Bools,
    Floats,
    Strokes,
    derivative,
    find_apexes,
    find_strokes,
    pauses,
    rest_share,
    two_handed_share,
)
from speech_gesture_ros.evaluation.metrics.body_frame import wrists_from_shoulders, wrists_in_body
from speech_gesture_ros.evaluation.metrics.trunk import head_speeds, lean_deg, lean_speeds, nods

LONGEST_INTERVAL_S = 2.0  # between apexes; longer is a pause in gesturing, not a rhythm
FEWEST_STROKES = 5  # for a line through them


@dataclass(frozen=True)
class Motion:
    """One clip.

    Attributes:
        joint_xyz: (T, J, 3) [m].
        speech: (T,) whether someone speaks; None if not known.
    """

    joint_xyz: npt.NDArray[np.floating]
    speech: Bools | None = None


def human_figures(motions: Sequence[Motion], fps: float, skeleton: Skeleton) -> dict[str, float]:
    """Every figure of `human_ranges` and some more, over all clips together; NaN where nothing could be measured.

    Args:
        motions: Clips of the same person or model, each at least 3 frames.
        fps: Frames a second [Hz].
        skeleton: Names the joints and gives the arm length.

    Returns:
        Wrists: ``wrist_speed`` (mean), ``wrist_speed_p95``, ``wrist_speed_p99`` [m/s], ``skew`` (mean / median),
        ``acceleration_p95`` [m/s2], ``jerk_p95`` [m/s3]. Strokes: ``strokes_per_minute`` (apexes, in speech where it
        is known), ``apex_interval_s``, ``interval_cv``, medians ``stroke_duration_s``, ``stroke_path_m``,
        ``stroke_peak`` [m/s], ``peak_over_mean``, ``edge_over_peak``; ``main_sequence_a``, ``main_sequence_b``,
        ``main_sequence_r``, ``duration_exponent``. Rest and hands: ``rest_share`` (both), ``two_handed_share``,
        ``hand_correlation``. Space, both hands pooled, arm lengths from the own shoulder: ``forward_p5``,
        ``forward_p95``, ``outward_p5``, ``outward_p95``, ``up_p5``, ``up_p95``; ``above_shoulder``,
        ``across_midline`` (shares). Speech: ``pause_ratio``. Trunk: ``head_speed``, ``head_speed_p95`` [deg/s],
        ``nods_per_minute``, ``lean_speed`` [deg/s], ``lean_sd`` [deg].

    Raises:
        InputError: If there is no clip, or one is too short or not finite.
    """
    if not motions:
        raise InputError("clips to measure", 0, "at least 1", "Give a motion.")
    hands = [wrists_in_body(m.joint_xyz, fps, skeleton) for m in motions]
    velocities = [derivative(h, 1, fps) for h in hands]
    speeds = [np.asarray(np.linalg.norm(v, axis=-1)) for v in velocities]
    pooled = np.concatenate(speeds)
    return {
        **_speed_figures(pooled, hands, fps),
        **_rhythm_figures(speeds, motions, fps),
        **stroke_figures(_join([find_strokes(s, fps) for s in speeds])),
        "rest_share": rest_share(pooled),
        "two_handed_share": two_handed_share(pooled),
        "hand_correlation": hand_correlation(np.concatenate(velocities)),
        **_space_figures(np.concatenate([wrists_from_shoulders(m.joint_xyz, fps, skeleton) for m in motions]),
                         np.concatenate(hands)),
        "pause_ratio": _pause_ratio(speeds, motions, fps),
        **_trunk_figures(motions, fps, skeleton),
    }


def _speed_figures(speeds: Floats, hands: Sequence[Floats], fps: float) -> dict[str, float]:
    median = float(np.median(speeds))

    def p95(order: int) -> float:
        sizes = [np.linalg.norm(derivative(h, order, fps), axis=-1).ravel() for h in hands]
        return float(np.percentile(np.concatenate(sizes), 95))

    return {"wrist_speed": float(speeds.mean()), "wrist_speed_p95": float(np.percentile(speeds, 95)),
            "wrist_speed_p99": float(np.percentile(speeds, 99)),
            "skew": float(speeds.mean()) / median if median > 1e-6 else float("nan"),
            "acceleration_p95": p95(2), "jerk_p95": p95(3)}


def _rhythm_figures(speeds: Sequence[Floats], motions: Sequence[Motion], fps: float) -> dict[str, float]:
    count, minutes, intervals = 0, 0.0, []
    for course, motion in zip(speeds, motions):
        times = find_apexes(course, fps).times_s
        during = np.ones(len(course), dtype=bool) if motion.speech is None else motion.speech[:len(course)]
        count += int(during[np.clip(np.round(times * fps).astype(int), 0, len(during) - 1)].sum()) if len(during) else 0
        minutes += float(during.sum()) / fps / 60.0
        intervals.append(np.diff(times))
    gaps = np.concatenate(intervals)
    gaps = gaps[gaps < LONGEST_INTERVAL_S]
    return {"strokes_per_minute": count / minutes if minutes > 0 else float("nan"),
            "apex_interval_s": float(np.median(gaps)) if len(gaps) else float("nan"),
            "interval_cv": float(gaps.std() / gaps.mean()) if len(gaps) > 1 else float("nan")}


def stroke_figures(strokes: Strokes) -> dict[str, float]:
    """Medians of size and shape, and the main sequence."""
    names = ("stroke_duration_s", "stroke_path_m", "stroke_peak", "peak_over_mean", "edge_over_peak")
    if len(strokes) == 0:
        medians = dict.fromkeys(names, float("nan"))
    else:
        shape = strokes.peaks * strokes.durations_s / strokes.paths_m
        columns = (strokes.durations_s, strokes.paths_m, strokes.peaks, shape, strokes.edges / strokes.peaks)
        medians = {name: float(np.median(column)) for name, column in zip(names, columns)}
    a, b, r = power_law(strokes.paths_m, strokes.peaks)
    return {**medians, "main_sequence_a": a, "main_sequence_b": b, "main_sequence_r": r,
            "duration_exponent": power_law(strokes.paths_m, strokes.durations_s)[1]}


def power_law(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Least squares of log y = log a + b log x: a, b, and the correlation of the logs; NaN with too few points."""
    if len(x) < FEWEST_STROKES or np.ptp(x) < 1e-9:
        return float("nan"), float("nan"), float("nan")
    slope, offset = np.polyfit(np.log(x), np.log(y), 1)
    r = np.corrcoef(np.log(x), np.log(y))[0, 1] if np.ptp(y) > 1e-9 else float("nan")
    return float(np.exp(offset)), float(slope), float(r)


def hand_correlation(velocities: Floats) -> float:
    """Correlation of the two hands' velocities, the right one mirrored. 1: mirror images; 0: strangers.

    Args:
        velocities: (T, 2, 3) forward, left, up [m/s].
    """
    left, right = velocities[:, 0].ravel(), (velocities[:, 1] * (1.0, -1.0, 1.0)).ravel()
    power = float(np.sqrt(np.sum(left**2) * np.sum(right**2)))  # velocities of a hand that comes back average 0
    return float(left @ right) / power if power > 1e-9 else float("nan")


def _space_figures(relative: Floats, hands: Floats) -> dict[str, float]:
    low, high = np.percentile(relative.reshape(-1, 3), (5, 95), axis=0)
    box = {f"{axis}_{name}": float(value) for name, row in (("p5", low), ("p95", high))
           for axis, value in zip(("forward", "outward", "up"), row)}
    across = np.stack([hands[:, 0, 1] < 0.0, hands[:, 1, 1] > 0.0])
    return {**box, "above_shoulder": float(np.mean(relative[..., 2] > 0.0)), "across_midline": float(across.mean())}


def _pause_ratio(speeds: Sequence[Floats], motions: Sequence[Motion], fps: float) -> float:
    known = [(course, m.speech[:len(course)]) for course, m in zip(speeds, motions) if m.speech is not None]
    talking = [course[:len(speech)][speech].ravel() for course, speech in known]
    silent = [course[:len(speech)][pauses(speech, rate=fps)].ravel() for course, speech in known]
    if not sum(map(len, talking)) or not sum(map(len, silent)) or not np.concatenate(talking).mean() > 1e-6:
        return float("nan")
    return float(np.concatenate(silent).mean() / np.concatenate(talking).mean())


def _trunk_figures(motions: Sequence[Motion], fps: float, skeleton: Skeleton) -> dict[str, float]:
    head = np.concatenate([head_speeds(m.joint_xyz, fps, skeleton) for m in motions])
    lean = np.concatenate([lean_deg(m.joint_xyz, skeleton) for m in motions])
    minutes = sum(len(m.joint_xyz) for m in motions) / fps / 60.0
    return {"head_speed": float(head.mean()), "head_speed_p95": float(np.percentile(head, 95)),
            "nods_per_minute": sum(nods(m.joint_xyz, fps, skeleton) for m in motions) / minutes,
            "lean_speed": float(np.concatenate([lean_speeds(m.joint_xyz, fps, skeleton) for m in motions]).mean()),
            "lean_sd": float(lean.std())}


def _join(parts: Sequence[Strokes]) -> Strokes:
    return Strokes(*(np.concatenate([getattr(p, name) for p in parts])
                     for name in ("durations_s", "paths_m", "peaks", "edges")))
