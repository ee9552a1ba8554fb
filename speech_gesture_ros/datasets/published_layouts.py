"""Layouts of published data sets, recognised by their file names; see `layouts`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from speech_gesture_ros.datasets.pairs import (
    Key,
    LayoutPairs,
    LeftOver,
    RecordingPair,
    file_name,
    match_files,
)
from speech_gesture_ros.datasets.source_files import MOTION_SUFFIXES, SourceFiles, read_table

_TAKEUCHI = re.compile(r"(audio|gesture)(\d+)", re.IGNORECASE)
_GENEA = re.compile(r"((trn|val|tst)_\d+_v\d+_\d+)_(main-agent|interloctr)", re.IGNORECASE)
_ZEROEGGS = re.compile(r"(\d+)_([A-Z][A-Za-z]+)_\d+(_x_\d+_\d+)?")
_BEAT = re.compile(r"(\d+)_([a-z]+)_\d+_\d+_\d+")
_GENEA_SPLITS = {"trn": "train", "val": "validation", "tst": "test"}
_BEAT_SPLITS = {"train": "train", "additional": "train", "val": "validation", "test": "test"}
FIRST_HELD_OUT = 1092  # recording of Takeuchi et al. from which on even ones test and odd ones validate

Matched = list[tuple[str, PurePosixPath, PurePosixPath]]


def takeuchi(files: SourceFiles) -> LayoutPairs:
    """Return pairs of the Japanese set of Takeuchi et al. 2017, with the split of Kucherenko et al. 2019."""
    def key(kind: str) -> Key:
        def number(path: PurePosixPath) -> str | None:
            match = _TAKEUCHI.fullmatch(path.stem)
            return f"{int(match[2]):04d}" if match and match[1].lower() == kind else None
        return number

    matched, left = match_files(files, (".bvh",), key("audio"), key("gesture"))
    pairs = [RecordingPair(f"gesture{n}", "unknown", "", files.folder / a, files.folder / m, "bvh", "motionbuilder",
                           _takeuchi_split(int(n))) for n, a, m in matched]
    return _found(matched, pairs, left)


def talking_with_hands(files: SourceFiles) -> LayoutPairs:
    """Return pairs of TalkingWithHands 16.2M as in GENEA 2023; both sides of a conversation are one group."""
    def key(path: PurePosixPath) -> str | None:
        return path.stem.lower() if _GENEA.fullmatch(path.stem) else None

    matched, left = match_files(files, (".bvh",), key, key)
    tables = {path.parent: read_table(files.folder / path) for path in files.paths if path.name == "metadata.csv"}
    pairs = []
    for name, audio, motion in matched:
        match = _GENEA.fullmatch(name)
        assert match is not None
        speaker = _genea_speaker(next((tables[p] for p in motion.parents if p in tables), []), match[1], match[3])
        pairs.append(RecordingPair(name, speaker, "", files.folder / audio, files.folder / motion, "bvh",
                                   "talking_with_hands", _GENEA_SPLITS[match[2]], match[1]))
    return _found(matched, pairs, left)


def zeroeggs(files: SourceFiles) -> LayoutPairs:
    """Return pairs of ZeroEGGS: clean/ if it exists, else original/; the style is in the name."""
    has_clean = any("clean" in path.parts and _ZEROEGGS.fullmatch(path.stem) for path in files.having((".bvh",)))

    def is_replaced(path: PurePosixPath) -> bool:
        return has_clean and "original" in path.parts and _ZEROEGGS.fullmatch(path.stem) is not None

    def key(path: PurePosixPath) -> str | None:
        return path.stem if _ZEROEGGS.fullmatch(path.stem) and not is_replaced(path) else None

    matched, left = match_files(files, (".bvh",), key, key)
    pairs = [RecordingPair(file_name(name), "zeroeggs", _ZEROEGGS.sub(r"\2", name).lower(), files.folder / audio,
                           files.folder / motion, "bvh", "motionbuilder", None, name.split("_x_")[0])
             for name, audio, motion in matched]
    found = _found(matched, pairs, left)
    replaced = tuple((path, "the version in clean/ is used") for path in files.paths if is_replaced(path))
    return LayoutPairs(found.pairs, found.left_over, replaced if pairs else (), found.used)


def beat(files: SourceFiles) -> LayoutPairs:
    """Return pairs of BEAT: <speaker number>_<name>_<language>_<take>_<take>.bvh."""
    return _beat(files, ".bvh", "bvh", "motionbuilder")


def beat2(files: SourceFiles) -> LayoutPairs:
    """Return pairs of BEAT2: the same names, SMPL-X rotations."""
    return _beat(files, ".npz", "smplx", "smplx")


def trinity(files: SourceFiles) -> LayoutPairs:
    """Return pairs of Trinity and GENEA 2020: one speaker, folders of sound and motion with equal names."""
    folders = {part.lower() for path in files.having(MOTION_SUFFIXES) for part in path.parts[:-1]}

    def key(path: PurePosixPath) -> str | None:
        return path.stem if folders and folders <= {"motion", "motions", "bvh"} and len(path.parts) == 2 else None

    matched, left = match_files(files, (".bvh",), key, key)
    pairs = [RecordingPair(file_name(n), "unknown", "", files.folder / a, files.folder / m, "bvh", "motionbuilder")
             for n, a, m in matched]
    return _found(matched, pairs, left)


def _found(matched: Matched, pairs: list[RecordingPair], left: LeftOver) -> LayoutPairs:
    return LayoutPairs(tuple(pairs), tuple(left), (), tuple(path for _, *paths in matched for path in paths))


def _beat(files: SourceFiles, suffix: str, kind: str, mapping: str) -> LayoutPairs:
    def key(path: PurePosixPath) -> str | None:
        return path.stem if _BEAT.fullmatch(path.stem) else None

    matched, left = match_files(files, (suffix,), key, key)
    splits = _beat_splits(files) if matched else {}
    pairs = [RecordingPair(n, "_".join(n.split("_")[:2]), "", files.folder / a, files.folder / m, kind, mapping,
                           splits.get(n)) for n, a, m in matched]
    return _found(matched, pairs, left)


def _beat_splits(files: SourceFiles) -> dict[str, str]:
    """Return the split of train_test_split.csv (id, type), which is part of BEAT2."""
    table = next((path for path in files.paths if path.name == "train_test_split.csv"), None)
    rows = read_table(files.folder / table) if table else []
    return {row["id"]: _BEAT_SPLITS[row["type"]] for row in rows if "id" in row and row.get("type") in _BEAT_SPLITS}


def _takeuchi_split(number: int) -> str:
    return "train" if number < FIRST_HELD_OUT else "test" if number % 2 == 0 else "validation"


def _genea_speaker(rows: list[dict[str, str]], take: str, role: str) -> str:
    """Return the speaker's number in the release's metadata.csv; "unknown" without it."""
    number = next((row.get(f"{role}_id") for row in rows if take in row.values()), None)
    return f"speaker{number}" if number else "unknown"
