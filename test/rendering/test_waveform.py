"""The strip shows the waveform, in another colour before the cursor."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.rendering.waveform import MARGIN, MAX_VISIBLE_S, PLAYED_COLOUR, WaveformStrip

WIDTH, HEIGHT = 400, 60


def _burst(seconds: float = 4.0) -> np.ndarray:
    t = np.arange(round(seconds * 16000)) / 16000
    return np.where((t > 1.0) & (t < 2.0), np.sin(2000 * t), 0.0)


def _played_columns(picture: np.ndarray) -> np.ndarray:
    return np.flatnonzero((picture[HEIGHT // 2 - 8] == PLAYED_COLOUR).all(axis=-1))


def test_nothing_is_marked_as_played_before_the_sound_begins() -> None:
    assert len(_played_columns(WaveformStrip(_burst(), 16000, WIDTH, HEIGHT).draw(-0.5))) == 0


def test_a_sound_is_drawn_at_its_time() -> None:
    columns = _played_columns(WaveformStrip(_burst(), 16000, WIDTH, HEIGHT).draw(4.0))
    a_second = (WIDTH - 2 * MARGIN) / 4.0
    assert columns[0] == pytest.approx(MARGIN + a_second, abs=2)
    assert columns[-1] == pytest.approx(MARGIN + 2 * a_second, abs=2)


def test_only_the_played_part_is_coloured() -> None:
    strip = WaveformStrip(_burst(), 16000, WIDTH, HEIGHT)
    assert len(_played_columns(strip.draw(1.5))) == pytest.approx(len(_played_columns(strip.draw(4.0))) / 2, abs=3)


def test_a_long_sound_scrolls_and_fills_the_strip() -> None:
    strip = WaveformStrip(np.sin(np.arange(round(3 * MAX_VISIBLE_S * 1000))), 1000, WIDTH, HEIGHT)
    assert strip.draw(2 * MAX_VISIBLE_S).shape == (HEIGHT, WIDTH, 3)
    assert len(_played_columns(strip.draw(1.5 * MAX_VISIBLE_S))) == pytest.approx((WIDTH - 2 * MARGIN) / 2, abs=4)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(5), np.full(100, np.nan)], ids=["none", "few", "nan"])
def test_sound_without_values_is_drawn_as_silence(samples: np.ndarray) -> None:
    assert WaveformStrip(samples, 16000, WIDTH, HEIGHT).draw(0.0).shape == (HEIGHT, WIDTH, 3)
