"""mp3 streams in messages: the same samples however they are cut, at the rate and with the channels that they state."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.audio.audio_meter import AudioMeter
from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.mp3_frames import mp3_frame
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError

DELAY = 1105  # samples, of encoder and decoder
FALLBACK = PcmFormat(16_000, 1, "s16le")  # what is known of the stream before its first message


def tone(time_s: np.ndarray) -> np.ndarray:
    """A gliding tone, which shows every shift."""
    return 0.4 * np.sin(2 * np.pi * (300 * time_s + 250 * time_s**2))


def sound(rate: int, channels: int = 1, seconds: float = 1.5) -> np.ndarray:
    """The tone (T, C)."""
    return np.repeat(tone(np.arange(round(seconds * rate)) / rate)[:, None], channels, axis=1)


def frames(samples: np.ndarray, rate: int) -> list[bytes]:
    """The frames of a live encoder: those of a file without the first, which has a tag."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="MP3", subtype="MPEG_LAYER_III")
    data, found = file.getvalue(), []
    while (frame := mp3_frame(data[:4])) is not None:
        found.append(data[:frame.num_bytes])
        data = data[frame.num_bytes:]
    assert len(found) > 10
    return found[1:]


def decoded(pieces: list[bytes], fmt: PcmFormat = FALLBACK) -> tuple[np.ndarray, AudioStage]:
    stage = AudioStage(fmt)
    return np.concatenate([*[stage.push(piece).values for piece in pieces], stage.flush().values]), stage


@pytest.fixture(autouse=True)
def _decoder() -> None:
    pytest.importorskip("av", reason="needs PyAV: pip install '.[sim]'")


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (48_000, 1)])
def test_the_sound_is_that_which_was_encoded_at_the_rate_of_the_stream(rate: int, channels: int) -> None:
    got, stage = decoded(frames(sound(rate, channels), rate))
    assert (stage.decoded.sample_rate, stage.decoded.channels) == (rate, channels)
    part = np.arange(4_000, 16_000)
    errors = [np.abs(got[part] - tone(part / 16_000 - delay / rate)).max() for delay in range(DELAY - 60, DELAY + 60)]
    assert min(errors) < 0.04
    assert stage.report.broken_frames == 0


@pytest.mark.parametrize("fmt", [FALLBACK, PcmFormat(8_000, 1, "mp3")], ids=["recognised", "stated"])
def test_any_cut_gives_the_same_samples(fmt: PcmFormat, rng: np.random.Generator) -> None:
    whole = frames(sound(44_100, 2), 44_100)
    expected, _ = decoded(whole, fmt)
    data = b"".join(whole[1:])
    cuts = np.sort(rng.integers(0, len(data), 200)).tolist()
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]
    got, _ = decoded([whole[0], *pieces], fmt)
    np.testing.assert_array_equal(got, expected)
    many, _ = decoded([b"".join(whole)], fmt)
    np.testing.assert_array_equal(many, expected)


def test_lost_messages_and_a_beginning_in_the_middle_are_counted_and_the_stream_goes_on() -> None:
    whole = frames(sound(16_000), 16_000)
    full, _ = decoded(whole)
    lossy, _ = decoded(whole[:10] + whole[12:])
    assert len(full) - len(lossy) == pytest.approx(2 * 576, abs=576)
    np.testing.assert_allclose(lossy[-6_000:], full[-6_000:], atol=1e-3)
    middle, stage = decoded([b"".join(whole[3:])[100:]], PcmFormat(16_000, 1, "mp3"))
    assert stage.report.broken_frames <= 3
    np.testing.assert_allclose(middle[-6_000:], full[-6_000:], atol=1e-3)


def test_after_mp3_the_format_may_be_changed_to_samples() -> None:
    stage = AudioStage(FALLBACK)
    for frame in frames(sound(44_100), 44_100):
        stage.push(frame)
    stage.set_format(PcmFormat(16_000, 1, "f32le"))
    np.testing.assert_array_equal(stage.push(np.full(400, 0.25, np.float32)).values, np.full(400, 0.25, np.float32))


def test_the_meter_describes_the_decoded_stream() -> None:
    meter = AudioMeter()
    for k, frame in enumerate(frames(sound(44_100, 2), 44_100)):
        meter.push(frame, FALLBACK, k * 26_000_000)
    summary = meter.summary
    assert summary is not None
    assert "44100 Hz, 2 channel(s), mp3" in str(summary)
    assert summary.message_s == pytest.approx(1152 / 44_100)


def test_without_the_decoder_it_is_refused_with_both_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r"audio data is 'mp3'.*format:=wave.*pip install av"):
        decoded(frames(sound(16_000), 16_000))
