"""Messages that reach the agent, results that leave it, and what is held back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from speech_gesture_ros.agent.agent_output import AgentOutput, TimedPose, WindowDelivery
from speech_gesture_ros.agent.agent_runner import MAX_AUDIO_AGE_S, AgentRunner, OutputFunctions
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.motion_state import MotionEvent
from speech_gesture_ros.agent.request_queue import RequestStatus
from speech_gesture_ros.agent.window_sender import MAX_COMPUTE_S
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

FORMAT = PcmFormat()


class FakeEngagement:
    """Records withdrawn windows."""

    is_engaged = True

    def __init__(self, calls: list[tuple]) -> None:
        self.calls = calls
        self.robot = SimpleNamespace(is_compared=True)

    def make_stop(self, window, now_ns):
        return window

    def confirm_stop(self, stop, *, is_followed=True):
        self.calls.append(("stop", stop, is_followed))

    def withdraw(self, detail, *, is_partly_sent):
        self.calls.append(("withdraw", is_partly_sent))


class FakeAgent:
    """Returns the prepared output and records its calls."""

    latency_s, voice_latency_s, lead_s = 0.4, 0.5, 0.1

    def __init__(self) -> None:
        self.output = AgentOutput()
        self.during_update = lambda: None
        self.calls: list[tuple] = []
        self.statuses: list[RequestStatus] = []
        self.requests = SimpleNamespace(take_statuses=lambda: [self.statuses.pop(0) for _ in list(self.statuses)])
        self.engagement = FakeEngagement(self.calls)
        self.inhibitors = MotionInhibitors()
        self.alive_ns: list[int] = []
        self.audio = SimpleNamespace(keep_alive=self.alive_ns.append, message_begin_ns=10**6 * NS)

    def reset(self):
        self.calls.append(("reset",))

    def push_audio(self, data, fmt, now_ns):
        if data == b"ID3":
            raise InputError("audio data", "mp3", "plain PCM samples", "Start it with format:=wave.")
        self.calls.append(("audio", data, fmt, now_ns))

    def observe_joints(self, q, now_ns):
        self.calls.append(("joints", q.tolist(), now_ns))

    def update(self, now_ns):
        self.during_update()
        output, self.output = self.output, AgentOutput()
        return output

    def request(self, text, now_ns):
        if text == "nested":
            raise RecursionError("maximum recursion depth exceeded")
        self.calls.append(("request", text, now_ns))
        self.statuses.append(RequestStatus("1", text, "accepted"))

    def restart(self, event, detail, now_ns):
        self.calls.append(("restart", event))


@pytest.fixture
def stage():
    stage = SimpleNamespace(now_ns=100 * NS, agent=FakeAgent(), windows=[], poses=[], voices=[], statuses=[],
                            delivery=WindowDelivery.FOLLOWED)

    def send(window, latest_ns):
        if stage.delivery is not WindowDelivery.LATE:
            stage.windows.append(window)
        return stage.delivery

    outputs = OutputFunctions(send, stage.poses.append, stage.voices.append, stage.statuses.append)
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


def test_audio_that_cannot_be_read_is_counted_and_logged_once(stage, caplog):
    for _ in range(3):
        stage.runner.push_audio("mp3", lambda: (b"ID3", FORMAT), stage.now_ns)
    assert stage.runner.refused_messages == 3
    assert caplog.text.count("format:=wave") == 1
    stage.now_ns += NS
    stage.runner.update()
    assert stage.voices == [], "refused audio is not played either"


def test_the_latest_joint_reading_is_passed_on_once(stage):
    stage.runner.observe_joints((np.array([1.0]), 1))
    stage.runner.observe_joints((np.array([2.0]), 2))
    stage.runner.update()
    stage.runner.update()
    assert stage.agent.calls == [("joints", [2.0], 2)]


def test_a_request_reaches_the_agent_with_its_arrival_and_each_status_is_passed_on_once(stage):
    stage.runner.request("nod", stage.now_ns)
    assert stage.agent.calls == [("request", "nod", stage.now_ns)]
    stage.agent.statuses.append(RequestStatus("1", "nod", "started"))
    stage.runner.update()
    stage.runner.update()
    assert [status.status for status in stage.statuses] == ["accepted", "started"]


def test_windows_are_sent(stage):
    window = _window(stage.now_ns)
    stage.agent.output = AgentOutput(window)
    stage.runner.update()
    assert stage.windows == [window]


def test_a_window_that_took_too_long_is_withdrawn(stage):
    stage.agent.output = AgentOutput(_window(stage.now_ns))

    def stall():
        stage.now_ns += int((MAX_COMPUTE_S + 0.01) * NS)

    stage.agent.during_update = stall
    stage.runner.update()
    assert stage.windows == []
    assert stage.runner.stalls == 1
    assert stage.agent.calls == [("withdraw", False)]


@pytest.mark.parametrize("delivery", [WindowDelivery.LATE, WindowDelivery.PARTLY_LATE])
def test_a_window_that_was_late_when_it_was_to_be_published_is_withdrawn(stage, delivery):
    stage.agent.output, stage.delivery = AgentOutput(_window(stage.now_ns)), delivery
    stage.runner.update()
    assert stage.runner.stalls == 1
    assert stage.agent.calls == [("withdraw", delivery is WindowDelivery.PARTLY_LATE)]


def test_a_window_that_is_about_to_end_is_not_sent(stage):
    stage.agent.output = AgentOutput(_window(stage.now_ns - NS // 5, length=11))  # 200 ms long: ends now
    stage.runner.update()
    assert stage.windows == []


def test_an_inhibitor_stops_the_robot_before_it_returns_and_the_agent_learns_of_it_at_the_next_update(stage):
    stage.agent.output = AgentOutput(_window(stage.now_ns))
    stage.runner.update()
    stage.delivery = WindowDelivery.PARTLY
    stage.agent.inhibitors.set("test", "stopped")
    stage.runner.apply_inhibitors()
    stop = stage.windows[-1]
    assert len(stage.windows) == 2
    assert stage.agent.calls == []
    stage.runner.update()
    assert stage.agent.calls == [("stop", stop, False)]


def test_each_pose_is_passed_on_once_when_it_is_performed(stage):
    poses = tuple(TimedPose(stage.now_ns + k * NS // 25, np.full((3, 3), k)) for k in range(3))
    stage.agent.output = AgentOutput(None, poses)
    stage.runner.update()
    assert stage.poses == [poses[0]]
    stage.now_ns = poses[2].stamp_ns - 1
    stage.runner.update()
    assert stage.poses == [*poses[:2]]
    stage.now_ns += 1
    stage.runner.update()
    assert stage.poses == [*poses]


@pytest.mark.parametrize("step_s", [-1, 60])
def test_a_jump_of_the_clock_restarts_the_agent_and_drops_what_waits(stage, step_s):
    stage.runner.push_audio("old", lambda: (b"\x00\x00", FORMAT), stage.now_ns)
    stage.agent.output = AgentOutput(None, (TimedPose(stage.now_ns + NS // 2, np.zeros((3, 3))),))
    stage.runner.update()
    stage.now_ns += step_s * NS
    stage.runner.update()
    assert ("restart", MotionEvent.CLOCK_JUMPED) in stage.agent.calls
    assert stage.voices == []
    assert stage.poses == []


def test_after_a_jump_of_the_clock_there_is_no_window_to_be_stopped(stage):
    stage.agent.output = AgentOutput(_window(stage.now_ns))
    stage.runner.update()
    stage.now_ns -= 60 * NS
    stage.runner.update()
    stage.agent.inhibitors.set("test", "stopped")
    stage.runner.apply_inhibitors()
    assert len(stage.windows) == 1


def test_a_dry_run_restarts_the_agent_which_no_longer_expects_the_robot_to_follow(stage):
    stage.runner.set_dry_run(True)
    stage.runner.set_dry_run(True)
    assert stage.agent.calls == [("restart", MotionEvent.DRY_RUN_BEGAN)]
    assert not stage.agent.engagement.robot.is_compared
    stage.runner.set_dry_run(False)
    assert stage.agent.calls[1:] == [("restart", MotionEvent.DRY_RUN_ENDED)]
    assert stage.agent.engagement.robot.is_compared


def test_an_unexpected_error_of_a_message_is_refused_and_counted_and_the_stream_begins_again(stage, caplog):
    def broken():
        raise ValueError("Exceeds the limit (4300 digits)")

    for _ in range(1000):
        stage.runner.push_audio("label", broken, stage.now_ns)
        stage.runner.request("nested", stage.now_ns)
    assert stage.runner.refused_messages == 2000
    assert stage.agent.calls == [("reset",)] * 1000
    assert len(caplog.records) == 1
    stage.runner.request("nod", stage.now_ns)
    assert [status.gesture for status in stage.statuses] == ["nod"]


def test_audio_without_samples_is_no_audio(stage):
    stage.runner.push_audio("empty", lambda: (b"", FORMAT), stage.now_ns)
    stage.now_ns += NS
    stage.runner.update()
    assert not stage.agent.calls
    assert not stage.voices


def test_audio_that_waited_too_long_is_dropped_and_counted_and_its_stream_goes_on(stage, caplog):
    arrival_ns = stage.now_ns - round(MAX_AUDIO_AGE_S * NS) - 1
    for _ in range(100):
        stage.runner.push_audio("old", lambda: (b"\x00\x00", FORMAT), arrival_ns)
    stage.runner.push_audio("new", lambda: (b"\x00\x00", FORMAT), stage.now_ns)
    assert stage.runner.dropped_messages == 100
    assert stage.agent.calls == [("audio", b"\x00\x00", FORMAT, stage.now_ns)]
    assert stage.agent.alive_ns == [stage.now_ns] * 101
    assert len(caplog.records) == 1


def test_a_stream_is_kept_alive_while_a_message_waits_for_the_model(stage):
    arrival_ns = stage.now_ns
    stage.runner.expect_audio(arrival_ns)
    stage.now_ns += 10 * NS
    stage.runner.update()
    assert stage.agent.alive_ns == [stage.now_ns]
    stage.runner.push_audio("empty", lambda: (b"", FORMAT), arrival_ns)
    stage.agent.alive_ns.clear()
    stage.runner.update()
    assert stage.agent.alive_ns == [], "none waits, and a message without samples is no audio"
    stage.runner.expect_audio(stage.now_ns)
    stage.runner.expect_audio(None)
    stage.runner.update()
    assert stage.agent.alive_ns == [], "the queue of the model was full"
