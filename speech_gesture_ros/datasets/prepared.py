"""A prepared corpus: a folder of clips, each a stretch of sound and the motion that belongs to it.

    PREPARED/corpus.yaml        format, skeleton, and of each clip: speaker, split, frames, sha256
             clips/<name>.npz   samples int16, joint_xyz float32, keypoints float32, speaker
             report.md          what was used, what was dropped and why

A clip's file is written whole or not at all. corpus.yaml comes last, made from the clips and their splits: a
preparation that was interrupted goes on with the clips that are there, and a new split writes no clip again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import yaml

from speech_gesture_ros.core.config import load_yaml
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_RATE, NUM_KEYPOINTS
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton

FORMAT_VERSION = 1
SPLITS = ("train", "validation", "test")
LENGTH_TOLERANCE_M = 1e-3
_FULL_SCALE = 32767
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+=-]*")


@dataclass(frozen=True)
class Clip:
    """A stretch of sound and its motion. T frames at 25 Hz, N = 640 T samples.

    Attributes:
        name: Unique in its corpus, good as a file name.
        speaker: Who speaks (and how, where the data set tells styles apart).
        split: "train", "validation" or "test".
        samples: (N,) float32 mono at 16 kHz in [-1, 1].
        joint_xyz: (T, J, 3) float32 [m], canonical skeleton with its bone lengths; None if only keypoints are known.
        keypoints: (T15, 49, 3) float32 x, y [pixels] and confidence at 15 Hz in Speech2Gesture's order, or None.
    """

    name: str
    speaker: str
    split: str
    samples: npt.NDArray[np.float32]
    joint_xyz: npt.NDArray[np.float32] | None = None
    keypoints: npt.NDArray[np.float32] | None = None

    @property
    def num_frames(self) -> int:
        """Frames at 25 Hz."""
        return len(self.samples) // SAMPLES_PER_POSE

    @property
    def seconds(self) -> float:
        """Length [s]."""
        return len(self.samples) / SAMPLE_RATE


class Corpus:
    """A prepared corpus that is read clip by clip.

    Attributes:
        folder: Where it lies.
        manifest: The content of corpus.yaml.
        skeleton: The skeleton of every clip's `joint_xyz`.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.skeleton: Skeleton = load_skeleton(manifest["skeleton"])

    @property
    def name(self) -> str:
        """What the corpus is called: its folder's name when it was made."""
        return str(self.manifest["name"])

    def names(self, split: str | None = None) -> tuple[str, ...]:
        """Names of the clips, all or of one split, sorted.

        Raises:
            ConfigError: If there is no such split.
        """
        if split is not None and split not in SPLITS:
            raise ConfigError("split", split, f"one of {list(SPLITS)}", "Check the spelling.")
        clips: dict[str, dict[str, Any]] = self.manifest["clips"]
        return tuple(name for name, entry in clips.items() if split is None or entry["split"] == split)

    def clip(self, name: str) -> Clip:
        """Read one clip.

        Raises:
            ConfigError: If it is not in the corpus, or its file is missing or not the one that was written.
        """
        entry = self.manifest["clips"].get(name)
        if entry is None:
            raise ConfigError("clip", name, f"one of the {len(self.manifest['clips'])} of {self.folder}",
                              "List them with: speech-gesture data show")
        path = clip_path(self.folder, name)
        if not path.is_file() or _sha256(path) != entry["sha256"]:
            raise ConfigError("clip file", str(path), "the file that corpus.yaml tells of",
                              "Delete it and run speech-gesture data prepare again.")
        return replace(read_clip(path), split=entry["split"])

    def clips(self, split: str | None = None) -> Iterator[Clip]:
        """All clips, or those of one split, in the order of their names."""
        return (self.clip(name) for name in self.names(split))

    def minutes(self, split: str | None = None) -> float:
        """Length of all clips, or of those of one split [min]."""
        frames = sum(self.manifest["clips"][name]["frames"] for name in self.names(split))
        return float(frames / POSE_RATE / 60)


def open_corpus(folder: str | Path) -> Corpus:
    """Open a prepared corpus.

    Raises:
        ConfigError: If the folder is not one, or of another version.
    """
    folder = Path(folder).expanduser()
    remedy = "Make it with: speech-gesture data prepare SOURCE --out FOLDER"
    path = folder / "corpus.yaml"
    if not path.is_file():
        raise ConfigError("prepared corpus", str(folder), "a folder with corpus.yaml in it", remedy)
    manifest = load_yaml(path)
    if manifest.get("format_version") != FORMAT_VERSION:
        raise ConfigError(f"format_version of {path}", manifest.get("format_version"), str(FORMAT_VERSION), remedy)
    missing = sorted({"name", "skeleton", "clips"} - manifest.keys())
    if missing or not isinstance(manifest["clips"], dict):
        raise ConfigError(f"content of {path}", f"without {missing}", "name, skeleton and clips", remedy)
    return Corpus(folder, manifest)


def write_corpus(folder: str | Path, clips: Iterable[Clip], *, report: str = "", skeleton: str = "upper_body",
                 about: dict[str, Any] | None = None) -> Corpus:
    """Write clips as they come, then corpus.yaml and report.md.

    Clips of an earlier corpus in the same folder that do not come again are not part of the new one.

    Args:
        folder: Made if it is not there.
        clips: Each is written before the next is asked for.
        report: Content of report.md.
        skeleton: Name or path of the skeleton of `joint_xyz`.
        about: More to keep in corpus.yaml, such as where the data is from.

    Raises:
        InputError: If a clip is malformed, a name comes twice, or there is no clip.
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
    """Make corpus.yaml and report.md of clips that `write_clip` has written; `splits` by clip name."""
    entries = {name: _entry(clip_path(folder, name), splits[name]) for name in sorted(splits)}
    if not entries:
        raise InputError("number of clips", 0, "at least 1", "Read the reasons in the report of the preparation.")
    manifest = {"format_version": FORMAT_VERSION, "name": folder.resolve().name, "skeleton": skeleton,
                **(about or {}), "clips": entries}
    write_whole(folder / "report.md", report.encode())
    write_whole(folder / "corpus.yaml", yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True).encode())
    return open_corpus(folder)


def clip_path(folder: Path, name: str) -> Path:
    """Where a clip of a corpus lies."""
    return folder / "clips" / f"{name}.npz"


def write_clip(folder: Path, clip: Clip, skeleton: Skeleton) -> Path:
    """Write a clip whole or not at all.

    Raises:
        InputError: If it is malformed.
    """
    check_clip(clip, skeleton)
    arrays: dict[str, Any] = {"speaker": np.array(clip.speaker),
                              "samples": np.round(clip.samples * _FULL_SCALE).astype(np.int16)}
    arrays |= {name: np.asarray(value, dtype=np.float32)
               for name, value in (("joint_xyz", clip.joint_xyz), ("keypoints", clip.keypoints)) if value is not None}
    path = clip_path(folder, clip.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, **arrays)
    unfinished.replace(path)
    return path


def read_clip(path: Path) -> Clip:
    """Read a clip's file, which knows no split: it comes as "train".

    Raises:
        ConfigError: If it is not one.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Clip(path.stem, str(arrays["speaker"]), "train",
                        arrays["samples"].astype(np.float32) / _FULL_SCALE, arrays.get("joint_xyz"),
                        arrays.get("keypoints"))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ConfigError("clip file", str(path), "a clip that this package has written",
                          f"Delete it and prepare again. ({error})") from error


def check_clip(clip: Clip, skeleton: Skeleton) -> None:
    """Hold a clip against what its class promises.

    Raises:
        InputError: Naming the clip and what is wrong with it.
    """
    where = f"clip {clip.name!r}"
    remedy = "Mend or drop it before it is written."
    if not _NAME.fullmatch(clip.name):
        raise InputError("clip name", clip.name, "letters, digits and ._@+=- only", "Rename it.")
    if clip.split not in SPLITS:
        raise InputError(f"split of {where}", clip.split, f"one of {list(SPLITS)}", remedy)
    count = len(clip.samples)
    if np.ndim(clip.samples) != 1 or not count or count % SAMPLES_PER_POSE:
        raise InputError(f"samples of {where}", np.shape(clip.samples), f"(N,), N a multiple of {SAMPLES_PER_POSE}",
                         remedy)
    if not np.all(np.abs(clip.samples) <= 1.0):
        raise InputError(f"samples of {where}", "beyond full scale, or NaN", "in [-1, 1]", remedy)
    if clip.joint_xyz is None and clip.keypoints is None:
        raise InputError(f"motion of {where}", None, "joint_xyz or keypoints", remedy)
    if clip.joint_xyz is not None:
        _check_motion(clip.joint_xyz, clip.num_frames, skeleton, where, remedy)
    if clip.keypoints is not None:
        _check_keypoints(clip.keypoints, clip.seconds, where, remedy)


def _check_motion(joint_xyz: npt.NDArray[np.float32], num_frames: int, skeleton: Skeleton, where: str,
                  remedy: str) -> None:
    if np.shape(joint_xyz) != (num_frames, len(skeleton), 3):
        raise InputError(f"joint_xyz of {where}", np.shape(joint_xyz), str((num_frames, len(skeleton), 3)), remedy)
    if not np.all(np.isfinite(joint_xyz)):
        raise InputError(f"joint_xyz of {where}", "NaN or infinity", "finite", remedy)
    lengths = np.linalg.norm(skeleton.bones_from_xyz(joint_xyz), axis=-1)
    error = np.abs(lengths - skeleton.bone_lengths)[:, 1:].max()
    if error > LENGTH_TOLERANCE_M:
        raise InputError(f"bones of {where}", f"{error * 1000:.1f} mm off",
                         f"within {LENGTH_TOLERANCE_M * 1000:.0f} mm of the skeleton {skeleton.name!r}", remedy)


def _check_keypoints(keypoints: npt.NDArray[np.float32], seconds: float, where: str, remedy: str) -> None:
    expected = seconds * KEYPOINT_RATE
    shape = np.shape(keypoints)
    if len(shape) != 3 or shape[1:] != (NUM_KEYPOINTS, 3) or abs(shape[0] - expected) > 1.0:
        raise InputError(f"keypoints of {where}", shape, f"about {(round(expected), NUM_KEYPOINTS, 3)}", remedy)
    if not np.all(np.isfinite(keypoints)):
        raise InputError(f"keypoints of {where}", "NaN or infinity", "finite, confidence 0 where unknown", remedy)


def _entry(path: Path, split: str) -> dict[str, Any]:
    clip = read_clip(path)
    kinds = [name for name in ("joint_xyz", "keypoints") if getattr(clip, name) is not None]
    return {"speaker": clip.speaker, "split": split, "frames": clip.num_frames, "motion": kinds,
            "sha256": _sha256(path)}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
