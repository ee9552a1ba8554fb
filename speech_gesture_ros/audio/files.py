"""Sound files of any usual format to samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.pcm import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from speech_gesture_ros.audio.resampler import Resampler
from speech_gesture_ros.core.errors import InputError, MissingDependencyError


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
    except (ImportError, OSError) as error:  # OSError: the package is there, its libsndfile is not
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


def load_mono_16k(path: str | Path) -> npt.NDArray[np.float32]:
    """Read a sound file as the pipeline hears it: channels mixed down, resampled to 16 kHz.

    Returns:
        (N,) samples in [-1, 1].

    Raises:
        InputError: As `read_audio`, or if the sample rate is beyond what can be resampled.
    """
    samples, sample_rate = read_audio(path)
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise InputError(f"sample rate of {path}", sample_rate, f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz",
                         "Convert the file.")
    finite = np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0)
    resampler = Resampler(sample_rate)
    mono = resampler.push(finite.mean(axis=1, dtype=np.float64))
    return np.asarray(np.clip(np.concatenate([mono, resampler.flush()]), -1.0, 1.0), dtype=np.float32)
