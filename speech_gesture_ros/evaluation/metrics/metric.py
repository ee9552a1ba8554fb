"""Definition of one metric: name, unit, which values are better, what it proves, and the function that computes it.

What a metric proves was found with controls: a mean pose that does not move, and the motion for another speech.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, SupportsFloat, TypeVar

Subject = TypeVar("Subject", contravariant=True)

NOTHING, LITTLE, MATCH, MOTION, ROBOT = "nothing", "little", "match", "motion", "robot"
PROVES = {
    MATCH: "motion and speech belong together, as far as the value is above its control",
    LITTLE: "a trace of the match, if bundle and shuffled audio differ by more than the seeds",
    MOTION: "the motion is like recorded or human motion; nothing about speech: shuffled audio scores the same",
    ROBOT: "a robot performs the motion safely; the loss on the way",
    NOTHING: "nothing about the match of speech and motion, and little about quality: a control that ignores the "
             "speech, or does not move, scores as well or better",
}


@dataclass(frozen=True)
class HumanRange:
    """Values measured in recorded people.

    Attributes:
        typical: Of a person who talks.
        low: Lowest human value.
        high: Highest human value.
    """

    typical: float
    low: float
    high: float

    def gap(self, value: float) -> float:
        """Distance of a value from the range, in widths of the range, at most 1; NaN stays NaN."""
        if not math.isfinite(value):
            return math.nan
        outside = max(0.0, self.low - value, value - self.high)
        return min(outside / (self.high - self.low), 1.0)


@dataclass(frozen=True)
class Metric(Generic[Subject]):
    """One metric.

    Attributes:
        name: Key in results, reports and targets.
        label: Name in tables.
        unit: Of the values.
        digits: Decimals in tables.
        better: Which values are better, in a few words.
        proves: One of `PROVES`.
        note: Why, or how to read it.
        compute: Its value; NaN where it cannot be measured.
        human: Values of people, where they were measured.
        is_key: True for the metrics that are shown without ``--all``.
        needs: Names of what the subject must have, see `MotionSet.has`.
    """

    name: str
    label: str
    unit: str
    digits: int
    better: str
    proves: str
    note: str
    compute: Callable[[Subject], SupportsFloat]
    human: HumanRange | None = None
    is_key: bool = False
    needs: frozenset[str] = frozenset()
