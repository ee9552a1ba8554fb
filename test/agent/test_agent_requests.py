"""Gesture requests on a live agent: on the word, whatever the order of request and audio; their statuses."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.request_queue import AUDIO_TIMEOUT_S
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig


@pytest.fixture
def world(make_world):
    world = make_world(idle_timeout_s=1.0)
    world.agent.set_controls(GestureControls())
    return world


def statuses(world) -> list[str]:
    return [status.status for status in world.statuses]


def nod_time(world, since: float) -> float:
    """ROS time of the largest pitch of the head [s]."""
    times, pitch = world.course("neck_pitch")
    late = times > since
    depth = np.abs(pitch - np.median(pitch))
    assert depth[late].max() > 0.1, "no nod"
    return float(times[late][depth[late].argmax()])


@pytest.mark.slow
@pytest.mark.parametrize("offset_s", [0.0, 0.013, 0.031])
def test_a_nod_is_on_its_word_when_the_delayed_voice_says_it(world, offset_s: float) -> None:
    world.run(1.5)
    word = world.now / NS + 0.5 + offset_s
    world.agent.request(f'{{"gesture": "nod", "at": {word:.3f}, "id": "yes"}}', world.now)
    world.run(2.5)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)
    assert statuses(world) == ["accepted", "started", "done"]
    assert {status.id for status in world.statuses} == {"yes"}
    assert world.statuses[0].at == pytest.approx(word, abs=1e-3)
    assert world.statuses[0].performed_at == pytest.approx(word + world.agent.latency_s, abs=0.01)


@pytest.mark.slow
def test_a_nod_needs_its_request_a_fifth_of_a_second_before_the_audio_of_its_word(world) -> None:
    world.run(1.5)
    word = world.now / NS + 0.2
    world.agent.request('{"gesture": "nod", "delay": 0.2}', world.now)
    world.run(2.0)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)


@pytest.mark.slow
def test_a_request_that_comes_with_the_audio_of_its_word_is_late_by_as_much_as_its_status_states(world) -> None:
    world.run(1.5)
    word = world.now / NS
    world.agent.request('{"gesture": "nod", "delay": 0}', world.now)
    world.run(2.0)
    stated = world.statuses[0].performed_at
    assert 0.1 < stated - (word + world.agent.latency_s) < 0.2
    assert nod_time(world, word) == pytest.approx(stated, abs=0.05)


@pytest.mark.slow
def test_requests_made_before_the_audio_wait_for_it(world) -> None:
    word = world.now / NS + 1.5
    world.agent.request(f'[{{"gesture": "nod", "at": {word:.3f}}}, {{"gesture": "offer", "delay": 1.5}}]', world.now)
    world.run(0.1, audio=None)
    assert statuses(world) == ["waiting", "waiting"]
    world.run(4.5)
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)
    assert statuses(world)[2:4] == ["accepted", "accepted"]
    assert statuses(world).count("done") == 2


def test_without_audio_a_request_is_rejected(world) -> None:
    world.agent.request("nod", world.now)
    world.run(AUDIO_TIMEOUT_S + 0.5, audio=None)
    assert statuses(world) == ["waiting", "rejected"]
    assert "no audio" in world.statuses[-1].reason


@pytest.mark.slow
def test_what_is_unknown_or_past_or_far_away_is_rejected_and_nothing_moves(world) -> None:
    world.run(4.0)  # the entry is over
    before = len(world.robot.commanded)
    past, far = world.now / NS - 3.0, world.now / NS + 4000.0
    world.agent.request(f'["dance", {{"gesture": "nod", "at": {past}}}, {{"gesture": "nod", "at": {far}}}]', world.now)
    world.run(2.0)
    assert statuses(world) == ["rejected"] * 3
    reasons = " | ".join(status.reason for status in world.statuses)
    for text in ("must be one of", "lateness of nod", "ROS clock"):
        assert text in reasons
    assert np.ptp(np.array(world.robot.commanded)[before:], axis=0).max() < 0.12, "idle drifts, no more"


@pytest.mark.slow
def test_a_request_for_after_the_end_of_a_stream_waits_for_the_next(world) -> None:
    world.run(1.0)
    word = world.now / NS + 5.0
    world.agent.request(f'{{"gesture": "nod", "at": {word:.3f}}}', world.now)
    world.run(0.2)
    world.run(3.0, audio=None)
    assert not world.agent.audio.is_running
    world.run(4.5)
    assert statuses(world) == ["accepted", "accepted", "started", "done"]
    assert nod_time(world, word) == pytest.approx(word + world.agent.latency_s, abs=0.05)


@pytest.mark.slow
def test_a_gesture_that_the_end_of_the_audio_cuts_short_is_reported(world) -> None:
    world.run(1.5)
    world.agent.request('{"gesture": "stop", "delay": 0.4, "duration": 8}', world.now)
    world.run(0.8)
    world.run(3.0, audio=None)
    assert statuses(world) == ["accepted", "started", "done"]
    assert "cut short" in world.statuses[-1].reason


@pytest.mark.slow
def test_a_reset_rejects_what_is_planned(world) -> None:
    world.run(1.0)
    world.agent.request('{"gesture": "nod", "delay": 3}', world.now)
    world.run(0.1)
    world.agent.reset()
    world.run(0.1, audio=None)
    assert statuses(world) == ["accepted", "rejected"]


def test_the_status_reports_a_robot_that_must_not_move(world) -> None:
    world.agent.inhibitors.set("test", "stopped")
    world.run(0.5)
    world.agent.request("nod", world.now)
    world.run(2.0)
    assert "does not move: stopped" in world.statuses[-1].reason


def test_the_report_counts_requests(world) -> None:
    world.agent.request("dance", world.now)
    world.agent.request("nod", world.now)
    assert world.agent.report()["gesture_requests"] == {"rejected": 1, "waiting": 1}


@pytest.mark.slow
def test_the_hands_rest_without_activity_and_reach_half_as_far_with_half_the_amplitude(
        make_world, demo_robot, speech: np.ndarray) -> None:
    """The same speech three times; new models of one seed make the same gestures."""
    excursions = []
    for controls in (GestureControls(), GestureControls(amplitude=0.5), GestureControls(activity=0.0)):
        world = make_world(agent=Agent(AgentConfig(), pipeline=GesturePipeline(PipelineConfig(), demo_robot)))
        world.agent.set_controls(controls)
        world.say(speech[SAMPLE_RATE // 2 : 7 * SAMPLE_RATE])
        skeleton = world.agent.pipeline.skeleton
        bones = skeleton.bones_from_xyz(np.array([pose.joint_xyz for pose in world.poses]))
        joints = [skeleton.index[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist")]
        arm = bones[:, joints] / skeleton.bone_lengths[joints][:, None]
        turned = np.arccos(np.clip(np.einsum("tkc,kc->tk", arm, arm[0]), -1, 1))
        excursions.append(np.percentile(turned, 90, axis=0).mean())
    lively, half, none = excursions
    assert lively > 0.25
    assert half == pytest.approx(0.5 * lively, rel=0.2)
    assert none < 0.1 * lively + 0.02


def test_an_utterance_with_very_many_requests_is_planned_over_several_hops(world) -> None:
    world.run(1.0)
    requests = [f'{{"gesture": "nod", "delay": {1.0 + 0.7 * k}}}' for k in range(25)]
    world.agent.request(f"[{', '.join(requests)}]", world.now)
    world.run(0.02)
    assert 0 < statuses(world).count("accepted") < 25
    world.run(0.3)
    assert statuses(world).count("accepted") == 25
