import numpy as np
import pytest

from speech_gesture_ros.features.framing import FrameBuffer


def test_windows_of_any_length_end_at_the_same_sample() -> None:
    samples = np.arange(1.0, 2001.0)
    short, long = FrameBuffer(400).push(samples), FrameBuffer(648).push(samples)
    np.testing.assert_array_equal(short, long[:, -400:])
    np.testing.assert_array_equal(long[0, :248], 0.0)
    np.testing.assert_array_equal(short[3], samples[480:880])


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (159, 0), (160, 1), (400, 2), (559, 3), (16000, 100)])
def test_flush_completes_one_frame_for_each_whole_hop(samples: int, frames: int) -> None:
    buffer = FrameBuffer(648)
    assert len(buffer.push(np.ones(samples))) + len(buffer.flush()) == frames
    assert buffer.frame_count == frames


def test_non_finite_samples_count_as_zero() -> None:
    windows = FrameBuffer().push(np.array([np.nan, np.inf, -np.inf, 0.5] * 100))
    np.testing.assert_array_equal(windows[0], [0.0, 0.0, 0.0, 0.5] * 100)


def test_a_window_shorter_than_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="window length is 399, must be at least 400"):
        FrameBuffer(399)


def test_memory_stays_bounded() -> None:
    buffer = FrameBuffer(648)
    for _ in range(1000):
        buffer.push(np.zeros(777))
    assert buffer._samples.nbytes < 8 * 1000
