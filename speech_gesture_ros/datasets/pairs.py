"""Pairs of sound and motion in a folder: files with equal keys, in any subfolders.

speakers/anna/wav/take1.wav  ┐
speakers/anna/bvh/take1.bvh  ┘  key "speakers/anna/take1": the path without suffix and without folders that only
name the kind of file
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from speech_gesture_ros.datasets.source_files import AUDIO_SUFFIXES, SourceFiles

KIND_FOLDERS = frozenset({
    "audio", "audios", "wav", "wavs", "wave16k", "sound", "speech", "motion", "motions", "bvh", "bvhs", "gesture",
    "gestures", "npz", "smplxflame_30", "clean", "original", "keypoints", "openpose", "json",
})  # fmt: skip

Key = Callable[[PurePosixPath], str | None]
LeftOver = list[tuple[PurePosixPath, str]]


@dataclass(frozen=True)
class RecordingPair:
    """One recording: a sound file and a motion file.

    Attributes:
        name: Unique in the source, valid as a file name.
        speaker: Name of the person; "unknown" where the data do not state it.
        style: Style of speaking, "" where the data do not state it.
        audio: Sound file, or a film.
        motion: Motion file, a folder of OpenPose frames, or a film.
        kind: Format of the motion: "bvh", "smplx", "positions", "openpose" or "film".
        mapping: Name of the mapping of the layout; None to map by the names of the joints.
        split: Published split; None if there is none.
        group: Recordings of one group stay in one split; the two sides of a conversation are one.
        pictures: Recording in the folder of OpenPose frames, see `openpose_files.group_pictures`.
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
    pictures: str = ""


@dataclass(frozen=True)
class LayoutPairs:
    """Pairs of one layout (sorted by name), and files of it without a partner, with the reason.

    Attributes:
        pairs: The pairs.
        left_over: Relative paths of files that no pair uses; other layouts may use them.
        set_aside: Files that other layouts may not use either.
        used: Relative paths of the files of the pairs.
    """

    pairs: tuple[RecordingPair, ...]
    left_over: tuple[tuple[PurePosixPath, str], ...] = ()
    set_aside: tuple[tuple[PurePosixPath, str], ...] = ()
    used: tuple[PurePosixPath, ...] = ()


@dataclass(frozen=True)
class FoundPairs:
    """Pairs in a folder, and all other files.

    Attributes:
        layout: Names of the layouts that found pairs.
        pairs: The pairs.
        left_over: Sound and motion that no pair uses, with the reason.
        others: Number of the files of other kinds, by suffix.
    """

    layout: str
    pairs: tuple[RecordingPair, ...]
    left_over: tuple[tuple[Path, str], ...]
    others: dict[str, int] = field(default_factory=dict)


def plain_key(path: PurePosixPath) -> str | None:
    """Return the path without suffix and without folders that only name the kind of file."""
    parts = [p for p in path.parts[:-1] if p.lower() not in KIND_FOLDERS]
    return "/".join([*parts, path.stem])


def match_files(files: SourceFiles, suffixes: tuple[str, ...], audio_key: Key, motion_key: Key,
                ) -> tuple[list[tuple[str, PurePosixPath, PurePosixPath]], LeftOver]:
    """Return (key, audio, motion) of files with equal keys, and the files that are left, with the reason.

    Files without a key (None) do not belong to the layout.
    """
    left: LeftOver = []
    sounds, motions = (_by_key(files.having(kind), key, left)
                       for kind, key in ((AUDIO_SUFFIXES, audio_key), (suffixes, motion_key)))
    left += [(path, "no motion of this name") for key, path in sounds.items() if key not in motions]
    left += [(path, "no sound of this name") for key, path in motions.items() if key not in sounds]
    return [(key, sounds[key], motions[key]) for key in sorted(sounds.keys() & motions.keys())], left


def _by_key(paths: list[PurePosixPath], key: Key, left: LeftOver) -> dict[str, PurePosixPath]:
    found: dict[str, PurePosixPath] = {}
    for path in paths:
        name = key(path)
        if name in found:
            left.append((path, f"same name as {found[name]}"))
        elif name is not None:
            found[name] = path
    return found


def file_name(key: str) -> str:
    """Return a key as a file name: other characters than letters, digits and ._- become dashes."""
    name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in key.replace("/", "_"))
    return name.lstrip("._-") or "recording"


def first_folder(key: str) -> str:
    """Return the first folder of a key, which names the speaker; "unknown" without one."""
    return key.split("/")[0] if "/" in key else "unknown"
