"""Any human motion performed by a robot, rehearsed: what must never happen, and what is lost on the way.

    (T, J, 3) ─► inverse kinematics ─► planner ─► gate ─► controllers ─► audit (`closed_loop`)
                     └─ angle between each limb of robot and human      └─ how far the wrists still reach

Direction errors are those of the inverse kinematics at the same frame; limits, collisions and amplitude those of the
commands that the controllers give at last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, JointChunk, PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult, simulate_speech
from speech_gesture_ros.evaluation.kinematics import Floats, wrists
from speech_gesture_ros.retargeting.hands import find_thumbs
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.robot.description import ArmLinks, RobotDescription
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.urdf import load_urdf

LIMBS = ("upper_arm", "forearm")
SETTLING = POSE_RATE  # frames in which the robot leaves its rest pose: they judge nobody


@dataclass(frozen=True)
class PlayedMotion:
    """Human and robot frames, as `simulate_speech` reads them."""

    poses: PoseChunk
    joints: JointChunk


class MotionPlayer:
    """Stands in for a pipeline: hears nothing, plays a motion that is there already, with inverse kinematics.

    Attributes:
        description: The robot.
        latency_s: 0.
        errors_deg: For each limb that the robot has the angles to the human's so far [deg].
    """

    latency_s = 0.0

    def __init__(self, joint_xyz: npt.NDArray[np.floating], description: RobotDescription, skeleton: Skeleton) -> None:
        self.description = description
        self._xyz = joint_xyz
        self._human = HumanDirections(skeleton)
        self._ik = DifferentialIk(description, find_thumbs(description))
        self.reset()

    def push(self, chunk: AudioChunk) -> PlayedMotion:
        """The frames that lie within the sound heard so far."""
        self._heard += len(chunk)
        return self._play(min(self._heard // SAMPLES_PER_POSE, len(self._xyz)))

    def flush(self) -> PlayedMotion:
        """The frames that are left."""
        return self._play(len(self._xyz))

    def reset(self) -> None:
        """Back to the beginning."""
        self._heard = self._made = 0
        self._ik.reset()
        limbs = [n for n in self._ik.robot_directions.names if n.endswith(LIMBS)]
        self.errors_deg: dict[str, list[float]] = {name: [] for name in limbs}

    def _play(self, stop: int) -> PlayedMotion:
        rows = np.array([self._step(frame) for frame in self._xyz[self._made:stop]])
        rows = rows.reshape(-1, len(self.description.joint_names))
        motion = PlayedMotion(PoseChunk(self._made, self._xyz[self._made:stop]), JointChunk(self._made, rows))
        self._made = max(self._made, stop)
        return motion

    def _step(self, frame: npt.NDArray[np.floating]) -> Floats:
        directions = self._human.read(frame)
        if directions is None:
            return np.array(self._ik.state.q)
        q = np.array(self._ik.step(directions))
        for name, error in zip(self._ik.robot_directions.names, self._ik.robot_directions.errors_deg(directions)):
            if name in self.errors_deg:
                self.errors_deg[name].append(float(error))
        return q


def robot_figures(motions: Sequence[npt.NDArray[np.floating]], description: RobotDescription,
                  skeleton: Skeleton) -> dict[str, float]:
    """Perform motions and sum up.

    Args:
        motions: Each (T, J, 3) at 25 Hz [m].
        description: The robot.
        skeleton: Of the motions.

    Returns:
        ``limit_violations`` (joint-samples), ``collision_share`` (of the knots), ``rejected`` (windows and
        trajectories), ``direction_error`` and ``direction_error_p95`` (upper arms and forearms [deg]),
        ``amplitude_kept`` (spread of the robot's wrists in its arm lengths over the human's in theirs; NaN without
        two arms).
    """
    results: list[tuple[ClosedLoopResult, MotionPlayer]] = []
    for xyz in motions:
        player = MotionPlayer(np.asarray(xyz, dtype=np.float32), description, skeleton)
        silence = np.zeros(len(xyz) * SAMPLES_PER_POSE, dtype=np.float32)
        results.append((simulate_speech(cast(Any, player), silence), player))  # a simulation uses no more of a pipeline
    angles = np.array([a for _, player in results for e in player.errors_deg.values() for a in e[SETTLING:]])
    knots = sum(len(result.commands) for result, _ in results)
    kept = [k for result, _ in results if np.isfinite(k := amplitude_kept(result, description, skeleton))]
    return {
        "limit_violations": float(sum(t.violations.total for t, _ in results)),
        "collision_share": sum(t.collisions for t, _ in results) / max(knots, 1),
        "rejected": float(sum(t.rejections for t, _ in results)),
        "direction_error": float(np.median(angles)) if len(angles) else float("nan"),
        "direction_error_p95": float(np.percentile(angles, 95)) if len(angles) else float("nan"),
        "amplitude_kept": float(np.mean(kept)) if kept else float("nan"),
        "robot_minutes": knots / KNOT_RATE / 60.0,
    }


def amplitude_kept(result: ClosedLoopResult, description: RobotDescription, skeleton: Skeleton) -> float:
    """Spread of the robot's wrists over the human's, each in arm lengths; 1 keeps everything, NaN without motion."""
    arms = description.body.left_arm, description.body.right_arm
    count = min(len(result.robot_wrists), len(result.joint_xyz))
    if arms[0] is None or arms[1] is None or count <= SETTLING:
        return float("nan")
    human = _spread(wrists(result.joint_xyz, skeleton)[SETTLING:count])
    human /= float(sum(skeleton.bone_lengths[skeleton.index[f"left_{part}"]] for part in ("elbow", "wrist")))
    robot = _spread(result.robot_wrists[SETTLING:count]) / arm_length(description, arms[0])
    return robot / human if human > 1e-3 else float("nan")


def arm_length(description: RobotDescription, arm: ArmLinks) -> float:
    """Upper arm plus forearm of a robot in its rest pose [m]."""
    kinematics = Kinematics(load_urdf(description.urdf), description.joint_names)
    kinematics.update(description.rest_q)
    shoulder, elbow, wrist = kinematics.positions(kinematics.points([arm.shoulder, arm.elbow, arm.wrist],
                                                                    np.zeros((3, 3))))
    return float(np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow))


def _spread(positions: npt.NDArray[np.floating]) -> float:
    """Root mean square distance of (T, 2, 3) wrists from their means [m]."""
    centred = positions - positions.mean(axis=0)
    return float(np.sqrt(np.mean(np.sum(centred**2, axis=-1))))
