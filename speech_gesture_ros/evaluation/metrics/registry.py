"""All metrics by name. Every evaluation of this package takes its metrics from here: one definition for each."""

from __future__ import annotations

from typing import Any

from speech_gesture_ros.evaluation.metrics.metric import Metric
from speech_gesture_ros.evaluation.metrics.motion_metrics import MOTION_METRICS
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.robot_metrics import ROBOT_METRICS, RobotMotionSet

Values = dict[str, float]

_ALL: tuple[Metric[Any], ...] = (*MOTION_METRICS, *ROBOT_METRICS)
METRICS = {metric.name: metric for metric in _ALL}


def measure_motion(motions: MotionSet) -> Values:
    """Name of every metric of human motion to its value; NaN where it cannot be measured.

    Raises:
        InputError: If a motion is not finite.
    """
    return {metric.name: motions.value(metric) for metric in MOTION_METRICS}


def measure_robot(motions: RobotMotionSet) -> Values:
    """Name of every metric of robot motion to its value; NaN where it cannot be measured."""
    return {metric.name: motions.value(metric) for metric in ROBOT_METRICS}


def plain(values: Values) -> dict[str, float | None]:
    """Values for JSON; None where a metric could not be measured."""
    return {name: value if abs(value) < float("inf") else None for name, value in values.items()}
