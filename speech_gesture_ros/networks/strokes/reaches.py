r"""Displacements of the hands for one stroke: direction, length, palm, and the other hand's share.

    here o------------> end      length drawn; direction: the next place of the template, other directions where that
          \                      leaves the gesture space or reverses the stroke before
           `-> place

Drawing lengths gives the speeds of people; drawing target places gives too many strokes of medium length.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.networks.strokes.channels import (
    DEVIATION,
    FLEXION,
    PALM,
    PER_HAND,
    SWIVEL,
    WRIST,
)
from speech_gesture_ros.networks.strokes.laws import ReachLaws
from speech_gesture_ros.networks.strokes.templates import HandTemplate

Floats = npt.NDArray[np.float64]

SPACE_LOW_M = np.array([0.07, 0.03, -0.45])  # gesture space from the chest as (forward, outward, up)
SPACE_HIGH_M = np.array([0.45, 0.45, 0.09])
SPACE_MARGIN_M = 0.03
NUM_DIRECTIONS = 8  # that are tried beside the one to the place
DIRECTION_SCALE = np.array([0.8, 1.0, 0.9])  # of these: (forward, outward, up)
LENGTH_BOUNDS_M = (0.03, 0.62)
DURATION_BOUNDS_S = (0.16, 0.9)
REST_NOISE = 0.3  # share of the spread of palm and hand in a hand that does not gesture
AT_REST_M = 0.08  # distance from its resting place within which a hand only trails


def draw_length(laws: ReachLaws, size: float, random: np.random.Generator) -> float:
    """Draw the length of a stroke [m], log-normal, times a factor."""
    return float(np.clip(size * laws.length_m * np.exp(laws.length_spread * random.standard_normal()),
                         *LENGTH_BOUNDS_M))


def draw_duration(laws: ReachLaws, length_m: float, tempo: float, random: np.random.Generator) -> float:
    """Draw the duration of a stroke of a length [s], times a factor."""
    usual = tempo * laws.duration_s * max(length_m, LENGTH_BOUNDS_M[0]) ** laws.duration_power
    return float(np.clip(usual * np.exp(laws.duration_spread * random.standard_normal()), *DURATION_BOUNDS_S))


def choose_way(laws: ReachLaws, here: Floats, place: Floats, length_m: float, before: Floats,
               random: np.random.Generator) -> Floats:
    """Return the displacement (3,) of a leading wrist [m].

    Args:
        laws: Of the strokes.
        here: (3,) where it is.
        place: (3,) next place of the template.
        length_m: Drawn length.
        before: (3,) direction of the stroke before.
        random: Draws the aim and the directions that are tried.
    """
    aim = place + laws.place_spread_m * random.standard_normal(3) - here
    tried = unit(np.concatenate([aim[None], random.standard_normal((NUM_DIRECTIONS, 3)) * DIRECTION_SCALE]))
    ends = here + length_m * tried
    outside = np.linalg.norm(np.maximum(SPACE_LOW_M - ends, 0.0) + np.maximum(ends - SPACE_HIGH_M, 0.0), axis=1)
    reversal = np.maximum(-tried @ before, 0.0)
    costs = outside + length_m * (laws.aim * (1.0 - tried @ tried[0]) + laws.flow * reversal)
    return inside(here, length_m * tried[int(np.argmin(costs))])


def follow_way(laws: ReachLaws, here: Floats, place: Floats, lead_way: Floats, share: float,
               random: np.random.Generator) -> Floats:
    """Return the displacement (3,) of the other hand in a two-handed stroke [m]: partly the leading hand's mirror."""
    own = unit(place + laws.place_spread_m * random.standard_normal(3) - here)
    direction = unit(laws.together * unit(lead_way) + (1.0 - laws.together) * own)
    return inside(here, share * float(np.linalg.norm(lead_way)) * direction)


def trail_way(here: Floats, place: Floats, lead_way: Floats, share: float) -> Floats:
    """Return the displacement (3,) of an idle hand [m]: to its resting place, or a little with the leading hand."""
    away = place - here
    return away if float(np.linalg.norm(away)) > AT_REST_M else share * lead_way + REST_NOISE * away


def hand_step(laws: ReachLaws, goal: Floats, way: Floats, template: HandTemplate, noise: float,
              random: np.random.Generator) -> Floats:
    """Return the displacement (PER_HAND,) of a hand: its way, and palm, wrist and elbow as the template holds them."""
    step = np.zeros(PER_HAND)
    step[WRIST] = way
    drawn = noise * random.standard_normal(4)
    step[PALM] = template.palm + laws.palm_spread * drawn[0] - goal[PALM]
    step[FLEXION] = template.flexion + laws.hand_spread * drawn[1] - goal[FLEXION]
    step[DEVIATION] = template.deviation + laws.hand_spread * drawn[2] - goal[DEVIATION]
    step[SWIVEL] = template.swivel + laws.swivel_spread * drawn[3] - goal[SWIVEL]
    return step


def hand_pose(template: HandTemplate, place: int = 0) -> Floats:
    """Return the channels (PER_HAND,) of a hand at a place of a template."""
    return np.array([*template.places[place], template.palm, template.flexion, template.deviation, template.swivel])



def inside(here: Floats, way: Floats) -> Floats:
    """Cut a displacement so that it ends inside the gesture space and its margin."""
    end = np.clip(here + way, SPACE_LOW_M - SPACE_MARGIN_M, SPACE_HIGH_M + SPACE_MARGIN_M)
    return np.asarray(end - here)


def unit(vectors: Floats) -> Floats:
    """Normalise vectors (..., 3)."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
