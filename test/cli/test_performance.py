"""Voice, robot and person come onto one time axis: what is heard is seen at the same instant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.cli.performance import align, robot_as_person
from speech_gesture_ros.cli.recording import Recording
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

SKELETON = load_skeleton()


def test_the_robot_is_shown_where_it_was_when_the_voice_was_played(record: Callable[..., Recording]) -> None:
    recording = record(lambda t: 0.1 * t)  # one joint tells the time
    performance = align(recording, SKELETON, person_lead_s=0.0)
    told_s = (performance.q[:, 0] - recording.q[0, 0]) / 0.1
    seen = (performance.times_s >= 0) & (performance.times_s < 2.0)
    assert np.allclose(told_s[seen], performance.times_s[seen] + 0.5, atol=0.01)  # played half a second late


def test_the_person_is_shown_when_the_pose_is_performed_not_when_it_is_computed(record: Callable[..., Recording]
                                                                                 ) -> None:
    recording = record()
    begins_ns = recording.played.begins_ns
    seconds = np.arange(60) / 25
    poses = np.repeat(SKELETON.rest_xyz[None], 60, axis=0) + seconds[:, None, None]
    early = dataclasses.replace(recording, poses=poses,
                                pose_times_ns=begins_ns - NS // 5 + (seconds * NS).astype(np.int64))
    performance = align(early, SKELETON, person_lead_s=0.2)
    at_one = int(np.argmin(np.abs(performance.times_s - 1.0)))
    assert np.allclose(performance.joint_xyz[at_one] - SKELETON.rest_xyz, 1.0, atol=0.01)


def test_frames_of_the_voice_begin_with_it(record: Callable[..., Recording]) -> None:
    performance = align(record(), SKELETON, person_lead_s=0.0)
    during = performance.times_s[performance.speaking]
    assert during[0] == pytest.approx(0.0)
    assert len(during) == 50
    assert performance.times_s[0] < 0 < len(performance.voice)


def test_the_robots_arms_take_the_place_of_the_persons(description: RobotDescription) -> None:
    robot = MujocoRobot(description)
    xyz = robot_as_person(robot, description.rest_q[None], description.body, SKELETON)
    robot.show(description.rest_q)
    arm = description.body.left_arm
    assert arm is not None
    assert np.allclose(xyz[0, SKELETON.index["left_wrist"]], robot.data.body(arm.wrist).xpos)


def test_the_lead_in_is_not_judged(record: Callable[..., Recording]) -> None:
    performance = align(record(), SKELETON, person_lead_s=0.0, lead_in_s=0.6)
    assert performance.times_s[performance.speaking][0] == pytest.approx(0.6)
    assert len(performance.speech) == len(performance.voice) - round(0.6 * 16000)
