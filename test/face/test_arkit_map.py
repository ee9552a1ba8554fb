"""Names of the channels, and the map from articulators to blendshapes with its constraints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.face_channels import (
    ARTICULATION_NAMES,
    ARTICULATOR_INDEX,
    BLENDSHAPE_INDEX,
    BLENDSHAPES,
    VISEMES,
)
from speech_gesture_ros.face.arkit_map import blendshapes_from_articulators, lip_gap


def shapes_of(**articulators: float) -> dict[str, float]:
    values = np.zeros((1, len(ARTICULATOR_INDEX)))
    for name, value in articulators.items():
        values[0, ARTICULATOR_INDEX[name]] = value
    return dict(zip(BLENDSHAPES, blendshapes_from_articulators(values)[0].tolist()))


def test_there_are_the_52_blendshapes_of_arkit_and_15_visemes() -> None:
    assert len(BLENDSHAPES) == len(set(BLENDSHAPES)) == 52
    assert len(VISEMES) == 15
    assert sum(name.endswith("Left") for name in BLENDSHAPES) == sum(name.endswith("Right") for name in BLENDSHAPES)
    assert (BLENDSHAPES[0], BLENDSHAPES[17], BLENDSHAPES[51]) == ("eyeBlinkLeft", "jawOpen", "tongueOut")
    assert len(set(ARTICULATION_NAMES)) == 27


def test_the_jaw_opens_and_contacts_hold_it_up() -> None:
    assert shapes_of(jaw=1)["jawOpen"] == pytest.approx(0.85)
    assert shapes_of(jaw=1, close=1)["jawOpen"] == pytest.approx(0.85 * 0.15)
    assert shapes_of(jaw=1, sibilant=1)["jawOpen"] == pytest.approx(0.85 * 0.3)


def test_f_turns_the_lower_lip_in_and_th_shows_the_tongue() -> None:
    assert shapes_of(labiodental=1)["mouthRollLower"] == pytest.approx(0.75)
    assert shapes_of(labiodental=1, jaw=1)["mouthLowerDownLeft"] == 0.0
    assert shapes_of(tip=1)["tongueOut"] == pytest.approx(0.4)
    assert shapes_of(tip=0.5)["tongueOut"] == 0.0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1, width=32), min_size=10, max_size=10))
def test_closed_lips_have_no_gap_whatever_else_the_mouth_does(values: list[float]) -> None:
    row = np.array([values])
    row[0, ARTICULATOR_INDEX["close"]] = 1.0
    shapes = blendshapes_from_articulators(row)
    assert np.all((shapes >= 0) & (shapes <= 1))
    assert lip_gap(shapes)[0] == pytest.approx(0.0, abs=1e-6)


def test_rounding_excludes_spreading() -> None:
    shapes = shapes_of(rounding=1, spread=1)
    assert shapes["mouthPucker"] == pytest.approx(0.85)
    assert shapes["mouthStretchLeft"] == 0.0


def test_the_eyes_are_not_moved_by_articulation() -> None:
    shapes = shapes_of(**dict.fromkeys(ARTICULATOR_INDEX, 1.0))
    assert all(shapes[name] == 0.0 for name in BLENDSHAPE_INDEX if name.startswith(("eye", "brow", "cheek", "nose")))
