"""Summary of a prepared corpus as text."""

from __future__ import annotations

from speech_gesture_ros.datasets.clips import SPLITS
from speech_gesture_ros.datasets.prepared import Corpus


def summarise(corpus: Corpus) -> str:
    """Return minutes, clips and speakers of each split, and the kinds of motion."""
    entries = corpus.manifest["clips"]
    lines = [f"{corpus.folder}: {corpus.minutes():.1f} min, {len(entries)} clips, skeleton {corpus.skeleton.name}",
             f"{'split':<12}{'clips':>6}{'minutes':>9}  speakers"]
    for split in SPLITS:
        speakers = sorted(corpus.speakers(split))
        shown = ", ".join(speakers[:6]) + (f" and {len(speakers) - 6} more" if len(speakers) > 6 else "")
        lines.append(f"{split:<12}{len(corpus.names(split)):>6}{corpus.minutes(split):>9.1f}  {shown}")
    kinds = sorted({kind for entry in entries.values() for kind in entry["motion"]})
    lines.append(f"motion: {', '.join(kinds)}")
    return "\n".join(lines)
