"""Voice from ~/audio_out and motion of the robot, in counted time: within 20 ms (median) of one another."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig, live_speaker_config
from speech_gesture_ros.evaluation.voice_offset import expected_joints, voice_offset
from speech_gesture_ros.pipeline.face_config import FaceConfig
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

log = logging.getLogger(__name__)

BOUND_MS = 20.0
SECONDS = 7.0


@pytest.mark.slow
@pytest.mark.parametrize(("config", "message_s"), [
    (AgentConfig(), 0.02), (AgentConfig(), 0.1), (live_speaker_config(PipelineConfig()), 0.04),
], ids=["20 ms", "100 ms", "live speaker, 40 ms"])
def test_the_robot_moves_with_its_voice(make_world: Callable, config: AgentConfig, message_s: float) -> None:
    world = make_world(agent=Agent(config))
    world.message_s = message_s
    world.speak(SECONDS)
    poses = np.array([pose.joint_xyz for pose in world.poses])
    agent = world.agent
    offset = voice_offset(
        np.array(world.played_ns), message_s * np.arange(len(world.played_ns)),
        np.array([pose.stamp_ns for pose in world.poses]),
        expected_joints(poses, agent.description, agent.pipeline.skeleton),
        np.array(world.robot.times_ns), np.array(world.robot.commanded))
    log.info("messages of %g s: %s", message_s, offset)
    assert len(world.played_ns) >= (SECONDS - 1.0) / message_s
    assert abs(offset.median_ms) <= BOUND_MS
    assert abs(offset.robot_lag_ms) <= BOUND_MS
    assert max(-offset.p5_ms, offset.p95_ms) <= 2 * BOUND_MS, "the bound holds for nearly every message, within a tick"


@pytest.mark.slow
def test_voice_and_face_wait_for_a_robot_with_a_known_lag(make_world: Callable) -> None:
    lag_s = 0.04
    config = AgentConfig(PipelineConfig(device="cpu", face=FaceConfig()), robot_lag_s=lag_s)
    world = make_world(servo_s=0.05, agent=Agent(config))
    world.speak(SECONDS)
    poses = np.array([pose.joint_xyz for pose in world.poses])
    agent = world.agent
    offset = voice_offset(
        np.array(world.played_ns), world.message_s * np.arange(len(world.played_ns)),
        np.array([pose.stamp_ns for pose in world.poses]),
        expected_joints(poses, agent.description, agent.pipeline.skeleton),
        np.array(world.robot.times_ns), np.array(world.robot.measured))
    log.info("lag of %g s: %s, estimate %s", lag_s, offset, agent.report()["robot_lag_s"])
    assert abs(offset.median_ms) <= BOUND_MS
    assert offset.robot_lag_ms == pytest.approx(1e3 * lag_s, abs=5.0)
    assert agent.report()["robot_lag_s"] == pytest.approx(lag_s, abs=0.008)
    assert agent.voice_latency_s == pytest.approx(agent.latency_s + lag_s)


def test_a_late_voice_and_a_late_robot_are_measured() -> None:
    time_s = np.arange(8 * 25) / 25
    pose_ns = np.round(1e9 * (100.0 + time_s)).astype(np.int64)
    motion = np.sin(2 * np.pi * 0.7 * time_s)[:, None]
    joint_s = np.arange(900) / 100
    robot = np.sin(2 * np.pi * 0.7 * (joint_s - 0.03))[:, None]
    joint_ns = np.round(1e9 * (100.0 + joint_s)).astype(np.int64)
    first_s = np.arange(300) * 0.02
    played_ns = np.round(1e9 * (100.0 + first_s + 0.05)).astype(np.int64)
    offset = voice_offset(played_ns, first_s, pose_ns, motion, joint_ns, robot)
    assert offset.robot_lag_ms == pytest.approx(30.0, abs=1.0)
    assert offset.median_ms == pytest.approx(30.0 - 50.0, abs=1.0)
    assert np.isnan(voice_offset(played_ns[:0], first_s[:0], pose_ns, motion, joint_ns, robot).median_ms)
