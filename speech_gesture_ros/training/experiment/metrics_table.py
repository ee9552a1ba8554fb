"""Metrics of the paper's table, by its own definitions: centimetres and frames of 50 ms, next to those per second.

They show how far a motion is from the recorded one, and whether it moves as much and as smoothly. They do not show that
it is a good gesture. A constant pose has a low error, and speech does not determine which gesture is made, so the mean
of all gestures has the lowest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.evaluation.metrics.derivatives import mean_derivative
from speech_gesture_ros.evaluation.metrics.position_error import ape
from speech_gesture_ros.evaluation.metrics.speed_histogram import frame_histogram, hellinger, speed_histogram
from speech_gesture_ros.networks.kucherenko.network_config import WINDOW_FRAME_RATE
from speech_gesture_ros.training.kucherenko.motion import CM_PER_M, resample

Array = npt.NDArray[np.float64]
Motions = list[Array]

SPEED_EDGES = np.linspace(0.0, 1.0, 51)  # [m/s] of the plot
MIN_FRAMES = 4  # of a pair of motions: fewer have no jerk


@dataclass(frozen=True)
class RowMetrics:
    """Metrics of a row, relative to the recorded motion.

    Attributes:
        ape_cm: Mean distance of a joint from its recorded position [cm].
        acceleration: Mean size of the second difference [cm / frame^2].
        jerk: Mean size of the third difference [cm / frame^3].
        acceleration_m_s2: The same per second [m/s^2].
        jerk_m_s3: [m/s^3].
        hellinger: Distance of the speed histograms of this and the recorded motion in the paper's bins, with one more
            for higher speeds: 0 the same, 1 nothing in common.
        variance: Variance of all coordinates about each clip's mean, over that of the recorded motion.
        speeds: Share of speeds between `SPEED_EDGES`, and in one more bin for higher speeds.
    """

    ape_cm: float
    acceleration: float
    jerk: float
    acceleration_m_s2: float
    jerk_m_s3: float
    hellinger: float
    variance: float
    speeds: list[float]


TABLE_COLUMNS = (("APE [cm]", "ape_cm", "{:.2f}"), ("acceleration [cm/frame²]", "acceleration", "{:.3f}"),
           ("jerk [cm/frame³]", "jerk", "{:.3f}"), ("acceleration [m/s²]", "acceleration_m_s2", "{:.2f}"),
           ("jerk [m/s³]", "jerk_m_s3", "{:.1f}"), ("Hellinger of speeds", "hellinger", "{:.3f}"),
           ("variance ratio", "variance", "{:.3f}"))


def recorded_motions(clips: Sequence[Clip]) -> Motions:
    """Return the recorded motion of clips at 20 Hz, (T, J, 3) [m] each."""
    return [resample(clip.joint_xyz, POSE_RATE, WINDOW_FRAME_RATE) for clip in clips if clip.joint_xyz is not None]


def measure_motions(motions: Motions, recorded: Motions, joints: Sequence[int]) -> RowMetrics:
    """Return the metrics over clips; each pair is compared up to the end of the shorter motion.

    Args:
        motions: (T, J, 3) [m] at 20 Hz, one for each clip.
        recorded: The recorded motions.
        joints: Indices of the joints that count.
    """
    picked = list(joints)
    pairs = [(a[:n, picked], b[:n, picked]) for a, b in zip(motions, recorded)
             for n in (min(len(a), len(b)),) if n >= MIN_FRAMES]
    generated, targets = [a for a, _ in pairs], [b for _, b in pairs]
    acceleration, jerk = (float(np.mean([mean_derivative(motion, order) for motion in generated])) for order in (2, 3))
    return RowMetrics(
        ape_cm=CM_PER_M * float(np.mean([ape(b, a) for a, b in pairs])),
        acceleration=CM_PER_M * acceleration, jerk=CM_PER_M * jerk,
        acceleration_m_s2=acceleration * WINDOW_FRAME_RATE**2, jerk_m_s3=jerk * WINDOW_FRAME_RATE**3,
        hellinger=hellinger(frame_histogram(generated), frame_histogram(targets)),
        variance=_variance(generated) / max(_variance(targets), 1e-12),
        speeds=[float(share) for share in speed_histogram(generated, WINDOW_FRAME_RATE, SPEED_EDGES)],
    )


def metrics_table(metrics: dict[str, list[RowMetrics]]) -> str:
    """Return the metrics as Markdown: mean ± standard deviation where there are several seeds."""
    lines = [f"| row | {' | '.join(title for title, _, _ in TABLE_COLUMNS)} |", "|---" * (1 + len(TABLE_COLUMNS)) + "|"]
    for name, entries in metrics.items():
        cells = []
        for _, field, form in TABLE_COLUMNS:
            values = [getattr(entry, field) for entry in entries]
            spread = f" ± {form.format(np.std(values, ddof=1))}" if len(values) > 1 else ""
            cells.append(form.format(np.mean(values)) + spread)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def speed_histograms(metrics: dict[str, list[RowMetrics]]) -> dict[str, Array]:
    """Return row name and speed histogram, the mean over the seeds."""
    return {name: np.mean([entry.speeds for entry in entries], axis=0) for name, entries in metrics.items()}


def _variance(motions: Sequence[Array]) -> float:
    return float(sum((motion.var(axis=0) * len(motion)).sum() for motion in motions) / sum(map(len, motions)))
