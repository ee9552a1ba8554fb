"""Axes of a face from measures of the agent's voice: deterministic, each a weighted sum of scaled measures, all stated.

    scaled measure   (value - centre) / half range, in [-1, 1]; of the logarithm for the pitch
    head_length      tract                     a longer tube from lips to glottis needs a longer head
    jaw              0.5 tract - 0.5 pitch     a larger mouth cavity and larynx sit in a wider jaw
    neck             - pitch                   longer vocal folds, which swing more slowly, need a wider larynx
    mouth            effort                    a wider mouth radiates more of the energy above 1 kHz
    proportions      0.7 tract - 0.3 pitch     1: small eyes and forehead beside the lower face; -1: large ones
    blinks           rate                      of the idle face: a quick speaker blinks more often
    movement         0.7 range + 0.3 breath    of the idle face: a lively melody moves more, a breathy voice less

The signs are those of acoustics; which shape follows is design. Nothing is derived about who speaks, and nothing should
be: the voice is the agent's own. Every axis can be set by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.core.errors import ConfigError

DIGITS = 3


@dataclass(frozen=True)
class MeasureScale:
    """Scale of a measure.

    Attributes:
        measure: Its name in `features.voice.VoiceMeasures`.
        centre: Value that is scaled to 0.
        half_range: Difference that is scaled to 1, in octaves if `is_octaves`.
        is_octaves: The logarithm to base 2 is scaled.
    """

    measure: str
    centre: float
    half_range: float
    is_octaves: bool = False

    def scaled(self, value: float) -> float:
        """Return the measure in [-1, 1]."""
        difference = np.log2(value / self.centre) if self.is_octaves else value - self.centre
        return float(np.clip(difference / self.half_range, -1.0, 1.0))

    @property
    def formula(self) -> str:
        """Scaling in symbols."""
        return (f"log2({self.measure} / {self.centre:g}) / {self.half_range:g}" if self.is_octaves
                else f"({self.measure} - {self.centre:g}) / {self.half_range:g}")


# Centres and half ranges: middle and 2 to 98 % of 29 synthetic and recorded voices, rounded.
SCALES = {
    "pitch": MeasureScale("f0_hz", 155.0, 0.75, is_octaves=True),
    "range": MeasureScale("f0_range_st", 6.0, 5.0),
    "tract": MeasureScale("tract_cm", 16.2, 2.4),
    "rate": MeasureScale("rate_hz", 4.3, 1.5),
    "effort": MeasureScale("effort_db", -10.0, 10.0),
    "breath": MeasureScale("cpp_db", 22.5, 6.0),
}
FACE_AXES: dict[str, dict[str, float]] = {
    "head_length": {"tract": 1.0},
    "jaw": {"tract": 0.5, "pitch": -0.5},
    "neck": {"pitch": -1.0},
    "mouth": {"effort": 1.0},
    "proportions": {"tract": 0.7, "pitch": -0.3},
}
IDLE_AXES: dict[str, dict[str, float]] = {
    "blinks": {"rate": 1.0},
    "movement": {"range": 0.7, "breath": 0.3},
}
AXES = FACE_AXES | IDLE_AXES
BLINKS_PER_MINUTE, MOVEMENT_SPREAD = 17.0, 0.4  # at rest (Bentivoglio et al., 1997); share of the amplitude
SET_BY_HAND = "set"


@dataclass(frozen=True)
class FittedAxis:
    """An axis and its origin.

    Attributes:
        name: Of the axis.
        value: -1 to 1.
        formula: From which measures, or "set".
    """

    name: str
    value: float
    formula: str


def fit_axes(measures: Mapping[str, float], overrides: Mapping[str, float] | None = None) -> list[FittedAxis]:
    """Return all axes for the measures of a voice.

    Args:
        measures: Name in `VoiceMeasures` to value.
        overrides: Axis to the value that is set by hand.

    Raises:
        ConfigError: If an axis is unknown, its value out of bounds, or a measure not finite.
    """
    chosen = dict(overrides or {})
    for name, value in chosen.items():
        if name not in AXES:
            raise ConfigError("axis of the face", name, f"one of {', '.join(AXES)}", "Check the spelling.")
        if not -1.0 <= value <= 1.0:
            raise ConfigError(f"axis {name}", value, "-1 to 1", "Choose a value within.")
    scaled = {name: scale.scaled(_finite(measures, scale.measure)) for name, scale in SCALES.items()}
    fitted = []
    for name, terms in AXES.items():
        if name in chosen:
            fitted.append(FittedAxis(name, round(float(chosen[name]), DIGITS), SET_BY_HAND))
        else:
            value = sum(weight * scaled[term] for term, weight in terms.items())
            fitted.append(FittedAxis(name, round(value, DIGITS), formula_of(name)))
    return fitted


def formula_of(axis: str) -> str:
    """Return the formula of an axis in symbols."""
    parts = [f"{weight:+g} {term}" for term, weight in AXES[axis].items()]
    return " ".join(parts).replace("+1 ", "").replace("-1 ", "-").removeprefix("+")


def idle_of_axes(axes: Mapping[str, float]) -> dict[str, float]:
    """Return the idle activity of a face: blinks per minute, and the factor of the amplitude of movements."""
    return {"blinks_per_minute": round(BLINKS_PER_MINUTE * 2.0 ** (0.5 * axes["blinks"]), 1),
            "movement": round(1.0 + MOVEMENT_SPREAD * axes["movement"], DIGITS)}


def face_distance(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Return the root mean square of the differences of the axes of two faces, 0 to 2."""
    return float(np.sqrt(np.mean([(first[name] - second[name]) ** 2 for name in FACE_AXES])))


def _finite(measures: Mapping[str, float], name: str) -> float:
    value = float(measures[name])
    if not np.isfinite(value):
        raise ConfigError(f"measure {name} of the voice", value, "finite", "Give more speech.")
    return value
