import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.chunks import concatenate
from speech_gesture_ros.core.errors import InputError

STEREO = PcmFormat(sample_rate=44100, channels=2, encoding="s16le")
SOUND = np.random.default_rng(0).integers(-9000, 9000, (4410, 2)).astype("<i2").tobytes()


def run(stage: AudioStage, data: bytes, cuts: list[int]) -> np.ndarray:
    bounds = [0, *sorted(cuts), len(data)]
    parts = [stage.push(data[a:b]) for a, b in itertools.pairwise(bounds)]
    return concatenate([*parts, stage.flush()]).values


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, len(SOUND)), max_size=25))
def test_bytes_cut_anywhere_give_bit_identical_sound(cuts: list[int]) -> None:
    np.testing.assert_array_equal(run(AudioStage(STEREO), SOUND, cuts), run(AudioStage(STEREO), SOUND, []))


def test_channels_are_averaged() -> None:
    frames = np.array([[0.5, 0.1], [-0.2, 0.4]], dtype=np.float32)
    chunk = AudioStage(PcmFormat(channels=2, encoding="f32le")).push(frames)
    np.testing.assert_allclose(chunk.values, [0.3, 0.1], atol=1e-7)
    assert chunk.values.dtype == np.float32


def test_bad_samples_are_repaired_and_counted() -> None:
    stage = AudioStage(PcmFormat(encoding="f32le"))
    chunk = stage.push(np.array([np.nan, np.inf, -np.inf, 1e30, -2.0, 0.5, 1.0], dtype=np.float32))
    np.testing.assert_array_equal(chunk.values, [0, 0, 0, 1, -1, 0.5, 1])
    assert stage.report.non_finite_samples == 3
    assert stage.report.clipped_samples == 2
    assert stage.report.frames_in == 7


def test_a_gap_is_filled_with_its_length_of_silence_and_counted() -> None:
    stage = AudioStage(STEREO)
    before = stage.push(SOUND)
    gap = stage.pad(0.25)
    after = concatenate([stage.push(SOUND), stage.flush()])
    assert (gap.start_index, after.start_index) == (before.stop_index, gap.stop_index)
    assert after.stop_index == pytest.approx((0.1 + 0.25 + 0.1) * 16000, abs=1)
    assert np.all(gap.values[100:] == 0)
    assert (stage.report.gaps, stage.report.padded_s) == (1, pytest.approx(0.25, abs=1e-4))


def test_messages_that_end_inside_a_frame_lose_nothing_and_are_counted(rng: np.random.Generator) -> None:
    data = rng.integers(-9000, 9000, 2 * 4800).astype("<i2").tobytes()
    whole, split = (AudioStage(PcmFormat(16_000, 2, "s16le")) for _ in range(2))
    expected = whole.push(data).values
    got = [split.push(data[begin:begin + 641]).values for begin in range(0, len(data), 641)]
    np.testing.assert_array_equal(np.concatenate(got), expected)
    assert whole.report.split_frames == 0
    ends = np.minimum(np.arange(641, len(data) + 641, 641), len(data))
    assert split.report.split_frames == np.sum(ends % 4 > 0)


def test_after_an_incomplete_frame_was_dropped_the_next_bytes_begin_with_a_frame() -> None:
    stage = AudioStage(PcmFormat(16_000, 1, "s16le"))
    stage.push(b"\x01")
    stage.drop_incomplete_frame()
    assert stage.push(np.array([8192, -8192], dtype="<i2").tobytes()).values.tolist() == [0.25, -0.25]


def test_a_gap_drops_an_incomplete_frame() -> None:
    stage = AudioStage(PcmFormat())
    stage.push(b"\x11")
    stage.pad(0.0)
    np.testing.assert_array_equal(stage.push(b"\x00\x40").values, [0.5])


@pytest.mark.parametrize("seconds", [-0.1, np.nan, np.inf, 61.0])
def test_impossible_gaps_are_refused(seconds: float) -> None:
    with pytest.raises(InputError, match=r"duration of an audio gap is .* must be from 0 to 60 s.*reset the stage"):
        AudioStage(STEREO).pad(seconds)


def test_the_format_may_change_in_the_middle() -> None:
    stage = AudioStage(STEREO)
    first = stage.push(SOUND)
    tail = stage.set_format(PcmFormat(sample_rate=8000, encoding="u8"))
    second = stage.push(np.full(800, 192, dtype=np.uint8))
    rest = stage.flush()
    whole = concatenate([first, tail, second, rest])
    assert len(whole) == 1600 + 1600
    np.testing.assert_allclose(whole.values[1700:3100], 0.5, atol=1e-6)
    assert stage.report.format_changes == 1


def test_the_same_format_again_changes_nothing() -> None:
    stage = AudioStage(STEREO)
    first = stage.push(SOUND[:4001])
    again = stage.set_format(PcmFormat(sample_rate=44100, channels=2, encoding="s16le"))
    rest = concatenate([stage.push(SOUND[4001:]), stage.flush()])
    assert len(again) == 0
    np.testing.assert_array_equal(concatenate([first, again, rest]).values, run(AudioStage(STEREO), SOUND, []))
    assert stage.report.format_changes == 0


def test_latency_is_that_of_the_rate() -> None:
    assert AudioStage(PcmFormat(sample_rate=16000)).latency_s == 0.0
    assert 0.0 < AudioStage(STEREO).latency_s < 0.004


def test_reset_equals_new() -> None:
    stage = AudioStage(STEREO)
    stage.push(SOUND[:333])
    stage.pad(0.1)
    stage.reset()
    np.testing.assert_array_equal(run(stage, SOUND, []), run(AudioStage(STEREO), SOUND, []))
    assert stage.report.gaps == 0


def test_output_never_leaves_plus_minus_one() -> None:
    square = np.sign(np.sin(np.arange(48000) * 0.05)).astype(np.float32)
    out = run(AudioStage(PcmFormat(sample_rate=48000, encoding="f32le")), square.astype("<f4").tobytes(), [])
    assert np.abs(out).max() == 1.0
