from __future__ import annotations

import pytest

from speech_gesture_ros.core.timebase import MAX_SLEW, NS, StreamClock, index_to_ns, ns_to_index


def test_index_to_ns_is_exact_after_a_year_of_samples() -> None:
    year = 365 * 24 * 3600
    assert index_to_ns(year * 16_000, 16_000) == year * NS
    assert ns_to_index(index_to_ns(12_345_678_901, 50), 50) == 12_345_678_901


def test_the_first_observation_anchors_the_stream() -> None:
    clock = StreamClock(16_000)
    clock.observe(1_600, 5 * NS)
    assert clock.to_ns(0, 50) == 5 * NS - NS // 10
    assert clock.to_index(5 * NS, 16_000) == 1_600


def test_a_clock_without_anchor_raises_an_error_with_the_remedy() -> None:
    with pytest.raises(RuntimeError, match=r"call observe\(\)"):
        StreamClock(16_000).to_ns(0, 50)
    with pytest.raises(RuntimeError, match=r"call observe\(\)"):
        StreamClock(16_000).to_index(0, 50)


def test_jitter_moves_stamps_by_less_than_the_slew() -> None:
    clock = StreamClock(16_000)
    clock.observe(0, 0)
    before = clock.to_ns(1_000, 50)
    clock.observe(320, 20_000_000 + 15_000_000)  # a message 15 ms late
    assert 0 < clock.to_ns(1_000, 50) - before <= MAX_SLEW * 35_000_000


def test_a_sound_card_that_runs_slow_is_followed() -> None:
    """A drift of 100 ppm over ten minutes is 60 ms; the clock must stay within a millisecond of it."""
    clock = StreamClock(16_000)
    for k in range(600 * 50):
        now = int(k * 0.02 * 1.0001 * NS)
        clock.observe(k * 320, now)
    assert abs(clock.to_ns(600 * 50 * 320, 16_000) - int(600 * 1.0001 * NS)) < 1_000_000


def test_reset_forgets_the_anchor() -> None:
    clock = StreamClock(16_000)
    clock.observe(0, 7)
    clock.reset()
    assert not clock.is_anchored
    clock.observe(0, 99)
    assert clock.to_ns(0, 50) == 99
