"""Reader of sound files: any common format to samples; joined files are read to their end."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.mixdown import MEAN
from speech_gesture_ros.audio.resampler import Resampler
from speech_gesture_ros.audio.sound_parts import SoundPart, open_parts
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

log = logging.getLogger(__name__)

MAX_SAMPLES = 2**28  # of a result, of all channels: 1 GiB, 4.6 hours of mono at 16 kHz

Samples = npt.NDArray[np.float32]


def read_audio(path: str | Path) -> tuple[Samples, int]:
    """Read a wav, flac, ogg, opus or mp3 file.

    If sounds of other rates or channels are joined to the first, they are converted to its format.

    Returns:
        (T, C) samples in [-1, 1] and the sample rate [Hz].

    Raises:
        InputError: If the file is missing, no sound file, empty, too long, or out of range.
        MissingDependencyError: If soundfile is not installed.
    """
    parts, notes = open_parts(path)
    rate, channels = parts[0].sample_rate, parts[0].channels
    _check_stated_length(parts, rate, channels)
    blocks = (block for part in parts for block in _blocks_as(part, rate, channels))
    samples = _collected(blocks, path, channels)
    _report([*notes, *(note for part in parts for note in part.levels.notes)], path)
    return samples, rate


def read_mono(path: str | Path, sample_rate: int) -> tuple[Samples, tuple[str, ...]]:
    """Read a sound file, mix its channels down and resample it; non-finite samples count as 0.

    The channels are averaged; where they cancel, the loudest is used.

    Args:
        path: The file.
        sample_rate: Of the result [Hz].

    Returns:
        (N,) samples in [-1, 1], and notes about repairs.

    Raises:
        InputError: As `read_audio`.
        MissingDependencyError: If soundfile is not installed.
    """
    parts, notes = open_parts(path)
    _check_stated_length(parts, sample_rate, 1)
    samples = _collected((block for part in parts for block in _mono_blocks(part, sample_rate)), path, 1)
    notes += [note for part in parts for note in part.levels.notes]
    return np.clip(samples[:, 0], -1.0, 1.0), tuple(dict.fromkeys(notes))


def load_mono(path: str | Path, sample_rate: int) -> Samples:
    """Read a sound file as `read_mono` does; notes about repairs are logged."""
    samples, notes = read_mono(path, sample_rate)
    _report(notes, path)
    return samples


def load_mono_16k(path: str | Path) -> Samples:
    """Read a sound file as `load_mono` does, at the sample rate of the pipeline."""
    return load_mono(path, SAMPLE_RATE)


def _check_stated_length(parts: list[SoundPart], sample_rate: int, channels: int) -> None:
    """Refuse a file that states more than `MAX_SAMPLES`, before it is decoded."""
    stated = sum((part.num_frames or 0) * sample_rate / part.sample_rate for part in parts)
    if stated * channels > MAX_SAMPLES:
        raise _too_long(parts[0].path, f"{stated / sample_rate / 3600:.1f} h, {stated * channels:.3g} samples")


def _mono_blocks(part: SoundPart, sample_rate: int) -> Iterable[Samples]:
    resampler, choice = Resampler(part.sample_rate, sample_rate), part.levels.choice
    for block in part.blocks():
        mono = block.mean(axis=1, dtype=np.float64) if choice == MEAN else block[:, choice]
        yield resampler.push(mono)[:, None]
    yield resampler.flush()[:, None]


def _blocks_as(part: SoundPart, sample_rate: int, channels: int) -> Iterable[Samples]:
    if (part.sample_rate, part.channels) == (sample_rate, channels):
        yield from part.blocks()
        return
    for block in _mono_blocks(part, sample_rate):
        yield np.repeat(block, channels, axis=1)


def _collected(blocks: Iterable[Samples], path: str | Path, channels: int) -> Samples:
    """Join blocks (T, C) up to `MAX_SAMPLES`."""
    kept, count = [np.zeros((0, channels), np.float32)], 0
    for block in blocks:
        count += block.size
        if count > MAX_SAMPLES:
            raise _too_long(path, f"more than {MAX_SAMPLES} samples")
        kept.append(block)
    if not count:
        raise InputError("sound file", str(path), "longer than 0 samples", "Record it again.")
    return np.concatenate(kept)


def _too_long(path: str | Path, length: str) -> InputError:
    return InputError(f"length of {path}", length, f"at most {MAX_SAMPLES} samples", "Cut the file into parts.")


def _report(notes: Iterable[str], path: str | Path) -> None:
    for note in dict.fromkeys(notes):
        log.warning("%s: %s", path, note)
