"""Report of a paired evaluation as files: table.md, table.json, plots, report.html."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.atomic_files import atomic_write, write_text
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.html_report import html_report
from speech_gesture_ros.evaluation.metric_table import as_markdown
from speech_gesture_ros.evaluation.metrics.motion_clip import Frames
from speech_gesture_ros.evaluation.metrics.registry import Values, plain
from speech_gesture_ros.evaluation.paired import PairedClip
from speech_gesture_ros.evaluation.paired_curves import evaluation_curves
from speech_gesture_ros.rendering.evaluation_plots import draw_evaluation


@dataclass(frozen=True)
class PairedReport:
    """Content of the report.

    Attributes:
        title: Heading.
        facts: Name to value of the settings of the evaluation.
        rows: Row to its values.
        lines: Of the table, as from `metric_table.table_lines`.
        notes: Below the table.
    """

    title: str
    facts: Mapping[str, str]
    rows: Mapping[str, Values]
    lines: Sequence[Sequence[str]]
    notes: Sequence[str]

    def write(self, out: Path, clips: Sequence[PairedClip], motions: Mapping[str, Sequence[Frames]],
              skeleton: Skeleton) -> None:
        """Write all files.

        Args:
            out: Existing folder.
            clips: The test clips.
            motions: Row to one (T, J, 3) for each clip [m].
            skeleton: Of the motions.
        """
        facts = "\n".join(f"- {name}: {value}" for name, value in self.facts.items())
        notes = "\n".join(f"- {note}" for note in self.notes)
        write_text(out / "table.md", f"# {self.title}\n\n{facts}\n\n{as_markdown(self.lines)}\n\n{notes}\n")
        content = {"facts": self.facts, "rows": {name: plain(values) for name, values in self.rows.items()}}
        write_text(out / "table.json", json.dumps(content, indent=2) + "\n")
        pictures = draw_evaluation(evaluation_curves(clips, motions, skeleton), skeleton)
        for name, picture in pictures.items():
            with atomic_write(out / name) as file:
                file.write(picture)
        write_text(out / "report.html", html_report(self.title, self.facts, self.lines, self.notes, pictures))
