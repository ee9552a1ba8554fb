from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.control.interpolation import KnotTargetStage, TargetChunk
from speech_gesture_ros.core.chunks import JointChunk, concatenate
from speech_gesture_ros.core.rates import KNOT_RATE, POSE_RATE

DT = 1 / KNOT_RATE
BOTH = pytest.mark.parametrize("is_smoothed", [True, False])


def frames_of(seed: int, count: int = 30, n: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, n))


def offline(frames: np.ndarray, start: int = 0, is_smoothed: bool = True) -> TargetChunk:
    stage = KnotTargetStage(is_smoothed)
    return concatenate([stage.push(JointChunk(start, frames)), stage.flush()])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(0, 1000), st.lists(st.integers(0, 5), max_size=20), st.booleans())
def test_any_chunking_gives_the_offline_knots_bit_for_bit(seed: int, sizes: list[int], is_smoothed: bool) -> None:
    frames = frames_of(seed)
    stage, parts, done = KnotTargetStage(is_smoothed), [], 0
    for size in [*sizes, len(frames)]:
        parts.append(stage.push(JointChunk(7 + done, frames[done:done + size])))
        done = min(len(frames), done + size)
    parts = [part for part in parts if part.values.size] + [stage.flush()]
    whole, expected = concatenate(parts), offline(frames, 7, is_smoothed)
    assert whole.start_index == expected.start_index == 14
    np.testing.assert_array_equal(whole.values, expected.values)


@BOTH
def test_between_knots_the_jerk_is_constant_and_the_motion_is_continuous(is_smoothed: bool) -> None:
    targets = offline(frames_of(0), is_smoothed=is_smoothed)
    position, velocity, acceleration = np.moveaxis(targets.values, 1, 0)
    jerk = np.diff(acceleration, axis=0) / DT
    v, a = velocity[:-1], acceleration[:-1]
    np.testing.assert_allclose(v + DT * a + DT**2 / 2 * jerk, velocity[1:], atol=1e-9)
    np.testing.assert_allclose(position[:-1] + DT * v + DT**2 / 2 * a + DT**3 / 6 * jerk, position[1:], atol=1e-12)


@BOTH
def test_a_parabola_keeps_its_derivatives(is_smoothed: bool) -> None:
    t = np.arange(20)[:, None] / POSE_RATE
    values = offline(0.5 * 3.0 * t**2, is_smoothed=is_smoothed).values[10:-10, :, 0]
    knots = np.arange(10, 10 + len(values)) * DT
    np.testing.assert_allclose(values[:, 1], 3.0 * knots, atol=1e-9)
    np.testing.assert_allclose(values[:, 2], 3.0, atol=1e-9)


@BOTH
def test_targets_stay_within_the_range_of_the_frames(is_smoothed: bool) -> None:
    frames = frames_of(1)
    positions = offline(frames, is_smoothed=is_smoothed).values[:, 0]
    assert np.all(positions <= frames.max(axis=0))
    assert np.all(positions >= frames.min(axis=0))


@pytest.mark.parametrize(("is_smoothed", "latency_s"), [(True, 0.1), (False, 0.06)])
def test_a_knot_is_output_once_the_input_is_one_latency_ahead(is_smoothed: bool, latency_s: float) -> None:
    stage, out = KnotTargetStage(is_smoothed), -1
    assert stage.latency_s == pytest.approx(latency_s)
    for frame in range(20):
        chunk = stage.push(JointChunk(frame, frames_of(2)[frame:frame + 1]))
        out = chunk.stop_index - 1 if len(chunk) else out
        complete = int(np.floor((frame / POSE_RATE - stage.latency_s) * KNOT_RATE + 1e-9))
        assert out >= complete
    assert out == complete + 1  # knots at frames need half a frame less


@pytest.mark.parametrize(("is_smoothed", "hertz", "gain"), [(True, 1.2, 0.96), (True, 5.0, 0.50), (False, 1.2, 0.98),
                                                            (False, 5.0, 0.77)])
def test_the_size_of_fast_motion_is_as_stated(is_smoothed: bool, hertz: float, gain: float) -> None:
    wave = np.exp(2j * np.pi * hertz * np.arange(101) / POSE_RATE)[:, None]
    targets = [offline(part, is_smoothed=is_smoothed).values[20:-20:2, 0] for part in (wave.real, wave.imag)]
    np.testing.assert_allclose(np.hypot(*targets), gain, atol=0.01)


def test_later_frames_change_no_earlier_knot() -> None:
    frames, other = frames_of(3), frames_of(3)
    other[20:] += 1.0
    first, second = offline(frames).values, offline(other).values
    np.testing.assert_array_equal(first[:2 * 17 + 1], second[:2 * 17 + 1])
    assert np.any(first[2 * 17 + 1] != second[2 * 17 + 1])


def test_a_value_that_is_not_finite_makes_only_the_knots_that_depend_on_it_nan() -> None:
    frames = frames_of(4)
    frames[10, 1] = np.inf
    is_bad = np.isnan(offline(frames).values).any(axis=1)
    assert not is_bad[:, [0, 2]].any()
    assert np.flatnonzero(is_bad[:, 1]).tolist() == list(range(2 * 7 + 1, 2 * 12 + 2))


def test_reset_forgets_the_stream_and_a_gap_is_an_error() -> None:
    stage = KnotTargetStage()
    stage.push(JointChunk(0, frames_of(5)))
    with pytest.raises(ValueError, match="starts at frame 31, the stream stopped at 30"):
        stage.push(JointChunk(31, frames_of(5)))
    stage.reset()
    again = concatenate([stage.push(JointChunk(0, frames_of(6))), stage.flush()])
    np.testing.assert_array_equal(again.values, offline(frames_of(6)).values)


def test_a_single_frame_gives_rest() -> None:
    chunk = offline(np.array([[0.3, -0.2]]))
    np.testing.assert_allclose(chunk.values, [[[0.3, -0.2], [0, 0], [0, 0]]], atol=1e-12)
