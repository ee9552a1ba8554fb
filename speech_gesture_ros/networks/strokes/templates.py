"""Gesture templates: where the hands go in turn, how they are held, the finger shape; part of a bundle.

A template is written for a right hand that leads; the process mirrors it. Positions and angles are those of `channels`.
"""

from __future__ import annotations

from dataclasses import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class HandTemplate:
    """One hand in a gesture.

    Attributes:
        places: Wrist (forward, outward, up) from the chest [m], visited in turn.
        palm: Thumb side turned outward [rad]: 1.3 palm up, 0 palm in, -1.3 palm down.
        flexion: Hand bent up [rad].
        deviation: Hand bent outward [rad].
        swivel: Elbow turned outward [rad].
    """

    places: tuple[Triple, ...]
    palm: float = 0.0
    flexion: float = 0.0
    deviation: float = 0.0
    swivel: float = 0.0


@dataclass(frozen=True)
class GestureTemplate:
    """One gesture.

    Attributes:
        name: Short description.
        family: Kind of gesture, which `styles` of the controls weight.
        lead: The leading hand.
        follow: The other hand.
        one_handed: True if one hand gestures alone.
        size: Factor of the lengths of its strokes.
        tempo: Factor of the durations and intervals of its strokes.
        weight: Relative frequency.
    """

    name: str
    family: str
    lead: HandTemplate
    follow: HandTemplate
    one_handed: bool = False
    size: float = 1.0
    tempo: float = 1.0
    weight: float = 1.0


REST_BEFORE = HandTemplate(((0.225, 0.085, -0.285),), -0.35, -0.25, -0.3)  # before the belly
REST_BESIDE = HandTemplate(((0.09, 0.27, -0.375),), 0.1, 0.0, 0.0, 0.1)  # hanging beside the hip
