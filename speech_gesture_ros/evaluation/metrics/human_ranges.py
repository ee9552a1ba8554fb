"""What people do: a typical value and a range for each figure of `human`, and how far a motion is from it.

                low  typical  high
    ─────────────├──────o──────┤────────────x      gap = distance outside / width, at most 1; 0 within
                                ◄─ gap ─────►

Measured on 26 minutes of recorded people: talks and stories ("monologue": BEAT2, ZeroEGGS, TED) and a task dialogue
("dialogue": Taboo clue-givers). A range is the accepted one of those measurements; for the corners of the gesture
space and the medians of strokes the spread between the four sources, a little rounded outwards. People differ by a
factor of 3 in how much they move: within the range is human, the middle of it is not better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HumanRange:
    """One figure of people.

    Attributes:
        name: Key of `human.human_figures`.
        label: For a table.
        unit: Of the values.
        typical: Of a talker.
        low: Least that is human.
        high: Most that is human.
    """

    name: str
    label: str
    unit: str
    typical: float
    low: float
    high: float


MONOLOGUE = (
    HumanRange("wrist_speed", "wrist speed, mean", "m/s", 0.40, 0.20, 0.55),
    HumanRange("wrist_speed_p95", "wrist speed, 95 %", "m/s", 1.2, 0.8, 1.6),
    HumanRange("wrist_speed_p99", "wrist speed, 99 %", "m/s", 1.9, 1.5, 2.3),
    HumanRange("skew", "wrist speed, mean / median", "", 1.45, 1.2, 2.0),
    HumanRange("acceleration_p95", "acceleration, 95 %", "m/s2", 9.0, 7.0, 10.0),
    HumanRange("jerk_p95", "jerk, 95 %", "m/s3", 105.0, 43.0, 135.0),
    HumanRange("strokes_per_minute", "strokes in speech", "1/min", 120.0, 60.0, 160.0),
    HumanRange("apex_interval_s", "apex interval, median", "s", 0.40, 0.27, 0.65),
    HumanRange("interval_cv", "apex interval, variation", "", 0.7, 0.45, 0.8),
    HumanRange("stroke_duration_s", "stroke duration, median", "s", 0.40, 0.30, 0.60),
    HumanRange("stroke_path_m", "stroke path, median", "m", 0.20, 0.12, 0.30),
    HumanRange("stroke_peak", "stroke peak, median", "m/s", 0.70, 0.55, 1.1),
    HumanRange("peak_over_mean", "peak / mean of a stroke", "", 1.55, 1.5, 1.65),
    HumanRange("edge_over_peak", "speed between strokes / peak", "", 0.22, 0.18, 0.30),
    HumanRange("main_sequence_a", "main sequence a", "", 2.4, 1.8, 2.8),
    HumanRange("main_sequence_b", "main sequence b", "", 0.70, 0.60, 0.80),
    HumanRange("duration_exponent", "duration against path, exponent", "", 0.37, 0.29, 0.46),
    HumanRange("rest_share", "both hands at rest", "", 0.10, 0.03, 0.16),
    HumanRange("two_handed_share", "two-handed", "", 0.55, 0.45, 0.70),
    HumanRange("hand_correlation", "hands mirror each other, r", "", 0.40, 0.20, 0.70),
    HumanRange("forward_p5", "wrist forward, 5 %", "L", 0.05, -0.15, 0.20),
    HumanRange("forward_p95", "wrist forward, 95 %", "L", 0.66, 0.50, 0.85),
    HumanRange("outward_p5", "wrist outward, 5 %", "L", -0.15, -0.30, 0.05),
    HumanRange("outward_p95", "wrist outward, 95 %", "L", 0.45, 0.25, 0.65),
    HumanRange("up_p5", "wrist up, 5 %", "L", -0.92, -1.15, -0.65),
    HumanRange("up_p95", "wrist up, 95 %", "L", -0.12, -0.30, 0.20),
    HumanRange("above_shoulder", "wrist above the shoulder", "", 0.02, 0.0, 0.10),
    HumanRange("across_midline", "wrist across the midline", "", 0.01, 0.0, 0.04),
    HumanRange("pause_ratio", "wrist speed in pauses / in speech", "", 0.80, 0.50, 1.0),
    HumanRange("head_speed", "head turning, mean", "deg/s", 28.0, 25.0, 30.0),
    HumanRange("head_speed_p95", "head turning, 95 %", "deg/s", 70.0, 55.0, 85.0),
    HumanRange("nods_per_minute", "nods of 4 deg or more", "1/min", 14.5, 7.0, 22.0),
    HumanRange("lean_speed", "torso turning, mean", "deg/s", 9.5, 7.0, 12.0),
    HumanRange("lean_sd", "torso lean, spread", "deg", 3.2, 2.5, 4.0),
)  # fmt: skip

_CALM = (
    HumanRange("wrist_speed", "wrist speed, mean", "m/s", 0.22, 0.10, 0.35),
    HumanRange("wrist_speed_p95", "wrist speed, 95 %", "m/s", 0.95, 0.50, 1.3),
    HumanRange("skew", "wrist speed, mean / median", "", 2.5, 1.5, 4.0),
    HumanRange("strokes_per_minute", "strokes in speech", "1/min", 70.0, 20.0, 105.0),
    HumanRange("rest_share", "both hands at rest", "", 0.55, 0.35, 0.70),
)  # fmt: skip
DIALOGUE = tuple({**{r.name: r for r in MONOLOGUE}, **{r.name: r for r in _CALM}}.values())


def gap(value: float, people: HumanRange) -> float:
    """How far outside the human range, in widths of the range, at most 1; NaN stays NaN."""
    outside = max(0.0, people.low - value, value - people.high) if math.isfinite(value) else math.nan
    return outside if math.isnan(outside) else min(outside / (people.high - people.low), 1.0)


def human_gap(figures: Mapping[str, float], people: tuple[HumanRange, ...] = MONOLOGUE) -> float:
    """Mean `gap` over all ranges, in [0, 1]; a figure that could not be measured counts as far out (1).

    0: every figure is human. Proves nothing about the speech: a recording of anybody's hands scores 0.
    """
    gaps = [gap(figures[r.name], r) for r in people]
    return sum(1.0 if math.isnan(g) else g for g in gaps) / len(gaps)


def human_share(figures: Mapping[str, float], people: tuple[HumanRange, ...] = MONOLOGUE) -> float:
    """Share of the figures that lie within the human range, in [0, 1]."""
    return sum(gap(figures[r.name], r) == 0.0 for r in people) / len(people)
