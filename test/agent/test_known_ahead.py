"""Speech that is known ahead, a sentence in one message or a source faster than real time: motion before the voice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

VOICE_BEGINS = round(0.7 * SAMPLE_RATE)  # in the demo speech
TICK_S = 0.01
STEP_NS = NS // 50  # of the runner
FIRST_MOTION_S = 0.15
FIRST_MOTION_IN_STREAM_S = 0.2  # poses of the silence before are under way
MOVED_RAD = 1e-3


@pytest.fixture
def sentence(speech: np.ndarray) -> np.ndarray:
    """Speech that begins at once, (N,) at 16 kHz."""
    return speech[VOICE_BEGINS: VOICE_BEGINS + 3 * SAMPLE_RATE]


@pytest.fixture
def received(pipeline: GesturePipeline, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stream indices of the samples that are not silence, as the pipeline gets them."""
    indices: list[int] = []
    push = pipeline.push

    def record(chunk):
        indices.extend((chunk.start_index + np.flatnonzero(np.abs(chunk.values) > 1e-4)).tolist())
        return push(chunk)

    monkeypatch.setattr(pipeline, "push", record)
    return indices


def say_at_once(world, sentence: np.ndarray) -> int:
    """Send a sentence in one message, between two steps; returns the tick at which it arrived."""
    tick = len(world.robot.commanded)
    world.push_audio(sentence)
    world.runner.update()
    return tick


def hands_begin_ns(world, from_ns: int) -> int:
    """ROS time at which a human hand is first performed at 5 cm/s or more [ns]."""
    skeleton = world.agent.pipeline.skeleton
    poses = [pose for pose in world.poses if pose.stamp_ns > from_ns]
    hands = np.array([pose.joint_xyz[[skeleton.index["left_wrist"], skeleton.index["right_wrist"]]] for pose in poses])
    speed = np.linalg.norm(np.diff(hands, axis=0), axis=2).max(axis=1) * 25
    return poses[int(np.argmax(speed > 0.05)) + 1].stamp_ns


def test_a_sentence_in_one_message_moves_the_robot_soon_and_the_hands_before_the_voice(world, sentence) -> None:
    world.run(1.0, audio=None)
    arrival_ns, begin = world.now, say_at_once(world, sentence)
    world.run(1.0, audio=None)
    moved = np.abs(np.array(world.robot.commanded[begin:]) - world.robot.commanded[begin - 1]).max(axis=1) > MOVED_RAD
    assert moved.any()
    assert (int(np.argmax(moved)) + 1) * TICK_S <= FIRST_MOTION_S
    voice_ns = arrival_ns + round(world.agent.latency_s * NS)
    assert 0 <= world.played_ns[0] - voice_ns < STEP_NS
    assert arrival_ns < hands_begin_ns(world, arrival_ns) < voice_ns


@pytest.mark.slow
def test_a_sentence_in_a_running_stream_moves_the_robot_soon_and_the_hands_before_the_voice(
        make_world: Callable, sentence, demo_robot) -> None:
    commanded = []
    for is_said in (True, False):
        pipeline = GesturePipeline(PipelineConfig(), description=demo_robot)  # the same draws again
        world = make_world(agent=Agent(AgentConfig(), pipeline=pipeline))
        say_at_once(world, sentence)
        world.run(6.0, audio=None)
        arrival_ns, begin = world.now, len(world.robot.commanded)
        if is_said:
            say_at_once(world, sentence)
            world.run(1.0, audio=None)
            voice_ns = arrival_ns + round(world.agent.latency_s * NS)
            assert arrival_ns < hands_begin_ns(world, arrival_ns) < voice_ns
        else:
            world.run(1.0, audio=None)
        commanded.append(np.array(world.robot.commanded[begin:]))
    moved = np.abs(commanded[0] - commanded[1]).max(axis=1) > MOVED_RAD
    assert moved.any()
    assert (int(np.argmax(moved)) + 1) * TICK_S <= FIRST_MOTION_IN_STREAM_S


@pytest.mark.parametrize(("message_s", "period_s"), [(3.0, 0.0), (0.04, 0.02), (0.04, 0.04), (0.02, 0.02)],
                         ids=["one message", "twice real time", "live, 40 ms", "live, 20 ms"])
@pytest.mark.parametrize("pause_s", [None, 0.1, 3.0], ids=["new stream", "after 0.1 s", "after 3 s"])
def test_the_voice_is_played_when_its_motion_is_performed(
        world, received, sentence, message_s, period_s, pause_s) -> None:
    if pause_s is not None:
        say_at_once(world, sentence[:SAMPLE_RATE])
        world.run(1.0 + pause_s, audio=None)
    played, known = len(world.played_ns), len(received)
    count = round(message_s * SAMPLE_RATE)
    for start in range(0, SAMPLE_RATE, count):
        world.push_audio(sentence[start:start + count])
        world.runner.update()
        world.run(period_s, audio=None)
    world.run(0.8, audio=None)
    first = received[known]
    performed_ns = world.agent.audio.clock.to_ns(first, SAMPLE_RATE) + round(world.agent.latency_s * NS)
    assert -NS // 1000 <= world.played_ns[played] - performed_ns <= STEP_NS
