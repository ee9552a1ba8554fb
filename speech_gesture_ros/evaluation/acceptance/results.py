"""Acceptance results: criteria with bounds, the metrics of people, and both as Markdown tables."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.registry import METRICS
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

LOOK_AHEAD_S = PipelineConfig.look_ahead_s  # used for every measurement that states no other


@dataclass(frozen=True)
class Criterion:
    """One metric with the bounds that it must keep.

    Attributes:
        name: What is measured, with its unit.
        value: Measured value; NaN if it could not be measured.
        low: Lowest accepted value.
        high: Highest accepted value.
        note: Value to compare with, such as a control.
    """

    name: str
    value: float
    low: float = -math.inf
    high: float = math.inf
    note: str = ""

    @property
    def met(self) -> bool:
        """True if the value is within its bounds."""
        return self.low <= self.value <= self.high


@dataclass(frozen=True)
class Acceptance:
    """All results of one bundle.

    Attributes:
        criteria: Metrics with bounds.
        human: `LIKE_PEOPLE` metrics of the motion in speech, by name.
        minutes: Speech that was used [min].
        speakers: Number of its speakers.
    """

    criteria: tuple[Criterion, ...]
    human: dict[str, float]
    minutes: float
    speakers: int

    @property
    def met(self) -> bool:
        """True if every criterion is met."""
        return all(criterion.met for criterion in self.criteria)


def registered_criterion(name: str, motions: MotionSet, low: float = -math.inf, high: float = math.inf,
                         note: str = "") -> Criterion:
    """Return the criterion of a registered metric.

    Args:
        name: Of the metric.
        motions: What it is measured of.
        low: Lowest accepted value.
        high: Highest accepted value.
        note: Value to compare with.
    """
    metric = METRICS[name]
    unit = f" [{metric.unit}]" if metric.unit not in ("", "x") else ""
    return Criterion(f"{metric.label.strip()}{unit}", motions.value(metric), low, high, note)


def acceptance_table(acceptance: Acceptance) -> str:
    """Return the criteria as a Markdown table; those that are not met are marked."""
    lines = [f"{acceptance.minutes:.1f} min of {acceptance.speakers} held-out speakers, look-ahead "
             f"{LOOK_AHEAD_S:g} s, the whole way to the motion that the robot follows.", "",
             "| criterion | measured | bound | met |", "|---|---|---|---|"]
    for c in acceptance.criteria:
        note = f" ({c.note})" if c.note else ""
        lines.append(f"| {c.name} | {c.value:.3f}{note} | {_bounds(c.low, c.high)} | {'yes' if c.met else '**no**'} |")
    return "\n".join(lines)


def human_table(acceptance: Acceptance) -> str:
    """Return the motion beside people as a Markdown table; values outside the human range are marked."""
    lines = ["| metric | model | people | accepted | within |", "|---|---|---|---|---|"]
    for metric in LIKE_PEOPLE:
        people = metric.human
        assert people is not None
        value = acceptance.human[metric.name]
        name = f"{metric.label}{f' [{metric.unit}]' if metric.unit else ''}"
        human = "yes" if people.gap(value) == 0.0 else "**no**"
        lines.append(f"| {name} | {value:.2f} | {people.typical:g} | {people.low:g} to {people.high:g} | {human} |")
    return "\n".join(lines)


def acceptance_sections(acceptance: Acceptance) -> str:
    """Return both tables as sections of a model card."""
    return f"""
## Acceptance
{acceptance_table(acceptance)}

A range "people" +- x: no further from people than half the distance of the model that this one replaced. Music is
synthesised.

## Beside people
The motion of the same recordings, from just before the first word to just after the last, with the conventions of the
measurements of people (`evaluation.metrics.motion_metrics`).

{human_table(acceptance)}
"""


def _bounds(low: float, high: float) -> str:
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
