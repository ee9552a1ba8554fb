"""Check of a robot: it performs a standard set of motions, and every fault and the error of its arms are judged.

Faults are counted in all motions, the extreme ones included; likeness is measured on recorded motion and speech. The
worst of the four limbs decides, not the median over limbs. Commands can be audited on the robot's own meshes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.metrics.robot_metrics import FAULTS, fault_counts
from speech_gesture_ros.evaluation.robot_likeness import ENTRY_S, Likeness, pool_likeness
from speech_gesture_ros.evaluation.robot_mesh_audit import DEEP_M, MeshAudit, MeshAuditor
from speech_gesture_ros.evaluation.robot_motions import EXTREMES, StandardMotions
from speech_gesture_ros.evaluation.robot_rest_check import RestCheck, check_rest
from speech_gesture_ros.evaluation.robot_run import RobotRunner, combine
from speech_gesture_ros.robot.description import RobotDescription

MAX_ERROR_DEG = {3: 45.0, 4: 20.0, 5: 20.0}  # accepted median of the worst limb, by joints of an arm; six or more:
MAX_ERROR_SIX_DEG = 10.0
FAULT_LABELS = {metric.name: metric.label for metric in FAULTS}


@dataclass(frozen=True)
class RobotCheck:
    """Result of one robot.

    Attributes:
        name: Of the robot.
        arm_joints: Joints of the left and the right arm.
        head_joints: Joints of the neck.
        torso_joints: Joints of the waist.
        minutes: Motion performed, extremes included [min].
        likeness: Of recorded motion and speech together.
        kinds: Kind of motion to its likeness.
        faults: Name of a fault (`metrics.robot_metrics.FAULTS`) to its count; all must be 0.
        min_distance_m: Smallest distance of two capsules [m].
        frame_ms: Median and 99th percentile of the compute time of retargeting one frame [ms].
        notes: Notes of the robot description.
        warnings: Warnings of the robot description; a robot with any does not pass.
        rest: Check of the rest pose.
        audit: Audit on the robot's own meshes; None if it was not done.
    """

    name: str
    arm_joints: tuple[int, int]
    head_joints: int
    torso_joints: int
    minutes: float
    likeness: Likeness
    kinds: dict[str, Likeness]
    faults: dict[str, int]
    min_distance_m: float
    frame_ms: tuple[float, float]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    rest: RestCheck
    audit: MeshAudit | None = None

    @property
    def worst_limb(self) -> tuple[str, float]:
        """Return the limb with the largest median direction error, and the error [deg]; NaN without motion."""
        return max(self.likeness.limbs_deg.items(), key=lambda item: item[1])

    @property
    def max_error_deg(self) -> float:
        """Largest accepted median direction error of a limb for the number of arm joints [deg]."""
        return MAX_ERROR_DEG.get(min(self.arm_joints), MAX_ERROR_SIX_DEG)

    @property
    def passes(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.failures()

    def failures(self) -> list[str]:
        """Return what is wrong, a line each."""
        wrong = [f"{count} {FAULT_LABELS[name]}" for name, count in self.faults.items() if count]
        limb, error = self.worst_limb
        if not error <= self.max_error_deg:
            wrong.append(f"direction error of {limb.replace('_', ' ')} {error:.1f} deg, at most {self.max_error_deg:g} "
                         f"for arms of {min(self.arm_joints)} joints")
        if not self.rest.hangs:
            wrong.append(f"upper arms rest {max(self.rest.upper_arms_deg):.0f} deg from hanging; nothing is in the way")
        if self.audit is not None and self.audit.deep_frames:
            worst = self.audit.pairs[0]
            wrong.append(f"meshes: {100 * self.audit.share:.2g} % of frames deeper than {1e3 * DEEP_M:g} mm, up to "
                         f"{1e3 * self.audit.depth_m:.0f} mm, most often {' and '.join(worst.links)}")
        return wrong + list(self.warnings)

    def as_dict(self) -> dict[str, Any]:
        """All values for JSON."""
        return {**asdict(self), "passes": self.passes, "max_error_deg": self.max_error_deg}


def check_robot(description: RobotDescription, skeleton: Skeleton, motions: StandardMotions,
                meshes: str | None = None) -> RobotCheck:
    """Perform all motions with a robot.

    Args:
        description: A robot with two arms.
        skeleton: Of the motions.
        motions: See `robot_motions.standard_motions`.
        meshes: `robot_mesh_audit.COLLISION` or `VISUAL`: audit the commands on these shapes; None: no audit.
    """
    runner = RobotRunner(description, skeleton)
    runs = {kind: runner.run(motion, is_reduced=kind != EXTREMES) for kind, motion in motions.kinds.items()}
    audit = None
    if meshes is not None:
        auditor = MeshAuditor(description, meshes)
        for run in runs.values():
            auditor.add(run.result.performed)
        audit = auditor.result()
    times = [seconds for run in runs.values() for seconds in run.frame_times_s]
    sizes = {group: len(names) for group, names in description.groups.items()}
    frames = sum(len(motion) for motion in motions.kinds.values()) + len(runs) * round(ENTRY_S * POSE_RATE)
    return RobotCheck(
        description.name, (sizes.get("left_arm", 0), sizes.get("right_arm", 0)), sizes.get("head", 0),
        sizes.get("torso", 0), frames / POSE_RATE / 60,
        pool_likeness([run.samples for kind, run in runs.items() if kind != EXTREMES]),
        {kind: pool_likeness([run.samples]) for kind, run in runs.items()},
        fault_counts(combine(list(runs.values()))), min(run.result.min_distance_m for run in runs.values()),
        (float(1e3 * np.median(times)), float(1e3 * np.percentile(times, 99))), description.notes,
        description.warnings, check_rest(description), audit)
