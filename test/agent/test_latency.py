"""Total latency, declared and measured: from the arrival of a sound to the motion of the robot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig, live_speaker_config
from speech_gesture_ros.core.chunks import AudioChunk, concatenate
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

TICK_S = 0.01  # of `World`; its first message begins one tick before the first command of `say`
TICKS_PER_POSE = round(1 / (POSE_RATE * TICK_S))
COMPARED = slice(3 * POSE_RATE, 5 * POSE_RATE)  # pose frames after the slow entry


def lag_s(make_world: Callable, config: AgentConfig, words: np.ndarray) -> tuple[float, float]:
    """Measured and declared time from a sound's arrival to its motion [s]."""
    pipeline = GesturePipeline(config.pipeline)
    words = words[:6 * SAMPLE_RATE]
    received = ((words * 32767).astype("<i2") / 32768).astype(np.float32)  # any other sound gets other strokes
    expected = concatenate([pipeline.push(AudioChunk(0, received)).joints, pipeline.flush().joints]).values[COMPARED]
    world = make_world(agent=Agent(config, pipeline=GesturePipeline(config.pipeline)))  # the same draws again
    begin = world.say(words)
    world.run(1.0)
    ticks = begin + np.arange(COMPARED.start, COMPARED.stop) * TICKS_PER_POSE
    commanded = np.array(world.robot.commanded)
    distances = [np.linalg.norm(commanded[ticks + lag] - expected, axis=0) for lag in range(100)]
    of_joints = (np.argmin(distances, axis=0) + 1) * TICK_S
    return float(np.median(of_joints)), world.agent.latency_s


@pytest.mark.slow
@pytest.mark.parametrize(("config", "bound_s"), [(AgentConfig(), 0.40), (live_speaker_config(PipelineConfig()), 0.20)],
                         ids=["default", "live speaker"])
def test_the_robot_moves_as_late_as_declared_and_no_later_than_stated(make_world, speech, config, bound_s):
    measured, declared = lag_s(make_world, config, speech[SAMPLE_RATE // 2:])
    assert declared <= bound_s
    assert measured == pytest.approx(declared, abs=0.02)
