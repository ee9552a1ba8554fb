"""The agent against an ideal robot: a clock that is counted, the shipped speech, and everything that can go missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent, State
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.interpolation import LATENCY_S
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

FORMAT = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
TICK = NS // 50  # messages of 20 ms


@dataclass
class World:
    """An agent, a robot that follows its windows perfectly, and the time."""

    agent: Agent
    q: np.ndarray
    now: int
    window: Window | None = None
    track: list[np.ndarray] = field(default_factory=list)
    published: int = 0

    def tick(self, audio: np.ndarray | None = None, robot_speaks: bool = True) -> Window | None:
        """Let 20 ms pass."""
        self.now += TICK
        self._move()
        if robot_speaks:
            self.agent.observe_joints(self.q, self.now)
        if audio is not None:
            self.agent.push_audio((audio * 32767).astype("<i2").tobytes(), FORMAT, self.now)
        window = self.agent.update(self.now)
        if window is not None:
            self.window = window
            self.published += 1
        return window

    def _move(self) -> None:
        if self.window is not None:
            time = (self.now - self.window.stamp_ns) / NS * KNOT_RATE
            rows = np.arange(len(self.window))
            if time >= 0:
                self.q = np.array([np.interp(time, rows, column) for column in self.window.positions.T])
        self.track.append(self.q)

    def speed(self) -> np.ndarray:
        """(T, N) speeds of the robot so far [rad/s]."""
        return np.abs(np.diff(np.array(self.track), axis=0)) * NS / TICK


@pytest.fixture(scope="module")
def shared_agent() -> Agent:
    return Agent(AgentConfig(pipeline=PipelineConfig(device="cpu"), idle_timeout_s=2.0))


@pytest.fixture
def world(shared_agent: Agent, hours: Iterator[int]) -> World:
    """An hour after the world before it: nothing that was measured then is fresh."""
    shared_agent.enable(True)
    shared_agent.reset()
    return World(shared_agent, shared_agent.description.rest_q.copy(), next(hours) * 3600 * NS)


@pytest.fixture(scope="module")
def hours() -> Iterator[int]:
    return count(1)


def words(speech: np.ndarray, seconds: float, start_s: float = 0.5) -> list[np.ndarray]:
    """The speech in messages of 20 ms."""
    start, size = int(start_s * SAMPLE_RATE), SAMPLE_RATE // 50
    return [speech[start + k * size : start + (k + 1) * size] for k in range(int(seconds * 50))]


def test_speech_moves_the_robot_and_every_window_ends_at_rest(world: World, speech: np.ndarray) -> None:
    for message in words(speech, 6.0):
        window = world.tick(message)
        if window is not None:
            assert np.all(window.velocities[-1] == 0.0)
    assert world.agent.state is State.PERFORMING
    assert world.published > 120  # one a pose frame
    assert world.speed().max() > 0.3
    limits = world.agent.description.limits
    track = np.array(world.track)
    assert np.all(track >= limits.lower)
    assert np.all(track <= limits.upper)
    assert np.all(world.speed() <= limits.velocity * (1 + 1e-6))


def test_windows_agree_on_every_knot_they_share(world: World, speech: np.ndarray) -> None:
    """What was promised for the next 20 ms is never taken back."""
    before: Window | None = None
    for message in words(speech, 4.0):
        window = world.tick(message)
        if window is None:
            continue
        if before is not None:
            row = window.start_index - before.start_index
            assert 0 <= row < len(before)
            np.testing.assert_allclose(before.positions[row : row + 2], window.positions[:2], atol=1e-9)
        before = window


def test_nothing_moves_without_joint_states(world: World, speech: np.ndarray) -> None:
    for message in words(speech, 2.0):
        assert world.tick(message, robot_speaks=False) is None
    assert world.agent.state is State.NO_ROBOT


def test_nothing_moves_without_audio(world: World) -> None:
    for _ in range(100):
        assert world.tick() is None
    assert world.agent.state is State.NO_AUDIO


def test_stale_joint_states_release_the_robot_and_it_is_entered_slowly_when_they_return(
    world: World, speech: np.ndarray
) -> None:
    messages = iter(words(speech, 12.0))
    for _ in range(200):
        world.tick(next(messages))
    for _ in range(100):
        world.tick(next(messages), robot_speaks=False)
    assert world.agent.state is State.NO_ROBOT
    assert world.speed()[-20:].max() == 0.0  # braked to rest by its last window
    waist = world.agent.description.indices(world.agent.description.groups["torso"])[0]
    world.q = world.agent.description.rest_q.copy()
    world.q[waist], world.window = 0.5, None  # somebody turned the robot meanwhile
    entry = len(world.track)
    for _ in range(50):
        world.tick(next(messages))
    assert world.agent.state is State.PERFORMING
    speeds = world.speed()[entry:][:40, waist]
    assert 0.2 < speeds.max() <= 0.5 + 1e-3


def test_audio_that_stops_leads_to_rest_and_silence_and_its_return_resumes(world: World, speech: np.ndarray) -> None:
    for message in words(speech, 4.0):
        world.tick(message)
    for _ in range(200):
        world.tick()
    assert world.agent.state is State.NO_AUDIO
    assert world.speed()[-50:].max() == 0.0
    published = world.published
    for _ in range(50):
        world.tick()
    assert world.published == published
    for message in words(speech, 4.0):
        world.tick(message)
    assert world.agent.state is State.PERFORMING
    assert world.speed()[-100:].max() > 0.1


def test_disabling_brakes_to_rest_and_enabling_resumes(world: World, speech: np.ndarray) -> None:
    messages = iter(words(speech, 12.0))
    for _ in range(150):
        world.tick(next(messages))
    world.agent.enable(False)
    assert world.tick(next(messages)) is not None, "the window that stops it"
    for _ in range(50):
        assert world.tick(next(messages)) is None
    assert world.agent.state is State.HELD
    assert world.speed()[-10:].max() == 0.0
    world.agent.enable(True)
    for _ in range(150):
        world.tick(next(messages))
    assert world.agent.state is State.PERFORMING
    assert world.speed()[-100:].max() > 0.1


def test_a_window_reaches_from_just_before_now_over_the_lead_to_rest(world: World, speech: np.ndarray) -> None:
    windows = [window for message in words(speech, 3.0) if (window := world.tick(message)) is not None]
    window = windows[-1]
    begins_s = (window.stamp_ns - world.now) / NS  # the newest window may be one message old
    assert -0.08 < begins_s <= 0.0  # in the past, so that the controller needs no bridge, but not far
    brake_s = 0.1  # at least
    assert begins_s + len(window) / KNOT_RATE > 0.1 + brake_s
    own_s = world.agent.latency_s - world.agent.pipeline.latency_s
    assert own_s == pytest.approx(0.1 + LATENCY_S)  # the lead, and the interpolation


def test_nan_joint_states_are_ignored(world: World, speech: np.ndarray) -> None:
    world.agent.observe_joints(np.full(len(world.q), np.nan), world.now)
    assert world.tick(words(speech, 0.1)[0], robot_speaks=False) is None
    assert world.agent.state is State.NO_ROBOT


def test_compressed_audio_is_refused_with_the_remedy(world: World) -> None:
    with pytest.raises(InputError, match="format:=wave"):
        world.agent.push_audio(b"ID3\x04" + bytes(500), FORMAT, world.now)


def test_garbage_audio_never_leaves_the_limits(world: World, rng: np.random.Generator) -> None:
    kinds = (np.zeros(320), rng.uniform(-1, 1, 320), np.full(320, 1.0), np.sign(rng.normal(size=320)))
    for k in range(300):
        world.tick(kinds[(k // 25) % 4])
    limits = world.agent.description.limits
    track = np.array(world.track)
    assert np.all((track >= limits.lower) & (track <= limits.upper))


def test_the_report_is_plain_numbers_and_strings(world: World, speech: np.ndarray) -> None:
    for message in words(speech, 1.0):
        world.tick(message)
    report = json.loads(json.dumps(world.agent.report()))
    assert report["state"] == "performing"
    assert report["audio"]["refused_s"] == 0.0
    assert {"features", "network", "retargeting", "control"} <= set(report["compute_ms"])


def test_the_robot_is_not_entered_again_before_it_has_come_to_rest(world: World, speech: np.ndarray) -> None:
    """Off and on in the middle of a stroke: the command must not jump back to rest in one knot."""
    messages = iter(words(speech, 8.0))
    for _ in range(150):
        world.tick(next(messages))
    world.agent.enable(False)
    world.agent.enable(True)
    for _ in range(100):
        world.tick(next(messages))
    change = np.abs(np.diff(world.speed(), axis=0)) * NS / TICK
    assert world.agent.state is State.PERFORMING
    assert np.all(change <= 1.5 * world.agent.description.limits.acceleration)  # a chord's, so not exact


def test_longer_messages_in_mid_stream_give_the_robot_more_lead_after_a_stop(world: World, speech: np.ndarray) -> None:
    messages = words(speech, 9.0)
    for message in messages[:150]:
        world.tick(message)
    before = world.agent.latency_s
    for k in range(150, 390, 10):
        for _ in range(9):
            world.tick()
        world.tick(np.concatenate(messages[k : k + 10]))
    assert world.agent.latency_s == pytest.approx(before + 0.15, abs=0.02)
    assert world.agent.report()["released"]["longer audio messages need more lead"] == 1
    change = np.abs(np.diff(world.speed(), axis=0)) * NS / TICK
    assert np.all(change <= 1.5 * world.agent.description.limits.acceleration)
