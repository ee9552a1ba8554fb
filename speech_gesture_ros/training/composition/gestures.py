"""Gestures as data: gestures written by hand, gestures taken from recorded people, and their mirror images.

A gesture is written once, led by the right hand, and has code 2k; code 2k + 1 is its mirror image. So the mirror image
of a composed motion can be composed, too, and no side is preferred.

Positions are of the wrist relative to the chest as (forward, outward, up) [m]: outward means away from the midline,
for either arm, so that mirroring exchanges the arms. The chest joint is 0.07 m below the shoulders; arms are 0.53 m
long. Each gesture has three places for each hand. The place of a stroke depends on the time since the code began
(`targets.variant_weights`): two accents under one code therefore move between places instead of beating one point.

                up
                 |     shoulder (0, .18, .07)
          chest -o-------- outward
                /|      o  a place: (.36, .20, -.14)
         forward |
               rest    o  (.22, .08, -.32) in front of the belly
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.yaml_config import load_yaml

Triple = tuple[float, float, float]

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


@dataclass(frozen=True)
class ArmPart:
    """One arm in a gesture.

    Attributes:
        places: Three wrist positions (forward, outward, up) [m], visited in turn.
        fingers: Direction of the hand, same axes.
        thumb: Direction of the thumb's side, which gives the direction of the palm.
        swivel: Elbow away from the body [rad], 0 hanging naturally.
        bows: Excursion of the path to each place in its middle, over its length, same axes.
    """

    places: tuple[Triple, Triple, Triple]
    fingers: Triple = AHEAD
    thumb: Triple = PALM_IN
    swivel: float = 0.0
    bows: tuple[Triple, Triple, Triple] = ((0.0, 0.0, 0.0),) * 3


@dataclass(frozen=True)
class Gesture:
    """One gesture, led by the right hand.

    Attributes:
        name: Short description.
        lead: The right arm.
        follow: The left arm.
        family: Kind of gesture: "open", "frame", "beat", "point", "count", "calm", or "real" for gestures whose places
            and paths were recorded.
        one_handed: True if the left arm moves little.
        head: (yaw towards the leading side, pitch down, roll towards the leading side) [deg].
        torso: (turn towards the leading side, lean forward, lean towards the leading side) [deg].
    """

    name: str
    lead: ArmPart
    follow: ArmPart
    family: str = "real"
    one_handed: bool = False
    head: Triple = (0.0, 0.0, 0.0)
    torso: Triple = (0.0, 0.0, 0.0)


_QUIET = ArmPart(((0.29, 0.11, -0.21), (0.31, 0.15, -0.16), (0.27, 0.10, -0.235)), AHEAD_IN, PALM_HALF_DOWN)


def load_units() -> tuple[Gesture, ...]:
    """Return the gestures whose places and paths come from recorded motion, in the file that `motion_units` writes."""
    path = resolve("motion_units.yaml", "config/training")
    units = load_yaml(path)["units"]
    return tuple(
        Gesture(f"recorded {i + 1}", _unit_arm(unit["lead"], unit["palm"]), _unit_arm(unit["follow"], unit["palm"]),
                one_handed=bool(unit["one_handed"]), head=(5.0 - 3.0 * (i % 4), 1.0 - i % 3, 2.0 - i % 5),
                torso=(4.0 - 2.0 * (i % 3), 3.0 - 2.0 * (i % 4), i % 3 - 1.0))
        for i, unit in enumerate(units))


def _unit_arm(part: dict[str, Any], palm_up: bool) -> ArmPart:
    return ArmPart(_triples(part["places"]), AHEAD if palm_up else AHEAD_IN, PALM_HALF_UP if palm_up else PALM_IN,
                   0.1, _triples(part["bows"]))


def _triples(rows: list[list[float]]) -> tuple[Triple, Triple, Triple]:
    first, second, third = ((float(x), float(y), float(z)) for x, y, z in rows)
    return first, second, third


WRITTEN_GESTURES = (
    Gesture("offer both",
            ArmPart(((0.38, 0.11, -0.07), (0.36, 0.34, -0.04), (0.33, 0.14, -0.26)), AHEAD_OUT, PALM_UP),
            ArmPart(((0.37, 0.12, -0.10), (0.35, 0.32, -0.07), (0.32, 0.14, -0.26)), AHEAD_OUT, PALM_UP),
            family="open", head=(4, 0, 3), torso=(3, 4, 0)),
    Gesture("sweep open",
            ArmPart(((0.33, 0.07, 0.02), (0.33, 0.36, -0.08), (0.30, 0.19, -0.26)), AHEAD_OUT, PALM_HALF_UP, 0.1),
            ArmPart(((0.32, 0.07, -0.01), (0.34, 0.33, -0.11), (0.29, 0.17, -0.26)), AHEAD_OUT, PALM_HALF_UP, 0.1),
            family="open", head=(7, -2, 0), torso=(5, -3, 0)),
    Gesture("weigh",
            ArmPart(((0.35, 0.19, 0.02), (0.33, 0.22, -0.26), (0.37, 0.25, -0.07)), AHEAD_OUT, PALM_UP),
            ArmPart(((0.34, 0.23, -0.26), (0.35, 0.20, 0.02), (0.34, 0.20, -0.20)), AHEAD_OUT, PALM_UP),
            family="open", head=(6, 0, 5), torso=(4, -1, 3)),
    Gesture("frame",
            ArmPart(((0.36, 0.07, -0.05), (0.34, 0.32, -0.05), (0.39, 0.16, -0.26)), AHEAD, PALM_IN, 0.15),
            ArmPart(((0.36, 0.07, -0.07), (0.34, 0.30, -0.07), (0.38, 0.17, -0.26)), AHEAD, PALM_IN, 0.15),
            family="frame", head=(-3, 1, 0), torso=(0, 6, 0)),
    Gesture("chop",
            ArmPart(((0.37, 0.12, -0.26), (0.31, 0.15, 0.02), (0.41, 0.24, -0.18)), AHEAD, PALM_IN),
            ArmPart(((0.36, 0.11, -0.26), (0.30, 0.15, 0.01), (0.40, 0.21, -0.20)), AHEAD, PALM_IN),
            family="beat", head=(2, 3, 0), torso=(0, 8, 0)),
    Gesture("calm",
            ArmPart(((0.34, 0.16, -0.24), (0.29, 0.19, 0.00), (0.39, 0.30, -0.18)), AHEAD, PALM_DOWN, 0.2),
            ArmPart(((0.34, 0.15, -0.24), (0.29, 0.18, -0.02), (0.38, 0.28, -0.20)), AHEAD, PALM_DOWN, 0.2),
            family="calm", head=(-4, 1, -2), torso=(-3, 1, 0)),
    Gesture("gather",
            ArmPart(((0.36, 0.32, -0.14), (0.31, 0.07, -0.20), (0.33, 0.11, 0.02)), AHEAD_IN, PALM_IN, 0.1),
            ArmPart(((0.37, 0.30, -0.15), (0.30, 0.07, -0.20), (0.32, 0.11, 0.00)), AHEAD_IN, PALM_IN, 0.1),
            family="frame", head=(-5, 1, 2), torso=(-3, 3, 0)),
    Gesture("roll",
            ArmPart(((0.38, 0.12, 0.02), (0.26, 0.18, -0.23), (0.43, 0.22, -0.17)), AHEAD_IN, PALM_HALF_DOWN, 0.25),
            ArmPart(((0.28, 0.13, -0.25), (0.40, 0.11, -0.01), (0.30, 0.23, -0.11)), AHEAD_IN, PALM_HALF_DOWN, 0.25),
            family="beat", head=(5, -1, 4), torso=(4, 1, 2)),
    Gesture("lay out",
            ArmPart(((0.42, 0.17, -0.04), (0.32, 0.10, -0.26), (0.36, 0.35, -0.11)), AHEAD_OUT, PALM_UP),
            ArmPart(((0.29, 0.12, -0.20), (0.39, 0.19, -0.07), (0.31, 0.17, -0.24)), AHEAD_OUT, PALM_HALF_UP),
            family="open", head=(8, 1, 0), torso=(6, 4, 0)),
    Gesture("place aside",
            ArmPart(((0.32, 0.33, -0.08), (0.36, 0.08, -0.04), (0.34, 0.27, -0.26)), AHEAD_OUT, PALM_IN),
            ArmPart(((0.36, 0.09, -0.12), (0.33, 0.31, -0.07), (0.33, 0.09, -0.25)), AHEAD, PALM_IN),
            family="frame", head=(9, 2, 2), torso=(8, 1, 2)),
    Gesture("beat",
            ArmPart(((0.37, 0.16, -0.24), (0.30, 0.21, 0.02), (0.44, 0.11, -0.11)), AHEAD, PALM_IN),
            _QUIET, family="beat", one_handed=True, head=(3, 2, 0), torso=(4, 4, 0)),
    Gesture("offer",
            ArmPart(((0.42, 0.18, -0.05), (0.34, 0.35, -0.05), (0.34, 0.10, -0.26)), AHEAD_OUT, PALM_UP),
            _QUIET, family="open", one_handed=True, head=(6, -1, 4), torso=(5, 3, 0)),
    Gesture("precision",
            ArmPart(((0.38, 0.10, 0.02), (0.35, 0.16, -0.24), (0.41, 0.28, -0.04)), AHEAD_UP, PALM_HALF_DOWN, 0.15),
            _QUIET, family="beat", one_handed=True, head=(-3, 2, 3), torso=(1, 6, 0)),
    Gesture("dismiss",
            ArmPart(((0.34, 0.07, 0.00), (0.32, 0.36, -0.10), (0.30, 0.21, -0.26)), AHEAD_OUT, PALM_DOWN, 0.25),
            _QUIET, family="calm", one_handed=True, head=(-7, -2, -3), torso=(3, -5, 0)),
    Gesture("address",
            ArmPart(((0.43, 0.13, 0.00), (0.31, 0.20, -0.20), (0.40, 0.32, -0.07)), UP_OUT, PALM_HALF_UP),
            _QUIET, family="point", one_handed=True, head=(7, 0, 0), torso=(6, 4, 0)),
    Gesture("enumerate",
            ArmPart(((0.32, 0.07, -0.07), (0.37, 0.23, 0.02), (0.35, 0.15, -0.21)), AHEAD_IN, PALM_HALF_DOWN, 0.1),
            ArmPart(((0.30, 0.09, -0.18), (0.34, 0.12, -0.15), (0.32, 0.14, -0.21)), AHEAD_IN, PALM_UP),
            family="count", head=(-4, 5, 2), torso=(0, 3, 0)),
)

GESTURES = (*WRITTEN_GESTURES, *load_units())
CODE_NAMES = tuple(f"{g.name} ({side})" for g in GESTURES for side in ("right", "left"))
NUM_CODES = len(CODE_NAMES)
CODE_FAMILIES = tuple(g.family for g in GESTURES for _ in range(2))
ONE_HANDED = tuple(2 * i + side for i, g in enumerate(GESTURES) if g.one_handed for side in range(2))

REST_TOGETHER = ArmPart(((0.225, 0.085, -0.285),) * 3, (0.55, -0.45, -0.55), (0.35, -0.25, 0.9))
REST_HANGING = ArmPart(((0.09, 0.27, -0.375),) * 3, (0.30, -0.05, -1.0), (1.0, -0.15, 0.2), 0.1)
