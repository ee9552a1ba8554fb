"""Files in a folder of recordings, listed once."""

from __future__ import annotations

import csv
import io
import itertools
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import ConfigError, InputError

log = logging.getLogger(__name__)

AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus")
MOTION_SUFFIXES = (".bvh", ".npz")
MAX_FILES = 2_000_000  # in a folder of recordings; the pictures of OpenPose are files
MAX_TABLE_BYTES = 32 * MIB


@dataclass(frozen=True)
class SourceFiles:
    """Files of a folder that are not used yet.

    Attributes:
        folder: The folder.
        paths: Relative paths, sorted, without hidden ones.
        is_whole: No file of the folder was taken away.
    """

    folder: Path
    paths: tuple[PurePosixPath, ...]
    is_whole: bool = True

    def having(self, suffixes: tuple[str, ...]) -> list[PurePosixPath]:
        """Return the files with one of some suffixes, in any case of letters."""
        return [path for path in self.paths if path.suffix.lower() in suffixes]

    def without(self, used: Iterable[PurePosixPath]) -> SourceFiles:
        """Return the files without some of them."""
        gone = set(used)
        return SourceFiles(self.folder, tuple(path for path in self.paths if path not in gone),
                           self.is_whole and gone.isdisjoint(self.paths))


def list_source(folder: Path) -> SourceFiles:
    """List the files under a folder.

    Raises:
        ConfigError: If it is no folder, or has more than `MAX_FILES`.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise ConfigError("source of the data", str(folder), "an existing folder", "Check the path.")
    found = [PurePosixPath(path.relative_to(folder).as_posix())
             for path in itertools.islice(folder.rglob("*"), MAX_FILES + 1) if path.is_file()]
    if len(found) > MAX_FILES:
        raise ConfigError(f"files in {folder}", f"more than {MAX_FILES}", f"at most {MAX_FILES}",
                          "Prepare it in parts.")
    return SourceFiles(folder, tuple(sorted(p for p in found if not any(part.startswith(".") for part in p.parts))))


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a csv file with a header; none if it cannot be read, which is logged."""
    try:
        text = read_bounded(path, MAX_TABLE_BYTES, "csv file").decode("utf-8-sig", errors="replace")
        return [{str(key): str(value) for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]
    except (InputError, csv.Error) as error:
        log.warning("%s is not used: %s", path, error)
        return []
