"""Gestures as data: templates of the stroke process, written by hand and taken from recorded people.

A gesture is written once, led by the right hand; the process mirrors it. Positions are of the wrist relative to the
chest as (forward, outward, up) [m]: outward means away from the midline, for either hand. The chest joint is 0.07 m
below the shoulders; arms are 0.53 m long. Strokes visit the three places of each hand in turn.

                up
                 |     shoulder (0, .18, .07)
          chest -o-------- outward
                /|      o  a place: (.36, .20, -.14)
         forward |
               rest    o  (.22, .08, -.32) in front of the belly
"""

from __future__ import annotations

import math
from typing import Any

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.networks.strokes.templates import GestureTemplate, HandTemplate

Triple = tuple[float, float, float]
Places = tuple[Triple, Triple, Triple]

# Directions of the thumb side for an arm whose hand points forward.
PALM_UP: Triple = (0.0, 1.0, 0.25)
PALM_HALF_UP: Triple = (0.0, 0.8, 0.7)
PALM_IN: Triple = (0.0, 0.1, 1.0)
PALM_HALF_DOWN: Triple = (0.0, -0.7, 0.7)
PALM_DOWN: Triple = (0.0, -1.0, 0.3)

AHEAD: Triple = (1.0, 0.1, 0.1)
AHEAD_OUT: Triple = (0.85, 0.5, 0.1)
AHEAD_IN: Triple = (0.85, -0.45, 0.05)
AHEAD_UP: Triple = (0.75, 0.0, 0.65)
UP_OUT: Triple = (0.6, 0.3, 0.7)

ASIDE_SHARE = 0.7  # of the sideways direction of the fingers that the wrist makes; the forearm makes the rest
STYLES = {  # (size, tempo) of the strokes of each family: factors of their lengths, of their durations and intervals
    "open": (1.15, 1.05), "frame": (1.0, 1.0), "beat": (0.85, 0.85), "calm": (0.85, 1.3), "point": (1.1, 0.95),
    "count": (0.75, 0.95), "real": (1.0, 1.0),
}
RECORDED_SWIVEL = 0.1  # elbow turned outward in recorded gestures [rad]


def _hand(places: Places, fingers: Triple, thumb: Triple, swivel: float = 0.0) -> HandTemplate:
    """Return a hand that is held in a direction of the fingers and of the thumb side."""
    forward, outward, up = fingers
    return HandTemplate(places, palm=round(math.atan2(thumb[1], thumb[2]), 3), flexion=round(math.atan2(up, 1.0), 3),
                        deviation=round(ASIDE_SHARE * math.atan2(outward, forward), 3), swivel=swivel)


def load_units(weight: float) -> tuple[GestureTemplate, ...]:
    """Return the gestures whose places come from recorded motion, in the file that `motion_units` writes.

    Args:
        weight: Frequency of all of them together, over that of one gesture written by hand.
    """
    units = load_yaml(resolve("motion_units.yaml", "config/training"))["units"]
    return tuple(GestureTemplate(f"recorded {i + 1}", "real", _unit_hand(unit["lead"], unit["palm"]),
                                 _unit_hand(unit["follow"], unit["palm"]), bool(unit["one_handed"]),
                                 weight=round(weight / len(units), 4))
                 for i, unit in enumerate(units))


def _unit_hand(part: dict[str, Any], palm_up: bool) -> HandTemplate:
    first, second, third = ((float(x), float(y), float(z)) for x, y, z in part["places"])
    return _hand((first, second, third), AHEAD if palm_up else AHEAD_IN, PALM_HALF_UP if palm_up else PALM_IN,
                 RECORDED_SWIVEL)


_QUIET = _hand(((0.29, 0.11, -0.21), (0.31, 0.15, -0.16), (0.27, 0.10, -0.235)), AHEAD_IN, PALM_HALF_DOWN)

def _template(name: str, family: str, lead: HandTemplate, follow: HandTemplate, one_handed: bool = False
              ) -> GestureTemplate:
    """Return a gesture with the strokes of its family."""
    return GestureTemplate(name, family, lead, follow, one_handed, *STYLES[family])


WRITTEN_GESTURES = (
    _template("offer both", "open",
              _hand(((0.38, 0.11, -0.07), (0.36, 0.34, -0.04), (0.33, 0.14, -0.26)), AHEAD_OUT, PALM_UP),
              _hand(((0.37, 0.12, -0.10), (0.35, 0.32, -0.07), (0.32, 0.14, -0.26)), AHEAD_OUT, PALM_UP)),
    _template("sweep open", "open",
              _hand(((0.33, 0.07, 0.02), (0.33, 0.36, -0.08), (0.30, 0.19, -0.26)), AHEAD_OUT, PALM_HALF_UP, 0.1),
              _hand(((0.32, 0.07, -0.01), (0.34, 0.33, -0.11), (0.29, 0.17, -0.26)),
                    AHEAD_OUT, PALM_HALF_UP, 0.1)),
    _template("weigh", "open",
              _hand(((0.35, 0.19, 0.02), (0.33, 0.22, -0.26), (0.37, 0.25, -0.07)), AHEAD_OUT, PALM_UP),
              _hand(((0.34, 0.23, -0.26), (0.35, 0.20, 0.02), (0.34, 0.20, -0.20)), AHEAD_OUT, PALM_UP)),
    _template("frame", "frame",
              _hand(((0.36, 0.07, -0.05), (0.34, 0.32, -0.05), (0.39, 0.16, -0.26)), AHEAD, PALM_IN, 0.15),
              _hand(((0.36, 0.07, -0.07), (0.34, 0.30, -0.07), (0.38, 0.17, -0.26)), AHEAD, PALM_IN, 0.15)),
    _template("chop", "beat",
              _hand(((0.37, 0.12, -0.26), (0.31, 0.15, 0.02), (0.41, 0.24, -0.18)), AHEAD, PALM_IN),
              _hand(((0.36, 0.11, -0.26), (0.30, 0.15, 0.01), (0.40, 0.21, -0.20)), AHEAD, PALM_IN)),
    _template("calm", "calm",
              _hand(((0.34, 0.16, -0.24), (0.29, 0.19, 0.00), (0.39, 0.30, -0.18)), AHEAD, PALM_DOWN, 0.2),
              _hand(((0.34, 0.15, -0.24), (0.29, 0.18, -0.02), (0.38, 0.28, -0.20)), AHEAD, PALM_DOWN, 0.2)),
    _template("gather", "frame",
              _hand(((0.36, 0.32, -0.14), (0.31, 0.07, -0.20), (0.33, 0.11, 0.02)), AHEAD_IN, PALM_IN, 0.1),
              _hand(((0.37, 0.30, -0.15), (0.30, 0.07, -0.20), (0.32, 0.11, 0.00)), AHEAD_IN, PALM_IN, 0.1)),
    _template("roll", "beat",
              _hand(((0.38, 0.12, 0.02), (0.26, 0.18, -0.23), (0.43, 0.22, -0.17)),
                    AHEAD_IN, PALM_HALF_DOWN, 0.25),
              _hand(((0.28, 0.13, -0.25), (0.40, 0.11, -0.01), (0.30, 0.23, -0.11)),
                    AHEAD_IN, PALM_HALF_DOWN, 0.25)),
    _template("lay out", "open",
              _hand(((0.42, 0.17, -0.04), (0.32, 0.10, -0.26), (0.36, 0.35, -0.11)), AHEAD_OUT, PALM_UP),
              _hand(((0.29, 0.12, -0.20), (0.39, 0.19, -0.07), (0.31, 0.17, -0.24)), AHEAD_OUT, PALM_HALF_UP)),
    _template("place aside", "frame",
              _hand(((0.32, 0.33, -0.08), (0.36, 0.08, -0.04), (0.34, 0.27, -0.26)), AHEAD_OUT, PALM_IN),
              _hand(((0.36, 0.09, -0.12), (0.33, 0.31, -0.07), (0.33, 0.09, -0.25)), AHEAD, PALM_IN)),
    _template("beat", "beat",
              _hand(((0.37, 0.16, -0.24), (0.30, 0.21, 0.02), (0.44, 0.11, -0.11)), AHEAD, PALM_IN),
              _QUIET, one_handed=True),
    _template("offer", "open",
              _hand(((0.42, 0.18, -0.05), (0.34, 0.35, -0.05), (0.34, 0.10, -0.26)), AHEAD_OUT, PALM_UP),
              _QUIET, one_handed=True),
    _template("precision", "beat",
              _hand(((0.38, 0.10, 0.02), (0.35, 0.16, -0.24), (0.41, 0.28, -0.04)),
                    AHEAD_UP, PALM_HALF_DOWN, 0.15),
              _QUIET, one_handed=True),
    _template("dismiss", "calm",
              _hand(((0.34, 0.07, 0.00), (0.32, 0.36, -0.10), (0.30, 0.21, -0.26)), AHEAD_OUT, PALM_DOWN, 0.25),
              _QUIET, one_handed=True),
    _template("address", "point",
              _hand(((0.43, 0.13, 0.00), (0.31, 0.20, -0.20), (0.40, 0.32, -0.07)), UP_OUT, PALM_HALF_UP),
              _QUIET, one_handed=True),
    _template("enumerate", "count",
              _hand(((0.32, 0.07, -0.07), (0.37, 0.23, 0.02), (0.35, 0.15, -0.21)),
                    AHEAD_IN, PALM_HALF_DOWN, 0.1),
              _hand(((0.30, 0.09, -0.18), (0.34, 0.12, -0.15), (0.32, 0.14, -0.21)), AHEAD_IN, PALM_UP)),
)
GESTURES = (*WRITTEN_GESTURES, *load_units(len(WRITTEN_GESTURES)))  # as many strokes of recorded as of written ones
