"""Films: sampled at 25 Hz, turned upright, sound at 16 kHz; what is no film is refused in one line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.films import read_film, read_film_sound
from speech_gesture_ros.rendering.video import write_video


def write_film(path: Path, levels: list[int], rate: int) -> None:
    """A film whose picture k has the grey level k."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("h264", rate=rate)
        stream.width = stream.height = 64
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, rate)
        for k, level in enumerate(levels):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), level, np.uint8), format="rgb24")
            frame.pts = k
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


@pytest.mark.parametrize(("rate", "sources"), [
    (25, [0, 1, 2, 3, 4, 5]), (50, [0, 2, 4]), (30, [0, 1, 2, 3, 4]), (15, [0, 0, 1, 1, 2, 3, 3, 4, 4, 5])])
def test_pictures_are_those_shown_at_25_hz(tmp_path: Path, rate: int, sources: list[int]) -> None:
    levels = [40 * (k + 1) for k in range(6)]
    write_film(tmp_path / "a.mp4", levels, rate)
    pictures = list(read_film(tmp_path / "a.mp4"))
    assert [p.source for p in pictures] == sources
    assert [p.index for p in pictures] == list(range(len(sources)))
    for picture in pictures:
        assert picture.pixels.mean() == pytest.approx(levels[picture.source], abs=4)


def test_sound_is_read_at_16_khz(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    write_video(tmp_path / "a.mp4", [np.zeros((64, 64, 3), np.uint8)] * 25, tone, 16_000)
    sound = read_film_sound(tmp_path / "a.mp4")
    assert len(sound) / 16_000 == pytest.approx(1.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound[2000:14_000]))
    assert np.argmax(spectrum) * 16_000 / 12_000 == pytest.approx(440, abs=2)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.05)


def test_film_without_sound_is_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", [10, 20, 30], 25)
    with pytest.raises(InputError, match="sound of the film"):
        read_film_sound(tmp_path / "a.mp4")


def test_long_film_is_refused(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", [10] * 30, 25)
    with pytest.raises(InputError, match=r"at most 0\.5 s"):
        list(read_film(tmp_path / "a.mp4", max_s=0.5))


@pytest.mark.parametrize("content", [b"", b"no film at all" * 100])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError, match="film"):
        list(read_film(tmp_path / "a.mp4"))


def test_torn_film_ends_early(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", [20 * k for k in range(12)], 25)
    whole = (tmp_path / "a.mkv").read_bytes()
    (tmp_path / "torn.mkv").write_bytes(whole[:len(whole) * 2 // 3])
    try:
        count = len(list(read_film(tmp_path / "torn.mkv")))
    except InputError:
        return
    assert 0 < count <= 12
