"""A promise is a figure with bounds; all of them are a table, and so is the motion beside people."""

from __future__ import annotations

import math
from dataclasses import dataclass

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.evaluation.metrics.human_ranges import MONOLOGUE, gap

LOOK_AHEAD = 10  # pose frames: 0.4 s, with which everything is measured


@dataclass(frozen=True)
class Figure:
    """One promise.

    Attributes:
        name: What is measured, with its unit.
        value: NaN if it could not be.
        low: Least that is accepted.
        high: Most that is accepted.
        note: What it has to be compared with, such as a control.
    """

    name: str
    value: float
    low: float = -math.inf
    high: float = math.inf
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the value is within its bounds."""
        return self.low <= self.value <= self.high


@dataclass(frozen=True)
class Acceptance:
    """Everything measured.

    Attributes:
        figures: The promises.
        human: Figures of the motion in speech, named as in `evaluation.metrics.human_ranges`.
        minutes: Speech that was judged [min].
        speakers: Whose.
    """

    figures: tuple[Figure, ...]
    human: dict[str, float]
    minutes: float
    speakers: int

    @property
    def met(self) -> bool:
        """Whether every promise is kept."""
        return all(f.met for f in self.figures)


def acceptance_table(acceptance: Acceptance) -> str:
    """The promises as a Markdown table; what is not kept is marked."""
    lines = [f"{acceptance.minutes:.1f} min of {acceptance.speakers} speakers never heard, look-ahead "
             f"{LOOK_AHEAD / POSE_RATE:g} s, the choreographer's codes.", "", "| figure | measured | bound | kept |",
             "|---|---|---|---|"]
    for f in acceptance.figures:
        note = f" ({f.note})" if f.note else ""
        lines.append(f"| {f.name} | {f.value:.3f}{note} | {_bounds(f.low, f.high)} | {'yes' if f.met else '**no**'} |")
    return "\n".join(lines)


def human_table(acceptance: Acceptance) -> str:
    """The motion beside people as a Markdown table; what is outside the range of people is marked."""
    lines = ["| figure | model | people | accepted | as people |", "|---|---|---|---|---|"]
    for people in MONOLOGUE:
        value = acceptance.human[people.name]
        name = f"{people.label}{f' [{people.unit}]' if people.unit else ''}"
        human = "yes" if gap(value, people) == 0.0 else "**no**"
        lines.append(f"| {name} | {value:.2f} | {people.typical:g} | {people.low:g} to {people.high:g} | {human} |")
    return "\n".join(lines)


def judged_sections(acceptance: Acceptance) -> str:
    """Both tables as sections of a model card."""
    return f"""
## What is promised
{acceptance_table(acceptance)}

"The choreographer's": ratios to the motion that was composed with the whole recording known. "Network alone": breathing
and sway included; what reaches a robot is behind the voice gate. Music is synthesised.

## Beside people
The motion of the same recordings, from just before the first word to just after the last, with the conventions of our
measurements of people (monologue; see `evaluation.metrics.human_ranges`).

{human_table(acceptance)}
"""


def _bounds(low: float, high: float) -> str:
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
