"""Registry of the metrics of motions that a robot has performed: counts of faults, and the loss on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult
from speech_gesture_ros.evaluation.metrics.metric import ROBOT, Metric
from speech_gesture_ros.evaluation.robot_likeness import Likeness


@dataclass(frozen=True)
class RobotMotionSet:
    """Motions that one robot has performed in closed-loop simulation.

    Attributes:
        results: Of each simulation, at least one.
        likeness: Robot compared with the human motion; None if it was not measured.
        ik_failures: Frames for which inverse kinematics failed.
    """

    results: Sequence[ClosedLoopResult]
    likeness: Likeness | None = None
    ik_failures: int = 0

    def value(self, metric: Metric[RobotMotionSet]) -> float:
        """Return the value of a metric; NaN where it cannot be measured."""
        if "likeness" in metric.needs and self.likeness is None:
            return float("nan")
        return float(metric.compute(self))


ZERO, LIKENESS = "0", frozenset({"likeness"})


def _of(motions: RobotMotionSet) -> Likeness:
    assert motions.likeness is not None
    return motions.likeness


FAULTS: tuple[Metric[RobotMotionSet], ...] = (
    Metric("limit_violations", "limit violations", "", 0, ZERO, ROBOT, "joint-samples beyond any limit",
           lambda m: sum(r.violations.total for r in m.results), is_key=True),
    Metric("self_collisions", "self-collisions", "", 0, ZERO, ROBOT, "knots with overlapping capsules",
           lambda m: sum(r.collisions for r in m.results), is_key=True),
    Metric("rejected_trajectories", "rejected trajectories", "", 0, ZERO, ROBOT, "by gate or controllers",
           lambda m: sum(r.rejections for r in m.results), is_key=True),
    Metric("ik_failures", "inverse kinematics failures", "", 0, ZERO, ROBOT, "frames without a solution",
           lambda m: m.ik_failures),
    Metric("late_frames", "late frames", "", 0, ZERO, ROBOT, "knots too late for their window",
           lambda m: sum(r.late_targets for r in m.results)),
    Metric("ends_in_motion", "motions that do not end at rest", "", 0, ZERO, ROBOT, "",
           lambda m: sum(not r.ends_at_rest for r in m.results)),
)
ROBOT_METRICS: tuple[Metric[RobotMotionSet], ...] = (
    *FAULTS,
    Metric("min_distance_mm", "smallest clearance", "mm", 0, "above 0", ROBOT, "of the capsules",
           lambda m: 1e3 * min(r.min_distance_m for r in m.results)),
    Metric("amplitude_kept", "amplitude kept", "", 2, "1", ROBOT, "spread of the wrists, in arm lengths",
           lambda m: _of(m).amplitude, is_key=True, needs=LIKENESS),
    Metric("speed_kept", "wrist speed kept", "", 2, "1", ROBOT, "in arm lengths",
           lambda m: _of(m).speed, needs=LIKENESS),
    Metric("direction_error", "direction error, median", "deg", 1, "low", ROBOT, "upper arms and forearms",
           lambda m: _of(m).error_deg, needs=LIKENESS),
    Metric("direction_error_p95", "direction error, 95 %", "deg", 1, "low", ROBOT, "",
           lambda m: _of(m).error_p95_deg, needs=LIKENESS),
    Metric("wrist_timing", "wrist speed r with the human", "", 2, "1", ROBOT, "the lower of both arms",
           lambda m: _of(m).timing, needs=LIKENESS),
    Metric("wrist_lag_ms", "wrist lag behind the human", "ms", 0, "0", ROBOT, "the longer of both arms",
           lambda m: 1e3 * _of(m).lag_s, needs=LIKENESS),
)


def fault_counts(motions: RobotMotionSet) -> dict[str, int]:
    """Name of each fault that must not occur, and how often it did."""
    return {metric.name: int(np.rint(motions.value(metric))) for metric in FAULTS}
