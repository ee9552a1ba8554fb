"""Motion units: places of recorded strokes, moved into the gesture space."""

import itertools

import numpy as np
import pytest

from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.training.strokes import motion_units
from speech_gesture_ros.training.strokes.motion_units import (
    ARM_M,
    HIGHEST_M,
    LOWEST_M,
    SHOULDER_M,
    WRIST_RATE,
    WristRecording,
    find_units,
    wrists_of,
)


def through(places: list[tuple[float, float, float]], bow: float = 0.0, stroke_s: float = 0.5) -> np.ndarray:
    """(T, 3) a wrist that moves from place to place, resting in each, on paths with an upward bow."""
    s = np.linspace(0, 1, round(stroke_s * WRIST_RATE))[:, None]
    share = s**3 * (10 - 15 * s + 6 * s * s)
    parts = [np.repeat([places[0]], 10, axis=0)]
    for start, stop in itertools.pairwise(places):
        way = np.subtract(stop, start)
        parts += [np.asarray(start) + share * way + bow * np.linalg.norm(way) * 4 * share * (1 - share) * [0, 0, 1],
                  np.repeat([stop], 6, axis=0)]
    return np.concatenate(parts)


def recording(lead: np.ndarray, other: np.ndarray) -> WristRecording:
    """Right hand leads."""
    wrists = np.stack([other, lead], axis=1)
    return WristRecording("synthetic", "one", (wrists - SHOULDER_M) / ARM_M)


PLACES = [(0.30, 0.12, -0.20), (0.40, 0.12, -0.05), (0.30, 0.30, -0.05), (0.32, 0.15, -0.20), (0.42, 0.2, -0.1),
          (0.28, 0.25, -0.15), (0.38, 0.1, -0.18)]


def test_places_of_three_strokes_are_found() -> None:
    lead = through(PLACES, bow=0.2)
    units = find_units(recording(lead, np.repeat([PLACES[0]], len(lead), axis=0)))
    assert units
    unit = units[0]
    assert unit.one_handed
    found = [i for i, place in enumerate(PLACES) if np.linalg.norm(unit.lead[0] - place) < 0.03]
    assert found
    np.testing.assert_allclose(unit.lead, PLACES[found[0]:found[0] + 3], atol=0.03)


def test_hanging_arms_are_moved_as_a_whole_into_the_gesture_space() -> None:
    low = [tuple(np.subtract(p, (0.2, 0.0, 0.25))) for p in PLACES]
    lead = through(low)
    unit = find_units(recording(lead, np.repeat([low[0]], len(lead), axis=0)))[0]
    assert np.all(unit.lead >= LOWEST_M)
    assert np.all(unit.lead <= HIGHEST_M)
    steps = np.linalg.norm(np.diff(unit.lead, axis=0), axis=1)
    assert steps.min() > 0.1


def test_wrists_are_relative_to_the_shoulders_with_any_up_axis() -> None:
    joints = {"left_shoulder": (0, 0.2, 1.4), "left_elbow": (0, 0.2, 1.1), "left_wrist": (0.3, 0.2, 1.1),
              "right_shoulder": (0, -0.2, 1.4), "right_elbow": (0, -0.2, 1.1), "right_wrist": (0.0, -0.5, 1.1)}

    def motion(turn: np.ndarray) -> SourceMotion:
        xyz = np.array([list(joints.values())] * 2, dtype=float) @ turn
        return SourceMotion(tuple(joints), np.full(6, -1), xyz, 25.0)

    expected = np.array([[0.3, 0.0, -0.3], [0.0, 0.3, -0.3]]) / 0.6
    upright = wrists_of(motion(np.eye(3)), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(upright[0], expected, atol=1e-9)
    turned = motion(np.array([[0, 0, -1.0], [-1, 0, 0], [0, 1, 0]]))
    np.testing.assert_allclose(wrists_of(turned, np.array([0.0, 1.0, 0.0])), upright, atol=1e-12)


@pytest.mark.slow
def test_the_committed_units_are_those_of_the_data_folder() -> None:
    import yaml

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.datasets.speech_recordings import data_folder

    data = data_folder()
    if not (data / "motion").is_dir():
        pytest.skip("recorded motion: set SPEECH_GESTURE_DATA to the data folder")
    committed = yaml.safe_load(resolve("motion_units.yaml", "config/training").read_text(encoding="utf-8"))["units"]
    made = motion_units.extract(data)
    assert [u["recording"] for u in made] == [u["recording"] for u in committed]
    for one, other in zip(made, committed):
        np.testing.assert_allclose(one["lead"]["places"], other["lead"]["places"], atol=2e-3)
