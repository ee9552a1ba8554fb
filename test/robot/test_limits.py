from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.limits import (
    DEFAULT_SPEED,
    MAX_ACCELERATION,
    MAX_JERK,
    MAX_SPEED,
    Envelope,
    joint_limits,
)
from speech_gesture_ros.robot.stated_limits import StatedLimits
from speech_gesture_ros.robot.urdf import UrdfJoint

WHOLE = Envelope(1.0, 1.0, 1.0, 1.0)


def joint(lower: float | None = -1.0, upper: float | None = 2.0, velocity: float | None = 3.0,
          kind: str = "revolute") -> UrdfJoint:
    return UrdfJoint("j", kind, "a", "b", np.eye(4), np.array([0.0, 0.0, 1.0]), lower, upper, velocity, None)


def test_plausible_limits_are_used_unchanged_without_a_note() -> None:
    notes: list[str] = []
    limits = joint_limits([joint()], WHOLE, notes)
    assert (limits.lower[0], limits.upper[0], limits.velocity[0]) == (-1.0, 2.0, 3.0)
    assert notes == []


@pytest.mark.parametrize(("changes", "expected", "note"), [
    ({"lower": 2.0, "upper": -1.0}, (-1.0, 2.0), "swapped"),
    ({"lower": None, "upper": None}, (-math.pi, math.pi), "no position limits"),
    ({"lower": None, "upper": None, "kind": "prismatic"}, (-5e-4, 5e-4), "1 mm about 0"),
    ({"lower": None}, (0.0, 2.0), "one position limit is missing, the other is 2"),
    ({"lower": None, "upper": -1.5}, (-1.5, 0.0), "one position limit is missing, the other is -1.5"),
    ({"lower": -math.inf}, (-math.pi, 2.0), "infinite, the other is 2"),
    ({"upper": math.inf, "lower": 4.0}, (4.0, 2 * math.pi), "infinite, the other is 4"),
    ({"lower": -1000.0, "upper": 1000.0}, (-2 * math.pi, 2 * math.pi), "too far from 0"),
    ({"lower": 1000.0, "upper": 1100.0}, (-math.pi, math.pi), "not plausible"),
    ({"lower": -90.0, "upper": 90.0}, (-math.pi / 2, math.pi / 2), "are read as degrees"),
    ({"lower": -1e16, "upper": 1e16, "kind": "continuous"}, (-math.pi, math.pi), "continuous"),
    ({"lower": 0.0, "upper": 0.0, "kind": "continuous"}, (-math.pi, math.pi), "continuous"),
    ({"lower": 0.3, "upper": 0.3, "kind": "prismatic"}, (0.2995, 0.3005), "have no range"),
    ({"lower": None, "upper": None, "kind": "continuous"}, (-math.pi, math.pi), "continuous"),
    ({"lower": -math.inf, "upper": math.inf}, (-math.pi, math.pi), "no position limits"),
    ({"lower": 0.0, "upper": 0.0}, (-0.5, 0.5), "have no range"),
    ({"lower": 6.0, "upper": 7.0}, (-math.pi, math.pi), "not plausible"),
    ({"lower": 0.5, "upper": math.inf, "kind": "prismatic"}, (0.5, 0.5005), "infinite"),
    ({"lower": -math.inf, "upper": -0.5, "kind": "prismatic"}, (-0.5005, -0.5), "infinite"),
])
def test_implausible_position_limits_are_replaced_and_noted(changes, expected, note) -> None:
    notes: list[str] = []
    limits = joint_limits([joint(**changes)], WHOLE, notes)
    np.testing.assert_allclose((limits.lower[0], limits.upper[0]), expected)
    assert note in notes[0]
    assert len(notes) <= 2  # a value may be replaced twice


def test_stated_limits_of_continuous_joints_are_obeyed() -> None:
    """The case of the elbow of Digit."""
    notes: list[str] = []
    limits = joint_limits([joint(-1.35, 1.35, kind="continuous")], WHOLE, notes)
    assert (limits.lower[0], limits.upper[0], notes) == (-1.35, 1.35, [])


def several(*limits: tuple[float, float], velocity: float = 3.0) -> list[UrdfJoint]:
    """Joints with position limits."""
    return [dataclasses.replace(joint(low, high, velocity), name=f"j{i}") for i, (low, high) in enumerate(limits)]


def test_if_most_limits_are_in_degrees_all_are() -> None:
    notes: list[str] = []
    limits = joint_limits(several((-57.0, 57.0), (-34.0, 40.0), (0.0, 5.0)), WHOLE, notes)
    np.testing.assert_allclose(limits.upper, np.radians([57.0, 40.0, 5.0]))
    assert notes == ["position limits of j0, j1, j2 are read as degrees: joints do not turn 12.6 rad. Correct the URDF "
                     "if they are not."]


def test_one_limit_in_degrees_does_not_change_the_others() -> None:
    limits = joint_limits(several((-57.0, 57.0), (-1.0, 1.0), (0.0, 2.0), (0.0, 2.5)), WHOLE, [])
    np.testing.assert_allclose(limits.upper, [np.radians(57.0), 1.0, 2.0, 2.5])


@pytest.mark.parametrize(("speeds", "expected"), [((30.0, 30.0, 30.0), np.radians(30.0)), ((30.0, 30.0, 22.0), 8.0),
                                                  ((20.0, 20.0, 20.0), 8.0)])
def test_equal_round_speeds_that_no_robot_has_are_degrees_per_second(speeds, expected) -> None:
    joints = [dataclasses.replace(j, velocity=v) for j, v in zip(several(*3 * [(-1.0, 1.0)]), speeds)]
    assert joint_limits(joints, WHOLE, []).velocity[0] == pytest.approx(expected)


@pytest.mark.parametrize("velocity", [None, 0.0, -1.0, 100.0, 1e9, math.inf])
def test_placeholder_speeds_are_replaced_by_the_default_and_noted(velocity) -> None:
    notes: list[str] = []
    assert joint_limits([joint(velocity=velocity)], WHOLE, notes).velocity[0] == DEFAULT_SPEED
    assumed = f"{DEFAULT_SPEED:g} rad/s assumed"
    expected = [f"no velocity limit; {assumed}"] if velocity is None else [
        f"velocity limit {velocity:g} rad/s in the URDF is not plausible", assumed]
    assert notes == [f"joint j: {text}" for text in expected]


def test_a_speed_above_what_gestures_need_is_replaced_and_noted() -> None:
    notes: list[str] = []
    assert joint_limits([joint(velocity=37.0)], WHOLE, notes).velocity[0] == MAX_SPEED
    assert notes == [f"joint j: velocity limit 37 rad/s in the URDF replaced by {MAX_SPEED:g} rad/s"]


def test_the_envelope_narrows_about_the_middle_of_the_range() -> None:
    limits = joint_limits([joint()], Envelope(position=0.5, velocity=0.5, acceleration=0.5, jerk=0.25), [])
    np.testing.assert_allclose([limits.lower[0], limits.upper[0]], [-0.25, 1.25])
    np.testing.assert_allclose([limits.velocity[0], limits.acceleration[0], limits.jerk[0]], [1.5, 15.0, 150.0])


@pytest.mark.parametrize("share", [0.049, 1.5])
def test_an_envelope_beyond_the_limits_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=f"envelope velocity is {share}"):
        Envelope(velocity=share)
    assert Envelope(0.05, 0.05, 0.05, 0.05).jerk == 0.05


def test_limits_far_from_zero_but_plausible_stay() -> None:
    notes: list[str] = []
    limits = joint_limits([joint(lower=5.5, upper=6.0)], WHOLE, notes)
    np.testing.assert_allclose((limits.lower[0], limits.upper[0]), (5.5, 6.0))
    assert notes == []


# --- several sources ---------------------------------------------------------------------------------------------


def limits_from(*sources: StatedLimits, notes: list[str] | None = None, **changes):
    """Limits of the joint j with these sources before its URDF."""
    return joint_limits([joint(**changes)], WHOLE, [] if notes is None else notes, [{"j": s} for s in sources])


def test_the_first_source_that_states_a_kind_of_limit_counts_for_that_kind_only() -> None:
    limits = limits_from(StatedLimits("profile", velocity=1.0), StatedLimits("file", velocity=2.0, acceleration=5.0))
    assert (limits.velocity[0], limits.acceleration[0]) == (1.0, 5.0)
    assert (limits.lower[0], limits.upper[0]) == (-1.0, 2.0)
    assert limits.jerk[0] == pytest.approx(5.0 / 0.05)


def test_a_source_about_other_joints_changes_nothing() -> None:
    limits = joint_limits([joint()], WHOLE, [], [{"k": StatedLimits("file", velocity=0.5)}])
    assert limits.velocity[0] == 3.0


@pytest.mark.parametrize(("stated", "expected"), [
    ({"acceleration": 7.0}, 7.0),
    ({"acceleration": 7.0, "deceleration": 4.0}, 4.0),
    ({"deceleration": 4.0}, 4.0),
    ({"acceleration": 1e4}, MAX_ACCELERATION),
    ({"acceleration": 0.0}, 30.0),  # a placeholder: full speed after 0.1 s
])
def test_the_lower_of_acceleration_and_deceleration_limit_counts_for_both(stated, expected) -> None:
    assert limits_from(StatedLimits("file", **stated)).acceleration[0] == pytest.approx(expected)


def test_a_stated_jerk_limit_is_used_and_a_placeholder_is_replaced() -> None:
    assert limits_from(StatedLimits("file", jerk=70.0)).jerk[0] == 70.0
    assert limits_from(StatedLimits("file", jerk=1e6)).jerk[0] == MAX_JERK


def test_an_implausible_value_is_ignored_with_a_note_that_names_its_source() -> None:
    notes: list[str] = []
    limits = limits_from(StatedLimits("moveit.yaml", velocity=0.0), notes=notes)
    assert limits.velocity[0] == 3.0
    assert notes == ["joint j: velocity limit 0 rad/s in moveit.yaml is not plausible"]


def test_a_range_wider_than_that_of_the_urdf_is_used_and_noted() -> None:
    notes: list[str] = []
    limits = limits_from(StatedLimits("moveit.yaml", lower=-2.0, upper=2.0), notes=notes)
    assert (limits.lower[0], limits.upper[0]) == (-2.0, 2.0)
    assert "position limits -2 to 2 in moveit.yaml are wider than -1 to 2 in the URDF" in notes[0]


@pytest.mark.parametrize(("sources", "expected"), [
    ((), (-0.5, 1.5)),
    ((StatedLimits("file", soft_lower=-0.8, soft_upper=1.0),), (-0.5, 1.0)),  # both soft limits narrow the hard ones
    ((StatedLimits("file", lower=-3.0, upper=3.0),), (-3.0, 3.0)),  # hard limits with priority over the URDF are final
    ((StatedLimits("file", lower=-3.0, upper=3.0, soft_lower=-2.0, soft_upper=5.0),), (-2.0, 3.0)),
    ((StatedLimits("profile", soft_lower=-2.0, soft_upper=2.5), StatedLimits("file", lower=-3.0, upper=3.0)),
     (-2.0, 2.5)),
])
def test_soft_limits_narrow_the_hard_limits_of_their_source_and_of_later_ones(sources, expected) -> None:
    controlled = dataclasses.replace(joint(), soft_lower=-0.5, soft_upper=1.5)
    limits = joint_limits([controlled], WHOLE, [], [{"j": s} for s in sources])
    np.testing.assert_allclose((limits.lower[0], limits.upper[0]), expected)


def test_soft_limits_that_do_not_overlap_the_range_are_ignored_and_noted() -> None:
    notes: list[str] = []
    limits = limits_from(StatedLimits("file", soft_lower=0.0, soft_upper=0.0), notes=notes)
    assert (limits.lower[0], limits.upper[0]) == (-1.0, 2.0)
    assert "soft limits 0 to 0 in file do not overlap" in notes[0]
