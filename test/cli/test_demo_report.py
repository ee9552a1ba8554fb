"""The figures of the report are what the recording says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.cli.demo_report import build_report, format_table, response_ms, voice_delay_s
from speech_gesture_ros.cli.performance import align
from speech_gesture_ros.cli.recording import Recording
from speech_gesture_ros.cli.replay import judge
from speech_gesture_ros.core.robot import RobotDescription
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

STATUS = {"/gesture_node: gestures": {
    "latency_s": "0.5", "compute_ms.network.median": "2", "compute_ms.network.p99": "3",
    "compute_ms.network.count": "50", "audio.gaps": "1", "audio.padded_s": "0.25", "safety.clamped": "7"}}


def test_the_response_is_counted_from_the_last_audio_message(record: Callable[..., Recording]) -> None:
    recording = record()
    command = recording.commands[0]
    answers = [dataclasses.replace(command, received_ns=int(t) + 7_000_000) for t in recording.heard.times_ns[10:20:2]]
    figures = response_ms(dataclasses.replace(recording, commands=tuple(answers)))
    assert figures["median"] == pytest.approx(7.0)
    assert figures["max"] == pytest.approx(7.0)


def test_without_commands_the_response_is_unknown_and_not_zero(record: Callable[..., Recording]) -> None:
    assert np.isnan(response_ms(dataclasses.replace(record(), commands=()))["median"])


def test_the_voice_delay_is_measured(record: Callable[..., Recording]) -> None:
    recording = record()
    later = dataclasses.replace(recording.played, times_ns=recording.heard.times_ns + round(0.68 * NS))
    assert voice_delay_s(dataclasses.replace(recording, played=later)) == pytest.approx(0.68)


def test_report_and_table_hold_what_was_found(record: Callable[..., Recording], description: RobotDescription) -> None:
    recording = dataclasses.replace(record(), statuses=STATUS, statuses_while_heard=STATUS)
    robot, skeleton = MujocoRobot(description), load_skeleton()
    report = build_report(recording, judge(recording, description, robot), align(recording, skeleton, 0.1), robot,
                          skeleton)
    assert report["compute_ms"]["network"] == {"median": 2.0, "p99": 3.0, "count": 50.0}
    assert report["real_time_factor"] == pytest.approx(0.1 / 2.0)
    assert report["audio"]["gaps"] == 1.0
    assert report["node_counts"] == {"clamped": 7.0}
    assert report["safety"]["limit_violations"] == 0
    table = format_table(report)
    assert "audio gaps                1 (0.25 s padded)" in table
    assert "0.500 s declared" in table
