"""Drawing without OpenGL: in every pixel the shape in front."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.plain_view import PlainView
from speech_gesture_ros.rendering.ray_casting import distances
from speech_gesture_ros.rendering.shapes import Shape
from speech_gesture_ros.rendering.skeleton_view import HAIR, PULLOVER, SKIN, TROUSERS, human_shapes
from speech_gesture_ros.rendering.staging import stage
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

SIZES = {"ellipsoid": (0.3, 0.5, 0.2), "box": (0.3, 0.5, 0.2), "cylinder": (0.3, 0.3, 0.5), "capsule": (0.3, 0.3, 0.5)}


def is_inside(kind: str, points: np.ndarray) -> np.ndarray:
    """Return whether points (..., 3) in the frame of a shape lie in it."""
    a, _, c = SIZES[kind]
    if kind == "ellipsoid":
        return np.linalg.norm(points / SIZES[kind], axis=-1) < 1
    if kind == "box":
        return np.all(np.abs(points) < SIZES[kind], axis=-1)
    beyond = np.maximum(np.abs(points[..., 2]) - c, 0.0)
    across = np.linalg.norm(points[..., :2], axis=-1)
    return (across < a) & (beyond == 0) if kind == "cylinder" else np.hypot(across, beyond) < a


@pytest.mark.parametrize("kind", SIZES)
def test_rays_enter_a_shape_where_its_first_points_are(kind: str) -> None:
    rng = np.random.default_rng(1)
    turn = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()
    centre, eye = np.array([0.1, 0.2, -0.3]), np.array([3.0, 1.0, 2.0])
    rays = centre + rng.normal(0, 0.25, (300, 3)) - eye
    found = distances(Shape(kind, centre, turn, SIZES[kind], (1, 0, 0)), eye, rays)
    along = np.linspace(0, 1.5, 3001)
    inside = is_inside(kind, (eye + along[:, None, None] * rays - centre) @ turn)
    first = np.where(inside.any(axis=0), along[inside.argmax(axis=0)], np.inf)
    grazed = np.isinf(first) & np.isfinite(found)  # for less than a step of the points
    assert 0.3 < np.isfinite(found).mean() < 1.0
    assert grazed.mean() < 0.02
    np.testing.assert_allclose(found[~grazed], first[~grazed], atol=1e-3)


def test_shapes_behind_the_eye_and_around_it_are_not_seen() -> None:
    ball = Shape("ellipsoid", np.zeros(3), np.eye(3), (1.0, 1.0, 1.0), (1, 0, 0))
    ray = np.array([[1.0, 0.0, 0.0]])
    assert distances(ball, np.array([-3.0, 0, 0]), ray) == pytest.approx(2.0)
    assert np.isinf(distances(ball, np.array([3.0, 0, 0]), ray))
    assert np.isinf(distances(ball, np.zeros(3), ray))


@pytest.fixture
def draw(robot: MujocoRobot, skeleton: Skeleton):
    """A function from the joints of the human (J, 3) to its colours in a picture (300, 600, 3)."""
    robot.show(robot.description.rest_q)
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    view = PlainView(robot.model, robot.data, staging, 600, 300)
    return lambda joint_xyz: view.render(human_shapes(skeleton, joint_xyz, staging.human))


def has(picture: np.ndarray, colour: tuple[float, float, float]) -> np.ndarray:
    return np.all(picture == [round(255 * value) for value in colour], axis=-1)


@pytest.mark.parametrize("degrees", [0, 20, 40])
def test_a_lowered_head_shows_its_face_below_its_hair(draw, skeleton: Skeleton, degrees: float) -> None:
    joint_xyz = skeleton.rest_xyz.copy()
    neck, turn = joint_xyz[skeleton.index["neck"]], Rotation.from_rotvec([0, np.radians(degrees), 0])
    for name in ("head", "nose"):
        joint_xyz[skeleton.index[name]] = neck + turn.apply(joint_xyz[skeleton.index[name]] - neck)
    picture = draw(joint_xyz)
    hair, skin = has(picture, HAIR), has(picture, SKIN)
    rows, columns = np.nonzero(hair)
    assert len(rows) > 100
    face = skin[rows.min():rows.max() + 25, columns.min():columns.max()]
    assert face.sum() > 250, "the back of the head does not hide the face"
    assert np.nonzero(face)[0].mean() + rows.min() > rows.mean() + 10


def test_the_trousers_begin_below_the_trunk_in_a_straight_line(draw, skeleton: Skeleton) -> None:
    picture = draw(skeleton.rest_xyz)
    pullover, trousers = has(picture, PULLOVER), has(picture, TROUSERS)
    middle = round(np.nonzero(pullover)[1].mean())
    columns = range(middle - 18, middle + 19)  # of the waist
    bottom = [np.nonzero(pullover[:, column])[0].max() for column in columns]
    top = [np.nonzero(trousers[:, column])[0].min() for column in columns]
    assert np.ptp(bottom) <= 4, "no tip of the pullover over the trousers"
    np.testing.assert_array_equal(top, np.add(bottom, 1))
