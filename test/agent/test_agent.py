"""The agent with an ideal robot in counted time, the shipped speech, and everything that can be missing."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.interpolation import KnotTargetStage
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS


@pytest.fixture
def words(speech: np.ndarray) -> np.ndarray:
    """The speech without the silence before it."""
    return speech[SAMPLE_RATE // 2 :]


def seconds(samples: np.ndarray, start_s: float, stop_s: float) -> np.ndarray:
    return samples[round(start_s * SAMPLE_RATE) : round(stop_s * SAMPLE_RATE)]


@pytest.mark.slow
def test_speech_moves_the_robot_and_every_window_ends_at_rest(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 6))
    assert all(np.all(window.velocities[-1] == 0.0) for _, window in world.windows)
    assert world.agent.state is MotionState.ENGAGED
    assert len(world.windows) > 120  # one a pose frame
    assert world.max_speed() > 0.3
    world.assert_within_limits()


@pytest.mark.slow
def test_windows_agree_on_every_knot_they_share(world, words: np.ndarray) -> None:
    """Frozen knots, the next 20 ms, never change."""
    world.say(seconds(words, 0, 4))
    windows = [window for _, window in world.windows]
    for before, window in pairwise(windows):
        row = window.start_index - before.start_index
        assert 0 <= row < len(before)
        np.testing.assert_allclose(before.positions[row : row + 2], window.positions[:2], atol=1e-9)


def test_nothing_moves_without_joint_states(world, words: np.ndarray) -> None:
    world.has_joint_states = False
    world.say(seconds(words, 0, 2))
    assert not world.windows
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES


def test_nothing_moves_without_audio(world) -> None:
    world.run(2.0, audio=None)
    assert not world.windows
    assert world.agent.state is MotionState.WAITING_FOR_AUDIO


@pytest.mark.slow
def test_stale_joint_states_release_the_robot_and_it_is_engaged_slowly_when_they_return(
    world, words: np.ndarray
) -> None:
    world.say(seconds(words, 0, 4))
    world.has_joint_states = False
    world.say(seconds(words, 4, 6))
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES
    assert world.max_speed(-40) == 0.0  # braked to rest by its last window
    waist = world.agent.description.indices(world.agent.description.groups["torso"])[0]
    world.has_joint_states, q = True, world.agent.description.rest_q.copy()
    q[waist] = 0.5
    world.robot.place(q)  # it was turned meanwhile
    entry = world.say(seconds(words, 6, 7))
    assert world.agent.state is MotionState.ENGAGED
    speeds = np.abs(world.robot.speeds[entry:])[:80, waist]
    assert 0.2 < speeds.max() <= 0.5 + 1e-3


@pytest.mark.slow
def test_audio_that_stops_leads_to_rest_and_its_return_resumes(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 4))
    world.run(4.0, audio=None)
    assert world.agent.state is MotionState.WAITING_FOR_AUDIO
    assert world.max_speed(-100) == 0.0
    published = len(world.windows)
    world.run(1.0, audio=None)
    assert len(world.windows) == published
    world.say(seconds(words, 0, 4))
    assert world.agent.state is MotionState.ENGAGED
    assert world.max_speed(-200) > 0.1


@pytest.mark.slow
def test_an_inhibitor_brakes_to_rest_and_clearing_it_resumes(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 3))
    published = len(world.windows)
    world.agent.inhibitors.set("test", "stopped by the test")
    world.say(seconds(words, 3, 4))
    assert len(world.windows) == published + 1, "the window that stops it"
    assert world.agent.state is MotionState.INHIBITED
    assert world.agent.report()["inhibitors"] == "stopped by the test"
    assert world.max_speed(-20) < 1e-12
    world.agent.inhibitors.set("test")
    world.say(seconds(words, 4, 7))
    assert world.agent.state is MotionState.ENGAGED
    assert world.max_speed(-200) > 0.1


def test_a_window_reaches_from_just_before_now_over_the_lead_to_rest(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 3))
    window = world.windows[-1][1]
    begins_s = (window.stamp_ns - world.now) / NS  # the newest window may be one message old
    assert -0.08 < begins_s <= 0.0  # in the past, so that the controller needs no bridge, but not far
    brake_s = 0.1  # at least
    assert begins_s + len(window) / KNOT_RATE > 0.1 + brake_s
    own_s = world.agent.latency_s - world.agent.pipeline.latency_s
    assert own_s == pytest.approx(0.1 + KnotTargetStage().latency_s)  # the lead, and the interpolation


def test_nan_joint_states_are_ignored(world, words: np.ndarray) -> None:
    world.has_joint_states = False
    world.agent.observe_joints(np.full(len(world.robot.q), np.nan), world.now)
    world.say(seconds(words, 0, 0.1))
    assert not world.windows
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES


def test_compressed_audio_is_refused_with_the_remedy(world) -> None:
    with pytest.raises(InputError, match="format:=wave"):
        world.agent.push_audio(b"ID3\x04" + bytes(500), PcmFormat(), world.now)


@pytest.mark.slow
def test_garbage_audio_never_leaves_the_limits(world, rng: np.random.Generator) -> None:
    kinds = (np.zeros(320), rng.uniform(-1, 1, 320), np.full(320, 1.0), np.sign(rng.normal(size=320)))
    for k in range(300):
        world.step(kinds[(k // 25) % 4])
    world.assert_within_limits()


def test_the_report_is_plain_numbers_and_strings(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 1))
    report = json.loads(json.dumps(world.agent.report()))
    assert report["state"] == "engaged"
    assert report["audio"]["refused_s"] == 0.0
    assert {"features", "network", "retargeting", "control"} <= set(report["compute_ms"])


@pytest.mark.slow
def test_the_robot_is_not_engaged_again_before_it_has_come_to_rest(world, words: np.ndarray) -> None:
    """Reset in the middle of a stroke: the command must not jump back to rest in one knot."""
    world.say(seconds(words, 0, 3))
    world.agent.reset()
    world.say(seconds(words, 3, 5))
    assert world.agent.state is MotionState.ENGAGED
    world.assert_within_limits()


@pytest.mark.slow
def test_longer_messages_in_mid_stream_give_the_robot_more_lead_after_a_stop(world, words: np.ndarray) -> None:
    world.say(seconds(words, 0, 3))
    before = world.agent.latency_s
    for start in np.arange(3, 7.8, 0.2):
        world.run(0.18, audio=None)
        world.step(seconds(words, start, start + 0.2))
    assert world.agent.latency_s == pytest.approx(before + 0.15, abs=0.02)
    assert world.agent.report()["released"]["more lead is needed"] == 1
    world.assert_within_limits()


def test_a_longer_message_before_the_first_window_releases_the_robot_once(world) -> None:
    for _ in range(20):
        if world.agent.state is not MotionState.ENGAGED:
            world.run(0.02)
    assert world.agent.state is MotionState.ENGAGED
    assert not world.windows
    world.step(np.zeros(SAMPLE_RATE // 5))
    world.run(0.4)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["released"] == {"more lead is needed": 1}


def test_messages_that_come_too_late_to_the_worker_do_not_end_their_stream(make_world) -> None:
    """The stream ends when no audio has come for a while, not when the machine is behind."""
    world = make_world(idle_timeout_s=1.0)
    world.run(1.0)
    message = np.zeros(320, dtype="<i2").tobytes()
    for _ in range(100):
        world.step(None, works=False)
        world.runner.push_audio(message, lambda: (message, PcmFormat(16_000, 1, "s16le")), world.now - 3 * NS // 2)
        world.runner.update()
    assert world.agent.report()["released"] == {}
    assert world.agent.state is MotionState.ENGAGED


def test_no_warning_is_logged_at_the_end_of_an_utterance(make_world, caplog) -> None:
    world = make_world(idle_timeout_s=2.0)
    caplog.set_level("INFO")
    world.speak(2.0)
    world.run(3.0, None)
    assert not world.agent.audio.is_running
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []
    assert world.agent.report()["audio"]["gaps"] == 1
