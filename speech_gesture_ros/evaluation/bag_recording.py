"""Messages of a run, read from a bag: the only source of the demo's report and film."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.simulators.joint_trajectory_controller import Trajectory, TrajectoryPoint

Array = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
RATE_LABEL = re.compile(r"@\s*(\d+)\s*Hz")
INT16 = 32768.0


@dataclass(frozen=True)
class RecordedAudio:
    """Audio of one topic.

    Attributes:
        times_ns: (M,) when each message was recorded [ns].
        lengths: (M,) samples in each.
        samples: (T,) of all messages, mono in [-1, 1].
        sample_rate: [Hz].
    """

    times_ns: Times
    lengths: Times
    samples: Array
    sample_rate: int

    @property
    def begins_ns(self) -> int:
        """Time at which a player that plays each message on arrival starts with sample 0 [ns]."""
        if not len(self.times_ns):
            return 0
        starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        return int(np.median(self.times_ns - starts * NS // self.sample_rate))


@dataclass(frozen=True)
class RecordedTrajectory:
    """One trajectory message: controller group, time of recording [ns], content."""

    group: str
    received_ns: int
    trajectory: Trajectory


@dataclass(frozen=True)
class BagRecording:
    """All messages of one run that a report needs.

    Attributes:
        joint_times_ns: (T,) stamps of joint_states [ns].
        q: (T, N) measured positions in the order of the robot's `joint_names` [rad].
        dq: (T, N) measured velocities [rad/s].
        trajectories: Trajectory messages in order of time.
        pose_times_ns: (P,) stamps of the human poses [ns].
        poses: (P, J, 3) skeleton joints [m].
        audio_in: The topic `audio`.
        audio_out: The topic `~/audio_out`.
        statuses: Last diagnostics of each name, key to text.
        statuses_during_audio: The same before the audio ended, because nodes count its end as a gap.
        messages: Topic to number of messages.
    """

    joint_times_ns: Times
    q: Array
    dq: Array
    trajectories: tuple[RecordedTrajectory, ...]
    pose_times_ns: Times
    poses: Array
    audio_in: RecordedAudio
    audio_out: RecordedAudio
    statuses: dict[str, dict[str, str]]
    statuses_during_audio: dict[str, dict[str, str]]
    messages: dict[str, int]

    def status(self, ending: str, *, during_audio: bool = False) -> dict[str, str]:
        """Last diagnostics of the name with this ending; empty if there are none."""
        statuses = self.statuses_during_audio if during_audio else self.statuses
        return next((values for name, values in statuses.items() if name.endswith(ending)), {})


def read_bag(bag: Path, joint_names: tuple[str, ...]) -> BagRecording:
    """Read the bag of a run.

    Args:
        bag: The bag's folder.
        joint_names: Order of the robot's joints.

    Raises:
        InputError: If the bag cannot be read or holds no joint states.
        MissingDependencyError: If rosbags is not installed.
    """
    messages = list(_messages(bag))
    by_topic: dict[str, list[tuple[int, Any]]] = {}
    for topic, time_ns, message in messages:
        by_topic.setdefault(topic, []).append((time_ns, message))
    joints = [m for t, items in by_topic.items() if t.endswith("/joint_states") for _, m in items]
    if not joints:
        raise InputError(f"bag {bag}", sorted(by_topic), "one with joint_states", "See the logs of the nodes.")
    skeleton = [m.markers[-1] for t, items in by_topic.items() if t.endswith("/skeleton") for _, m in items]
    trajectories = [RecordedTrajectory(t.split("/")[-2], time_ns, _trajectory(m)) for t, items in by_topic.items()
                    if t.endswith("/joint_trajectory") for time_ns, m in items]
    audio_in = _audio(by_topic, "/audio")
    reports = [(time_ns, status) for t, items in by_topic.items() if t.endswith("/diagnostics")
               for time_ns, m in items for status in m.status if len(status.values)]
    return BagRecording(
        joint_times_ns=np.array([_ns(m.header.stamp) for m in joints], dtype=np.int64),
        q=_joint_rows(joints, joint_names, "position"), dq=_joint_rows(joints, joint_names, "velocity"),
        trajectories=tuple(sorted(trajectories, key=lambda c: c.received_ns)),
        pose_times_ns=np.array([_ns(m.header.stamp) for m in skeleton], dtype=np.int64),
        poses=np.array([[(p.x, p.y, p.z) for p in m.points] for m in skeleton], dtype=np.float64),
        audio_in=audio_in, audio_out=_audio(by_topic, "/audio_out"), statuses=_last(reports),
        statuses_during_audio=_last([(t, s) for t, s in reports
                                     if not len(audio_in.times_ns) or t <= audio_in.times_ns[-1]]),
        messages={t: len(items) for t, items in sorted(by_topic.items())},
    )


def _messages(bag: Path) -> Iterable[tuple[str, int, Any]]:
    """(topic, time of recording [ns], message) in order of time."""
    try:
        from rosbags.highlevel import AnyReader, AnyReaderError
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise MissingDependencyError("rosbags", "Reading bags", "pip install 'speech_gesture_ros[sim]'") from error
    if not bag.exists():
        raise InputError("bag", str(bag), "an existing folder", "See the log of recorder_node.")
    with AnyReader([bag], default_typestore=get_typestore(Stores.LATEST)) as reader:
        for connection, time_ns, raw in reader.messages():
            try:
                message = reader.deserialize(raw, connection.msgtype)
            except AnyReaderError as error:
                raise InputError("message in the bag", f"{len(raw)} bytes on {connection.topic}",
                                 f"a {connection.msgtype}", "The bag is damaged: record it again.") from error
            yield connection.topic, time_ns, message


def _last(reports: list[tuple[int, Any]]) -> dict[str, dict[str, str]]:
    return {status.name: {v.key: v.value for v in status.values} for _, status in reports}


def _ns(stamp: Any) -> int:
    return int(stamp.sec) * NS + int(stamp.nanosec)


def _joint_rows(messages: list[Any], joint_names: tuple[str, ...], field: str) -> Array:
    """(T, N); a joint that a message lacks keeps its last value."""
    rows = np.zeros((len(messages), len(joint_names)))
    column = {name: i for i, name in enumerate(joint_names)}
    for k, message in enumerate(messages):
        rows[k] = rows[k - 1] if k else 0.0
        for name, value in zip(message.name, getattr(message, field)):
            if name in column:
                rows[k, column[name]] = value
    return rows


def _trajectory(message: Any) -> Trajectory:
    points = tuple(TrajectoryPoint(_ns(p.time_from_start), np.array(p.positions), np.array(p.velocities),
                                   np.array(p.accelerations), np.array(p.effort)) for p in message.points)
    return Trajectory(_ns(message.header.stamp), tuple(message.joint_names), points)


def _audio(by_topic: dict[str, list[tuple[int, Any]]], ending: str) -> RecordedAudio:
    items = next((items for topic, items in by_topic.items() if topic.endswith(ending)), [])
    parts, rate = [], SAMPLE_RATE
    for _, message in items:
        channels = 1
        for dimension in message.layout.dim:
            if match := RATE_LABEL.search(dimension.label):
                rate = int(match[1])
            channels = int(dimension.size) if dimension.label == "channels" else channels
        data = np.asarray(message.data)
        scale = INT16 if data.dtype == np.int16 else 1.0
        parts.append(data.astype(np.float64).reshape(-1, channels).mean(axis=1) / scale)
    return RecordedAudio(np.array([t for t, _ in items], dtype=np.int64),
                         np.array([len(p) for p in parts], dtype=np.int64),
                         np.concatenate([np.zeros(0), *parts]), rate)
