"""Reader of sound files: any common format to samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.pcm import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from speech_gesture_ros.audio.resampler import resample
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE


def read_audio(path: str | Path) -> tuple[npt.NDArray[np.float32], int]:
    """Read a wav, flac, ogg, opus or mp3 file.

    Returns:
        (T, C) samples in [-1, 1] and the sample rate [Hz].

    Raises:
        InputError: If the file is missing, no sound file, or empty.
        MissingDependencyError: If soundfile is not installed.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the package is installed, its libsndfile is missing
        raise MissingDependencyError("soundfile", "Reading sound files", "Run: pip install soundfile") from error
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError("sound file", str(path), "an existing file", "Check the path.")
    try:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise InputError("sound file", str(path), "a wav, flac, ogg, opus or mp3 file",
                         f"Convert it, for instance with ffmpeg -i IN OUT.wav. ({error})") from error
    if not len(samples):
        raise InputError("sound file", str(path), "longer than 0 samples", "Record it again.")
    return samples, int(sample_rate)


def load_mono(path: str | Path, sample_rate: int) -> npt.NDArray[np.float32]:
    """Read a sound file, mix its channels down and resample it; non-finite samples count as 0.

    Args:
        path: The file.
        sample_rate: Of the result [Hz].

    Returns:
        (N,) samples in [-1, 1].

    Raises:
        InputError: As `read_audio`, or if the sample rate of the file is out of range.
    """
    samples, file_rate = read_audio(path)
    if not MIN_SAMPLE_RATE <= file_rate <= MAX_SAMPLE_RATE:
        raise InputError(f"sample rate of {path}", file_rate, f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz",
                         "Convert the file.")
    finite = np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
    return np.clip(resample(finite.mean(axis=1, dtype=np.float64), file_rate, sample_rate), -1.0, 1.0)


def load_mono_16k(path: str | Path) -> npt.NDArray[np.float32]:
    """Read a sound file as `load_mono` does, at the sample rate of the pipeline."""
    return load_mono(path, SAMPLE_RATE)
