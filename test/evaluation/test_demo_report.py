"""The report of a run is computed from its recording."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_alignment import align
from speech_gesture_ros.evaluation.bag_audit import audit_recording
from speech_gesture_ros.evaluation.bag_recording import BagRecording
from speech_gesture_ros.evaluation.demo_report import (
    build_report,
    format_table,
    response_ms,
    sound_needed_s,
    voice_delay_s,
)
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

STATUS = {"/gesture_node: gestures": {
    "latency_s": "0.5", "compute_ms.network.median": "2", "compute_ms.network.p99": "3",
    "compute_ms.network.count": "50", "audio.gaps": "1", "audio.padded_s": "0.25", "safety.clamped": "7"}}


def _with_windows_at(recording: BagRecording, times_ns: np.ndarray) -> BagRecording:
    message = recording.trajectories[0]
    return dataclasses.replace(recording, trajectories=tuple(dataclasses.replace(message, received_ns=int(t))
                                                             for t in times_ns))


@pytest.mark.parametrize("response_s", [0.007, 0.031], ids=["before the next message", "after it"])
def test_the_response_time_starts_at_the_message_that_completes_the_pose(record: Callable[..., BagRecording],
                                                                          response_s: float) -> None:
    recording = record()
    completing = recording.audio_in.times_ns[4::2]  # the end of message 4, at 0.1 s, completes the pose of time 0
    answered = _with_windows_at(recording, completing + round(response_s * NS))
    times = response_ms(answered, sound_s=0.1)
    assert times["median"] == pytest.approx(1e3 * response_s)
    assert times["max"] == pytest.approx(1e3 * response_s)


def test_without_trajectories_the_response_time_is_nan(record: Callable[..., BagRecording]) -> None:
    assert np.isnan(response_ms(dataclasses.replace(record(), trajectories=()), 0.1)["median"])


def test_the_delay_of_the_audio_is_measured(record: Callable[..., BagRecording]) -> None:
    recording = record()
    later = dataclasses.replace(recording.audio_out, times_ns=recording.audio_in.times_ns + round(0.68 * NS))
    assert voice_delay_s(dataclasses.replace(recording, audio_out=later)) == pytest.approx(0.68)


def test_report_and_table_contain_the_diagnostics_and_the_audit(record: Callable[..., BagRecording],
                                                                description: RobotDescription) -> None:
    recording = dataclasses.replace(record(), statuses=STATUS, statuses_during_audio=STATUS)
    robot, skeleton = MujocoRobot(description), load_skeleton()
    audit = audit_recording(recording, description, robot)
    report = build_report(recording, audit, align(recording, skeleton, 0.1), description, skeleton, sound_s=0.4)
    assert report["compute_ms"]["network"] == {"median": 2.0, "p99": 3.0, "count": 50.0}
    assert report["real_time_factor"] == pytest.approx(0.1 / 2.0)
    assert report["audio"]["gaps"] == 1.0
    assert report["node_counts"] == {"clamped": 7.0}
    assert report["safety"]["limit_violations"] == 0
    table = format_table(report)
    assert "audio gaps                1 (0.25 s padded)" in table
    assert "0.500 s declared" in table


def test_a_run_without_delayed_audio_has_a_report(record: Callable[..., BagRecording],
                                                   description: RobotDescription) -> None:
    recording = record()
    silent = dataclasses.replace(recording.audio_out, times_ns=recording.audio_out.times_ns[:0],
                                 lengths=recording.audio_out.lengths[:0], samples=recording.audio_out.samples[:0])
    recording = dataclasses.replace(recording, audio_out=silent)
    robot, skeleton = MujocoRobot(description), load_skeleton()
    report = build_report(recording, audit_recording(recording, description, robot), align(recording, skeleton),
                          description, skeleton, sound_s=0.4)
    assert report["gestures"]["robot"] == {"not_measured": "no audio on ~/audio_out"}
    assert np.isnan(report["voice_to_motion_ms"]["median_ms"])
    assert "motion after its voice    nan ms" in format_table(report | {"real_time_factor": 0.0})


def test_a_pipeline_needs_no_more_sound_than_its_latency() -> None:
    pipeline = GesturePipeline(PipelineConfig(look_ahead_s=0.2))
    assert 0.2 < sound_needed_s(pipeline) <= pipeline.latency_s + 1e-9
