"""Gesture templates: places in the gesture space, families, recorded gestures as frequent as written ones."""

import numpy as np
import pytest

from speech_gesture_ros.training.strokes.gestures import GESTURES, STYLES, WRITTEN_GESTURES


def test_names_are_unique_and_every_family_is_there() -> None:
    assert len({g.name for g in GESTURES}) == len(GESTURES) >= 60
    assert {g.family for g in GESTURES} == set(STYLES)


def test_recorded_gestures_are_as_frequent_as_written_ones() -> None:
    weights = {family: sum(g.weight for g in GESTURES if (g.family == "real") == family) for family in (True, False)}
    assert weights[True] == pytest.approx(weights[False], rel=0.02) == len(WRITTEN_GESTURES)


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda g: g.name)
def test_places_lie_in_front_of_the_trunk_between_waist_and_shoulders(gesture) -> None:
    for hand in (gesture.lead, gesture.follow):
        forward, outward, up = np.array(hand.places).T
        assert forward.min() >= 0.22
        assert forward.max() <= 0.46
        assert outward.min() >= 0.05
        assert outward.max() <= 0.38
        assert up.min() >= -0.28
        assert up.max() <= 0.03


@pytest.mark.parametrize("gesture", WRITTEN_GESTURES, ids=lambda g: g.name)
def test_the_leading_hand_moves_between_its_places(gesture) -> None:
    places = np.array(gesture.lead.places)
    steps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    assert 0.10 <= steps.min() <= steps.max() <= 0.48
