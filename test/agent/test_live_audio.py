from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.live_audio import MAX_AHEAD_SAMPLES, MAX_HOP_SAMPLES, LiveAudio
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.timebase import NS

FORMAT = PcmFormat(sample_rate=16_000, channels=1, encoding="s16le")
MS = NS // 1000


def tone(count: int, start: int = 0) -> bytes:
    """Samples that are their own numbers, which shows order and loss."""
    return (np.arange(start, start + count) % 30_000).astype("<i2").tobytes()


def drain(audio: LiveAudio, now_ns: int) -> np.ndarray:
    parts = [np.zeros(0)]
    while len(chunk := audio.take(now_ns)):
        parts.append(chunk.values)
    return np.concatenate(parts)


def numbers(samples: np.ndarray) -> list[int]:
    return np.rint(samples * 32768).astype(int).tolist()


def test_live_audio_is_taken_at_once() -> None:
    audio = LiveAudio(AgentConfig())
    for k in range(50):
        now = 10 * NS + k * 20 * MS
        audio.push(tone(320, 320 * k), FORMAT, now)
        assert numbers(drain(audio, now)) == list(range(320 * k, 320 * (k + 1)))
    assert audio.report()["gaps"] == 0


def test_nothing_is_taken_before_the_first_message() -> None:
    audio = LiveAudio(AgentConfig())
    assert len(audio.take(5 * NS)) == 0
    assert not audio.is_running


def test_a_chunk_is_never_longer_than_a_hop() -> None:
    audio = LiveAudio(AgentConfig())
    audio.push(tone(3_200), FORMAT, 0)
    chunk = audio.take(0)
    assert 0 < len(chunk) <= MAX_HOP_SAMPLES


def test_a_whole_sentence_at_once_is_performed_at_the_pace_of_the_clock() -> None:
    audio = LiveAudio(AgentConfig())
    audio.push(tone(16_000), FORMAT, 0)
    assert len(drain(audio, 0)) == MAX_AHEAD_SAMPLES
    assert len(drain(audio, 500 * MS)) == 8_000
    assert audio.report()["backlog_s"] == pytest.approx(0.5 - MAX_AHEAD_SAMPLES / 16_000)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=30, max_size=30))
def test_jitter_loses_nothing_and_changes_no_order(jitter_ms: list[int]) -> None:
    audio = LiveAudio(AgentConfig())
    taken, last = [], 0
    for k, jitter in enumerate(jitter_ms):
        last = max(last, k * 20 * MS + jitter * MS)
        audio.push(tone(320, 320 * k), FORMAT, last)
        taken += numbers(drain(audio, last))
    taken += numbers(drain(audio, last + 100 * MS))
    assert taken == list(range(320 * 30))


def test_missing_audio_becomes_silence_after_the_timeout_and_is_counted_once() -> None:
    audio = LiveAudio(AgentConfig(audio_timeout_s=0.25))
    audio.push(tone(320), FORMAT, 0)
    assert len(drain(audio, 0)) == 320
    assert len(drain(audio, 240 * MS)) == 0
    silence = drain(audio, 300 * MS)
    assert len(silence) == pytest.approx(0.3 * 16_000, abs=1)
    assert not silence.any()
    drain(audio, 400 * MS)
    assert audio.report()["gaps"] == 1
    assert audio.report()["padded_s"] == pytest.approx(0.4, abs=0.001)


def test_audio_that_returns_after_a_gap_is_taken_in_full() -> None:
    audio = LiveAudio(AgentConfig())
    audio.push(tone(320), FORMAT, 0)
    drain(audio, 0)
    drain(audio, NS)
    audio.push(tone(320, 1_000), FORMAT, NS + 20 * MS)
    assert numbers(drain(audio, NS + 20 * MS)) == list(range(1_000, 1_320))


def test_the_stream_ends_when_no_audio_comes_and_a_message_begins_a_new_one() -> None:
    audio = LiveAudio(AgentConfig(idle_timeout_s=2.0))
    audio.push(tone(320), FORMAT, 0)
    for k in range(1, 25):
        drain(audio, k * 100 * MS)
    assert not audio.is_running
    audio.push(tone(320), FORMAT, 9 * NS)
    chunk = audio.take(9 * NS)
    assert audio.is_running
    assert chunk.start_index == 0


def test_a_backlog_beyond_its_bound_is_refused_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    audio = LiveAudio(AgentConfig(max_backlog_s=1.0))
    audio.push(tone(16_000), FORMAT, 0)
    audio.push(tone(16_000), FORMAT, 0)
    assert audio.report()["refused_s"] == pytest.approx(1.0)
    assert "max_backlog_s=1" in caplog.text


def test_a_change_of_format_in_mid_stream_stays_in_time() -> None:
    audio = LiveAudio(AgentConfig())
    wide = PcmFormat(sample_rate=48_000, channels=2, encoding="f32le")
    total = 0
    for k in range(40):
        now = k * 20 * MS
        if k < 20:
            audio.push(tone(320), FORMAT, now)
        else:
            audio.push(np.full(960 * 2, 0.1, dtype="<f4").tobytes(), wide, now)
        total += len(drain(audio, now))
    assert total == pytest.approx(40 * 320, abs=120)
    assert audio.report()["gaps"] == 0


def test_lost_messages_are_replaced_by_silence_so_that_the_stream_is_in_time_again(caplog) -> None:
    """Ten messages of 20 ms are lost, one at a time: no gap is long enough for the time-out."""
    audio, taken = LiveAudio(AgentConfig()), np.zeros(0)
    for k in range(300):
        now = 10 * NS + k * 20 * MS
        if not (50 <= k < 150 and k % 10 == 0):
            audio.push(tone(320, 1), FORMAT, now)
        taken = np.append(taken, drain(audio, now))
    assert audio.clock.to_ns(len(taken), 16_000) == pytest.approx(now + 20 * MS, abs=60 * MS)
    assert audio.report()["padded_s"] == pytest.approx(0.2, abs=0.06)
    assert "audio were lost" in caplog.text
    kept = np.split(taken, np.flatnonzero(np.diff((taken != 0).astype(int))) + 1)
    assert all(len(part) % 320 == 0 for part in kept if part[0]), "silence stands between messages, not in them"


@pytest.mark.parametrize("late", [3, 10])
def test_messages_that_are_late_and_then_come_all_at_once_are_not_lost(late: int) -> None:
    audio, taken, waiting = LiveAudio(AgentConfig()), np.zeros(0), []
    for k in range(300):
        now = 10 * NS + k * 20 * MS
        waiting.append(tone(320, 320 * k))
        if k % 50 not in range(20, 20 + late):
            for message in waiting:
                audio.push(message, FORMAT, now)
            waiting = []
        taken = np.append(taken, drain(audio, now))
    assert audio.report()["gaps"] == 0
    assert len(taken) == 300 * 320


@pytest.mark.parametrize(("pause_s", "expected"), [(0.5, 256), (9.0, 1)])
def test_a_frame_may_be_split_by_a_pause_but_not_by_the_end_of_a_stream(pause_s: float, expected: int) -> None:
    """The byte 0, then 1, 0, 1: 0x0100 = 256 goes on, and 0x0001 = 1 begins with a whole frame."""
    audio = LiveAudio(AgentConfig(idle_timeout_s=8.0))
    audio.push(tone(320) + b"\x00", FORMAT, 0)
    drain(audio, 0)
    for tick in range(1, round(pause_s * 50) + 1):
        drain(audio, tick * 20 * MS)
    now = round(pause_s * NS)
    audio.push(b"\x01\x00\x01", FORMAT, now)
    assert numbers(drain(audio, now))[0] == expected
