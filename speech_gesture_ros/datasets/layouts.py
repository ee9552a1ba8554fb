"""Layouts of published data sets. Each layout is recognised by its file names and finds its pairs.

    takeuchi            audio12.wav, gesture12.bvh; published split by number                     (Takeuchi et al. 2017)
    talking_with_hands  trn/main-agent/{wav,bvh}/trn_2023_v0_000_main-agent.*, interloctr alike   (GENEA 2023)
    zeroeggs            clean/001_Neutral_0_x_1_0.{wav,bvh}: one speaker, 19 styles               (Ghorbani et al. 2022)
    beat                2/2_scott_0_1_1.{wav,bvh}                                                 (Liu et al. 2022)
    beat2               wave16k/2_scott_0_1_1.wav, smplxflame_30/2_scott_0_1_1.npz                (Liu et al. 2024)
    trinity             Audio/*.wav, Motion/*.bvh, or wav/ and bvh/; one speaker                  (Ferstl et al. 2018)
    openpose            talk.wav, talk/talk_000000000000_keypoints.json ...                       (Cao et al. 2017)
    plain               any sound and motion files with equal names; folders are speakers

The first layout of `LAYOUTS` that finds pairs is used; `plain` is last.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.npz_motion import motion_kind
from speech_gesture_ros.datasets.pairs import (
    FoundPairs,
    Key,
    RecordingPair,
    file_name,
    list_files,
    match_files,
    plain_key,
)

Finder = Callable[[Path], FoundPairs]

_TAKEUCHI = re.compile(r"(audio|gesture)(\d+)", re.IGNORECASE)
_GENEA = re.compile(r"((trn|val|tst)_\d+_v\d+_\d+)_(main-agent|interloctr)", re.IGNORECASE)
_ZEROEGGS = re.compile(r"(\d+)_([A-Z][A-Za-z]+)_\d+(_x_\d+_\d+)?")
_BEAT = re.compile(r"(\d+)_([a-z]+)_\d+_\d+_\d+")
_GENEA_SPLITS = {"trn": "train", "val": "validation", "tst": "test"}
MOTION_SUFFIXES = (".bvh", ".npz")
FIRST_HELD_OUT = 1092  # recording of Takeuchi et al. from which on even ones test and odd ones validate


def find_pairs(source: Path, layout: str | None = None, speaker_pattern: str | None = None) -> FoundPairs:
    """Return the pairs of sound and motion in a folder.

    Args:
        source: The folder.
        layout: One of `LAYOUTS`; None for the first that finds pairs.
        speaker_pattern: Regular expression; its first group in a motion file's relative path is the speaker.

    Raises:
        ConfigError: If the folder is missing, the layout is unknown, or there is no pair.
    """
    source = Path(source).expanduser()
    if not source.is_dir():
        raise ConfigError("source of the data", str(source), "an existing folder", "Check the path.")
    if layout is not None and layout not in LAYOUTS:
        raise ConfigError("layout", layout, f"one of {list(LAYOUTS)}", "Check the spelling.")
    results = (LAYOUTS[name](source) for name in ([layout] if layout else LAYOUTS))
    found = next((result for result in results if result.pairs), None)
    if found is None:
        sounds, motions = list_files(source, (".wav", ".flac", ".mp3")), list_files(source, (*MOTION_SUFFIXES, ".json"))
        raise ConfigError(f"pairs of sound and motion in {source}", f"0 ({len(sounds)} sound files, {len(motions)} "
                          f"motion files)", "at least 1", "Give sound and motion the same name: talk.wav, talk.bvh.")
    return found if speaker_pattern is None else _rename_speakers(found, source, speaker_pattern)


def takeuchi(source: Path) -> FoundPairs:
    """Return pairs of the Japanese set of Takeuchi et al. 2017, with the split of Kucherenko et al. 2019."""
    def key(kind: str) -> Key:
        def number(path: PurePosixPath) -> str | None:
            match = _TAKEUCHI.fullmatch(path.stem)
            return f"{int(match[2]):04d}" if match and match[1].lower() == kind else None
        return number

    matched, left = match_files(source, (".bvh",), key("audio"), key("gesture"))
    pairs = [RecordingPair(f"gesture{n}", "unknown", "", source / a, source / m, "bvh", "motionbuilder",
                           _takeuchi_split(int(n))) for n, a, m in matched]
    return FoundPairs("takeuchi", tuple(pairs), tuple(left))


def talking_with_hands(source: Path) -> FoundPairs:
    """Return pairs of TalkingWithHands 16.2M as in GENEA 2023; both sides of a conversation are one group."""
    def key(path: PurePosixPath) -> str | None:
        return path.stem.lower() if _GENEA.fullmatch(path.stem) else None

    matched, left = match_files(source, (".bvh",), key, key)
    pairs = []
    for name, audio, motion in matched:
        match = _GENEA.fullmatch(name)
        assert match is not None
        pairs.append(RecordingPair(name, _genea_speaker(source / motion, match[1], match[3]), "", source / audio,
                          source / motion, "bvh", "talking_with_hands", _GENEA_SPLITS[match[2]], match[1]))
    return FoundPairs("talking_with_hands", tuple(pairs), tuple(left))


def zeroeggs(source: Path) -> FoundPairs:
    """Return pairs of ZeroEGGS: clean/ if it exists, else original/; the style is in the name."""
    clean = any("clean" in path.parts for path in list_files(source, (".bvh",)))

    def key(path: PurePosixPath) -> str | None:
        other = clean and "original" in path.parts
        return path.stem if _ZEROEGGS.fullmatch(path.stem) and not other else None

    matched, left = match_files(source, (".bvh",), key, key)
    pairs = [RecordingPair(file_name(name), "zeroeggs", str(_ZEROEGGS.fullmatch(name)[2]).lower(),  # type: ignore[index]
                  source / a, source / m, "bvh", "motionbuilder", None, name.split("_x_")[0]) for name, a, m in matched]
    return FoundPairs("zeroeggs", tuple(pairs), tuple(left))


def beat(source: Path) -> FoundPairs:
    """Return pairs of BEAT: <speaker number>_<name>_<language>_<take>_<take>.bvh."""
    return _beat(source, "beat", ".bvh", "bvh", "motionbuilder")


def beat2(source: Path) -> FoundPairs:
    """Return pairs of BEAT2: the same names, SMPL-X rotations."""
    return _beat(source, "beat2", ".npz", "smplx", "smplx")


def trinity(source: Path) -> FoundPairs:
    """Return pairs of Trinity and GENEA 2020: one speaker, folders of sound and motion with equal names."""
    folders = {part.lower() for path in list_files(source, (".bvh",)) for part in path.parts[:-1]}

    def key(path: PurePosixPath) -> str | None:
        return path.stem if folders and folders <= {"motion", "motions", "bvh"} and len(path.parts) == 2 else None

    matched, left = match_files(source, (".bvh",), key, key)
    pairs = [RecordingPair(file_name(n), "unknown", "", source / a, source / m, "bvh", "motionbuilder")
             for n, a, m in matched]
    return FoundPairs("trinity", tuple(pairs), tuple(left))


def plain(source: Path) -> FoundPairs:
    """Return pairs of any files with equal names; a first folder that is no kind of file names the speaker."""
    matched, left = match_files(source, MOTION_SUFFIXES, plain_key, plain_key)
    pairs = [RecordingPair(file_name(key), _first_folder(key), "", source / audio, source / motion,
                           "bvh" if motion.suffix.lower() == ".bvh" else motion_kind(source / motion))
             for key, audio, motion in matched]
    return FoundPairs("plain", tuple(pairs), tuple(left))


def openpose(source: Path) -> FoundPairs:
    """Return folders of OpenPose frames, <recording>/..._keypoints.json, with the sound file of the same name."""
    folders = sorted({p.parent for p in list_files(source, (".json",)) if re.search(r"\d_keypoints\.json$", p.name)})
    sounds = {plain_key(p): p for p in list_files(source, (".wav", ".flac", ".mp3"))}
    pairs, left = [], []
    for folder in folders:
        key = str(plain_key(folder))
        if key in sounds:
            pairs.append(RecordingPair(file_name(key), _first_folder(key), "", source / sounds[key], source / folder,
                                       "openpose"))
        else:
            left.append((source / folder, "no sound of this name"))
    return FoundPairs("openpose", tuple(pairs), tuple(left))


LAYOUTS: dict[str, Finder] = {
    "takeuchi": takeuchi, "talking_with_hands": talking_with_hands, "zeroeggs": zeroeggs, "beat": beat, "beat2": beat2,
    "trinity": trinity, "openpose": openpose, "plain": plain,
}  # fmt: skip


def _beat(source: Path, name: str, suffix: str, kind: str, mapping: str) -> FoundPairs:
    def key(path: PurePosixPath) -> str | None:
        return path.stem if _BEAT.fullmatch(path.stem) else None

    matched, left = match_files(source, (suffix,), key, key)
    splits = _beat_splits(source)
    pairs = [RecordingPair(n, "_".join(n.split("_")[:2]), "", source / a, source / m, kind, mapping, splits.get(n))
             for n, a, m in matched]
    return FoundPairs(name, tuple(pairs), tuple(left) if pairs else ())


def _beat_splits(source: Path) -> dict[str, str]:
    """Return the split of train_test_split.csv (id, type), which is part of BEAT2."""
    table = next(iter(sorted(source.rglob("train_test_split.csv"))), None)
    if table is None:
        return {}
    splits = {"train": "train", "additional": "train", "val": "validation", "test": "test"}
    with table.open(encoding="utf-8", newline="") as file:
        return {row["id"]: splits[row["type"]] for row in csv.DictReader(file) if row.get("type") in splits}


def _takeuchi_split(number: int) -> str:
    return "train" if number < FIRST_HELD_OUT else "test" if number % 2 == 0 else "validation"


def _genea_speaker(motion: Path, take: str, role: str) -> str:
    """Return the speaker's number in the release's metadata.csv, two folders up; "unknown" without it."""
    table = motion.parents[2] / "metadata.csv"
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if take in row.values():
                    number = row.get(f"{role}_id")
                    return f"speaker{number}" if number else "unknown"
    return "unknown"


def _first_folder(key: str) -> str:
    """Return the first folder of a key, which names the speaker; "unknown" without one."""
    return key.split("/")[0] if "/" in key else "unknown"


def _rename_speakers(found: FoundPairs, source: Path, pattern: str) -> FoundPairs:
    try:
        search = re.compile(pattern)
    except re.error as error:
        raise ConfigError("speaker pattern", pattern, "a regular expression", str(error)) from None
    pairs = []
    for pair in found.pairs:
        match = search.search(pair.motion.relative_to(source).as_posix())
        if match is None or not search.groups:
            raise ConfigError("speaker pattern", pattern, f"a pattern with a group that matches {pair.motion}",
                              "Example: '([a-z]+)_' for anna_01.bvh")
        pairs.append(replace(pair, speaker=match[1]))
    return FoundPairs(found.layout, tuple(pairs), found.left_over)
