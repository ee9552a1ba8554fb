"""Wishes for gestures on a live agent: on the word, whatever the order of wish and audio; told what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.request_queue import PATIENCE_S, RequestStatus
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.networks.speech_to_motion.model_stage import CAPABILITIES, SpeechToMotionStage
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

FORMAT = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
TICK = NS // 50
SILENCE = np.zeros(SAMPLE_RATE // 50)


class World:
    """An agent, a robot that follows its windows perfectly, and the time."""

    def __init__(self, agent: Agent, hour: int) -> None:
        self.agent, self.now = agent, hour * 3600 * NS
        self.q = agent.description.rest_q.copy()
        self.window = None
        self.times: list[float] = []
        self.track: list[np.ndarray] = []
        self.notices: list[RequestStatus] = []

    def run(self, seconds: float, audio: np.ndarray | None = SILENCE) -> None:
        for _ in range(round(seconds * 50)):
            self.now += TICK
            if self.window is not None and (time := (self.now - self.window.stamp_ns) / NS * KNOT_RATE) >= 0:
                rows = np.arange(len(self.window))
                self.q = np.array([np.interp(time, rows, column) for column in self.window.positions.T])
            self.times.append(self.now / NS)
            self.track.append(self.q)
            self.agent.observe_joints(self.q, self.now)
            if audio is not None:
                self.agent.push_audio((audio * 32767).astype("<i2").tobytes(), FORMAT, self.now)
            window = self.agent.update(self.now)
            self.window = self.window if window is None else window
            self.notices += self.agent.requests.notices()

    def course(self, joint: str) -> tuple[np.ndarray, np.ndarray]:
        """ROS times [s] and positions [rad] of a joint."""
        return np.array(self.times), np.array(self.track)[:, self.agent.description.joint_names.index(joint)]

    def statuses(self) -> list[str]:
        return [notice.status for notice in self.notices]


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent(AgentConfig(pipeline=PipelineConfig(device="cpu"), idle_timeout_s=1.0))


@pytest.fixture(scope="module")
def hours() -> Iterator[int]:
    return count(1)


@pytest.fixture
def world(agent: Agent, hours: Iterator[int]) -> World:
    agent.enable(True)
    agent.reset()
    agent.requests.notices()
    agent.set_controls(GestureControls())
    return World(agent, next(hours))


def nod_time(world: World, since: float) -> float:
    """ROS time of the largest pitch of the head [s]."""
    times, pitch = world.course("neck_pitch")
    late = times > since
    depth = np.abs(pitch - np.median(pitch))
    assert depth[late].max() > 0.1, "no nod"
    return float(times[late][depth[late].argmax()])


@pytest.mark.parametrize("offset_s", [0.0, 0.013, 0.031])
def test_a_nod_is_on_its_word_when_the_delayed_voice_says_it(world: World, offset_s: float) -> None:
    world.run(1.5)
    word = world.now / NS + 0.5 + offset_s
    world.agent.request(f'{{"gesture": "nod", "at": {word:.3f}, "id": "yes"}}', world.now)
    world.run(2.5)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)
    assert world.statuses() == ["accepted", "started", "done"]
    assert {notice.id for notice in world.notices} == {"yes"}
    assert world.notices[0].at == pytest.approx(word, abs=1e-3)
    assert world.notices[0].performed_at == pytest.approx(word + world.agent.latency_s, abs=0.01)


def test_a_wish_that_comes_with_the_audio_of_its_word_is_in_time(world: World) -> None:
    """A dialogue system that sends both at once: the latency of the voice is enough for a nod."""
    world.run(1.5)
    word = world.now / NS
    world.agent.request('{"gesture": "nod", "delay": 0}', world.now)
    world.run(2.0)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)


def test_wishes_made_before_the_audio_wait_for_it(world: World) -> None:
    word = world.now / NS + 1.5
    world.agent.request(f'[{{"gesture": "nod", "at": {word:.3f}}}, {{"gesture": "offer", "delay": 1.5}}]', world.now)
    world.run(0.1, audio=None)
    assert world.statuses() == ["waiting", "waiting"]
    world.run(4.5)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)
    assert world.statuses()[2:4] == ["accepted", "accepted"]
    assert world.statuses().count("done") == 2


def test_without_audio_a_wish_is_given_up(world: World) -> None:
    world.agent.request("nod", world.now)
    world.run(PATIENCE_S + 0.5, audio=None)
    assert world.statuses() == ["waiting", "rejected"]
    assert "no audio" in world.notices[-1].reason


def test_what_is_unknown_or_past_or_far_away_is_rejected_and_nothing_moves(world: World) -> None:
    world.run(4.0)  # it has taken its place
    before = len(world.track)
    past, far = world.now / NS - 3.0, world.now / NS + 4000.0
    world.agent.request(f'["dance", {{"gesture": "nod", "at": {past}}}, {{"gesture": "nod", "at": {far}}}]', world.now)
    world.run(2.0)
    assert world.statuses() == ["rejected"] * 3
    reasons = " | ".join(notice.reason for notice in world.notices)
    for said in ("must be one of", "lateness of nod", "ROS clock"):
        assert said in reasons
    assert np.ptp(np.array(world.track)[before:], axis=0).max() < 0.12, "idle drifts, no more"


def test_a_wish_for_after_the_end_of_a_stream_waits_for_the_next(world: World) -> None:
    world.run(1.0)
    word = world.now / NS + 5.0
    world.agent.request(f'{{"gesture": "nod", "at": {word:.3f}}}', world.now)
    world.run(0.2)
    world.run(3.0, audio=None)
    assert not world.agent.audio.is_running
    world.run(4.5)
    assert world.statuses() == ["accepted", "accepted", "started", "done"]
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)


def test_a_gesture_that_the_end_of_the_audio_cuts_short_is_said_to_be(world: World) -> None:
    world.run(1.5)
    world.agent.request('{"gesture": "stop", "delay": 0.4, "duration": 8}', world.now)
    world.run(0.8)
    world.run(3.0, audio=None)
    assert world.statuses() == ["accepted", "started", "done"]
    assert "cut short" in world.notices[-1].reason


def test_a_reset_rejects_what_is_planned(world: World) -> None:
    world.run(1.0)
    world.agent.request('{"gesture": "nod", "delay": 3}', world.now)
    world.run(0.1)
    world.agent.reset()
    world.run(0.1, audio=None)
    assert world.statuses() == ["accepted", "rejected"]


def test_a_robot_that_may_not_move_is_told_of(world: World) -> None:
    world.agent.enable(False)
    world.run(0.5)
    world.agent.request("nod", world.now)
    world.run(2.0)
    assert "stands still: disabled" in world.notices[-1].reason


def test_the_report_counts_wishes(world: World) -> None:
    before = world.agent.report()["gesture_requests"]["rejected"]
    world.agent.request("dance", world.now)
    assert world.agent.report()["gesture_requests"]["rejected"] == before + 1


def test_the_hands_rest_without_activity_and_reach_half_as_far_with_half_the_amplitude(
        world: World, speech: np.ndarray) -> None:
    """The same speech three times; the same seed makes the same gestures."""
    excursions = []
    for controls in (GestureControls(), GestureControls(amplitude=0.5), GestureControls(activity=0.0)):
        world.agent.reset()
        world.agent.set_controls(controls)
        poses = []
        for start in range(SAMPLE_RATE // 2, 7 * SAMPLE_RATE, SAMPLE_RATE // 50):
            world.run(0.02, speech[start : start + SAMPLE_RATE // 50])
            if world.agent.pose is not None:
                poses.append(world.agent.pose)
        skeleton = world.agent.pipeline.skeleton
        bones = skeleton.bones_from_xyz(np.array(poses))
        joints = [skeleton.index[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist")]
        arm = bones[:, joints] / skeleton.bone_lengths[joints][:, None]
        turned = np.arccos(np.clip(np.einsum("tkc,kc->tk", arm, arm[0]), -1, 1))
        excursions.append(np.percentile(turned, 90, axis=0).mean())
    lively, half, none = excursions
    assert lively > 0.25
    assert half == pytest.approx(0.5 * lively, rel=0.2)
    assert none < 0.1 * lively + 0.02


def test_an_utterance_with_very_many_wishes_is_planned_over_several_hops(world: World) -> None:
    world.run(1.0)
    wishes = [f'{{"gesture": "nod", "delay": {1.0 + 0.7 * k}}}' for k in range(25)]
    world.agent.request(f"[{', '.join(wishes)}]", world.now)
    world.run(0.02)
    assert 0 < world.statuses().count("accepted") < 25
    world.run(0.3)
    assert world.statuses().count("accepted") == 25


def test_a_model_that_knows_no_activity_gestures_smaller_instead(speech: np.ndarray,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpeechToMotionStage, "capabilities", replace(CAPABILITIES, controls=frozenset()))
    monkeypatch.setattr(SpeechToMotionStage, "set_controls", lambda stage, controls: None)
    pipeline = GesturePipeline(PipelineConfig(device="cpu"))
    motions = []
    for controls in (GestureControls(), GestureControls(activity=0.5), GestureControls(amplitude=0.5)):
        pipeline.set_controls(controls)
        pipeline.reset()
        motions.append(pipeline.push(AudioChunk(0, speech[: 4 * SAMPLE_RATE])).poses.values)
    full, calm, small = motions
    np.testing.assert_array_equal(calm, small)
    assert np.abs(full - small).max() > 0.03
