"""Recorded speech with its text: the clips inside the recordings of the data folder.

DATA/speech/hours/segments.csv has path, start [s], end [s] and text of each clip; the text may be empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.source_files import read_table
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording


@dataclass(frozen=True)
class TranscribedClip:
    """A part of a recording.

    Attributes:
        start_s: Beginning in the recording [s].
        end_s: End [s].
        text: What is said.
    """

    start_s: float
    end_s: float
    text: str


def list_clips(data: Path, recording: SpeechRecording) -> list[TranscribedClip]:
    """Return the clips of a recording whose text is known, in the order of time.

    Raises:
        InputError: If there is no table, or a row is incomplete.
    """
    folder = data / "speech" / "hours"
    name = recording.path.relative_to(folder).as_posix()
    table = folder / "segments.csv"
    if not table.is_file():
        raise InputError("texts of recorded speech", str(table), "an existing table", "Copy the whole data folder.")
    return sorted((_clip(row, table) for row in read_table(table)
                   if row.get("path") == name and row.get("text", "").strip()), key=lambda clip: clip.start_s)


def _clip(row: dict[str, str], table: Path) -> TranscribedClip:
    try:
        start, end = float(row["start"]), float(row["end"])
        if not 0.0 <= start < end:
            raise ValueError(f"{start} to {end} s")
        return TranscribedClip(start, end, row["text"].strip())
    except (KeyError, ValueError) as error:
        raise InputError(f"row of {table}", row, "path, start, end, text", f"Correct it. ({error})") from error
