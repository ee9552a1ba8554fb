"""A world in counted time: an agent with its runner, an ideal robot, and a speaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.agent_output import AgentOutput, TimedPose, WindowDelivery
from speech_gesture_ros.agent.agent_runner import AgentRunner, OutputFunctions
from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.retargeting import load_robot
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.simulators.ideal_robot import IdealRobot

FORMAT = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
TICK_NS = NS // 100  # of the controllers
TICKS = 2  # in a step, which ends with an update of the runner
STEP_S = TICKS * TICK_NS / NS
MESSAGE = round(STEP_S * SAMPLE_RATE)  # samples
SILENCE = np.zeros(MESSAGE)
ENTRY_RAD_S = 0.5 * (1 + 1e-3)
ENTRY_S = 0.46  # of slow motion at least


class World:
    """An agent and its runner, a robot that follows, and ROS time in steps of 20 ms.

    Args:
        agent: The agent.
        speech: (T,) samples that `speak` repeats.
        servo_s: Time constant of the robot's joints [s].

    Attributes:
        now, steady: ROS time, and time of the clock that is never set [ns].
        windows: Windows sent to the robot, each with the time at which it was [ns].
        jumps: Change of the command at the arrival of each window, of position or velocity [rad, rad/s].
        poses: Human poses passed on so far.
        played_ns: ROS times at which audio messages were passed on [ns].
        statuses: Statuses of gesture requests.
        has_joint_states: Whether the robot reports its position.
        is_clock_running: Whether ROS time passes.
        send_ns: Time that passes between the last look at a window and its arrival [ns].
        message_s: Length of the messages of `speak` [s].
    """

    def __init__(self, agent: Agent, speech: np.ndarray, servo_s: float) -> None:
        self.agent, self.description, self.inhibitors = agent, agent.description, agent.inhibitors
        self.robot = IdealRobot(agent.description, servo_s)
        self.now, self.steady = 3600 * NS, NS
        self.windows: list[tuple[int, Window]] = []
        self.jumps: list[float] = []
        self.poses: list[TimedPose] = []
        self.played_ns: list[int] = []
        self.statuses: list[RequestStatus] = []
        self.has_joint_states = self.is_clock_running = True
        self.message_s, self.send_ns = STEP_S, 0
        outputs = OutputFunctions(self._follow, self.poses.append, self._play, self.statuses.append)
        self.runner = AgentRunner(agent, outputs, lambda: self.now, lambda: self.steady)
        self._speech, self._spoken, self._steps = speech, SAMPLE_RATE // 2, 0

    def _play(self, _: object) -> None:
        self.played_ns.append(self.now)

    def _follow(self, window: Window, latest_ns: int) -> WindowDelivery:
        self.now += self.send_ns
        self.steady += self.send_ns
        if self.now > latest_ns:
            return WindowDelivery.LATE
        self.windows.append((self.now, window))
        before = self.robot.command(self.now)
        self.robot.follow(window, self.now)
        self.jumps.append(max(float(np.abs(a - b).max()) for a, b in zip(before, self.robot.command(self.now))))
        return WindowDelivery.FOLLOWED

    # -- time --------------------------------------------------------------------------------------------------------

    def step(self, audio: np.ndarray | None = None, *, works: bool = True) -> None:
        """Let 20 ms pass, with a message of audio or without; without an update unless the runner works."""
        for _ in range(TICKS):
            self.steady += TICK_NS
            self.now += TICK_NS if self.is_clock_running else 0
            self.robot.step(self.now)
        if self.has_joint_states:
            self.runner.observe_joints((self.robot.q.copy(), self.now))
        if audio is not None:
            self.push_audio(audio)
        if works:
            self.runner.update()
        self._steps += 1

    def push_audio(self, samples: np.ndarray) -> None:
        """Let a message arrive now."""
        message = (samples * 32767).astype("<i2").tobytes()
        self.runner.push_audio(message, lambda: (message, FORMAT), self.now)

    def run(self, seconds: float, audio: np.ndarray | None = SILENCE) -> int:
        """Let time pass, with the same message in every step; returns the tick at which it began."""
        begin = len(self.robot.commanded)
        for _ in range(round(seconds / STEP_S)):
            self.step(audio)
        return begin

    def say(self, speech: np.ndarray) -> int:
        """Let time pass with speech (T,) in messages of 20 ms; returns the tick at which it began."""
        begin = len(self.robot.commanded)
        for start in range(0, len(speech) - MESSAGE + 1, MESSAGE):
            self.step(speech[start : start + MESSAGE])
        return begin

    def speak(self, seconds: float, *, works: bool = True) -> int:
        """Let time pass with speech in messages of `message_s`; returns the tick at which it began."""
        begin = len(self.robot.commanded)
        for _ in range(round(seconds / STEP_S)):
            audio = None
            if self._steps % round(self.message_s / STEP_S) == 0:
                stop = self._spoken + round(self.message_s * SAMPLE_RATE)
                audio, self._spoken = np.take(self._speech, range(self._spoken, stop), mode="wrap"), stop
            self.step(audio, works=works)
        return begin

    def speak_until_engaged(self) -> None:
        """Speak until the robot is commanded, and for its entry, which must be slow."""
        sent = len(self.windows)
        for _ in range(200):
            begin = self.speak(STEP_S)
            if len(self.windows) > sent:
                break
        else:
            pytest.fail(f"not engaged: {self.agent.state}, {self.agent.report()['inhibitors']}")
        self.speak(ENTRY_S)
        assert self.max_speed(begin) <= ENTRY_RAD_S

    def speak_until_fast(self, speed: float = 0.6, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Speak until the robot is in the middle of a stroke, after its entry."""
        self.speak(max(0.0, 2.0 - len(self.robot.commanded) * TICK_NS / NS))
        for _ in range(2000):
            meanwhile()
            self.speak(STEP_S)
            if np.abs(self.robot.speeds[-1]).max() > speed and self.agent.state is MotionState.ENGAGED:
                return
        pytest.fail("no stroke")

    @contextmanager
    def slow_updates(self, compute_s: float) -> Iterator[None]:
        """Let every update of the agent that makes a window take a time [s]."""
        update = self.agent.update

        def slow(now_ns: int) -> AgentOutput:
            output = update(now_ns)
            if output.window is not None:
                self.now += round(compute_s * NS)
                self.steady += round(compute_s * NS)
            return output

        self.agent.update = slow  # type: ignore[method-assign]
        try:
            yield
        finally:
            del self.agent.update

    # -- results -----------------------------------------------------------------------------------------------------

    def max_speed(self, begin: int = 0, end: int | None = None) -> float:
        """Largest speed commanded to any joint from a tick on [rad/s]."""
        return float(np.abs(self.robot.speeds[begin:end]).max())

    def moves_for(self, begin: int) -> float:
        """Time from a tick until the commands moved last [s]."""
        moving = np.flatnonzero(np.abs(self.robot.speeds[begin:]).max(axis=1) > 1e-9)
        return (moving[-1] + 1) * TICK_NS / NS if len(moving) else 0.0

    def course(self, joint: str) -> tuple[np.ndarray, np.ndarray]:
        """ROS times [s] and commanded positions [rad] of a joint."""
        joint_index = self.description.joint_names.index(joint)
        return np.array(self.robot.times_ns) / NS, np.array(self.robot.commanded)[:, joint_index]

    def assert_within_limits(self, begin: int = 0) -> None:
        """Check that no command from a tick on exceeds a limit or jumps."""
        limits, tick_s = self.description.limits, TICK_NS / NS
        commanded, speeds = np.array(self.robot.commanded[begin:]), np.array(self.robot.speeds[begin:])
        assert np.all((commanded >= limits.lower) & (commanded <= limits.upper))
        assert np.all(np.abs(speeds) <= limits.velocity * (1 + 1e-6))
        change = np.abs(np.diff(speeds, axis=0)) / tick_s
        assert np.all(change <= limits.acceleration * (1 + 1e-3)), "a jump of the command"
        assert np.all(np.abs(np.diff(commanded, axis=0)) <= limits.velocity * tick_s * (1 + 1e-6))
        assert not self.robot.rejected


@pytest.fixture(scope="session")
def demo_robot() -> RobotDescription:
    """The demo robot, described once."""
    return load_robot(PipelineConfig())


@pytest.fixture
def pipeline(demo_robot: RobotDescription) -> GesturePipeline:
    """The shipped model from its first draw, without the controls of other tests, and the demo robot."""
    return GesturePipeline(PipelineConfig(device="cpu"), description=demo_robot)


@pytest.fixture
def make_world(pipeline: GesturePipeline, speech: np.ndarray) -> Callable[..., World]:
    """Makes a world with an agent, or with a new one from settings of its configuration."""

    def make(servo_s: float = 0.0, agent: Agent | None = None, **settings: float) -> World:
        return World(agent or Agent(AgentConfig(**settings), pipeline=pipeline), speech, servo_s)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A world whose robot follows exactly."""
    return make_world(idle_timeout_s=2.0)
