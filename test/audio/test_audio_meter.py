"""Summary of a stream of messages: format, length, speed, level, clipping, speech; and what is doubtful."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.audio.audio_meter import AudioMeter
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS

MONO = PcmFormat(SAMPLE_RATE, 1, "s16le")


def measure(samples: np.ndarray, fmt: PcmFormat = MONO, chunk: int = 320, period_s: float = 0.02, seconds: float = 2.0):
    """Return the summary of messages of `chunk` frames, one every `period_s`."""
    meter = AudioMeter()
    size = chunk * fmt.channels
    for k in range(round(seconds / period_s)):
        meter.push(np.resize(np.roll(samples, -k * size), size), fmt, k * round(period_s * NS))
    return meter.summary


def tone(amplitude: float = 0.5) -> np.ndarray:
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    return np.round(32767 * amplitude * np.sin(2 * np.pi * 200 * t)).astype(np.int16)


def test_before_the_first_message_there_is_no_summary() -> None:
    assert AudioMeter().summary is None


def test_format_length_speed_and_level_of_a_tone() -> None:
    summary = measure(tone(0.5))
    assert (summary.format, summary.messages, summary.message_s) == (MONO, 100, 0.02)
    assert summary.speed == pytest.approx(1.0)
    assert summary.level_db == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)
    assert (summary.speech, summary.clipped, summary.doubts) == (0.0, 0.0, ())
    assert str(summary) == ("16000 Hz, 1 channel(s), s16le; 100 messages of 20 ms, 1.00 times real time; "
                            "level -9 dB full scale, 0 % speech")


def test_recorded_speech_is_speech(speech) -> None:
    meter = AudioMeter()
    samples = (32767 * speech[2 * SAMPLE_RATE:12 * SAMPLE_RATE]).astype(np.int16)
    for k in range(0, len(samples), 320):
        meter.push(samples[k:k + 320], MONO, k * NS // SAMPLE_RATE)
    assert 0.5 < meter.summary.speech < 0.95


@pytest.mark.parametrize(("period_s", "doubt"), [
    (0.04, "0.50 times real time: messages are lost"), (0.01, "2.00 times real time: faster than it is played")])
def test_audio_that_is_not_in_real_time_is_reported(period_s, doubt) -> None:
    (found,) = measure(tone(), period_s=period_s).doubts
    assert doubt in found


def test_silence_clipping_and_two_formats_are_reported() -> None:
    assert "silent" in measure(np.zeros(SAMPLE_RATE, np.int16)).doubts[0]
    loud = measure(2 * tone().astype(np.float32) / 16384, PcmFormat(SAMPLE_RATE, 1, "f32le"))
    assert loud.clipped == pytest.approx(2 / 3, abs=0.01)  # |sin| is above a half for two thirds of the time
    assert "beyond full scale" in loud.doubts[0]
    meter = AudioMeter()
    for k, rate in enumerate((16000, 48000) * 50):
        meter.push(tone()[:320], PcmFormat(rate, 1, "s16le"), k * NS // 75)
    assert "2 formats in one stream" in meter.summary.doubts[0]
