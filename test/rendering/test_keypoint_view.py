"""Keypoints as lines: size of the picture, places of the humans, motion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.keypoints import keypoints_from_pose
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.rendering.keypoint_view import HEIGHT, LEFT, PANEL, RIGHT, STRIP_HEIGHT, KeypointView

VOICE = 0.5 * np.sin(np.arange(16000) / 20)


def standing(frames: int) -> np.ndarray:
    skeleton = load_skeleton()
    return np.repeat(keypoints_from_pose(skeleton.rest_xyz, skeleton)[None], frames, axis=0)


def share_of(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Columns that contain a colour, as shares of the width."""
    close = np.abs(picture[40:HEIGHT].astype(int) - colour).max(axis=-1) < 12
    return np.flatnonzero(close.any(axis=0)) / picture.shape[1]


def test_the_left_arm_is_on_the_right_of_the_picture() -> None:
    picture = next(KeypointView({"person": standing(1)}, VOICE, 16000).pictures(25))
    assert picture.shape == (HEIGHT + STRIP_HEIGHT, PANEL, 3)
    assert picture.dtype == np.uint8
    left, right = share_of(picture, LEFT), share_of(picture, RIGHT)
    assert left.min() > 0.49
    assert right.max() < 0.51
    assert left.max() - right.min() == pytest.approx(0.36 * 560 / 1.2 / 640, abs=0.05)  # as wide as the shoulders


def test_several_humans_are_side_by_side_up_to_the_end_of_the_shortest() -> None:
    moving = standing(9)
    moving[:, :, 0] += np.linspace(0, 0.2, 9)[:, None]
    pictures = list(KeypointView({"real": moving, "model": standing(7)}, VOICE, 16000).pictures(25))
    assert len(pictures) == 7
    assert pictures[0].shape == (HEIGHT + STRIP_HEIGHT, 2 * PANEL, 3)
    first, last = pictures[0][:HEIGHT], pictures[-1][:HEIGHT]
    assert (first[:, :PANEL] != last[:, :PANEL]).any()
    np.testing.assert_array_equal(first[:, PANEL:], last[:, PANEL:])


def test_a_film_has_pictures_and_sound(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    from speech_gesture_ros.rendering.video import write_video

    view = KeypointView({"person": standing(10)}, VOICE, 16000)
    assert write_video(tmp_path / "film.mp4", view.pictures(25), VOICE, 16000) == 10
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert len(film.streams.audio) == 1
        assert sum(1 for _ in film.decode(video=0)) == 10
