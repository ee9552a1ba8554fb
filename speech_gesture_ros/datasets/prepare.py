"""Preparation of a corpus from a folder of recordings; a recording is converted again only if it or an option changes.

    PREPARED/recordings/<name>.yaml   record of a recording: fingerprint, clips, dropped parts, notes

The record is written after the clips of the recording. A preparation that was interrupted, or whose source has new
files, continues with the recordings that have no record. Splits are drawn at the end, from the usable recordings.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import ConfigError, SpeechGestureError, shown
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.worker_pool import worker_pool
from speech_gesture_ros.core.yaml_config import MAX_CONFIG_BYTES, load_yaml
from speech_gesture_ros.datasets.clips import SPLITS, Clip, clip_path, write_clip
from speech_gesture_ros.datasets.convert import ConvertOptions, convert
from speech_gesture_ros.datasets.layouts import find_pairs
from speech_gesture_ros.datasets.pairs import RecordingPair
from speech_gesture_ros.datasets.prepared import Corpus, finish_corpus
from speech_gesture_ros.datasets.report import write_report
from speech_gesture_ros.datasets.splits import MIN_NAMES, draw_splits

log = logging.getLogger(__name__)

CONVERSION_VERSION = 2  # raised when recordings have to be converted again
SKELETON_NAME = "upper_body"
MAX_RECORD_BYTES = 16 * MIB
MAX_WORKERS = 256  # processes
Job = tuple[RecordingPair, ConvertOptions, Path, Path, str]  # what to convert, folder, record and fingerprint
Progress = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class PrepareOptions:
    """Options of a preparation.

    Attributes:
        convert: Conversion of recordings to clips.
        layout: One of `layouts.LAYOUTS`; None to detect it.
        speaker_pattern: Regular expression whose group is the speaker in a motion file's path.
        seed: Seed of the splits.
        splits: (speaker or recording, split) that are requested.
        published: Use the published split, if there is one.
        workers: Processes.
    """

    convert: ConvertOptions = field(default_factory=ConvertOptions)
    layout: str | None = None
    speaker_pattern: str | None = None
    seed: int = 0
    splits: tuple[tuple[str, str], ...] = ()
    published: bool = True
    workers: int = 1


def prepare(source: Path, out: Path, options: PrepareOptions, progress: Progress = lambda jobs, _: jobs) -> Corpus:
    """Prepare a corpus.

    Args:
        source: Folder with recordings.
        out: Folder of the corpus.
        options: Options.
        progress: Progress bar: wraps an iterable of the given length.

    Raises:
        ConfigError: If there is no pair, or no usable one.
    """
    found = find_pairs(source, options.layout, options.speaker_pattern)
    by_time = options.convert.by_time or _too_few(found.pairs)
    _check_requested_splits(found.pairs, dict(options.splits), by_time)
    options = replace(options, convert=replace(options.convert, by_time=by_time))
    records = _convert_all(found.pairs, out, options, progress)
    usable = [pair for pair in found.pairs if records[pair.name]["clips"]]
    _check_requested_splits(usable, dict(options.splits) if usable else {}, by_time or _too_few(usable))
    if usable and _too_few(usable) and not by_time:
        options = replace(options, convert=replace(options.convert, by_time=True))
        records = _convert_all(found.pairs, out, options, progress)
        usable = [pair for pair in found.pairs if records[pair.name]["clips"]]
    if not usable:
        reasons = [f"{pair.name}: {records[pair.name]['reason']}" for pair in found.pairs]
        raise ConfigError(f"recordings of {source}", f"{len(found.pairs)}, none usable", "at least one usable",
                          f"Reasons: {'; '.join(reasons[:10])}")
    rule, splits = _split(usable, records, options)
    about = {"source": str(Path(source).resolve().name), "layout": found.layout, "split_by": rule}
    report = write_report(found, records, splits, rule, options.convert)
    return finish_corpus(Path(out), splits, report=report, skeleton=SKELETON_NAME, about=about)


def _convert_all(pairs: tuple[RecordingPair, ...], out: Path, options: PrepareOptions,
                 progress: Progress) -> dict[str, Any]:
    records, jobs = {}, []
    for pair in pairs:
        path = out / "recordings" / f"{pair.name}.yaml"
        fingerprint = _fingerprint(pair, options.convert)
        record = _read_record(path, fingerprint, out)
        if record is None:
            jobs.append((pair, options.convert, out, path, fingerprint))
        else:
            records[pair.name] = record
    workers = min(options.workers, len(jobs), MAX_WORKERS)
    done = _in_processes(jobs, workers) if workers > 1 else map(_convert_one, jobs)
    for name, record in progress(done, len(jobs)):
        records[name] = record
    return records


def _in_processes(jobs: list[Job], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Convert recordings in processes; one whose process ends, for want of memory, is dropped and ends no other."""
    remaining = {job[0].name: job for job in jobs}
    with worker_pool(workers) as pool:
        futures = [pool.submit(_convert_one, job) for job in jobs]
        with suppress(BrokenProcessPool):
            for future in as_completed(futures):
                name, record = future.result()
                del remaining[name]
                yield name, record
    for name, job in remaining.items():
        with worker_pool(1) as pool:
            try:
                yield pool.submit(_convert_one, job).result()
            except BrokenProcessPool:
                yield name, _record(job) | {"reason": "the process that read it ended: there may be too little memory"}


def _record(job: Job) -> dict[str, Any]:
    pair, _, _, _, fingerprint = job
    return {"fingerprint": fingerprint, "speaker": pair.speaker, "style": pair.style, "clips": {}}


def _convert_one(job: Job) -> tuple[str, dict[str, Any]]:
    """Convert a recording, write its clips, then its record; a file that cannot be read gives the reason."""
    pair, options, out, path, _ = job
    record = _record(job)
    try:
        converted = convert(pair, options, load_skeleton(SKELETON_NAME))
    except SpeechGestureError as error:
        record["reason"] = str(error)
    except Exception as error:  # a kind of damage that no reader expects
        log.warning("%s cannot be read: %s: %s", pair.name, type(error).__name__, shown(str(error)))
        log.debug("traceback", exc_info=error)
        record["reason"] = f"{type(error).__name__}: {shown(str(error))}"
    else:
        skeleton = load_skeleton(SKELETON_NAME)
        for clip in converted.clips:
            write_clip(out, clip, skeleton)
        record |= {"clips": {clip.name: _entry(clip) for clip in converted.clips}, "notes": list(converted.notes),
                   "dropped": [list(d) for d in converted.dropped], "mapping": list(converted.mapping),
                   "frame_rate": converted.frame_rate,
                   "sync": asdict(converted.sync) if converted.sync else None}
    write_text(path, yaml.safe_dump(record, sort_keys=False, allow_unicode=True))
    return pair.name, record


def _entry(clip: Clip) -> dict[str, Any]:
    return {"seconds": clip.seconds, "block": clip.split}


def _read_record(path: Path, fingerprint: str, out: Path) -> dict[str, Any] | None:
    """Return the record of a recording, if it is valid and its clips exist."""
    try:
        record = load_yaml(path, MAX_RECORD_BYTES)
        if record.get("fingerprint") == fingerprint and all(clip_path(out, n).is_file() for n in record["clips"]):
            return record
    except (SpeechGestureError, KeyError, TypeError):  # missing or damaged: converted again
        pass
    return None


def _fingerprint(pair: RecordingPair, options: ConvertOptions) -> str:
    """Return a hash of everything that the clips depend on: files, options, the text of the mapping."""
    motion = sorted(pair.motion.iterdir()) if pair.motion.is_dir() else [pair.motion]
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in (pair.audio, *motion)]
    text = [CONVERSION_VERSION, pair.speaker, pair.style, pair.kind, pair.mapping, asdict(options), files]
    digest = hashlib.sha256(json.dumps(text, sort_keys=True).encode())
    if reference := options.mapping or pair.mapping:
        digest.update(read_bounded(resolve(reference, "config/mappings"), MAX_CONFIG_BYTES, "mapping"))
    return digest.hexdigest()[:16]


def _check_requested_splits(pairs: Iterable[RecordingPair], requested: dict[str, str], by_time: bool) -> None:
    """Check the names of requested splits before anything is converted."""
    pairs = list(pairs)
    speakers, groups = {p.speaker for p in pairs}, {_group(p) for p in pairs}
    names = sorted(speakers if len(speakers) >= MIN_NAMES else groups)
    for name, split in requested.items():
        if name not in names:
            raise ConfigError(f"name for the {split} split", name, f"one of {names}", "Check the spelling.")
        if by_time:
            raise ConfigError(f"name for the {split} split", name, f"none: with fewer than {MIN_NAMES} speakers or "
                              "recordings the split is in time", "Leave it out.")


def _too_few(pairs: Iterable[RecordingPair]) -> bool:
    """Return whether there are too few pairs to split by speaker or by recording."""
    pairs = list(pairs)
    return len({_group(p) for p in pairs}) < MIN_NAMES and len({p.speaker for p in pairs}) < MIN_NAMES


def _group(pair: RecordingPair) -> str:
    return pair.group or pair.name


def _split(pairs: list[RecordingPair], records: dict[str, Any], options: PrepareOptions) -> tuple[str, dict[str, str]]:
    """Return the name of the rule, and the split of each clip."""
    if options.convert.by_time:
        blocks = {name: entry["block"] for p in pairs for name, entry in records[p.name]["clips"].items()}
        return "time within each recording, with a gap between the splits", blocks
    published = {p.name: p.split for p in pairs if p.split is not None}
    if options.published and not options.splits and set(published.values()) == set(SPLITS):
        chosen, rule = {p.name: published.get(p.name, "train") for p in pairs}, "as published"
    elif len({p.speaker for p in pairs}) >= MIN_NAMES:
        by_speaker = draw_splits([p.speaker for p in pairs], options.seed, given=dict(options.splits))
        chosen, rule = {p.name: by_speaker[p.speaker] for p in pairs}, "speaker"
    else:
        by_group = draw_splits([_group(p) for p in pairs], options.seed, given=dict(options.splits))
        chosen, rule = {p.name: by_group[_group(p)] for p in pairs}, "recording: there are fewer than three speakers"
    return rule, {name: chosen[p.name] for p in pairs for name in records[p.name]["clips"]}
