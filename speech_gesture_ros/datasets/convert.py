"""Conversion of one recording to clips: read, retarget, repair, resample, cut.

    sound  ─► 16 kHz mono ────────────────────────────┐
    motion ─► directions ─► faults ─► 25 Hz ─► frames ┴► good parts ─► clips of at most a minute

A recording that cannot be used raises an `InputError` whose message is the reason in the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import read_mono
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX, KEYPOINT_RATE
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.faults import find_faults, runs
from speech_gesture_ros.datasets.film_motion import read_film_motion
from speech_gesture_ros.datasets.films import FILM_SUFFIXES, read_film_sound
from speech_gesture_ros.datasets.frame_rate import with_usual_rate
from speech_gesture_ros.datasets.joint_names import SIDES
from speech_gesture_ros.datasets.mapping import (
    ResolvedMapping,
    SkeletonMapping,
    automatic_mapping,
    load_mapping,
    resolve_mapping,
)
from speech_gesture_ros.datasets.motion_resampling import resample_directions
from speech_gesture_ros.datasets.npz_motion import read_positions
from speech_gesture_ros.datasets.openpose import read_openpose
from speech_gesture_ros.datasets.pairs import RecordingPair
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.smplx import read_smplx
from speech_gesture_ros.datasets.source_motion import SourceMotion, read_bvh_motion
from speech_gesture_ros.datasets.splits import time_blocks
from speech_gesture_ros.datasets.sync import SyncEstimate, estimate_sync

READERS: dict[str, Callable[[Path], SourceMotion]] = {
    "bvh": read_bvh_motion, "smplx": read_smplx, "positions": read_positions, "film": read_film_motion}
SILENT_PEAK = 1e-3  # of a recording without sound
COMMON_FRAMES, COMMON_KEYPOINTS = 5, 3  # 0.2 s at 25 Hz and at 15 Hz
REQUIRED_KEYPOINTS = ("neck", *(f"{side}_{part}" for side in SIDES for part in ("shoulder", "elbow", "wrist")))
MAX_LENGTH_DIFFERENCE = 0.2  # of sound and motion, as a share of the longer
MAX_OFFSET_S = 3600.0  # [s]
NOTED_DIFFERENCE_S = 0.5  # above which a note is made


@dataclass(frozen=True)
class ConvertOptions:
    """Options of a conversion.

    Attributes:
        mapping: Name or path of a mapping file; None for the layout's, or by names.
        offset_s: Lag of the motion behind the sound, which is removed [s].
        longest_s: Longest clip [s].
        shortest_s: Shortest part that is kept [s].
        video_rate_hz: Pictures per second of OpenPose frames; None to read rate_hz.txt beside them.
        keep_frozen: Keep motion that is exactly constant.
        by_time: Cut each recording into splits, for data with too few recordings.
    """

    mapping: str | None = None
    offset_s: float = 0.0
    longest_s: float = 60.0
    shortest_s: float = 4.0
    video_rate_hz: float | None = None
    keep_frozen: bool = False
    by_time: bool = False

    def __post_init__(self) -> None:
        if not abs(self.offset_s) <= MAX_OFFSET_S:
            raise ConfigError("offset [s]", self.offset_s, f"from {-MAX_OFFSET_S:g} to {MAX_OFFSET_S:g}", "Correct it.")
        if not 1.0 <= self.shortest_s <= self.longest_s < np.inf:
            raise ConfigError("shortest, longest clip [s]", (self.shortest_s, self.longest_s),
                              "at least 1, at most the longest, finite", "Correct them.")


@dataclass(frozen=True)
class ConvertedRecording:
    """Result of a conversion.

    Attributes:
        clips: Clips; their split is that of the time block, or "train" until the caller decides.
        dropped: (start [s], stop [s], reason) of parts that were left out.
        notes: Derived joints and anomalies.
        mapping: One line for each part of the body.
        frame_rate: Frame rate of the source [Hz].
        sync: Estimated lag; None for keypoints.
    """

    clips: tuple[Clip, ...]
    dropped: tuple[tuple[float, float, str], ...] = ()
    notes: tuple[str, ...] = ()
    mapping: tuple[str, ...] = ()
    frame_rate: float = 0.0
    sync: SyncEstimate | None = field(default=None)


def convert(pair: RecordingPair, options: ConvertOptions, skeleton: Skeleton) -> ConvertedRecording:
    """Convert a recording to clips.

    Raises:
        InputError: If no part of it can be used; the message is the reason.
    """
    samples, sound_notes = _read_sound(pair.audio)
    if not len(samples) or np.abs(samples).max() < SILENT_PEAK:
        raise InputError("sound", "silent throughout", "recorded speech", "Export it again.")
    if pair.kind == "openpose":
        return _convert_keypoints(pair, samples, sound_notes, options)
    sound_s = len(samples) / SAMPLE_RATE
    motion = with_usual_rate(READERS[pair.kind](pair.motion), sound_s)
    notes = [*sound_notes, *motion.notes, *_check_lengths(sound_s, motion.seconds)]
    mapping = choose_mapping(motion, options.mapping or pair.mapping, forced=options.mapping is not None)
    _check_known(motion, mapping)
    target = retarget(motion, mapping, skeleton)
    notes += [*target.notes, f"1 unit of the source is {target.metres_per_unit:g} m"]
    faults = find_faults(target.directions, motion.frame_rate, keep_frozen=options.keep_frozen)
    if faults.spikes:
        notes.append(f"{faults.spikes} jumps")
    xyz, good = _at_pose_rate(target.directions, faults.directions, faults.good, motion.frame_rate, skeleton)
    samples, xyz, good = _shift(samples, xyz, good, options.offset_s)
    sync = estimate_sync(samples, xyz[:, [skeleton.index["left_wrist"], skeleton.index["right_wrist"]]])
    parts, dropped = _cut(good, options)
    clips = tuple(
        Clip(f"{pair.name}@{start / POSE_RATE:.1f}", f"{pair.speaker}/{pair.style}" if pair.style else pair.speaker,
             split, samples[start * SAMPLES_PER_POSE:stop * SAMPLES_PER_POSE], xyz[start:stop])
        for start, stop, split in parts
    )  # fmt: skip
    if not clips:
        raise InputError("usable motion", "; ".join(f"{b - a:.1f} s {why}" for a, b, why in dropped) or "none",
                         f"a part of {options.shortest_s:g} s", "Check the file in a viewer.")
    return ConvertedRecording(clips, tuple(dropped), tuple(notes), tuple(mapping.describe(motion)), motion.frame_rate,
                              sync)


def _read_sound(path: Path) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """Return samples at 16 kHz and notes, of a sound file or a film."""
    if path.suffix.lower() in FILM_SUFFIXES:
        return read_film_sound(path), ()
    return read_mono(path, SAMPLE_RATE)


def choose_mapping(motion: SourceMotion, reference: str | None, *, forced: bool = False) -> ResolvedMapping:
    """Return the requested mapping; that of the layout if it fits; else one by the names of the joints.

    Raises:
        ConfigError: If none fits.
    """
    candidates: list[SkeletonMapping] = [load_mapping(reference)] if reference else []
    for mapping in candidates:
        try:
            return resolve_mapping(mapping, motion)
        except ConfigError:
            if forced:
                raise
    return resolve_mapping(automatic_mapping(motion), motion)


def _check_lengths(sound_s: float, motion_s: float) -> list[str]:
    longer = max(sound_s, motion_s)
    if abs(sound_s - motion_s) > MAX_LENGTH_DIFFERENCE * longer:
        raise InputError("sound and motion", f"{sound_s:.1f} s and {motion_s:.1f} s",
                         f"within {MAX_LENGTH_DIFFERENCE:.0%} of each other", "Pair the files of one recording.")
    if abs(sound_s - motion_s) > NOTED_DIFFERENCE_S:
        return [f"sound {sound_s:.1f} s, motion {motion_s:.1f} s: the end of the longer is left out"]
    return []


def _check_known(motion: SourceMotion, mapping: ResolvedMapping) -> None:
    """Refuse motion in which a mapped joint is never known."""
    for role, joint in mapping.joints.items():
        if not np.isfinite(motion.xyz[:, joint]).all(axis=-1).any():
            raise InputError(f"motion of {role} ({motion.names[joint]})", "unknown in every frame",
                             "known in some frames", "Export it again.")


def _at_pose_rate(raw: npt.NDArray[np.float64], repaired: npt.NDArray[np.float64], good: npt.NDArray[np.bool_],
                  frame_rate: float, skeleton: Skeleton) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return positions (T, J, 3) at 25 Hz, and a mask of the frames that depend on good frames only."""
    whole = good & np.isfinite(repaired).all(axis=(1, 2))
    if not whole.any():
        unknown = int((~np.isfinite(raw)).any(axis=(1, 2)).sum())
        raise InputError("usable motion", f"{unknown} of {len(raw)} frames unknown, the rest frozen or jumping",
                         "some good frames", "Check the file in a viewer.")
    known = np.flatnonzero(whole)
    nearest = known[np.clip(np.searchsorted(known, np.arange(len(whole))), 0, len(known) - 1)]
    directions = resample_directions(repaired[nearest], frame_rate)
    begin = np.arange(len(directions)) / POSE_RATE * frame_rate
    counts = np.concatenate([[0], np.cumsum(~whole)])
    low = np.clip(np.floor(begin).astype(int), 0, len(whole) - 1)
    high = np.clip(np.ceil(begin).astype(int), 0, len(whole) - 1) + 1
    xyz = skeleton.xyz_from_bones(directions * skeleton.bone_lengths[:, None])
    return xyz.astype(np.float32), counts[high] == counts[low]


def _shift(samples: npt.NDArray[np.float32], xyz: npt.NDArray[np.float32], good: npt.NDArray[np.bool_],
           offset_s: float) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Remove a lag of the motion behind the sound, then cut everything to the same length."""
    first = max(0, int(np.ceil(offset_s * POSE_RATE)))  # pose frame at which the result begins
    begin = round((first / POSE_RATE - offset_s) * SAMPLE_RATE)
    count = max(0, min((len(samples) - begin) // SAMPLES_PER_POSE, len(xyz) - first))
    if not count:
        raise InputError("offset", f"{offset_s} s", "less than the length of the recording", "Check --offset.")
    return samples[begin:begin + count * SAMPLES_PER_POSE], xyz[first:first + count], good[first:first + count]


def _cut(good: npt.NDArray[np.bool_], options: ConvertOptions) -> tuple[
        list[tuple[int, int, str]], list[tuple[float, float, str]]]:
    """Return (start, stop, split) of clips, and the dropped parts."""
    total = len(good) / POSE_RATE
    blocks = time_blocks(total, options.shortest_s) if options.by_time else {"train": (0.0, total)}
    dropped = [(start / POSE_RATE, stop / POSE_RATE, "unknown, jumping or frozen") for start, stop in runs(~good)]
    clips = []
    for split, (begin, end) in blocks.items():
        inside = np.zeros_like(good)
        inside[max(0, round(begin * POSE_RATE)):max(0, round(end * POSE_RATE))] = True
        for start, stop in runs(good & inside):
            if (stop - start) / POSE_RATE < options.shortest_s:
                dropped.append((start / POSE_RATE, stop / POSE_RATE, f"shorter than {options.shortest_s:g} s"))
                continue
            pieces = int(np.ceil((stop - start) / (options.longest_s * POSE_RATE)))
            edges = np.linspace(start, stop, pieces + 1).round().astype(int)
            clips += [(int(a), int(b), split) for a, b in pairwise(edges)]
    return clips, sorted(dropped)


def _convert_keypoints(pair: RecordingPair, samples: npt.NDArray[np.float32], sound_notes: tuple[str, ...],
                       options: ConvertOptions) -> ConvertedRecording:
    """Convert keypoints; clips begin where a frame at 25 Hz and one at 15 Hz coincide."""
    track = read_openpose(pair.motion, options.video_rate_hz, pair.pictures)
    notes = [*sound_notes, *track.notes, *_check_lengths(len(samples) / SAMPLE_RATE, track.seconds)]
    notes.append(f"neck and arms detected in {track.arms_share:.0%} of the pictures, both hands in "
                 f"{track.hands_share:.0%}")
    count = min(len(samples) // SAMPLES_PER_POSE, len(track.keypoints) * POSE_RATE // KEYPOINT_RATE)
    required = [KEYPOINT_INDEX[name] for name in REQUIRED_KEYPOINTS]
    detected = np.asarray((track.keypoints[:, required, 2] > 0).all(axis=1))
    good = detected[np.arange(count) * KEYPOINT_RATE // POSE_RATE]
    parts, dropped = _cut(good, options)
    clips = []
    for start, stop, split in parts:
        first, last = -(-start // COMMON_FRAMES), stop // COMMON_FRAMES
        span = slice(first * COMMON_FRAMES * SAMPLES_PER_POSE, last * COMMON_FRAMES * SAMPLES_PER_POSE)
        keypoints = track.keypoints[first * COMMON_KEYPOINTS:last * COMMON_KEYPOINTS]
        clips.append(Clip(f"{pair.name}@{first * COMMON_FRAMES / POSE_RATE:.1f}", pair.speaker, split, samples[span],
                          keypoints=keypoints))
    if not clips:
        raise InputError("usable pictures", f"{track.arms_share:.0%} show neck and arms",
                         f"a part of {options.shortest_s:g} s", "Check the video.")
    return ConvertedRecording(tuple(clips), tuple(dropped), tuple(notes), frame_rate=KEYPOINT_RATE)
