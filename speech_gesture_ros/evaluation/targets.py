"""Targets of an evaluation: a metric of one row of its table, and the least or largest value to reach."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.evaluation.metrics.registry import METRICS

_TEXT = re.compile(r"\s*([A-Za-z0-9_.]+)\s*(>=|<=)\s*(\S+)\s*")


@dataclass(frozen=True)
class Target:
    """A bound for one metric.

    Attributes:
        row: Of the table.
        metric: Name of the metric.
        sense: ">=" or "<=".
        bound: The least or largest value.
    """

    row: str
    metric: str
    sense: str
    bound: float

    def __str__(self) -> str:
        return f"{self.metric} ({self.row}) {self.sense} {self.bound:g}"

    def is_met(self, rows: Mapping[str, Mapping[str, float]]) -> bool:
        """Return whether the target is met; False if the metric could not be measured."""
        value = rows.get(self.row, {}).get(self.metric, math.nan)
        return value >= self.bound if self.sense == ">=" else value <= self.bound


def parse_target(text: str, row: str) -> Target:
    """Read a target such as "apex_excess>=1.1".

    Raises:
        ConfigError: If the text has another form, or names no metric.
    """
    found = _TEXT.fullmatch(text)
    try:
        bound = float(found[3]) if found else math.nan
    except ValueError:
        bound = math.nan
    if not found or found[1] not in METRICS or not math.isfinite(bound):
        raise ConfigError("--target", text, "METRIC>=NUMBER or METRIC<=NUMBER",
                          f"Metrics: {', '.join(sorted(METRICS))}.")
    return Target(row, found[1], found[2], bound)


def target_lines(targets: Sequence[Target], rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    """One line for each target: its value and whether it is met."""
    lines = []
    for target in targets:
        value = rows.get(target.row, {}).get(target.metric, math.nan)
        text = "not measured" if math.isnan(value) else f"{value:.3g}"
        lines.append(f"target {target}: {text}, {'met' if target.is_met(rows) else 'MISSED'}")
    return lines
