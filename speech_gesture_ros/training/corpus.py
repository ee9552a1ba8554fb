"""The speech to learn from: which recordings there are, whose they are, and their sound at 16 kHz."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    """One file of the corpus.

    Attributes:
        name: Unique, good as a file name.
        path: Where it is.
        speaker: Who speaks.
        source: The data set it is from.
        licence: Of that data set.
        language: As the data set says.
        seconds: How long [s].
    """

    name: str
    path: Path
    speaker: str
    source: str
    licence: str
    language: str
    seconds: float


def data_folder() -> Path:
    """Where the data lies: $SPEECH_GESTURE_DATA, or ../shared/data beside the checkout.

    Raises:
        ConfigError: If it is not there.
    """
    folder = Path(os.environ.get("SPEECH_GESTURE_DATA", "../shared/data")).expanduser()
    if not (folder / "speech" / "hours" / "manifest.csv").is_file():
        raise ConfigError("data folder", str(folder), "a folder with speech/hours/manifest.csv in it",
                          "Set SPEECH_GESTURE_DATA.")
    return folder


def list_recordings(data: Path) -> list[Recording]:
    """All recordings of speech/hours, in the order of its manifest."""
    hours = data / "speech" / "hours"
    with (hours / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [
            Recording(Path(row["path"]).with_suffix("").as_posix().replace("/", "__"), hours / row["path"],
                      row["speaker"], row["source"], row["licence"], row["language"], float(row["seconds"]))
            for row in csv.DictReader(file)
        ]


def list_noises(data: Path) -> list[Path]:
    """Recorded noises that come with the data; a room's response is not one."""
    folders = (data / "speech" / name for name in ("speechbrain_noise", "audiomentations"))
    wanted = ("noise", "130921", "friction", "hens", "sheep")
    return sorted(p for folder in folders for p in folder.glob("*.opus") if p.stem.startswith(wanted))


def read_sound(path: Path) -> Samples:
    """A file as mono samples at 16 kHz, in [-1, 1].

    Raises:
        MissingDependencyError: If soundfile is not installed.
        ConfigError: If the file cannot be read.
    """
    try:
        import soundfile
    except ImportError as error:
        raise MissingDependencyError("soundfile", "reading recordings", "pip install '.[train]'") from error
    try:
        samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (RuntimeError, OSError) as error:
        raise ConfigError("recording", str(path), "a sound file", str(error)) from error
    mono = samples.mean(axis=1)
    common = gcd(int(rate), SAMPLE_RATE)
    return np.asarray(signal.resample_poly(mono, SAMPLE_RATE // common, rate // common), dtype=np.float32)
