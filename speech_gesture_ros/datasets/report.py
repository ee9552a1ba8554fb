"""Report of a preparation as Markdown: used and dropped recordings, minutes of each split, mapping, synchronisation."""

from __future__ import annotations

from collections import Counter
from typing import Any

from speech_gesture_ros.datasets.clips import SPLITS
from speech_gesture_ros.datasets.convert import ConvertOptions
from speech_gesture_ros.datasets.pairs import FoundPairs


def write_report(found: FoundPairs, records: dict[str, Any], splits: dict[str, str], rule: str,
                 options: ConvertOptions) -> str:
    """Return the report.

    Args:
        found: Pairs of the source.
        records: Record of each recording, by name.
        splits: Split of each clip.
        rule: Rule of the splits.
        options: Options of the conversion.
    """
    used = [p for p in found.pairs if records[p.name]["clips"]]
    seconds = {clip: entry["seconds"] for p in used for clip, entry in records[p.name]["clips"].items()}
    lines = ["# Preparation", "", f"Layout {found.layout}: {len(used)} of {len(found.pairs)} recordings used, "
             f"{len(found.left_over)} files without a partner. Split by {rule}.", ""]
    if found.others:
        others = ", ".join(f"{count} {suffix}" for suffix, count in found.others.items())
        lines += [f"Files of other kinds: {others}.", ""]
    lines += _table(("split", "clips", "minutes"), [
        (split, sum(s == split for s in splits.values()),
         f"{sum(seconds[c] for c, s in splits.items() if s == split) / 60:.2f}") for split in SPLITS])
    empty = [split for split in SPLITS if split not in splits.values()]
    if empty:
        lines += [f"**Nothing in {', '.join(empty)}:** the recordings are too short or too few.", ""]
    lines += ["## Used", "", *_table(
        ("recording", "speaker", "split", "minutes", "frame rate [Hz]", "motion behind sound [s] (confidence)"),
        [(p.name, _speaker(records[p.name]), _splits_of(records[p.name], splits),
          f"{sum(e['seconds'] for e in records[p.name]['clips'].values()) / 60:.2f}",
          f"{records[p.name]['frame_rate']:g}", _sync(records[p.name]["sync"])) for p in used])]
    if options.offset_s:
        lines += [f"Every motion was shifted by {-options.offset_s:g} s.", ""]
    lines += ["## Dropped", ""]
    dropped = [f"- {p.name}: {records[p.name]['reason']}" for p in found.pairs if not records[p.name]["clips"]]
    dropped += [f"- {p.name}, {start:.1f} to {stop:.1f} s: {why}"
                for p in used for start, stop, why in records[p.name]["dropped"]]
    dropped += [f"- {path}: {why}" for path, why in found.left_over]
    lines += [*(dropped or ["Nothing."]), "", "## Notes", ""]
    notes = Counter(note for p in used for note in records[p.name]["notes"])
    lines += [f"- {note} ({count} recordings)" for note, count in sorted(notes.items())] or ["None."]
    lines += ["", "## Joints", ""]
    mappings = Counter("\n".join(f"- {line}" for line in records[p.name]["mapping"]) for p in used)
    for text, count in mappings.most_common():
        lines += [f"{count} recordings:", "", text or "- keypoints", ""]
    return "\n".join(lines)


def _table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> list[str]:
    return [f"| {' | '.join(header)} |", "|---" * len(header) + "|",
            *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]


def _speaker(record: dict[str, Any]) -> str:
    return f"{record['speaker']}/{record['style']}" if record["style"] else str(record["speaker"])


def _splits_of(record: dict[str, Any], splits: dict[str, str]) -> str:
    found = {splits[name] for name in record["clips"]}
    return ", ".join(split for split in SPLITS if split in found)


def _sync(sync: dict[str, Any] | None) -> str:
    if sync is None or sync["confidence"] == "none":
        return "unknown"
    return f"{sync['offset_s']:+.2f} ({sync['confidence']})"
