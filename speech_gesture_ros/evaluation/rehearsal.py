"""A dress rehearsal: sound through everything to an ideal robot, and a count of what must never happen.

    samples ─50 ms─► pipeline ─► planner ─► window ─► gate? ─► controllers ─100 Hz─► commands ─► audit
                                   │ now                └ refused   └ rejected            limits, self-collisions

Time is counted, not taken: hop h happens at h * 50 ms, so a rehearsal runs as fast as it computes and always gives
the same answer. The audit trusts nobody: it looks only at what the controllers told the joints to do, and works out
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
from speech_gesture_ros.control.planner import MotionPlanner, Plan
from speech_gesture_ros.control.self_collision import SelfCollisionChecker
from speech_gesture_ros.core.chunks import AudioChunk, JointChunk, PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, KNOTS_PER_POSE, POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.robot.description import JointLimits, RobotDescription
from speech_gesture_ros.simulators.controller_groups import ControllerGroups

if TYPE_CHECKING:  # a rehearsal takes any pipeline; importing this one would load a deep-learning framework
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

Array = npt.NDArray[np.float64]

HOP_RATE = 20  # [Hz] windows a second
CYCLES = 2  # controller cycles a knot
LEAD_S = 0.1  # as `AgentConfig.lead_s`
TAIL_S = 2.0  # watched after the last motion: it must end at rest
ROUNDING = 1e-4  # relative to a limit: what interpolation and divided differences cost


@dataclass(frozen=True)
class Take:
    """What one rehearsal gave.

    Attributes:
        joint_xyz: (T, J, 3) human motion at 25 Hz [m]; frame k belongs to the sound at k / 25 s.
        robot_wrists: (T, 2, 3) the robot's left and right wrist at the same times in its root link's frame [m]; T is 0
            if it has not two arms.
        performed: (T, N) positions commanded at the times of `joint_xyz` [rad].
        commands: (K, N) positions commanded at the knots [rad].
        windows: Number of windows made.
        refused: Reasons for which the gate refused windows, and how often.
        rejected: Reasons for which the controllers rejected trajectories, and how often.
        violations: For each kind of limit the number of joint-samples beyond it.
        collisions: Knots at which capsules overlapped.
        min_distance_m: Smallest distance between capsules; infinite without pairs [m].
        ends_at_rest: Whether the last command stands still.
        late_targets: Knots of motion that came too late for their window, though time is only counted here.
    """

    joint_xyz: npt.NDArray[np.float32]
    robot_wrists: Array
    performed: Array
    commands: Array
    windows: int
    refused: dict[str, int]
    rejected: dict[str, int]
    violations: dict[str, int]
    collisions: int
    min_distance_m: float
    ends_at_rest: bool
    late_targets: int = 0

    @property
    def faults(self) -> int:
        """Everything that must be zero, added up."""
        counts = [self.refused, self.rejected, self.violations]
        return sum(sum(c.values()) for c in counts) + self.collisions + (not self.ends_at_rest) + self.late_targets


def rehearse(pipeline: GesturePipeline, samples: npt.NDArray[np.floating]) -> Take:
    """Perform one recording from rest to rest.

    Args:
        pipeline: Is reset first.
        samples: (N,) mono at 16 kHz.
    """
    pipeline.reset()
    description = pipeline.description
    stage = _Stage(description)
    planner = MotionPlanner(description)
    planner.seed(description.rest_q)
    # On whole knots, so that the audit's cycles meet every knot of the windows.
    latency_s = math.ceil((pipeline.latency_s + planner.latency_s + LEAD_S) * KNOT_RATE) / KNOT_RATE
    hop = SAMPLE_RATE // HOP_RATE
    sounding = -(-len(samples) // hop)
    poses: list[npt.NDArray[np.floating]] = []
    for h in range(sounding + round((latency_s + TAIL_S) * HOP_RATE)):
        now_ns = index_to_ns(h + 1, HOP_RATE)
        newest = planner.newest_index
        if h < sounding:
            motion = pipeline.push(AudioChunk(h * hop, samples[h * hop:(h + 1) * hop]))
        elif h == sounding:
            motion = pipeline.flush()
        if h <= sounding:
            poses.append(motion.poses.values)
            planner.push(motion.joints)
        if planner.newest_index != newest:
            stage.perform(planner.window((now_ns / NS - latency_s) * KNOT_RATE), round(latency_s * NS), now_ns)
        stage.play(now_ns)
    return stage.take(np.concatenate(poses).astype(np.float32), latency_s, planner.report.late_targets)


def rehearse_motion(description: RobotDescription, poses: PoseChunk, joints: JointChunk) -> Take:
    """Perform a motion that is already retargeted, from rest to rest.

    Args:
        description: The robot.
        poses: (T, J, 3) human motion from the stream's beginning [m].
        joints: (T, N) the robot's configurations for it [rad].
    """
    stage = _Stage(description)
    planner = MotionPlanner(description)
    planner.seed(description.rest_q)
    latency_s = math.ceil((planner.latency_s + LEAD_S) * KNOT_RATE) / KNOT_RATE
    for h in range(math.ceil((len(joints) / POSE_RATE + latency_s + TAIL_S) * HOP_RATE)):
        now_ns = index_to_ns(h + 1, HOP_RATE)
        newest = planner.newest_index
        first, last = ((k * POSE_RATE // HOP_RATE + 1) * (k > 0) for k in (h, h + 1))  # frames whose time has come
        planner.push(JointChunk(first, joints.values[first:last]))
        if planner.newest_index != newest:
            stage.perform(planner.window((now_ns / NS - latency_s) * KNOT_RATE), round(latency_s * NS), now_ns)
        stage.play(now_ns)
    return stage.take(poses.values.astype(np.float32), latency_s, planner.report.late_targets)


class _Stage:
    """The controllers of an ideal robot, and a record of what they command."""

    def __init__(self, description: RobotDescription) -> None:
        self._description = description
        self._controllers = ControllerGroups(description)
        self._previous: Plan | None = None
        self._windows = 0
        self._refused: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._rows: list[Array] = []

    def perform(self, plan: Plan, latency_ns: int, now_ns: int) -> None:
        """Hand a plan to the controllers unless the gate refuses it."""
        self._windows += 1
        fault = validate_window(plan, self._description.limits, self._previous)
        if fault:
            self._refused[fault] += 1
            return
        self._previous = plan
        stamp_ns = latency_ns + index_to_ns(plan.start_index, KNOT_RATE)
        self._rejected.update(self._controllers.perform(plan.positions, plan.velocities, stamp_ns, now_ns))

    def play(self, now_ns: int) -> None:
        """Run the controllers' cycles up to the next hop."""
        for cycle in range(CYCLES * KNOT_RATE // HOP_RATE):
            self._rows.append(np.array(self._controllers.sample(now_ns + index_to_ns(cycle, CYCLES * KNOT_RATE))))

    def take(self, joint_xyz: npt.NDArray[np.float32], latency_s: float, late_targets: int) -> Take:
        """Audit the record; the pose of stream time t is performed at `latency_s` + t."""
        rows = np.array(self._rows)
        first = round((latency_s - 1 / HOP_RATE) * CYCLES * KNOT_RATE)  # the record begins with the first hop's end
        performed = rows[first::CYCLES * KNOTS_PER_POSE, 0][:len(joint_xyz)]
        knots = rows[::CYCLES, 0]
        collisions, distance = _collisions(self._description, knots)
        wrists = robot_wrists(self._description, performed)
        return Take(joint_xyz, wrists, performed, knots, self._windows, dict(self._refused), dict(self._rejected),
                    count_violations(rows[:, 0], rows[:, 1], self._description.limits), collisions, distance,
                    not np.any(rows[-1, 1]), late_targets)


def count_violations(positions: Array, velocities: Array, limits: JointLimits,
                     rate: int = CYCLES * KNOT_RATE) -> dict[str, int]:
    """Joint-samples beyond each kind of limit.

    Accelerations and jerks are those of the cubics through the samples, which is how controllers interpolate.

    Args:
        positions: (K, N) commanded [rad].
        velocities: (K, N) [rad/s].
        limits: Of the N joints.
        rate: Samples a second.
    """
    rise = 6 * np.diff(positions, axis=0) * rate**2
    before = rise - (4 * velocities[:-1] + 2 * velocities[1:]) * rate
    after = (2 * velocities[:-1] + 4 * velocities[1:]) * rate - rise
    slack = ROUNDING * (limits.upper - limits.lower)
    beyond = {
        "position": (positions < limits.lower - slack) | (positions > limits.upper + slack),
        "velocity": np.abs(velocities) > limits.velocity * (1 + ROUNDING),
        "acceleration": np.maximum(np.abs(before), np.abs(after)) > limits.acceleration * (1 + ROUNDING),
        "jerk": np.abs(after - before) * rate > limits.jerk * (1 + ROUNDING) + 1e-3,
        "not finite": ~np.isfinite(positions) | ~np.isfinite(velocities),
    }
    return {kind: int(np.sum(flags)) for kind, flags in beyond.items()}


def robot_wrists(description: RobotDescription, q: Array) -> Array:
    """(T, N) configurations [rad] to (T, 2, 3) left and right wrist [m]; T is 0 if the robot has not two arms."""
    arms = description.body.left_arm, description.body.right_arm
    if arms[0] is None or arms[1] is None:
        return np.zeros((0, 2, 3))
    from speech_gesture_ros.robot.kinematics import Kinematics
    from speech_gesture_ros.robot.urdf import load_urdf

    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    points = kinematics.points([arm.wrist for arm in arms if arm is not None], np.zeros((2, 3)))
    places = np.zeros((len(q), 2, 3))
    for row, place in zip(q, places):
        kinematics.update(row)
        place[:] = kinematics.positions(points)
    return places


def _collisions(description: RobotDescription, q: Array) -> tuple[int, float]:
    """Rows of (K, N) at which capsules overlap, and the smallest distance of all [m]."""
    checker = SelfCollisionChecker(description)
    distances = np.array([checker.min_distance(row) for row in q])
    return int(np.sum(distances < 0)), float(np.min(distances, initial=np.inf))
