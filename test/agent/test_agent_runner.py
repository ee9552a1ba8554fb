"""The agent at work: what reaches it, what leaves it, what is held back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("std_msgs", reason="needs ROS 2: pip install '.[ros]'")

from speech_gesture_ros.agent.agent_runner import MAX_COMPUTE_S, AgentRunner, OutputFunctions
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

FORMAT = PcmFormat()


class FakeAgent:
    """Answers with what the test prepared and remembers what it was told."""

    latency_s = 0.5
    engagement = SimpleNamespace(is_engaged=True)

    def __init__(self) -> None:
        self.pose = None
        self.window: Window | None = None
        self.during_update = lambda: None
        self.calls: list[tuple] = []
        self.told: list[RequestStatus] = []
        self.requests = SimpleNamespace(notices=lambda: [self.told.pop() for _ in list(self.told)])

    def push_audio(self, data, fmt, now_ns):
        if data == b"ID3":
            raise InputError("audio data", "mp3", "plain PCM samples", "Start it with format:=wave.")
        self.calls.append(("audio", data, fmt, now_ns))

    def observe_joints(self, q, now_ns):
        self.calls.append(("joints", q.tolist(), now_ns))

    def update(self, now_ns):
        self.during_update()
        window, self.window = self.window, None
        return window

    def enable(self, is_enabled):
        self.calls.append(("enable", is_enabled))

    def request(self, text, now_ns):
        self.calls.append(("request", text, now_ns))
        self.told.append(RequestStatus("1", text, "accepted"))

    def hold(self, holds, stop=None):
        if holds:
            self.calls.append(("hold", holds))

    def withdraw(self, detail):
        self.calls.append(("withdraw",))

    def reset(self):
        self.calls.append(("reset",))

    def begin_anew(self, kind, detail):
        self.calls.append(("anew", kind))


@pytest.fixture
def stage():
    stage = SimpleNamespace(now_ns=100 * NS, agent=FakeAgent(), windows=[], poses=[], voices=[],
                            notices=[])
    outputs = OutputFunctions(stage.windows.append, lambda pose, now_ns: stage.poses.append((pose, now_ns)),
                      stage.voices.append, stage.notices.append)
    stage.runner = AgentRunner(stage.agent, outputs, lambda: stage.now_ns)
    return stage


def _window(stamp_ns: int, length: int = 20) -> Window:
    return Window(0, stamp_ns, np.zeros((length, 1)), np.zeros((length, 1)))


def test_audio_reaches_the_agent_with_its_arrival_and_leaves_after_its_latency(stage):
    stage.runner.push_audio("message", lambda: (b"\x00\x00", FORMAT), 99 * NS)
    assert stage.agent.calls == [("audio", b"\x00\x00", FORMAT, 99 * NS)]
    stage.now_ns = 99 * NS + NS // 2 - 1
    stage.runner.update()
    assert stage.voices == []
    stage.now_ns += 1
    stage.runner.update()
    assert stage.voices == ["message"]


def test_audio_that_is_not_understood_is_counted_and_named_once(stage, caplog):
    for _ in range(3):
        stage.runner.push_audio("mp3", lambda: (b"ID3", FORMAT), stage.now_ns)
    assert stage.runner.refused_messages == 3
    assert caplog.text.count("format:=wave") == 1
    stage.now_ns += NS
    stage.runner.update()
    assert stage.voices == [], "what was refused is not played either"


def test_the_latest_joint_reading_is_told_once(stage):
    stage.runner.observe_joints((np.array([1.0]), 1))
    stage.runner.observe_joints((np.array([2.0]), 2))
    stage.runner.update()
    stage.runner.update()
    assert stage.agent.calls == [("joints", [2.0], 2)]


def test_a_wish_reaches_the_agent_with_its_arrival_and_what_becomes_of_it_is_told_once(stage):
    stage.runner.request("nod", stage.now_ns)
    assert stage.agent.calls == [("request", "nod", stage.now_ns)]
    stage.agent.told.append(RequestStatus("1", "nod", "started"))
    stage.runner.update()
    stage.runner.update()
    assert [notice.status for notice in stage.notices] == ["accepted", "started"]


def test_windows_go_out(stage):
    stage.agent.window = window = _window(stage.now_ns)
    stage.runner.update()
    assert stage.windows == [window]


def test_a_window_that_took_too_long_is_not_sent_and_the_robot_is_entered_anew(stage):
    stage.agent.window = _window(stage.now_ns)

    def stall():
        stage.now_ns += int((MAX_COMPUTE_S + 0.01) * NS)

    stage.agent.during_update = stall
    stage.runner.update()
    assert stage.windows == []
    assert stage.runner.stalls == 1
    assert stage.agent.calls == [("withdraw",)]


def test_a_window_that_is_about_to_end_is_not_sent(stage):
    stage.agent.window = _window(stage.now_ns - NS // 5, length=11)  # 200 ms long: ends now
    stage.runner.update()
    assert stage.windows == []


def test_each_pose_is_shown_once(stage):
    stage.agent.pose = pose = np.zeros((3, 3))
    stage.runner.update()
    stage.runner.update()
    assert len(stage.poses) == 1
    assert stage.poses[0][0] is pose


@pytest.mark.parametrize("step_s", [-1, 60])
def test_a_jump_of_the_clock_begins_anew(stage, step_s):
    stage.runner.push_audio("old", lambda: (b"\x00\x00", FORMAT), stage.now_ns)
    stage.runner.update()
    stage.now_ns += step_s * NS
    stage.runner.update()
    assert ("anew", "the clock jumped") in stage.agent.calls
    assert stage.voices == []
