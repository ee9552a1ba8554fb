"""Recorded speech of the data folder: which recordings there are, who speaks, under which licence.

    DATA/speech/hours/manifest.csv     path, source, licence, speaker, language, seconds of each recording

The data folder is `$SPEECH_GESTURE_DATA`, or ../shared/data beside the checkout.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.datasets.source_files import read_table

DATA_VARIABLE = "SPEECH_GESTURE_DATA"
LEAD_S, TAIL_S = 1.0, 2.0  # silence before and after a recording
NOISE_NAMES = ("noise", "130921", "friction", "hens", "sheep")  # beginnings of file names; others are room responses

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SpeechRecording:
    """One file of speech.

    Attributes:
        name: Unique, valid as a file name.
        path: Sound file.
        speaker: Name of the speaker.
        source: Data set that the file is from.
        licence: Licence of that data set.
        language: As the data set states it, such as "en-US".
        seconds: Length [s].
    """

    name: str
    path: Path
    speaker: str
    source: str
    licence: str
    language: str
    seconds: float


def data_folder() -> Path:
    """Return the data folder, which may be missing: `$SPEECH_GESTURE_DATA`, or ../shared/data beside the checkout."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(os.environ.get(DATA_VARIABLE, default)).expanduser()


def list_recordings(data: Path) -> list[SpeechRecording]:
    """Return all recordings of speech/hours, in the order of its manifest.

    Raises:
        InputError: If there is no manifest, or a row is incomplete or names a file outside the folder.
    """
    manifest = data / "speech" / "hours" / "manifest.csv"
    if not manifest.is_file():
        raise InputError("recorded speech", str(manifest), "an existing manifest",
                         f"Set {DATA_VARIABLE} to the data folder.")
    return [_recording(row, manifest) for row in read_table(manifest)]


def _recording(row: dict[str, str], manifest: Path) -> SpeechRecording:
    try:
        path, seconds = PurePosixPath(row["path"]), float(row["seconds"])
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"{row['path']!r} is outside the folder")
        return SpeechRecording(path.with_suffix("").as_posix().replace("/", "__"), manifest.parent / path,
                               row["speaker"], row["source"], row["licence"], row["language"], seconds)
    except (KeyError, ValueError) as error:
        raise InputError(f"row of {manifest}", row, "path, source, licence, speaker, language, seconds",
                         f"Correct it. ({error})") from error


def list_noises(data: Path) -> list[Path]:
    """Return the recorded noises of the data folder, sorted; room responses are left out."""
    folders = (data / "speech" / name for name in ("speechbrain_noise", "audiomentations"))
    return sorted(p for folder in folders for p in folder.glob("*.opus") if p.stem.startswith(NOISE_NAMES))


def surround_with_silence(samples: Samples, shortest_s: float = 0.0) -> Samples:
    """Put `LEAD_S` of silence before a recording and at least `TAIL_S` after it, up to a whole pose frame.

    Args:
        samples: (N,) at 16 kHz.
        shortest_s: Shortest result; silence fills it up at the end [s].
    """
    lead, tail = round(LEAD_S * SAMPLE_RATE), round(TAIL_S * SAMPLE_RATE)
    tail += max(0, round(shortest_s * SAMPLE_RATE) - len(samples) - lead - tail)
    tail += -(len(samples) + lead + tail) % SAMPLES_PER_POSE
    return np.concatenate([np.zeros(lead, np.float32), samples, np.zeros(tail, np.float32)])
