"""Pictures show robot, human and waveform, with OpenGL and without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.film import HEIGHT, STRIP_HEIGHT, WIDTH, Film
from speech_gesture_ros.rendering.waveform import WaveformStrip
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

BACKEND = opengl.find_backend()
KINDS = [pytest.param(None, id="plain")] + ([pytest.param(BACKEND, id=BACKEND)] if BACKEND else [])


@pytest.fixture(params=KINDS)
def film(request: pytest.FixtureRequest, robot: MujocoRobot, skeleton: Skeleton,
         monkeypatch: pytest.MonkeyPatch) -> Iterator[Film]:
    monkeypatch.setattr(opengl, "find_backend", lambda: request.param)
    made = Film(robot, skeleton, WaveformStrip(np.zeros(16000), 16000, WIDTH, STRIP_HEIGHT))
    assert made.is_plain == (request.param is None)
    yield made
    made.close()


def _changed_columns(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.abs(before.astype(int) - after).max(axis=(0, 2)) > 30)


def test_a_picture_has_the_size_of_the_film(film: Film, robot: MujocoRobot, skeleton: Skeleton) -> None:
    picture = film.draw(robot.description.rest_q, skeleton.rest_xyz, 0.0)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8


def test_moving_the_robot_changes_only_the_left_half(film: Film, robot: MujocoRobot, skeleton: Skeleton) -> None:
    rest = robot.description.rest_q
    before = film.draw(rest, skeleton.rest_xyz, 0.0)
    columns = _changed_columns(before, film.draw(np.clip(rest - 0.4, robot.description.limits.lower, None),
                                                 skeleton.rest_xyz, 0.0))
    assert len(columns) > 20
    assert columns.max() < WIDTH * 0.55


def test_moving_the_human_changes_only_the_right_half(film: Film, robot: MujocoRobot, skeleton: Skeleton) -> None:
    before = film.draw(robot.description.rest_q, skeleton.rest_xyz, 0.0)
    moved = skeleton.rest_xyz.copy()
    moved[[skeleton.index[n] for n in ("left_wrist", "left_hand", "left_thumb")]] += [0.3, 0.0, 0.3]
    columns = _changed_columns(before, film.draw(robot.description.rest_q, moved, 0.0))
    assert len(columns) > 5
    assert columns.min() > WIDTH * 0.45


def test_the_cursor_moves_with_the_time(film: Film, robot: MujocoRobot, skeleton: Skeleton) -> None:
    q = np.repeat(robot.description.rest_q[None], 2, axis=0)
    first, second = film.pictures(q, np.repeat(skeleton.rest_xyz[None], 2, axis=0), np.array([0.2, 0.8]))
    rows = np.flatnonzero(np.abs(first.astype(int) - second).max(axis=(1, 2)))
    assert rows.min() >= HEIGHT - STRIP_HEIGHT


def test_disabling_opengl_gives_no_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJOCO_GL", "disable")
    opengl.find_backend.cache_clear()
    try:
        assert opengl.find_backend() is None
    finally:
        opengl.find_backend.cache_clear()
