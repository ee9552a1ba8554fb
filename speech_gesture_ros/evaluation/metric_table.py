"""Table of an evaluation: metrics down, rows of the evaluation across, and what each metric proves.

    metric  unit  bundle  mean pose  shuffled audio  recorded  other half  better  proves  why

The column "proves" is part of every table, because some well-known metrics prove nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from speech_gesture_ros.evaluation.metrics.metric import PROVES, Metric
from speech_gesture_ros.evaluation.metrics.registry import METRICS

Rows = Mapping[str, Mapping[str, float]]


def table_lines(rows: Rows, *, show_all: bool, also: Sequence[str] = ()) -> list[list[str]]:
    """Heading and one line for each metric, as text; metrics that no row has are left out.

    Args:
        rows: Row name to values by metric name; ``<name>_sd`` is a spread over seeds.
        show_all: Show every metric, not only the key ones.
        also: Names of metrics to show besides the key ones.
    """
    lines = [["metric", "unit", *rows, "better", "proves", "why"]]
    for metric in METRICS.values():
        cells = [cell(values, metric) for values in rows.values()]
        if (show_all or metric.is_key or metric.name in also) and any(c != "-" for c in cells):
            lines.append([metric.label, metric.unit, *cells, metric.better, metric.proves, metric.note])
    return lines


def cell(values: Mapping[str, float], metric: Metric[Any]) -> str:
    """One value, with its spread over seeds where there is one; "-" if it could not be measured."""
    value, spread = values.get(metric.name, math.nan), values.get(f"{metric.name}_sd", 0.0)
    if not math.isfinite(value):
        return "-"
    text = f"{value:.{metric.digits}f}"
    return f"{text} ±{spread:.{metric.digits}f}" if spread >= 0.5 * 10.0**-metric.digits else text


def as_markdown(lines: Sequence[Sequence[str]]) -> str:
    """Markdown table."""
    head, *body = [[part.replace("  ", "\u2002") if part.startswith("  ") else part for part in line] for line in lines]
    rule = ["---"] + ["---"] + ["---:"] * (len(head) - 5) + ["---"] * 3
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def as_text(lines: Sequence[Sequence[str]]) -> str:
    """Aligned table for a terminal, without the last column."""
    cut = [line[:-1] for line in lines]
    widths = [max(len(line[i]) for line in cut) for i in range(len(cut[0]))]
    values = range(2, len(cut[0]) - 2)
    return "\n".join("  ".join(part.rjust(w) if i in values else part.ljust(w)
                               for i, (part, w) in enumerate(zip(line, widths))).rstrip() for line in cut)


def footnotes(lines: Sequence[Sequence[str]]) -> list[str]:
    """Meaning of the words in the column "proves" of a table."""
    used = {line[-2] for line in lines[1:]}
    return [f"proves {word}: {meaning}." for word, meaning in PROVES.items() if word in used]
