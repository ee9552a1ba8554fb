"""Access to the sounds in a file, block by block: what a file states is checked before memory is used for it."""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.joined_files import find_sections
from speech_gesture_ros.audio.pcm import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from speech_gesture_ros.audio.sections import Section
from speech_gesture_ros.audio.sound_levels import SoundLevels, measure_levels
from speech_gesture_ros.core.errors import InputError, MissingDependencyError

BLOCK_SAMPLES = 2**20  # decoded at once, of all channels
UNKNOWN_LENGTH = 2**48  # frames; longer ones mean that the header states no length
FLOAT_TYPES = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class SoundPart:
    """One complete sound of a file.

    Attributes:
        path: The file.
        section: Its place in the file; None for the whole file as it is.
        sample_rate: [Hz].
        channels: Number of channels.
        num_frames: Length as the header states it; None if it states none.
        is_float: Samples are stored as floats.
    """

    path: Path
    section: Section | None
    sample_rate: int
    channels: int
    num_frames: int | None
    is_float: bool

    @cached_property
    def levels(self) -> SoundLevels:
        """Full scale and mix; decodes the sound once if it has several channels or float samples."""
        if self.channels == 1 and not self.is_float:
            return SoundLevels()
        return measure_levels(self._decoded(), str(self.path))

    def blocks(self) -> Iterator[npt.NDArray[np.float32]]:
        """Yield the samples (T, C) in [-1, 1]; non-finite ones are 0, those beyond ±1 are ±1.

        Raises:
            InputError: If the file is damaged, or its samples are in no known range.
        """
        full_scale = np.float32(self.levels.full_scale)
        for block in self._decoded():
            yield np.clip(block if full_scale == 1.0 else block / full_scale, -1.0, 1.0)

    def _decoded(self) -> Iterator[npt.NDArray[np.float32]]:
        with _opened(self.path, self.section) as sound:
            while len(block := _read(sound, self.path, max(1, BLOCK_SAMPLES // self.channels))):
                yield np.nan_to_num(block, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def open_parts(path: str | Path) -> tuple[list[SoundPart], list[str]]:
    """Return the sounds of a file, in their order, and notes about what lies between them.

    Raises:
        InputError: If the file is missing, no sound file, or of a sample rate or number of channels out of range.
        MissingDependencyError: If soundfile is not installed.
    """
    soundfile_module()
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError("sound file", str(path), "an existing file", "Check the path.")
    if path.stat().st_size == 0:
        raise _no_sound(path, "the file is empty")
    try:
        with _mapped(path) as data:
            sections = find_sections(data)
    except OSError as error:
        raise _no_sound(path, str(error)) from error
    is_plain = len(sections) == 1 and not sections[0].header
    parts, notes, errors = [], [], []
    for section in sections:
        try:
            parts.append(_part(path, None if is_plain else section))
        except InputError as error:
            errors.append(error)
            notes.append(f"bytes {section.start} to {section.stop} are left out: {error}")
    if not parts:
        raise errors[0]
    if len(parts) > 1:
        notes.insert(0, f"{len(parts)} joined files are read one after the other")
    return parts, notes


def _part(path: Path, section: Section | None) -> SoundPart:
    with _opened(path, section) as sound:
        rate, channels, frames, subtype = sound.samplerate, sound.channels, sound.frames, sound.subtype
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise InputError(f"sample rate of {path}", rate, f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz",
                         "Convert the file.")
    if channels > MAX_CHANNELS:
        raise InputError(f"channels of {path}", channels, f"at most {MAX_CHANNELS}", "Export the channel of the voice.")
    return SoundPart(path, section, int(rate), channels, frames if 0 <= frames < UNKNOWN_LENGTH else None,
                     subtype in FLOAT_TYPES)


def soundfile_module() -> Any:
    """Return the module soundfile.

    Raises:
        MissingDependencyError: If soundfile is not installed.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the package is installed, its libsndfile is missing
        raise MissingDependencyError("soundfile", "Reading sound files", "Run: pip install soundfile") from error
    return soundfile


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


@contextmanager
def _opened(path: Path, section: Section | None) -> Iterator[Any]:
    """Open a sound as a soundfile.SoundFile."""
    soundfile = soundfile_module()
    if section is None:
        with _sound_file(soundfile, _source(path), path) as sound:
            yield sound
        return
    with _mapped(path) as data, _sound_file(soundfile, _SectionFile(data, section), path) as sound:
        yield sound


def _source(path: Path) -> str | bytes:
    """Return a path for soundfile, which encodes text itself; a name that is no text stays bytes."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return str(path)


def _sound_file(soundfile: Any, source: Any, path: Path) -> Any:
    class ForwardSoundFile(soundfile.SoundFile):  # type: ignore[misc]
        """Read from begin to end; soundfile's seek after each block fails at the end of FLAC without a length."""

        def seekable(self) -> bool:
            return False

    try:
        return ForwardSoundFile(source)
    except (soundfile.SoundFileError, RuntimeError, TypeError) as error:  # TypeError: headerless audio
        raise _no_sound(path, str(error)) from error


def _read(sound: Any, path: Path, num_frames: int) -> npt.NDArray[np.float32]:
    try:
        return np.asarray(sound.read(num_frames, dtype="float32", always_2d=True))
    except (soundfile_module().SoundFileError, RuntimeError) as error:
        raise _no_sound(path, str(error)) from error


def _no_sound(path: Path, reason: str) -> InputError:
    return InputError("sound file", str(path), "a wav, flac, ogg, opus or mp3 file",
                      f"Convert it, for instance with ffmpeg -i IN OUT.wav. ({reason})")


class _SectionFile(io.RawIOBase):
    """A section of a mapped file, with its header, as a file that is read only."""

    def __init__(self, data: mmap.mmap, section: Section) -> None:
        self._data, self._section = data, section
        self._size = section.stop - section.start + len(section.header) - section.replaced
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        header = self._section.header
        start, stop = self._at, min(self._at + len(buffer), self._size)
        if start >= stop:
            return 0
        begin = self._section.start + self._section.replaced - len(header)
        piece = header[start:stop] + self._data[begin + max(start, len(header)):begin + max(stop, len(header))]
        buffer[:len(piece)] = piece
        self._at = stop
        return len(piece)
