"""Body parts that must be kept apart, and bodies of many shapes that are treated as a whole."""

from __future__ import annotations

import pytest

from speech_gesture_ros.robot.body_parts import must_be_apart
from speech_gesture_ros.robot.capsules import FEW_SHAPES, whole_bodies
from speech_gesture_ros.robot.model import load_model


def chain(*shapes: int) -> str:
    """A chain of links of so many spheres."""
    sphere = '<collision><geometry><sphere radius="0.01"/></geometry></collision>'
    return '<robot name="chain">' + "".join(f'<link name="l{i}">{sphere * n}</link>' for i, n in enumerate(shapes)) + \
        "".join(f'<joint name="j{i}" type="revolute"><parent link="l{i - 1}"/><child link="l{i}"/><axis xyz="0 1 0"/>'
                '<origin xyz="0 0 1"/><limit lower="-1" upper="1" velocity="5" effort="9"/></joint>'
                for i in range(1, len(shapes))) + "</robot>"


@pytest.mark.parametrize(("part", "other", "apart"), [
    ("left upper arm", "right hand", True),
    ("left hand", "right hand", True),
    ("left upper arm", "left hand", False),
    ("right forearm", "right upper arm", False),
    ("left forearm", "trunk", True),
    ("head", "right hand", True),
    ("left forearm", "left thigh", True),
    ("trunk", "head", False),
    ("left thigh", "right thigh", False),
])
def test_both_arms_and_an_arm_and_the_body_must_be_apart(part: str, other: str, apart: bool) -> None:
    assert must_be_apart(part, other) is apart
    assert must_be_apart(other, part) is apart


def test_only_the_last_body_of_a_chain_is_a_whole_if_it_has_many_shapes() -> None:
    many = FEW_SHAPES + 1
    robot = load_model(chain(many, many, many))
    model = robot.kinematics(["j1", "j2"]).model
    assert whole_bodies(robot.urdf, model) == {model.body("l2"): "l2"}
    few = load_model(chain(many, FEW_SHAPES))
    assert whole_bodies(few.urdf, few.kinematics(["j1"]).model) == {}


def test_a_body_that_does_not_move_is_no_hand() -> None:
    robot = load_model(chain(FEW_SHAPES + 1, FEW_SHAPES + 1))
    assert whole_bodies(robot.urdf, robot.kinematics([]).model) == {}
