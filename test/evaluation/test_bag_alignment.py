"""Sound, robot and human motion on one time axis."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.evaluation.bag_alignment import align
from speech_gesture_ros.evaluation.bag_recording import BagRecording

SKELETON = load_skeleton()


def test_the_robot_is_shown_when_the_delayed_audio_is_played(record: Callable[..., BagRecording]) -> None:
    recording = record(lambda t: 0.1 * t)
    aligned = align(recording, SKELETON)
    shown_s = (aligned.q[:, 0] - recording.q[0, 0]) / 0.1
    during = (aligned.times_s >= 0) & (aligned.times_s < 2.0)
    assert np.allclose(shown_s[during], aligned.times_s[during] + 0.5, atol=0.01)  # played half a second later


def test_a_human_pose_is_shown_when_it_is_performed(record: Callable[..., BagRecording]) -> None:
    recording = record()
    begins_ns = recording.audio_out.begins_ns
    seconds = np.arange(60) / 25
    poses = np.repeat(SKELETON.rest_xyz[None], 60, axis=0) + seconds[:, None, None]
    stamped = dataclasses.replace(recording, poses=poses, pose_times_ns=begins_ns + (seconds * NS).astype(np.int64))
    aligned = align(stamped, SKELETON)
    at_one = int(np.argmin(np.abs(aligned.times_s - 1.0)))
    assert np.allclose(aligned.joint_xyz[at_one] - SKELETON.rest_xyz, 1.0, atol=0.01)


def test_speech_frames_begin_and_end_with_the_audio(record: Callable[..., BagRecording]) -> None:
    aligned = align(record(), SKELETON)
    during = aligned.times_s[aligned.speech_frames]
    assert during[0] == pytest.approx(0.0)
    assert len(during) == 50
    assert aligned.times_s[0] < 0 < len(aligned.audio)


def test_the_lead_in_is_not_evaluated(record: Callable[..., BagRecording]) -> None:
    aligned = align(record(), SKELETON, lead_in_s=0.6)
    assert aligned.times_s[aligned.speech_frames][0] == pytest.approx(0.6)
    assert len(aligned.speech) == len(aligned.audio) - round(0.6 * 16000)
