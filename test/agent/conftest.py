"""An agent, an ideal robot and a counted clock."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.agent_output import AgentOutput, TimedPose
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

FORMAT = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
TICK = NS // 50
MESSAGE = SAMPLE_RATE // 50  # samples
SILENCE = np.zeros(MESSAGE)


class World:
    """An agent, a robot that follows its windows exactly, and the ROS time.

    Attributes:
        q: (N,) position of the robot [rad].
        track: Position at every tick.
        tick_s: Time between two ticks [s].
        times: ROS time of every tick [s].
    """

    tick_s = TICK / NS

    def __init__(self, agent: Agent) -> None:
        self.agent, self.now = agent, 3600 * NS
        self.q = agent.description.rest_q.copy()
        self.window: Window | None = None
        self.windows: list[Window] = []
        self.poses: list[TimedPose] = []
        self.statuses: list[RequestStatus] = []
        self.times: list[float] = []
        self.track: list[np.ndarray] = []
        self.has_joint_states = True

    def tick(self, audio: np.ndarray | None = None) -> AgentOutput:
        """Let 20 ms pass, with a message of audio or without."""
        self.now += TICK
        if self.window is not None and (time := (self.now - self.window.stamp_ns) / NS * KNOT_RATE) >= 0:
            rows = np.arange(len(self.window))
            self.q = np.array([np.interp(time, rows, column) for column in self.window.positions.T])
        self.times.append(self.now / NS)
        self.track.append(self.q)
        if self.has_joint_states:
            self.agent.observe_joints(self.q, self.now)
        if audio is not None:
            self.agent.push_audio((audio * 32767).astype("<i2").tobytes(), FORMAT, self.now)
        output = self.agent.update(self.now)
        if output.window is not None:
            self.window = output.window
            self.windows.append(output.window)
        self.poses += output.poses
        self.statuses += self.agent.requests.take_statuses()
        return output

    def run(self, seconds: float, audio: np.ndarray | None = SILENCE) -> None:
        """Let time pass, with the same message at every tick."""
        for _ in range(round(seconds * 50)):
            self.tick(audio)

    def say(self, speech: np.ndarray) -> None:
        """Let time pass, with speech (T,) in messages of 20 ms."""
        for start in range(0, len(speech) - MESSAGE + 1, MESSAGE):
            self.tick(speech[start : start + MESSAGE])

    def speeds(self) -> np.ndarray:
        """(T, N) speeds of the robot so far [rad/s]."""
        return np.abs(np.diff(np.array(self.track), axis=0)) / self.tick_s

    def course(self, joint: str) -> tuple[np.ndarray, np.ndarray]:
        """ROS times [s] and positions [rad] of a joint."""
        return np.array(self.times), np.array(self.track)[:, self.agent.description.joint_names.index(joint)]


@pytest.fixture(scope="session")
def pipeline() -> GesturePipeline:
    """The shipped model and the demo robot, loaded once."""
    return GesturePipeline(PipelineConfig(device="cpu"))


@pytest.fixture
def make_world(pipeline: GesturePipeline) -> Callable[..., World]:
    """Makes a world with a new agent, from settings of its configuration."""
    return lambda **settings: World(Agent(AgentConfig(**settings), pipeline=pipeline))


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(idle_timeout_s=2.0)
