"""A recorded performance on one time axis: what a listener of the delayed voice hears and sees at each instant.

voice         begins_ns ──────────────────────────► (~/audio_out, as recorded)
robot         joint_states at the same ROS time
person        ~/skeleton, shifted by the time between computing a pose and performing it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.cli.recording import Recording
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.timebase import NS, index_to_ns
from speech_gesture_ros.robot.description import BodyLinks

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Performance:
    """Motion and voice at 25 Hz.

    Attributes:
        voice: (S,) mono at 16 kHz.
        times_s: (T,) seconds since the voice began; starts before 0, ends after the voice.
        q: (T, N) measured robot configurations [rad].
        joint_xyz: (T, J, 3) the person's joints [m].
        lead_in_s: Silence at the start of the voice in which the robot takes its place: not judged [s].
    """

    voice: Array
    times_s: Array
    q: Array
    joint_xyz: Array
    lead_in_s: float = 0.0

    @property
    def speaking(self) -> slice:
        """Frames to be judged: from the end of the lead-in to the last sample of the voice."""
        first = int(np.argmax(self.times_s >= self.lead_in_s - 1e-9))
        return slice(first, first + len(self.speech) * POSE_RATE // SAMPLE_RATE)

    @property
    def speech(self) -> Array:
        """The voice that goes with the frames of `speaking`."""
        return self.voice[round(self.lead_in_s * SAMPLE_RATE):]


def align(recording: Recording, skeleton: Skeleton, person_lead_s: float, before_s: float = 0.4,
          after_s: float = 1.4, lead_in_s: float = 0.0) -> Performance:
    """Put a recording on the time axis of the voice as it was played.

    Args:
        recording: What went over the wire.
        skeleton: For the pose before the first.
        person_lead_s: How long before it is performed a pose is published [s].
        before_s: Shown before the voice begins [s].
        after_s: Shown after it ends [s].
        lead_in_s: Silence at the start of the voice that is not judged [s].
    """
    from speech_gesture_ros.audio.resampler import Resampler

    played = recording.played
    resampler = Resampler(played.sample_rate)
    voice = np.concatenate([resampler.push(played.samples), resampler.flush()])
    count = round((before_s + len(voice) / SAMPLE_RATE + after_s) * POSE_RATE)
    frames = np.arange(count) - round(before_s * POSE_RATE)
    wanted_ns = played.begins_ns + np.array([index_to_ns(int(k), POSE_RATE) for k in frames], dtype=np.int64)
    poses, pose_ns = recording.poses, recording.pose_times_ns + round(person_lead_s * NS)
    if not len(poses):
        poses, pose_ns = skeleton.rest_xyz[None], np.array([played.begins_ns], dtype=np.int64)
    return Performance(
        voice=voice, times_s=frames / POSE_RATE,
        q=interpolate(recording.joint_times_ns, recording.q, wanted_ns),
        joint_xyz=interpolate(pose_ns, poses.reshape(len(poses), -1), wanted_ns).reshape(count, *poses.shape[1:]),
        lead_in_s=lead_in_s,
    )


def interpolate(times_ns: npt.NDArray[np.int64], rows: Array, wanted_ns: npt.NDArray[np.int64]) -> Array:
    """Rows at other times, linear between, held beyond the ends; (T, N) to (W, N)."""
    base = times_ns[0]
    return np.stack([np.interp(wanted_ns - base, times_ns - base, column) for column in rows.T], axis=1)


def robot_as_person(robot: Any, q: Array, body: BodyLinks, skeleton: Skeleton) -> Array:
    """The robot's arms in the places of a skeleton's, so that both are judged by the same figures.

    Args:
        robot: `simulators.MujocoRobot`.
        q: (T, N) [rad].
        body: Which links are shoulders, elbows, wrists.
        skeleton: Joints that the robot lacks stand in its rest pose.

    Returns:
        (T, J, 3) [m], in the robot's base frame.
    """
    links = {f"{side}_{joint}": getattr(arm, joint)
             for side, arm in (("left", body.left_arm), ("right", body.right_arm)) if arm
             for joint in ("shoulder", "elbow", "wrist", "hand") if getattr(arm, joint)}
    xyz = np.repeat(skeleton.rest_xyz[None], len(q), axis=0)
    for k, row in enumerate(q):
        robot.show(row)
        for joint, link in links.items():
            if joint in skeleton.index:
                xyz[k, skeleton.index[joint]] = robot.data.body(link).xpos
    return xyz
