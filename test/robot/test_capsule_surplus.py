"""Surplus of capsules that are thicker than what they stand for, on two arms that swing in one plane."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot import capsule_surplus
from speech_gesture_ros.robot.capsule_surplus import MARGIN_M, SAFE_M, pair_surplus
from speech_gesture_ros.robot.capsules import FittedCapsule
from speech_gesture_ros.robot.description import Capsule, JointLimits
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.primitives import capsule_triangles

SIDES = (("left", 0.2), ("right", -0.2))
ROBOT = load_model('<robot name="arms"><link name="base"/>' + "".join(
    f"""<link name="{side}"/><joint name="{side}" type="revolute"><parent link="base"/><child link="{side}"/>
    <origin xyz="0 {y} 0"/><axis xyz="1 0 0"/><limit lower="-2" upper="2" velocity="3" effort="1"/></joint>"""
    for side, y in SIDES) + "</robot>")
LIMITS = JointLimits(*(np.full(2, x) for x in (-2.0, 2.0, 3.0, 10.0, 100.0)))
THICK_M, LENGTH_M = 0.06, 0.5
TESSELLATION_M = 1e-3


def surplus(thin: float, *gaps: float) -> float:
    """Surplus of bars of 0.5 m in capsules of radius 0.06 m, 0 if there is none.

    Args:
        thin: Radius of the bars [m].
        gaps: Distances of the capsules where the robot is usually [m]; negative: how deep they overlap.
    """
    start, stop = np.zeros(3), np.array([0.0, 0.0, -LENGTH_M])
    fitted = [FittedCapsule(Capsule(side, tuple(start), tuple(stop), THICK_M), capsule_triangles(start, stop, thin))
              for side, _ in SIDES]
    turned = np.arcsin((0.2 - THICK_M - np.array(gaps) / 2) / LENGTH_M)
    found = pair_surplus(ROBOT.kinematics([side for side, _ in SIDES]), fitted, [(0, 1)], LIMITS,
                         list(np.stack([-turned, turned], axis=1)))
    return found.get((0, 1), 0.0)


def test_the_surplus_is_what_lies_between_surface_and_capsule_beyond_the_margin() -> None:
    """Bars that are 0.03 m thinner are close where the capsules overlap by 0.06 m less the distance that is safe."""
    assert surplus(0.03, -0.03) == pytest.approx(MARGIN_M + 0.06 - SAFE_M, abs=2 * TESSELLATION_M)


@pytest.mark.parametrize(("distance", "close"), [(0.008, 0.006), (0.004, 0.003), (0.002, 0.001)])
def test_surfaces_that_are_usually_close_count_as_close_only_where_they_are_closer(distance: float, close: float
                                                                                  ) -> None:
    """Bars 0.03 m thinner whose surfaces are this far apart where the robot is usually."""
    found = surplus(0.03, distance + TESSELLATION_M / 2 - 0.06)
    assert found == pytest.approx(MARGIN_M + 0.06 - close, abs=2 * TESSELLATION_M)


def test_capsules_that_do_not_touch_where_the_robot_is_usually_have_no_surplus() -> None:
    assert surplus(0.03, 1.0) == 0.0


def test_without_a_search_the_closest_sample_counts_that_has_the_largest_clearance(monkeypatch) -> None:
    """So the surplus is never smaller than with the search, and not by more than the samples are apart."""
    searched = surplus(0.03, -0.03)
    monkeypatch.setattr(capsule_surplus, "SEARCH_STEPS", 0)
    assert searched - 1e-9 <= surplus(0.03, -0.03) < searched + 0.02


def test_surfaces_that_are_close_nowhere_count_as_close_where_the_capsules_overlap_most(monkeypatch) -> None:
    """Bars as thin as a wire, and samples at the usual configurations only."""
    monkeypatch.setattr(capsule_surplus, "NEARBY", 0)
    monkeypatch.setattr(capsule_surplus, "ANYWHERE", 0)
    assert surplus(0.001, -0.02, -0.03) == pytest.approx(MARGIN_M + 0.03)
