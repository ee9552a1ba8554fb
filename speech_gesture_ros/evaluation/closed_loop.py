"""Closed-loop simulation: sound through the whole chain to simulated controllers, and counts of faults.

    samples ─50 ms─► pipeline ─► planner ─► window ─► gate? ─► controllers ─100 Hz─► commands ─► audit
                                   │ now                └ refused   └ rejected            limits, self-collisions

Time is counted, not measured: hop h happens at h * 50 ms, so a simulation runs as fast as it computes and always gives
the same result. The audit is independent of the planner: it uses only the commands of the controllers and computes
accelerations and jerks itself, from the cubics between the commands at the knots.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.core.chunks import AudioChunk, JointChunk, PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, KNOTS_PER_POSE, POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.evaluation.limit_violations import LimitViolations, count_violations, cubic_derivatives
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.controller_groups import ControllerGroups

if TYPE_CHECKING:  # any pipeline will do; importing this one would load a deep-learning framework
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

Array = npt.NDArray[np.float64]

HOP_RATE = 20  # windows per second [Hz]
CYCLES_PER_KNOT = 2  # controller cycles
CYCLE_RATE = CYCLES_PER_KNOT * KNOT_RATE  # [Hz]
LEAD_S = 0.1  # as `AgentConfig.lead_s`
TAIL_S = 2.0  # simulated after the last motion, which must end at rest
# Excess that rounding explains, relative to a limit (interpolation, divided differences).
TOLERANCE = {"position": 2e-4, "velocity": 1e-4, "acceleration": 1e-4, "jerk": 2e-4}


@dataclass(frozen=True)
class ClosedLoopResult:
    """Motion and faults of one closed-loop simulation.

    Attributes:
        joint_xyz: (T, J, 3) human motion at 25 Hz [m]; frame k belongs to the sound at k / 25 s.
        robot_wrists: (T, 2, 3) left and right wrist of the robot at the same times in its root link's frame [m]; T is 0
            without two arms.
        performed: (T, N) positions commanded at the times of `joint_xyz` [rad].
        commands: (K, N) positions commanded at the knots [rad].
        windows: Number of windows planned.
        refused: Reason for which the gate refused windows to how often it did.
        rejected: Reason for which controllers rejected trajectories to how often they did.
        violations: Commands beyond joint limits.
        collisions: Knots at which capsules overlapped.
        min_distance_m: Smallest distance between capsules; infinite without pairs [m].
        ends_at_rest: Whether the last command has no velocity.
        late_targets: Knots of motion that came too late for their window.
    """

    joint_xyz: npt.NDArray[np.float32]
    robot_wrists: Array
    performed: Array
    commands: Array
    windows: int
    refused: dict[str, int]
    rejected: dict[str, int]
    violations: LimitViolations
    collisions: int
    min_distance_m: float
    ends_at_rest: bool
    late_targets: int = 0

    @property
    def rejections(self) -> int:
        """Windows that the gate refused and trajectories that controllers rejected."""
        return sum(self.refused.values()) + sum(self.rejected.values())


def simulate_speech(pipeline: GesturePipeline, samples: npt.NDArray[np.floating]) -> ClosedLoopResult:
    """Simulate one recording from rest to rest.

    Args:
        pipeline: Is reset first.
        samples: (N,) mono at 16 kHz.
    """
    pipeline.reset()
    description = pipeline.description
    controllers = _RecordedControllers(description)
    planner = MotionPlanner(description)
    planner.seed(description.rest_q)
    # A whole number of knots, so that the controllers' cycles meet every knot of the windows.
    latency_s = math.ceil((pipeline.latency_s + planner.latency_s + LEAD_S) * KNOT_RATE) / KNOT_RATE
    hop = SAMPLE_RATE // HOP_RATE
    hops_with_sound = -(-len(samples) // hop)
    poses: list[npt.NDArray[np.floating]] = []
    for h in range(hops_with_sound + round((latency_s + TAIL_S) * HOP_RATE)):
        now_ns = index_to_ns(h + 1, HOP_RATE)
        newest = planner.newest_index
        if h < hops_with_sound:
            motion = pipeline.push(AudioChunk(h * hop, samples[h * hop:(h + 1) * hop]))
        elif h == hops_with_sound:
            motion = pipeline.flush()
        if h <= hops_with_sound:
            poses.append(motion.poses.values)
            planner.push(motion.joints)
        if planner.newest_index != newest:
            controllers.accept(planner.plan((now_ns / NS - latency_s) * KNOT_RATE), round(latency_s * NS), now_ns)
        controllers.run_to_next_hop(now_ns)
    return controllers.result(np.concatenate(poses).astype(np.float32), latency_s, planner.report.late_targets)


def simulate_motion(description: RobotDescription, poses: PoseChunk, joints: JointChunk) -> ClosedLoopResult:
    """Simulate a motion that is already retargeted, from rest to rest.

    Args:
        description: The robot.
        poses: (T, J, 3) human motion from the stream's beginning [m].
        joints: (T, N) the robot's configurations for it [rad].
    """
    controllers = _RecordedControllers(description)
    planner = MotionPlanner(description)
    planner.seed(description.rest_q)
    latency_s = math.ceil((planner.latency_s + LEAD_S) * KNOT_RATE) / KNOT_RATE
    for h in range(math.ceil((len(joints) / POSE_RATE + latency_s + TAIL_S) * HOP_RATE)):
        now_ns = index_to_ns(h + 1, HOP_RATE)
        newest = planner.newest_index
        first, last = ((k * POSE_RATE // HOP_RATE + 1) * (k > 0) for k in (h, h + 1))  # frames that are due
        planner.push(JointChunk(first, joints.values[first:last]))
        if planner.newest_index != newest:
            controllers.accept(planner.plan((now_ns / NS - latency_s) * KNOT_RATE), round(latency_s * NS), now_ns)
        controllers.run_to_next_hop(now_ns)
    return controllers.result(poses.values.astype(np.float32), latency_s, planner.report.late_targets)


class _RecordedControllers:
    """Ideal controllers of all groups, and a record of their commands."""

    def __init__(self, description: RobotDescription) -> None:
        self._description = description
        self._controllers = ControllerGroups(description)
        self._previous: Plan | None = None
        self._windows = 0
        self._refused: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._rows: list[Array] = []

    def accept(self, plan: Plan, latency_ns: int, now_ns: int) -> None:
        """Send a plan to the controllers unless the gate refuses it."""
        self._windows += 1
        fault = validate_window(plan, self._description.limits, self._previous)
        if fault:
            self._refused[fault] += 1
            return
        self._previous = plan
        stamp_ns = latency_ns + index_to_ns(plan.start_index, KNOT_RATE)
        self._rejected.update(self._controllers.perform(plan.positions, plan.velocities, stamp_ns, now_ns))

    def run_to_next_hop(self, now_ns: int) -> None:
        """Run the controllers' cycles up to the next hop."""
        for cycle in range(CYCLE_RATE // HOP_RATE):
            self._rows.append(np.array(self._controllers.sample(now_ns + index_to_ns(cycle, CYCLE_RATE))))

    def result(self, joint_xyz: npt.NDArray[np.float32], latency_s: float, late_targets: int) -> ClosedLoopResult:
        """Audit the record; the pose of stream time t is performed at `latency_s` + t."""
        rows = np.array(self._rows)
        first = round((latency_s - 1 / HOP_RATE) * CYCLE_RATE)  # the record begins at the end of the first hop
        performed = rows[first::CYCLES_PER_KNOT * KNOTS_PER_POSE, 0][:len(joint_xyz)]
        knots = rows[::CYCLES_PER_KNOT, 0]
        collisions, distance = _collisions(self._description, knots)
        wrists = robot_wrists(self._description, performed)
        violations = count_violations(cubic_derivatives(rows[:, 0], rows[:, 1], CYCLE_RATE),
                                      self._description.limits, TOLERANCE)
        return ClosedLoopResult(joint_xyz, wrists, performed, knots, self._windows, dict(self._refused),
                                dict(self._rejected), violations, collisions, distance, not np.any(rows[-1, 1]),
                                late_targets)


def robot_wrists(description: RobotDescription, q: Array) -> Array:
    """(T, N) configurations [rad] to (T, 2, 3) left and right wrist [m]; T is 0 without two arms."""
    arms = description.body.left_arm, description.body.right_arm
    if arms[0] is None or arms[1] is None:
        return np.zeros((0, 2, 3))
    kinematics = description.kinematics()
    points = kinematics.model.points([arm.wrist for arm in arms if arm is not None], np.zeros((2, 3)))
    places = np.zeros((len(q), 2, 3))
    for row, place in zip(q, places):
        kinematics.update(row)
        place[:] = kinematics.positions(points)
    return places


def _collisions(description: RobotDescription, q: Array) -> tuple[int, float]:
    """Number of rows of (K, N) at which capsules overlap, and the smallest distance of all [m]."""
    checker = SelfCollisionChecker(description)
    distances = np.array([checker.min_clearance(row) for row in q])
    return int(np.sum(distances < 0)), float(np.min(distances, initial=np.inf))
