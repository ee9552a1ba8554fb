"""Streams that a stall made late are in time again after a pause; sources that send ahead of time are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.live_audio import LiveAudio
from speech_gesture_ros.agent.stall_recovery import PAUSE_S
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.timebase import NS

FORMAT = PcmFormat(sample_rate=16_000, channels=1, encoding="f32le")
MESSAGE, MESSAGE_NS = 320, NS // 50
LOUD, QUIET = 0.3, 0.005


class Source:
    """A source in counted time: sound of a level, in messages of 20 ms, that may stall or hurry."""

    def __init__(self) -> None:
        self.audio, self.now_ns, self.rng = LiveAudio(AgentConfig()), 10 * NS, np.random.default_rng(3)
        self.taken: list[np.ndarray] = []

    def message(self, level: float) -> bytes:
        return (self.rng.uniform(-level, level, MESSAGE)).astype("<f4").tobytes()

    def send(self, seconds: float, level: float) -> None:
        for _ in range(round(seconds * 50)):
            self.audio.push(self.message(level), FORMAT, self.now_ns)
            self.wait(0.02)

    def stall(self, seconds: float, level: float = LOUD) -> None:
        """Send nothing for a time, then all of it at once."""
        self.wait(seconds)
        self.hurry(seconds, level)

    def hurry(self, seconds: float, level: float = LOUD) -> None:
        for _ in range(round(seconds * 50)):
            self.audio.push(self.message(level), FORMAT, self.now_ns)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            while len(chunk := self.audio.take(self.now_ns)):
                self.taken.append(chunk.values)
            self.now_ns += MESSAGE_NS

    @property
    def backlog_s(self) -> float:
        return float(self.audio.report()["backlog_s"])  # type: ignore[arg-type]

    @property
    def shortened_s(self) -> float:
        return float(self.audio.report()["shortened_pauses_s"])  # type: ignore[arg-type]


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.mark.parametrize("stall_s", [0.5, 0.8, 2.0])
def test_after_a_stall_the_stream_is_late_until_a_pause_and_no_speech_is_left_out(source: Source, stall_s: float
                                                                                  ) -> None:
    source.send(3.0, LOUD)
    assert source.backlog_s == 0
    source.stall(stall_s)
    source.send(4.0, LOUD)
    assert source.backlog_s == pytest.approx(stall_s, abs=0.12), "late while the voice speaks"
    assert source.audio.report()["late_s"] == pytest.approx(stall_s, abs=0.12)
    source.send(stall_s + PAUSE_S + 0.1, QUIET)
    assert source.shortened_s == pytest.approx(stall_s, abs=0.12)
    source.send(3.0, LOUD)
    assert source.backlog_s == pytest.approx(0.0, abs=0.12)
    loud = np.concatenate(source.taken)
    assert np.sum(np.abs(loud) > 3 * QUIET) / 16_000 == pytest.approx((10.0 + stall_s) * (1 - 0.05), abs=0.2)


def test_a_second_stall_adds_what_the_backlog_does_not_cover(source: Source) -> None:
    source.send(3.0, LOUD)
    source.stall(0.5)
    source.send(3.0, LOUD)
    source.stall(1.1)
    source.send(3.0, LOUD)
    assert source.audio.report()["late_s"] == pytest.approx(1.1, abs=0.15)
    source.send(2.0, QUIET)
    assert source.shortened_s == pytest.approx(1.1, abs=0.15)


def test_a_source_that_is_ahead_of_its_time_on_purpose_keeps_its_pauses(source: Source) -> None:
    """A synthesiser pauses for 5 s, sends 1 s at once, then goes on in real time."""
    source.send(3.0, LOUD)
    source.wait(5.0)
    source.hurry(1.0)
    source.send(4.0, LOUD)
    source.send(3.0, QUIET)
    assert source.shortened_s == 0
    assert source.backlog_s == pytest.approx(1.0, abs=0.12)


def test_a_source_that_is_faster_than_real_time_keeps_its_pauses(source: Source) -> None:
    for _ in range(100):
        source.hurry(0.06, LOUD)
        source.wait(0.02)
    source.hurry(2.0, QUIET)
    assert source.shortened_s == 0


def test_a_stream_in_time_keeps_its_pauses_and_steady_noise_is_no_pause(source: Source) -> None:
    source.send(3.0, LOUD)
    source.send(3.0, QUIET)
    assert source.shortened_s == 0
    source = Source()
    source.send(3.0, QUIET)
    source.stall(0.8, QUIET)
    source.send(5.0, QUIET)
    assert source.shortened_s == 0, "nothing is quieter than usual"


def test_a_short_pause_between_words_is_kept(source: Source) -> None:
    source.send(3.0, LOUD)
    source.stall(0.8)
    source.send(3.0, LOUD)
    source.send(PAUSE_S - 0.02, QUIET)
    source.send(1.0, LOUD)
    assert source.shortened_s == 0
