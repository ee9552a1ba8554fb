"""Pairs of sound and motion in a folder: files with equal keys, in any subfolders.

    speakers/anna/wav/take1.wav  ┐
    speakers/anna/bvh/take1.bvh  ┘  key "speakers/anna/take1": the path without suffix and without folders that only
                                    name the kind of file

One sound and one motion in a folder are a pair with any names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus")
KIND_FOLDERS = frozenset({
    "audio", "audios", "wav", "wavs", "wave16k", "sound", "speech", "motion", "motions", "bvh", "bvhs", "gesture",
    "gestures", "npz", "smplxflame_30", "clean", "original", "keypoints",
})  # fmt: skip

Key = Callable[[PurePosixPath], str | None]


@dataclass(frozen=True)
class RecordingPair:
    """One recording: a sound file and a motion file.

    Attributes:
        name: Unique in the source, valid as a file name.
        speaker: Name of the person; "unknown" where the data do not state it.
        style: Style of speaking, "" where the data do not state it.
        audio: Sound file.
        motion: Motion file, or a folder of OpenPose frames.
        kind: Format of the motion: "bvh", "smplx", "positions" or "openpose".
        mapping: Name of the mapping of the layout; None to map by the names of the joints.
        split: Published split; None if there is none.
        group: Recordings of one group stay in one split; the two sides of a conversation are one.
    """

    name: str
    speaker: str
    style: str
    audio: Path
    motion: Path
    kind: str
    mapping: str | None = None
    split: str | None = None
    group: str = ""


@dataclass(frozen=True)
class FoundPairs:
    """Pairs that a layout finds in a folder (sorted by name), and files without a partner, with the reason."""

    layout: str
    pairs: tuple[RecordingPair, ...]
    left_over: tuple[tuple[Path, str], ...]


def list_files(source: Path, suffixes: tuple[str, ...]) -> list[PurePosixPath]:
    """Return the files under a folder by suffix (in any case), relative and sorted, without hidden ones."""
    paths = (PurePosixPath(p.relative_to(source).as_posix()) for p in source.rglob("*")
             if p.suffix.lower() in suffixes and p.is_file())
    return sorted(p for p in paths if not any(part.startswith(".") for part in p.parts))


def plain_key(path: PurePosixPath) -> str | None:
    """Return the path without suffix and without folders that only name the kind of file."""
    parts = [p for p in path.parts[:-1] if p.lower() not in KIND_FOLDERS]
    return "/".join([*parts, path.stem])


def match_files(source: Path, suffixes: tuple[str, ...], audio_key: Key, motion_key: Key,
                ) -> tuple[list[tuple[str, PurePosixPath, PurePosixPath]], list[tuple[Path, str]]]:
    """Return (key, audio, motion) of files with equal keys, and the files that are left, with the reason.

    Files without a key (None) do not belong to the layout.
    """
    left: list[tuple[Path, str]] = []
    sounds, motions = (_by_key(source, list_files(source, kind), key, left)
                       for kind, key in ((AUDIO_SUFFIXES, audio_key), (suffixes, motion_key)))
    if len(sounds) == len(motions) == 1 and sounds.keys() != motions.keys():  # one pair needs no equal names
        return [(*sounds, *sounds.values(), *motions.values())], left  # type: ignore[list-item]
    left += [(source / path, "no motion of this name") for key, path in sounds.items() if key not in motions]
    left += [(source / path, "no sound of this name") for key, path in motions.items() if key not in sounds]
    return [(key, sounds[key], motions[key]) for key in sorted(sounds.keys() & motions.keys())], left


def _by_key(source: Path, paths: list[PurePosixPath], key: Key, left: list[tuple[Path, str]],
            ) -> dict[str, PurePosixPath]:
    found: dict[str, PurePosixPath] = {}
    for path in paths:
        name = key(path)
        if name in found:
            left.append((source / path, f"same name as {found[name]}"))
        elif name is not None:
            found[name] = path
    return found


def file_name(key: str) -> str:
    """Return a key as a file name: other characters than letters, digits and ._- become dashes."""
    name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in key.replace("/", "_"))
    return name.lstrip("._-") or "recording"
