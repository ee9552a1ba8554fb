"""Table of methods with the paper's two metrics, and two that are needed beside them.

L1 and PCK prefer the median: a motionless person in the middle scores better than one with good but other gestures. So
speed and variance of the wrists are given, too, as ratios to the recorded motion: 1 is alike, 0 is motionless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX
from speech_gesture_ros.evaluation.metrics.pck import pck
from speech_gesture_ros.training.speech2gesture.baselines import Predictor

Array = npt.NDArray[np.floating]

PCK_ALPHAS = (0.1, 0.2)
_WRISTS = [KEYPOINT_INDEX["left_wrist"] - 1, KEYPOINT_INDEX["right_wrist"] - 1]  # the base is left out


@dataclass(frozen=True)
class MethodRow:
    """Metrics of one method.

    Attributes:
        name: Name of the method.
        l1_cm: Mean absolute error of a coordinate on the canonical skeleton's shoulders [cm].
        pck: Percentage of correct keypoints, as a share; mean at 0.1 and 0.2.
        speed: Mean speed of the wrists in the picture, over that of the recorded motion.
        variance: Variance of the wrists within windows, likewise.
    """

    name: str
    l1_cm: float
    pck: float
    speed: float
    variance: float


def measure_methods(predictors: dict[str, Predictor], log_mel: npt.NDArray[np.float32],
                    real: npt.NDArray[np.float32]) -> list[MethodRow]:
    """Return the metrics of every method on the same windows: (W, 418, 64) and (W, 64, 48, 2) [m]."""
    return [_row(name, predict(log_mel), real) for name, predict in predictors.items()]


def method_table(rows: list[MethodRow]) -> str:
    """Return the rows as Markdown."""
    lines = ["| | L1 [cm] | PCK | wrist speed | wrist variance |", "|---|---|---|---|---|"]
    lines += [f"| {r.name} | {r.l1_cm:.2f} | {r.pck:.3f} | {r.speed:.2f} | {r.variance:.2f} |" for r in rows]
    return "\n".join(lines)


def _row(name: str, generated: Array, real: Array) -> MethodRow:
    return MethodRow(name, 100 * float(np.abs(generated - real).mean()), _pck(generated, real),
                     _speed(generated) / max(_speed(real), 1e-9), _variance(generated) / max(_variance(real), 1e-12))


def _pck(generated: Array, real: Array) -> float:
    flat = (-1, *real.shape[-2:])
    return float(np.mean([pck(real.reshape(flat), generated.reshape(flat), alpha) for alpha in PCK_ALPHAS]))


def _speed(windows: Array) -> float:
    return float(np.linalg.norm(np.diff(windows[:, :, _WRISTS], axis=1), axis=-1).mean())


def _variance(windows: Array) -> float:
    return float(windows[:, :, _WRISTS].var(axis=1).mean())
