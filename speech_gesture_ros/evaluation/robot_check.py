"""Whether a robot can be gestured with: a standard set of motions performed by it, and what must hold for each.

    motion (`robot_motions`) ─► retargeting ─► planner ─► gate ─► controllers ─100 Hz─► commands
                                                                                    ├─► audit     (`closed_loop`)
                                                                                    └─► likeness  (`robot_likeness`)

The first pose of each motion is held until the robot is in it: it is entered slowly, and that is not to be judged.
A slow robot is asked for smaller gestures (`retargeting.gesture_size`): directions are compared with those it was asked
for, size and timing with the person's.
Faults are counted in all motions, extremes included. Likeness is judged on what people or the model did, and on the
commands that reach the joints, not on what inverse kinematics wished for.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult, simulate_motion
from speech_gesture_ros.evaluation.robot_likeness import ENTRY_S, Likeness, LikenessMeter
from speech_gesture_ros.evaluation.robot_motions import MotionSet, standing_joints
from speech_gesture_ros.pose.amplitude import Amplitude
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.retargeting.trial_poses import standing_human
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]

LARGEST_ERROR_DEG = {3: 45.0, 4: 20.0, 5: 20.0}  # median, by joints of an arm; with six or more:
LARGEST_ERROR_SIX_DEG = 10.0
FAULTS = ("limits", "self-collisions", "inverse kinematics", "refused windows", "rejected trajectories",
          "late frames", "not at rest at the end")


@dataclass(frozen=True)
class RobotCheck:
    """The verdict on one robot.

    Attributes:
        name: Of the robot.
        arm_joints: Joints of the left and the right arm.
        head_joints: Joints of the neck.
        torso_joints: Joints of the waist.
        minutes: Of motion, extremes included [min].
        likeness: Of recorded motion and speech together.
        kinds: Kind of motion to its likeness.
        faults: Kind of fault (`FAULTS`) to how often it happened; all must be 0.
        min_distance_m: Smallest distance of two parts that are watched [m].
        frame_ms: Median and 99th percentile of the time for retargeting one frame [ms].
        notes: What was found, assumed or replaced.
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

    @property
    def largest_error_deg(self) -> float:
        """The median error that a robot with so many arm joints may have [degrees]."""
        return LARGEST_ERROR_DEG.get(min(self.arm_joints), LARGEST_ERROR_SIX_DEG)

    @property
    def is_well(self) -> bool:
        """Whether nothing happened that must not, and the arms point where they should."""
        return not any(self.faults.values()) and self.likeness.error_deg <= self.largest_error_deg

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_well": self.is_well, "largest_error_deg": self.largest_error_deg}


def check_robot(description: RobotDescription, skeleton: Skeleton, motions: MotionSet) -> RobotCheck:
    """Perform all motions with a robot.

    Args:
        description: The robot.
        skeleton: Of the motions.
        motions: See `robot_motions.standard_motions`.
    """
    ik = DifferentialIk(description, find_thumbs(description))
    faults = dict.fromkeys(FAULTS, 0)
    everything = LikenessMeter(description, skeleton)
    meters = {kind: LikenessMeter(description, skeleton) for kind in motions.kinds}
    times: list[float] = []
    distance, frames = np.inf, 0
    for kind, begun in motions.kinds.items():
        motion = np.concatenate([np.repeat(begun[:1], round(ENTRY_S * POSE_RATE), axis=0), begun])
        asked = motion if kind == "extremes" else sized(skeleton, motion, description.gesture_size)
        q, spent = follow(ik, skeleton, asked)
        result = simulate_motion(description, PoseChunk(0, np.asarray(asked, dtype=np.float32)), JointChunk(0, q))
        _count(faults, result, ik.state.counts.failed)
        for meter in (meters[kind], *([everything] if kind != "extremes" else [])):
            meter.add(motion, result.performed, asked)
        times += spent
        distance, frames = min(distance, result.min_distance_m), frames + len(motion)
    sizes = {group: len(names) for group, names in description.groups.items()}
    return RobotCheck(
        description.name, (sizes.get("left_arm", 0), sizes.get("right_arm", 0)), sizes.get("head", 0),
        sizes.get("torso", 0), frames / POSE_RATE / 60, everything.result(),
        {kind: meter.result() for kind, meter in meters.items()}, faults, distance,
        (float(1e3 * np.median(times)), float(1e3 * np.percentile(times, 99))), description.notes)


def sized(skeleton: Skeleton, motion: npt.NDArray[np.floating], size: float) -> Array:
    """(T, J, 3) a motion as large as the robot is asked to make it, about arms that hang [m]."""
    amplitude = Amplitude(skeleton)
    amplitude.set_controls(GestureControls(amplitude=size))
    amplitude.reset()
    hanging = np.repeat(standing_joints(skeleton, standing_human(8, 0, 0, -60))[None], len(motion), axis=0)
    return amplitude.push(hanging, np.asarray(motion, dtype=np.float64))


def follow(ik: DifferentialIk, skeleton: Skeleton, motion: npt.NDArray[np.floating]) -> tuple[Array, list[float]]:
    """Retarget one motion from rest.

    Returns:
        (T, N) configurations [rad], and the time each took [s].
    """
    human = HumanDirections(skeleton)
    ik.reset()
    rows: list[Array] = []
    times: list[float] = []
    for joint_xyz in motion:
        began = time.perf_counter()
        directions = human.read(joint_xyz)
        if directions is not None:
            ik.step(directions)
        times.append(time.perf_counter() - began)
        rows.append(ik.state.q)
    return np.array(rows), times


def _count(faults: dict[str, int], result: ClosedLoopResult, failed_steps: int) -> None:
    faults["limits"] += result.violations.total
    faults["self-collisions"] += result.collisions
    faults["inverse kinematics"] += failed_steps
    faults["refused windows"] += sum(result.refused.values())
    faults["rejected trajectories"] += sum(result.rejected.values())
    faults["late frames"] += result.late_targets
    faults["not at rest at the end"] += not result.ends_at_rest
