"""A synthetic recorded run in which every fault is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_recording import BagRecording, RecordedAudio, RecordedTrajectory
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.joint_trajectory_controller import Trajectory, TrajectoryPoint

BEGIN_NS = 1_000 * NS
KNOT_NS = NS // 50


@pytest.fixture(scope="session")
def description() -> RobotDescription:
    return load_robot(PipelineConfig())


def make_audio(begins_ns: int, samples: np.ndarray, rate: int = 16000, message: int = 320) -> RecordedAudio:
    lengths = np.array([len(samples[i : i + message]) for i in range(0, len(samples), message)], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return RecordedAudio(begins_ns + starts * NS // rate, lengths, samples, rate)


@pytest.fixture
def record(description: RobotDescription) -> Callable[..., BagRecording]:
    """Make a recording of a motion q(t) of one joint about its rest position or another; the others do not move."""

    def make(offset: Callable[[np.ndarray], np.ndarray] = np.zeros_like, seconds: float = 3.0, joint: int = 0,
             last_speed: float = 0.0, at: float | None = None) -> BagRecording:
        knots = np.arange(round(seconds * 50) + 1) / 50
        q = np.repeat(description.rest_q[None], len(knots), axis=0)
        q[:, joint] = (q[0, joint] if at is None else at) + offset(knots)
        dq = np.gradient(q, 0.02, axis=0)
        dq[0] = dq[-1] = 0.0
        dq[-1, joint] = last_speed
        trajectories = []
        for group, names in description.groups.items():
            columns = description.indices(names)
            points = tuple(TrajectoryPoint(k * KNOT_NS, q[k, columns], dq[k, columns]) for k in range(len(knots)))
            trajectories.append(RecordedTrajectory(group, BEGIN_NS, Trajectory(BEGIN_NS, names, points)))
        states = np.arange(round(seconds * 100)) / 100
        measured = np.stack([np.interp(states, knots, column) for column in q.T], axis=1)
        speech = 0.5 * np.sin(2 * np.pi * 200 * np.arange(round((seconds - 1) * 16000)) / 16000)
        return BagRecording(
            joint_times_ns=BEGIN_NS + (states * NS).astype(np.int64), q=measured, dq=np.zeros_like(measured),
            trajectories=tuple(trajectories), pose_times_ns=np.zeros(0, dtype=np.int64), poses=np.zeros((0, 17, 3)),
            audio_in=make_audio(BEGIN_NS, speech), audio_out=make_audio(BEGIN_NS + NS // 2, speech), statuses={},
            statuses_during_audio={}, messages={},
        )

    return make
