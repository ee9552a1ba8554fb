"""Closed-loop evaluation: recordings of many speakers, and sounds without speech, simulated on a robot and measured.

    recordings of different speakers ─► closed-loop simulation ─► metrics of human motion, robot wrists, faults
    silence, noise, music            ─► closed-loop simulation ─► wrist speed, faults
    └─► one table for all speakers, targets met or not, JSON

Rows of the table:

    human       the motion that the robot follows
    robot       the robot's wrists, and the faults
    mean pose   a control: a body that does not move
    no speech   the largest wrist speed of the sounds without speech
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet, check_length
from speech_gesture_ros.evaluation.metrics.registry import Values, measure_motion, measure_robot, plain
from speech_gesture_ros.evaluation.metrics.robot_metrics import RobotMotionSet
from speech_gesture_ros.evaluation.speech_analysis import analyse_speech
from speech_gesture_ros.evaluation.targets import Target

Samples = npt.NDArray[np.floating]

HUMAN, ROBOT, MEAN_POSE, NO_SPEECH = "human", "robot", "mean pose", "no speech"
TARGETS = (  # over all speakers and sounds together
    Target(HUMAN, "human_gap", "<=", 0.06),
    Target(HUMAN, "apex_excess", ">=", 1.1),
    Target(ROBOT, "apex_excess", ">=", 1.1),
    Target(NO_SPEECH, "wrist_speed", "<=", 0.03),
    Target(ROBOT, "limit_violations", "<=", 0),
    Target(ROBOT, "self_collisions", "<=", 0),
    Target(ROBOT, "rejected_trajectories", "<=", 0),
)


@dataclass(frozen=True)
class SoundWithoutSpeech:
    """A sound without speech: name and (N,) samples."""

    name: str
    samples: Samples


Job = SpeechRecording | SoundWithoutSpeech


@dataclass(frozen=True)
class SpeakerResult:
    """Result of one recording.

    Attributes:
        recording: The recording.
        human: The motion that the robot follows.
        robot: The robot's wrists; None without two arms.
        result: Of the simulation.
    """

    recording: SpeechRecording
    human: MotionClip
    robot: MotionClip | None
    result: ClosedLoopResult


@dataclass(frozen=True)
class SpeechEvaluation:
    """Results of all recordings and sounds.

    Attributes:
        speakers: Of each recording.
        without_speech: Name of a sound to its simulation.
        skeleton: Of the motions.
    """

    speakers: tuple[SpeakerResult, ...]
    without_speech: dict[str, ClosedLoopResult]
    skeleton: Skeleton

    def rows(self) -> dict[str, Values]:
        """Values of each row of the table, over all recordings together."""
        results = [*(speaker.result for speaker in self.speakers), *self.without_speech.values()]
        clips = [speaker.human for speaker in self.speakers]
        still = [MotionClip(np.broadcast_to(clip.joint_xyz.mean(axis=0), clip.joint_xyz.shape), clip.speech)
                 for clip in clips]
        robot = [speaker.robot for speaker in self.speakers if speaker.robot is not None]
        rows = {HUMAN: measure_motion(MotionSet(clips, self.skeleton)),
                ROBOT: measure_robot(RobotMotionSet(results)),
                MEAN_POSE: measure_motion(MotionSet(still, self.skeleton))}
        if robot:
            rows[ROBOT] = measure_motion(MotionSet(robot, None)) | rows[ROBOT]
        if self.without_speech:
            rows[NO_SPEECH] = {"wrist_speed": max(self.speeds_without_speech().values())}
        return rows

    def speeds_without_speech(self) -> dict[str, float]:
        """Name of each sound without speech to the mean wrist speed [m/s]."""
        return {name: measure_motion(MotionSet([MotionClip.of(result.joint_xyz)], self.skeleton))["wrist_speed"]
                for name, result in self.without_speech.items()}

    def of_speaker(self, speaker: SpeakerResult) -> dict[str, Any]:
        """Metrics of one recording, ready for JSON."""
        robot = measure_motion(MotionSet([speaker.robot], None)) if speaker.robot is not None else {}
        return {"speaker": speaker.recording.speaker, "language": speaker.recording.language,
                "file": speaker.recording.path.name,
                HUMAN: plain(measure_motion(MotionSet([speaker.human], self.skeleton))),
                ROBOT: plain(robot | measure_robot(RobotMotionSet([speaker.result]))),
                "reasons": _reasons(speaker.result)}

    def as_dict(self) -> dict[str, Any]:
        """Everything for JSON: ``recordings``, ``without_speech``, ``rows``, ``windows``, ``targets``."""
        rows = self.rows()
        speeds = self.speeds_without_speech()
        results = [*(speaker.result for speaker in self.speakers), *self.without_speech.values()]
        return {
            "recordings": [self.of_speaker(speaker) for speaker in self.speakers],
            "without_speech": {name: {"wrist_speed": speeds[name], "reasons": _reasons(result)}
                               for name, result in self.without_speech.items()},
            "rows": {name: plain(values) for name, values in rows.items()},
            "windows": sum(result.windows for result in results),
            "targets": {str(target): target.is_met(rows) for target in TARGETS},
        }


def evaluate_speech(simulate: Callable[[Samples], ClosedLoopResult], recordings: Sequence[SpeechRecording],
                    load: Callable[[Path], Samples], skeleton: Skeleton, *,
                    without_speech: Mapping[str, Samples] | None = None, longest_s: float = 60.0,
                    progress: Callable[[list[Job]], Iterable[Job]] = iter) -> SpeechEvaluation:
    """Simulate all recordings and sounds.

    Args:
        simulate: Closed-loop simulation of samples, such as ``partial(closed_loop.simulate_speech, pipeline)``.
        recordings: Speech, at least one recording.
        load: Reads a sound file to (N,) mono samples at 16 kHz.
        skeleton: Of the motion.
        without_speech: Sounds without speech, by name.
        longest_s: Length used of each recording [s].
        progress: Wraps the list of jobs, such as `tqdm.tqdm`.

    Raises:
        InputError: If a recording is too short to measure, or motion and sound differ in length.
    """
    speakers: list[SpeakerResult] = []
    silent: dict[str, ClosedLoopResult] = {}
    for job in progress([*recordings, *(SoundWithoutSpeech(*item) for item in (without_speech or {}).items())]):
        if isinstance(job, SoundWithoutSpeech):
            silent[job.name] = simulate(job.samples)
            continue
        samples = load(job.path)[:round(longest_s * SAMPLE_RATE)]
        result, speech = simulate(samples), analyse_speech(samples)
        check_length(result.joint_xyz, speech)
        robot = MotionClip.of(result.robot_wrists, speech) if len(result.robot_wrists) else None
        speakers.append(SpeakerResult(job, MotionClip.of(result.joint_xyz, speech), robot, result))
    return SpeechEvaluation(tuple(speakers), silent, skeleton)


def _reasons(result: ClosedLoopResult) -> dict[str, int]:
    """Reason of each fault to its count."""
    return {**result.refused, **result.rejected, **{k: v for k, v in result.violations.counts.items() if v}}
