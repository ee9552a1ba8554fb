from __future__ import annotations

import math

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.retargeting.limits import DEFAULT_SPEED, MAX_SPEED, Envelope, joint_limits
from speech_gesture_ros.retargeting.urdf import UrdfJoint

WHOLE = Envelope(1.0, 1.0, 1.0, 1.0)


def joint(lower: float | None = -1.0, upper: float | None = 2.0, velocity: float | None = 3.0,
          kind: str = "revolute") -> UrdfJoint:
    return UrdfJoint("j", kind, "a", "b", np.eye(4), np.array([0.0, 0.0, 1.0]), lower, upper, velocity, None)


def test_believable_limits_are_taken_as_they_are_without_a_note() -> None:
    notes: list[str] = []
    limits = joint_limits([joint()], WHOLE, notes)
    assert (limits.lower[0], limits.upper[0], limits.velocity[0]) == (-1.0, 2.0, 3.0)
    assert notes == []


@pytest.mark.parametrize(("changes", "expected", "note"), [
    ({"lower": 2.0, "upper": -1.0}, (-1.0, 2.0), "swapped"),
    ({"lower": None}, (-math.pi, math.pi), "no position limits"),
    ({"kind": "continuous"}, (-math.pi, math.pi), "continuous"),
    ({"lower": -math.inf, "upper": math.inf}, (-math.pi, math.pi), "no position limits"),
    ({"lower": 0.0, "upper": 0.0}, (-0.5, 0.5), "empty"),
])
def test_positions_that_cannot_be_meant_are_replaced_and_noted(changes, expected, note) -> None:
    notes: list[str] = []
    limits = joint_limits([joint(**changes)], WHOLE, notes)
    np.testing.assert_allclose((limits.lower[0], limits.upper[0]), expected)
    assert len(notes) == 1
    assert note in notes[0]


@pytest.mark.parametrize("velocity", [None, 0.0, -1.0, 100.0, 1e9, math.inf])
def test_placeholder_speeds_become_the_default_and_are_noted(velocity) -> None:
    notes: list[str] = []
    assert joint_limits([joint(velocity=velocity)], WHOLE, notes).velocity[0] == DEFAULT_SPEED
    assert "not believable" in notes[0]


def test_a_motor_faster_than_gestures_is_slowed_and_noted() -> None:
    notes: list[str] = []
    assert joint_limits([joint(velocity=37.0)], WHOLE, notes).velocity[0] == MAX_SPEED
    assert "more than gestures need" in notes[0]


def test_the_envelope_narrows_about_the_middle_of_the_range() -> None:
    limits = joint_limits([joint()], Envelope(position=0.5, velocity=0.5, acceleration=0.5, jerk=0.25), [])
    np.testing.assert_allclose([limits.lower[0], limits.upper[0]], [-0.25, 1.25])
    np.testing.assert_allclose([limits.velocity[0], limits.acceleration[0], limits.jerk[0]], [1.5, 15.0, 150.0])


def test_an_envelope_beyond_the_limits_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"envelope velocity is 1\.5"):
        Envelope(velocity=1.5)
