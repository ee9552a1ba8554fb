"""Surfaces of links that come close and cross: boxes of 0.2 m, one of which slides along x."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.robot.primitives import box_triangles
from speech_gesture_ros.robot.surface_pairs import DEEPEST_M, DEPTH_STEP_M, SurfacePairs

ROBOT = load_model("""<robot name="slider"><link name="still"/><link name="moved"/>
<joint name="slide" type="prismatic"><parent link="still"/><child link="moved"/><axis xyz="1 0 0"/>
<limit lower="-1" upper="1" velocity="1" effort="1"/></joint></robot>""")
BOX = box_triangles(np.full(3, 0.2))
SMALL = box_triangles(np.full(3, 0.05))


def pairs_at(x: float, still: np.ndarray = BOX, moved: np.ndarray = BOX) -> SurfacePairs:
    """One pair, of the third and the second of three surfaces; the first belongs to no pair."""
    pairs = SurfacePairs(ROBOT.kinematics(["slide"]), [("still", SMALL), ("moved", moved), ("still", still)], [(2, 1)])
    pairs.update(np.array([x]))
    return pairs


@pytest.mark.parametrize(("x", "crossing"), [(0.21, []), (-0.21, []), (0.19, [0]), (-0.19, [0])])
def test_surfaces_touch_where_they_cross(x: float, crossing: list[int]) -> None:
    assert pairs_at(x).touching() == crossing


def test_surfaces_are_closer_than_any_distance_above_theirs() -> None:
    pairs = pairs_at(0.25)
    assert pairs.are_closer(0, 0.051)
    assert not pairs.are_closer(0, 0.049)
    pairs.are_closer(0, 0.1)
    assert pairs.touching() == [], "the distance of a question does not last"


def test_a_surface_inside_another_one_is_apart() -> None:
    assert pairs_at(0.0, moved=SMALL).touching() == []


@pytest.mark.parametrize("x", [0.17, -0.17, 0.19])
def test_the_depth_is_the_shortest_way_out(x: float) -> None:
    assert pairs_at(x).depth(0) == pytest.approx(0.2 - abs(x), abs=DEPTH_STEP_M)


@pytest.mark.parametrize("shift", [(0.0, 0.18, 0.0), (0.0, 0.0, -0.18)])
def test_the_shortest_way_out_may_be_across_the_motion(shift: tuple[float, ...]) -> None:
    assert pairs_at(0.1, moved=BOX + shift).depth(0) == pytest.approx(0.02, abs=DEPTH_STEP_M)


def test_the_way_out_may_be_along_a_diagonal() -> None:
    """Edges at 45 degrees: a box turned about z that overlaps with a corner of the other one."""
    c = np.sqrt(0.5)
    turned = BOX @ np.array([[c, -c, 0.0], [c, c, 0.0], [0.0, 0.0, 1.0]])
    away = 0.1 * np.sqrt(2) + 0.1 - 0.03  # corner of the still box along the diagonal, half the turned one, overlap
    assert pairs_at(0.0, moved=turned + away * np.array([c, c, 0.0])).depth(0) == pytest.approx(0.03, abs=DEPTH_STEP_M)


def test_surfaces_that_are_apart_have_no_depth_and_depths_are_measured_to_a_bound() -> None:
    assert pairs_at(0.21).depth(0) == 0.0
    large = box_triangles(np.full(3, 1.0))
    assert pairs_at(0.1, still=large, moved=large).depth(0) == DEEPEST_M
