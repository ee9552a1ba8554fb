"""One recording and the motion made for it, judged: figures beside their controls and beside people.

No figure stands alone. How often a stroke's fastest point lies near an accent depends on how many strokes and accents
there are, so it is given three times:

    share of apexes within +-100 ms of an accent      this motion and this speech
    the same, speech shifted in time                  the same motion and speech, but not made for each other
    the same, mean pose                               a body that stands still: no apex, so none in time

The human figures are our own measurements of recorded people, all made with the definitions of `kinematics`. A tight
lock of strokes to accents is a design choice, not a human trait: people stay close to the shifted control.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.kinematics import (
    ApexTiming,
    apex_timing,
    find_apexes,
    find_strokes,
    gesture_space,
    magnitude_p95,
    mean_speed,
    pauses,
    rest_share,
    strokes_per_minute,
    two_handed_share,
    wrist_speeds,
    wrists,
)

LENGTH_TOLERANCE_S = 1.0


@dataclass(frozen=True)
class MotionReport:
    """Figures of one motion; NaN where there was nothing to measure. Both wrists are pooled.

    Attributes:
        duration_s: Length judged [s].
        speech_share: Share of the time with speech.
        accents: Number of accents of the speech.
        apexes: Number of stroke apexes of the motion.
        apex_share: Share of apexes within +-100 ms of an accent.
        apex_share_shifted: The same for speech shifted in time, mean over the shifts.
        apex_share_shifted_p95: 95th percentile over the shifts.
        apex_share_mean_pose: The same for a body that stands in the mean pose: 0, as it has no apex.
        apex_offset_s: Median of apex minus nearest accent [s].
        apex_offset_iqr_s: Its interquartile range [s].
        wrist_speed: Mean [m/s].
        wrist_speed_p95: [m/s].
        wrist_speed_speech: Mean in speech [m/s].
        wrist_speed_pauses: Mean in pauses of at least 0.3 s [m/s].
        pause_ratio: Speed in pauses over speed in speech.
        strokes_per_minute: Apexes per minute of speech.
        stroke_duration_s: Median [s].
        stroke_path_m: Median [m].
        stroke_peak: Median of the largest speed [m/s].
        acceleration_p95: [m/s2].
        jerk_p95: [m/s3].
        rest_share: Share of time with both wrists below 0.1 m/s.
        two_handed_share: Of the moving time, share in which the slower hand has over half the faster's speed.
        gesture_space: Left, right; percentile 5, 50, 95; forward, outward, up from the shoulder [arm lengths].
    """

    duration_s: float
    speech_share: float
    accents: int
    apexes: int
    apex_share: float
    apex_share_shifted: float
    apex_share_shifted_p95: float
    apex_share_mean_pose: float
    apex_offset_s: float
    apex_offset_iqr_s: float
    wrist_speed: float
    wrist_speed_p95: float
    wrist_speed_speech: float
    wrist_speed_pauses: float
    pause_ratio: float
    strokes_per_minute: float
    stroke_duration_s: float
    stroke_path_m: float
    stroke_peak: float
    acceleration_p95: float
    jerk_p95: float
    rest_share: float
    two_handed_share: float
    gesture_space: tuple[tuple[tuple[float, ...], ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists for JSON; what could not be measured is None."""
        return {name: _plain(value) for name, value in dataclasses.asdict(self).items()}


def evaluate_motion(joint_xyz: npt.NDArray[np.floating], samples: npt.NDArray[np.floating], *,
                    skeleton: Skeleton | None = None, draws: int = 500, seed: int = 0) -> MotionReport:
    """Judge a motion against the speech it was made for.

    Args:
        joint_xyz: (T, J, 3) joint positions at 25 Hz [m]; frame k belongs to the sound at k / 25 s.
        samples: (N,) the speech, mono at 16 kHz.
        skeleton: Of the motion; the canonical one if not given.
        draws: Number of time shifts of the control.
        seed: Of the shifts.

    Raises:
        InputError: If motion and speech differ by more than a second, or the motion is too short or not finite.
    """
    skeleton = skeleton or load_skeleton()
    accents = detect_accents(samples)
    _check_lengths(len(joint_xyz), len(accents.speech))
    count = min(len(joint_xyz), len(accents.speech))
    motion, speech = np.asarray(joint_xyz[:count], dtype=np.float64), accents.speech[:count]
    hands = wrists(motion, skeleton)
    speeds = wrist_speeds(hands)
    apexes, strokes = find_apexes(speeds), find_strokes(speeds)
    timing = apex_timing(apexes.times_s, accents.times_s, count / POSE_RATE, draws=draws, seed=seed)
    mean_pose = np.broadcast_to(hands.mean(axis=0), hands.shape)
    still = apex_timing(find_apexes(wrist_speeds(mean_pose)).times_s, accents.times_s, count / POSE_RATE, draws=1)
    in_speech, in_pauses = mean_speed(speeds, speech), mean_speed(speeds, pauses(speech))
    return MotionReport(
        duration_s=count / POSE_RATE,
        speech_share=float(speech.mean()),
        accents=len(accents),
        apexes=len(apexes),
        apex_share=timing.share,
        apex_share_shifted=timing.shifted_share,
        apex_share_shifted_p95=timing.shifted_p95,
        apex_share_mean_pose=_share_or_zero(still),
        apex_offset_s=timing.offset_median_s,
        apex_offset_iqr_s=timing.offset_iqr_s,
        wrist_speed=float(speeds.mean()),
        wrist_speed_p95=float(np.percentile(speeds, 95)),
        wrist_speed_speech=in_speech,
        wrist_speed_pauses=in_pauses,
        pause_ratio=in_pauses / in_speech if in_speech > 0 else math.nan,
        strokes_per_minute=strokes_per_minute(apexes.times_s, speech),
        stroke_duration_s=_median(strokes.durations_s),
        stroke_path_m=_median(strokes.paths_m),
        stroke_peak=_median(strokes.peaks),
        acceleration_p95=magnitude_p95(hands, 2),
        jerk_p95=magnitude_p95(hands, 3),
        rest_share=rest_share(speeds),
        two_handed_share=two_handed_share(speeds),
        gesture_space=tuple(tuple(tuple(row) for row in hand) for hand in gesture_space(motion, skeleton).tolist()),
    )


def evaluate_wrists(wrist_xyz: npt.NDArray[np.floating], samples: npt.NDArray[np.floating], *, draws: int = 500,
                    seed: int = 0) -> dict[str, float | None]:
    """The figures that make sense for a robot's hands, whatever its size.

    Args:
        wrist_xyz: (T, 2, 3) left and right wrist at 25 Hz [m]; frame k belongs to the sound at k / 25 s.
        samples: (N,) the speech, mono at 16 kHz.
        draws: Number of time shifts of the control.
        seed: Of the shifts.

    Raises:
        InputError: As `evaluate_motion`.
    """
    accents = detect_accents(samples)
    _check_lengths(len(wrist_xyz), len(accents.speech))
    count = min(len(wrist_xyz), len(accents.speech))
    speeds = wrist_speeds(np.asarray(wrist_xyz[:count], dtype=np.float64))
    apexes = find_apexes(speeds)
    timing = apex_timing(apexes.times_s, accents.times_s, count / POSE_RATE, draws=draws, seed=seed)
    speech = accents.speech[:count]
    figures = {
        "apexes": len(apexes), "apex_share": timing.share, "apex_share_shifted": timing.shifted_share,
        "apex_offset_s": timing.offset_median_s, "wrist_speed": float(speeds.mean()),
        "wrist_speed_speech": mean_speed(speeds, speech), "wrist_speed_pauses": mean_speed(speeds, pauses(speech)),
        "strokes_per_minute": strokes_per_minute(apexes.times_s, speech),
    }  # fmt: skip
    return {name: _plain(value) for name, value in figures.items()}


@dataclass(frozen=True)
class HumanFigure:
    """One line of the table: a figure of the report and what people do.

    Attributes:
        name: Field of `MotionReport`.
        label: What it is called in the table.
        unit: Of the figure.
        people: Measured in people (typical, and the range between people), or the aim where people give none.
    """

    name: str
    label: str
    unit: str
    people: str


# Measured on 26 min of recorded people: BEAT2, ZeroEGGS and TED talks ("lively"), a task dialogue ("calm").
HUMAN_FIGURES = (
    HumanFigure("apex_share", "apexes within 100 ms of an accent", "", "aim 0.45 or more"),
    HumanFigure("apex_share_shifted", "  the same, speech shifted", "", "aim 0.20 or less"),
    HumanFigure("apex_share_mean_pose", "  the same, mean pose", "", "0"),
    HumanFigure("apex_offset_s", "apex after accent, median", "s", "-0.05 (-0.2 to 0.1)"),
    HumanFigure("wrist_speed", "wrist speed, mean", "m/s", "lively 0.4 (0.2-0.55), calm 0.22 (0.1-0.35)"),
    HumanFigure("wrist_speed_p95", "wrist speed, 95 %", "m/s", "lively 1.2 (0.8-1.6), calm 0.95 (0.5-1.3)"),
    HumanFigure("wrist_speed_speech", "wrist speed in speech", "m/s", "0.3-0.5"),
    HumanFigure("wrist_speed_pauses", "wrist speed in pauses", "m/s", "never 0"),
    HumanFigure("pause_ratio", "pauses / speech", "", "0.8 (0.5-1.0)"),
    HumanFigure("strokes_per_minute", "strokes in speech", "1/min", "lively 120 (60-160), calm 70 (20-105)"),
    HumanFigure("stroke_duration_s", "stroke duration, median", "s", "0.4 (0.2-0.8)"),
    HumanFigure("stroke_path_m", "stroke path, median", "m", "0.2 (0.06-0.6)"),
    HumanFigure("stroke_peak", "stroke peak speed, median", "m/s", "0.7 (0.3-1.6)"),
    HumanFigure("acceleration_p95", "acceleration, 95 %", "m/s2", "9 (7-10)"),
    HumanFigure("jerk_p95", "jerk, 95 %", "m/s3", "100-115, below 135"),
    HumanFigure("rest_share", "both hands at rest", "", "lively 0.03-0.16, calm 0.55"),
    HumanFigure("two_handed_share", "two-handed", "", "0.55 (0.45-0.7)"),
)  # fmt: skip


def format_report(report: MotionReport) -> str:
    """The report as a text table, people beside it."""
    rows = [("", "this motion", "people")]
    rows += [(f.label, f"{_number(getattr(report, f.name))} {f.unit}".rstrip(), f.people) for f in HUMAN_FIGURES]
    for name, hand in zip(("left", "right"), report.gesture_space):
        space = ", ".join(f"{low:.2f} to {high:.2f}" for low, high in zip(hand[0], hand[2]))
        rows.append((f"{name} wrist forward, out, up", space, "0 to 0.7, -0.2 to 0.5, -0.95 to -0.05 arm lengths"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def _check_lengths(motion: int, speech: int) -> None:
    if abs(motion - speech) > LENGTH_TOLERANCE_S * POSE_RATE:
        raise InputError("length of the motion", f"{motion / POSE_RATE:.2f} s",
                         f"within {LENGTH_TOLERANCE_S:g} s of the speech ({speech / POSE_RATE:.2f} s)",
                         "Pass the motion that was made for this speech, flushed.")


def _share_or_zero(timing: ApexTiming) -> float:
    return 0.0 if math.isnan(timing.share) else timing.share


def _median(values: npt.NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else math.nan


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3g}"


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
