"""Rotations in messages are the same with tf_transformations and without."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from scipy.spatial.transform import Rotation

from speech_gesture_ros.nodes import quaternions
from speech_gesture_ros.nodes.quaternions import quaternion_message


@pytest.fixture(autouse=True)
def no_module(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tf_transformations", None)
    quaternions._converter.cache_clear()
    yield
    quaternions._converter.cache_clear()


def xyzw(rotation: np.ndarray) -> tuple[float, float, float, float]:
    q = quaternion_message(rotation)
    return q.x, q.y, q.z, q.w


def module(convert) -> types.ModuleType:
    made = types.ModuleType("tf_transformations")
    made.quaternion_from_matrix = convert
    return made


def test_known_rotations_have_known_quaternions() -> None:
    half = np.sqrt(0.5)
    assert xyzw(np.eye(3)) == pytest.approx((0, 0, 0, 1))
    assert xyzw(np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])) == pytest.approx((0, 0, half, half))
    assert xyzw(np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])) == pytest.approx((half, 0, 0, half))


def test_tf_transformations_is_used_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    matrices = []

    def convert(matrix):
        matrices.append(matrix)
        return -Rotation.from_matrix(matrix[:3, :3]).as_quat()  # the same rotation, w < 0

    monkeypatch.setitem(sys.modules, "tf_transformations", module(convert))
    turn = Rotation.from_euler("xyz", [0.3, -0.2, 1.0])
    assert xyzw(turn.as_matrix()) == pytest.approx(tuple(turn.as_quat()))
    assert matrices[-1].shape == (4, 4)
    assert matrices[-1][3].tolist() == [0, 0, 0, 1]


def broken(matrix):
    raise AttributeError("module 'numpy' has no attribute 'float'")


@pytest.mark.parametrize("installed", [None, module(broken), types.ModuleType("tf_transformations"),
                                       module(lambda matrix: (1, 0, 0, 0))],
                         ids=["absent", "fails", "without the function", "w first"])
def test_scipy_is_used_where_tf_transformations_does_not_work(installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tf_transformations", installed)
    turn = Rotation.from_euler("xyz", [3.0, -0.2, 1.0])
    expected = turn.as_quat() * np.sign(turn.as_quat()[3])
    assert xyzw(turn.as_matrix()) == pytest.approx(tuple(expected))


def test_both_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Rotation.random(50, random_state=1).as_matrix()
    without = [xyzw(turn) for turn in turns]
    monkeypatch.delitem(sys.modules, "tf_transformations")
    pytest.importorskip("tf_transformations", reason="comes with ROS 2 only", exc_type=ImportError)
    quaternions._converter.cache_clear()
    np.testing.assert_allclose([xyzw(turn) for turn in turns], without, atol=1e-9)
