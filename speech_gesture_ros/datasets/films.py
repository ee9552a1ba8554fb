"""Reader of films: pictures at 25 Hz and the sound, one after the other, in bounded memory.

A film of another rate is sampled: picture k is the one that is shown at k / 25 s. Pictures of a phone, which are stored
turned, are turned back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, check_size
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE

FILM_SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
MAX_FILE_BYTES = 16_384 * MIB
MAX_SIDE = 4096  # of a picture [pixels]
MAX_FILM_S = 4 * 3600.0
_HALF_TICK_S = 1e-3

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class FilmPicture:
    """One picture of a film at 25 Hz.

    Attributes:
        index: Its number at 25 Hz.
        source: Number of the picture in the film itself, at the film's own rate.
        pixels: (height, width, 3).
    """

    index: int
    source: int
    pixels: Picture


def read_film(path: Path, max_s: float = MAX_FILM_S) -> Iterator[FilmPicture]:
    """Yield the pictures of a film at 25 Hz.

    Args:
        path: The film.
        max_s: Longest film that is accepted [s].

    Raises:
        InputError: If it cannot be read, has no pictures, or is too large.
        MissingDependencyError: If av is not installed.
    """
    count, shown, last_s, first_s = 0, None, 0.0, None
    with _opened(path) as (av, film):
        if not film.streams.video:
            raise InputError("film", str(path), "a file with pictures", "Choose another file.")
        stream = film.streams.video[0]
        if max(stream.width, stream.height) > MAX_SIDE:
            raise InputError(f"size of the pictures in {path}", (stream.width, stream.height),
                             f"at most {MAX_SIDE} pixels", "Make the film smaller.")
        stream.thread_type = "AUTO"
        spacing = 1.0 / float(stream.average_rate or POSE_RATE)
        try:
            for number, frame in enumerate(film.decode(stream)):
                time = float(frame.time) if frame.time is not None else number * spacing
                first_s = time if first_s is None else first_s
                time -= first_s
                if time > max_s:
                    raise InputError(f"length of {path}", f"more than {max_s:g} s", f"at most {max_s:g} s", "Cut it.")
                while shown is not None and count / POSE_RATE < time - _HALF_TICK_S:
                    yield FilmPicture(count, *shown)
                    count += 1
                shown, last_s = (number, _upright(frame)), time
        except av.FFmpegError as error:
            if shown is None:
                raise InputError("film", str(path), "an intact file", str(error)) from None
        while shown is not None and count / POSE_RATE < last_s + spacing - _HALF_TICK_S:
            yield FilmPicture(count, *shown)
            count += 1
    if not count:
        raise InputError("pictures of the film", f"none in {path}", "at least one", "Choose another file.")


def read_film_sound(path: Path, max_s: float = MAX_FILM_S) -> npt.NDArray[np.float32]:
    """Return the (S,) sound of a film at 16 kHz, mono, in [-1, 1].

    Raises:
        InputError: If it cannot be read, has no sound, or is too long.
        MissingDependencyError: If av is not installed.
    """
    parts: list[npt.NDArray[np.float32]] = []
    total = 0
    with _opened(path) as (av, film):
        if not film.streams.audio:
            raise InputError("sound of the film", f"none in {path}", "a film with sound", "Choose another file.")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        try:
            for frame in film.decode(film.streams.audio[0]):
                new = [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
                parts.extend(new)
                total += sum(map(len, new))
                if total > max_s * SAMPLE_RATE:
                    raise InputError(f"length of {path}", f"more than {max_s:g} s", f"at most {max_s:g} s", "Cut it.")
            parts += [part.to_ndarray().reshape(-1) for part in resampler.resample(None)]
        except av.FFmpegError as error:
            if not parts:
                raise InputError("sound of the film", str(path), "an intact file", str(error)) from None
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    return np.clip(np.nan_to_num(samples, nan=0.0), -1.0, 1.0).astype(np.float32)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Yield the library and the opened file."""
    try:
        import av
    except ImportError as error:
        raise MissingDependencyError("av", "Reading a film", "pip install 'speech_gesture_ros[sim]'") from error
    check_size(path, MAX_FILE_BYTES, "film")
    try:
        film = av.open(str(path))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError("film", str(path), "a film that FFmpeg reads", str(error)) from None
    with film:
        yield av, film


def _upright(frame: Any) -> Picture:
    turns = round(float(getattr(frame, "rotation", 0) or 0) / 90.0) % 4  # counter-clockwise
    pixels: Picture = np.rot90(frame.to_ndarray(format="rgb24"), turns)
    return np.ascontiguousarray(pixels)
