"""Human motions performed by a robot in closed-loop simulation, and compared with the human.

    motion ─► retargeting ─► planner ─► gate ─► controllers ─100 Hz─► commands
                                                                       ├─► faults     (`closed_loop`)
                                                                       └─► likeness   (`robot_likeness`)

The first pose of a motion is held for `ENTRY_S`, in which the robot engages slowly; that part is not compared. A slow
robot is commanded smaller gestures (`retargeting.gesture_size`): directions are compared with the reduced motion, size
and timing with the human's. Compared are the commands of the controllers, not the output of inverse kinematics, because
the loss on the way belongs to the robot's motion.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult, simulate_motion
from speech_gesture_ros.evaluation.metrics.robot_metrics import RobotMotionSet
from speech_gesture_ros.evaluation.robot_likeness import ENTRY_S, LikenessMeter, LikenessSamples, pool_likeness
from speech_gesture_ros.evaluation.robot_motions import standing_joints
from speech_gesture_ros.pose.amplitude import Amplitude
from speech_gesture_ros.retargeting.ik import DifferentialIk
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.retargeting.trial_poses import standing_human
from speech_gesture_ros.robot.description import RobotDescription

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RobotRun:
    """One motion performed by a robot.

    Attributes:
        result: Of the simulation.
        samples: Robot compared with the human.
        ik_failures: Frames for which inverse kinematics failed.
        frame_times_s: Compute time of retargeting each frame [s].
    """

    result: ClosedLoopResult
    samples: LikenessSamples
    ik_failures: int
    frame_times_s: list[float]


class RobotRunner:
    """Performs human motions with one robot.

    Args:
        description: A robot with two arms.
        skeleton: Of the motions.
    """

    def __init__(self, description: RobotDescription, skeleton: Skeleton) -> None:
        self._description, self._skeleton = description, skeleton
        self._ik = DifferentialIk(description)
        self._meter = LikenessMeter(description, skeleton)

    def run(self, joint_xyz: npt.NDArray[np.floating], *, is_reduced: bool = True) -> RobotRun:
        """Perform (T, J, 3) at 25 Hz [m] from rest to rest.

        Args:
            joint_xyz: The motion.
            is_reduced: Reduce it to the gesture size of the robot.
        """
        motion = np.concatenate([np.repeat(joint_xyz[:1], round(ENTRY_S * POSE_RATE), axis=0), joint_xyz])
        requested = reduced(self._skeleton, motion, self._description.gesture_size) if is_reduced else motion
        q, times = retarget_motion(self._ik, self._skeleton, requested)
        result = simulate_motion(self._description, PoseChunk(0, np.asarray(requested, dtype=np.float32)),
                                 JointChunk(0, q))
        samples = self._meter.compare(motion, result.performed, requested)
        return RobotRun(result, samples, self._ik.state.counts.failed, times)


def combine(runs: Sequence[RobotRun]) -> RobotMotionSet:
    """Several runs as one set to measure; at least one."""
    return RobotMotionSet([run.result for run in runs], pool_likeness([run.samples for run in runs]),
                          sum(run.ik_failures for run in runs))


def reduced(skeleton: Skeleton, motion: npt.NDArray[np.floating], size: float) -> Array:
    """(T, J, 3) a motion with its distance from hanging arms multiplied by `size` [m]."""
    amplitude = Amplitude(skeleton)
    amplitude.set_controls(GestureControls(amplitude=size))
    amplitude.reset()
    hanging = np.repeat(standing_joints(skeleton, standing_human(8, 0, 0, -60))[None], len(motion), axis=0)
    return amplitude.push(hanging, np.asarray(motion, dtype=np.float64))


def retarget_motion(ik: DifferentialIk, skeleton: Skeleton, motion: npt.NDArray[np.floating]
                    ) -> tuple[Array, list[float]]:
    """Retarget (T, J, 3) [m] from the rest pose.

    Returns:
        (T, N) configurations [rad], and the compute time of each frame [s].
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
