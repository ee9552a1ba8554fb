"""A prepared corpus: a folder of clips, each of sound with its motion.

    PREPARED/corpus.yaml        format, skeleton, and of each clip: speaker, split, frames, sha256
             clips/<name>.npz   one clip each, see `clips`
             report.md          what was used, what was dropped and why

corpus.yaml is written last, from the clips and their splits: an interrupted preparation continues with the clips that
exist, and a new split writes no clip again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.bounded_files import MIB, sha256_of
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets.clips import (
    MAX_CLIP_BYTES,
    NAME,
    SPLITS,
    Clip,
    check_clip,
    clip_path,
    read_clip,
    write_clip,
)

FORMAT_VERSION = 1
MAX_MANIFEST_BYTES = 128 * MIB  # half a million clips
_SHA256 = re.compile(r"[0-9a-f]{64}")
ENTRY_TYPES = {"speaker": str, "split": str, "frames": int, "motion": list, "sha256": str}


class Corpus:
    """A prepared corpus that is read clip by clip.

    Attributes:
        folder: Folder of the corpus.
        manifest: The content of corpus.yaml.
        skeleton: The skeleton of every clip's `joint_xyz`.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.skeleton: Skeleton = load_skeleton(manifest["skeleton"])

    @property
    def name(self) -> str:
        """Name of the corpus: that of its folder when it was made."""
        return str(self.manifest["name"])

    def names(self, split: str | None = None) -> tuple[str, ...]:
        """Return the names of the clips, all or of one split, sorted.

        Raises:
            ConfigError: If there is no such split.
        """
        if split is not None and split not in SPLITS:
            raise ConfigError("split", split, f"one of {list(SPLITS)}", "Check the spelling.")
        clips: dict[str, dict[str, Any]] = self.manifest["clips"]
        return tuple(name for name, entry in clips.items() if split is None or entry["split"] == split)

    def speakers(self, split: str | None = None) -> frozenset[str]:
        """Return the speakers of all clips, or of those of one split."""
        return frozenset(self.manifest["clips"][name]["speaker"] for name in self.names(split))

    def clip(self, name: str) -> Clip:
        """Read one clip.

        Raises:
            ConfigError: If it is not in the corpus, or its file is missing or not the one that was written.
        InputError: If the clip is malformed.
        """
        entry = self.manifest["clips"].get(name)
        if entry is None:
            raise ConfigError("clip", name, f"one of the {len(self.manifest['clips'])} of {self.folder}",
                              "List them with: speech-gesture data show")
        path = clip_path(self.folder, name)
        if path.is_file() and path.stat().st_size > MAX_CLIP_BYTES:
            raise ConfigError(f"size of {path}", f"{path.stat().st_size / MIB:.1f} MiB",
                              f"at most {MAX_CLIP_BYTES / MIB:g} MiB", "Run speech-gesture data prepare again.")
        if not path.is_file() or sha256_of(path) != entry["sha256"]:
            raise ConfigError("clip file", str(path), "the file with the hash in corpus.yaml",
                              "Delete it and run speech-gesture data prepare again.")
        clip = replace(read_clip(path), split=entry["split"])
        check_clip(clip, self.skeleton)
        return clip

    def clips(self, split: str | None = None) -> Iterator[Clip]:
        """Read all clips, or those of one split, in the order of their names."""
        return (self.clip(name) for name in self.names(split))

    def minutes(self, split: str | None = None) -> float:
        """Return the length of all clips, or of those of one split [min]."""
        frames = sum(self.manifest["clips"][name]["frames"] for name in self.names(split))
        return float(frames / POSE_RATE / 60)


def open_corpus(folder: str | Path) -> Corpus:
    """Open a prepared corpus.

    Raises:
        ConfigError: If the folder is no corpus, or one of another version.
    """
    folder = Path(folder).expanduser()
    remedy = "Make it with: speech-gesture data prepare SOURCE --out FOLDER"
    path = folder / "corpus.yaml"
    if not path.is_file():
        raise ConfigError("prepared corpus", str(folder), "a folder with corpus.yaml in it", remedy)
    manifest = load_yaml(path, MAX_MANIFEST_BYTES)
    if manifest.get("format_version") != FORMAT_VERSION:
        raise ConfigError(f"format_version of {path}", manifest.get("format_version"), str(FORMAT_VERSION), remedy)
    missing = sorted({"name", "skeleton", "clips"} - manifest.keys())
    if missing or not isinstance(manifest["clips"], dict):
        raise ConfigError(f"content of {path}", f"without {missing}", "name, skeleton and clips", remedy)
    if not isinstance(manifest["skeleton"], str) or not NAME.fullmatch(manifest["skeleton"]):
        raise ConfigError(f"skeleton of {path}", manifest["skeleton"], "a name in config/skeletons", remedy)
    for name, entry in manifest["clips"].items():
        _check_entry(name, entry, path, remedy)
    return Corpus(folder, manifest)


def _check_entry(name: object, entry: object, path: Path, remedy: str) -> None:
    """Check that the entry of a clip is complete, and that its name is no path out of the corpus."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ConfigError(f"name of a clip in {path}", name, "letters, digits and ._@+=- only", remedy)
    values = entry if isinstance(entry, dict) else {}
    wrong = [key for key, kind in ENTRY_TYPES.items() if type(values.get(key)) is not kind]
    if wrong or values["split"] not in SPLITS or not _SHA256.fullmatch(values["sha256"]):
        raise ConfigError(f"clip {name!r} in {path}", entry, f"a mapping with {sorted(ENTRY_TYPES)}, split one of "
                          f"{list(SPLITS)}, sha256 of 64 digits", remedy)


def write_corpus(folder: str | Path, clips: Iterable[Clip], *, report: str = "", skeleton: str = "upper_body",
                 about: dict[str, Any] | None = None) -> Corpus:
    """Write clips one by one, then corpus.yaml and report.md.

    Other clips of an earlier corpus in the same folder are not part of the new one.

    Args:
        folder: Folder of the corpus; made if it is missing.
        clips: Clips; each is written before the next is read.
        report: Content of report.md.
        skeleton: Name of the skeleton of `joint_xyz` in config/skeletons.
        about: Further content of corpus.yaml, such as the source of the data.

    Raises:
        InputError: If a clip is malformed, a name is used twice, or there is no clip.
    """
    folder = Path(folder).expanduser()
    splits: dict[str, str] = {}
    for clip in clips:
        if clip.name in splits:
            raise InputError("clip name", clip.name, "unique", "Rename one of them.")
        write_clip(folder, clip, load_skeleton(skeleton))
        splits[clip.name] = clip.split
    return finish_corpus(folder, splits, report=report, skeleton=skeleton, about=about)


def finish_corpus(folder: Path, splits: Mapping[str, str], *, report: str = "", skeleton: str = "upper_body",
                  about: dict[str, Any] | None = None) -> Corpus:
    """Write corpus.yaml and report.md of clips that `write_clip` has written; `splits` by clip name."""
    entries = {name: _entry(clip_path(folder, name), splits[name]) for name in sorted(splits)}
    if not entries:
        raise InputError("number of clips", 0, "at least 1", "Read the reasons in the report of the preparation.")
    manifest = {"format_version": FORMAT_VERSION, "name": folder.resolve().name, "skeleton": skeleton,
                **(about or {}), "clips": entries}
    write_text(folder / "report.md", report)
    write_text(folder / "corpus.yaml", yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True))
    return open_corpus(folder)


def _entry(path: Path, split: str) -> dict[str, Any]:
    clip = read_clip(path)
    kinds = [name for name in ("joint_xyz", "keypoints") if getattr(clip, name) is not None]
    return {"speaker": clip.speaker, "split": split, "frames": clip.num_frames, "motion": kinds,
            "sha256": sha256_of(path)}
