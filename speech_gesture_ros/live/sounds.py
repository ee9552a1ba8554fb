"""Recordings that the page can play: those of this package, one of the command line, and files that a user chooses."""

from __future__ import annotations

import re
import tempfile
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.bounded_files import MIB
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

DEMO = "Sample voice"
MAX_UPLOAD_BYTES = 40 * MIB
MAX_SECONDS = 600.0
MAX_CHOSEN = 8  # files of users that are kept; the oldest is dropped
MAX_NAME = 60
Samples = npt.NDArray[np.float32]


class SoundShelf:
    """Recordings by name, mono at 16 kHz; used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sounds: dict[str, Samples] = {}
        self._chosen: list[str] = []
        self.add_file(DEMO, share_folder() / "config" / "demo" / "speech.flac")

    @property
    def names(self) -> list[str]:
        """Names of all recordings."""
        with self._lock:
            return list(self._sounds)

    def get(self, name: str) -> Samples:
        """Return a recording (N,).

        Raises:
            InputError: If there is none of that name.
        """
        with self._lock:
            if name not in self._sounds:
                raise InputError("recording", name, f"one of {', '.join(self._sounds)}", "Choose it again.")
            return self._sounds[name]

    def add_file(self, name: str, path: Path) -> str:
        """Add a file for as long as the session lasts; return its name.

        Raises:
            InputError: If it cannot be read, or is too long.
        """
        samples = load_mono_16k(path)
        if len(samples) > MAX_SECONDS * SAMPLE_RATE:
            raise InputError("length of the recording", f"{len(samples) / SAMPLE_RATE:.0f} s",
                             f"{MAX_SECONDS:.0f} s at most", "Cut it into parts.")
        with self._lock:
            self._sounds[name] = samples
        return name

    def add_upload(self, name: str, content: bytes) -> str:
        """Add a file that a page has sent; return the name under which it is kept.

        Raises:
            InputError: If it is no sound file, or too large or long.
        """
        if len(content) > MAX_UPLOAD_BYTES:
            raise InputError("size of the file", f"{len(content) / MIB:.0f} MiB",
                             f"{MAX_UPLOAD_BYTES // MIB} MiB at most", "Choose a shorter one, or a compressed one.")
        kept = re.sub(r"[^\w .()-]", "_", name)[:MAX_NAME].strip() or "recording"
        if kept == DEMO:
            kept += " (2)"
        suffix = Path(kept).suffix
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"sound{suffix if re.fullmatch(r'[.][a-z0-9]{1,5}', suffix.lower()) else ''}"
            path.write_bytes(content)
            try:
                self.add_file(kept, path)
            except InputError as error:
                raise InputError("file", name[:MAX_NAME], "a sound: wav, flac, ogg or mp3, not longer than "
                                 f"{MAX_SECONDS / 60:.0f} minutes", "Choose another one.") from error
        with self._lock:
            self._chosen = [*(n for n in self._chosen if n != kept), kept]
            for old in self._chosen[:-MAX_CHOSEN]:
                self._sounds.pop(old, None)
            self._chosen = self._chosen[-MAX_CHOSEN:]
        return kept
