"""The film has pictures and sound of equal length on one time axis."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from speech_gesture_ros.rendering.video import FRAME_RATE, write_video

RATE = 16000


def _write(path: Path, voice: np.ndarray, begins_s: float, pictures: int = 50) -> None:
    frames = (np.full((64, 96, 3), 5 * k, dtype=np.uint8) for k in range(pictures))
    assert write_video(path, frames, voice, RATE, begins_s) == pictures


def _first_sound_s(path: Path) -> float:
    with av.open(str(path)) as film:
        samples = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio=0)])
        rate = film.streams.audio[0].rate
    return float(np.argmax(np.abs(samples) > 0.2)) / rate


@pytest.mark.parametrize("begins_s", [0.0, 0.5, 1.2])
def test_the_sound_begins_at_the_given_time(tmp_path: Path, begins_s: float) -> None:
    voice = np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)
    _write(tmp_path / "film.mp4", voice, begins_s)
    assert _first_sound_s(tmp_path / "film.mp4") == pytest.approx(begins_s, abs=0.03)


def test_a_sound_that_begins_before_the_film_is_cut(tmp_path: Path) -> None:
    voice = np.concatenate([np.zeros(RATE), np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)])
    _write(tmp_path / "film.mp4", voice, -0.6)
    assert _first_sound_s(tmp_path / "film.mp4") == pytest.approx(0.4, abs=0.03)


def test_pictures_and_sound_have_equal_lengths(tmp_path: Path) -> None:
    _write(tmp_path / "film.mp4", np.zeros(10 * RATE), 0.0)
    with av.open(str(tmp_path / "film.mp4")) as film:
        lengths = [float(stream.duration * stream.time_base) for stream in film.streams]
    assert lengths == [pytest.approx(50 / FRAME_RATE, abs=0.05)] * 2


def test_pictures_are_in_order(tmp_path: Path) -> None:
    _write(tmp_path / "film.mp4", np.zeros(RATE), 0.0)
    with av.open(str(tmp_path / "film.mp4")) as film:
        brightness = [frame.to_ndarray(format="rgb24").mean() for frame in film.decode(video=0)]
    assert len(brightness) == 50
    assert np.all(np.diff(brightness) > 0)
