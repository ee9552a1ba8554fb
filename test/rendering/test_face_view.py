"""The drawn face: the mouth opens and closes, eyes shut, tongue and teeth are seen, any input gives a picture."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PIL", reason="needs pip install '.[sim]'")

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.face.arkit_map import blendshapes_from_articulators
from speech_gesture_ros.face.expressions import EXPRESSIONS, expression_shapes
from speech_gesture_ros.rendering.face_view import INSIDE, TEETH, TONGUE, WHITE, FaceView

VIEW = FaceView(160)


def count(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 12).sum())


def shapes(**values: float) -> np.ndarray:
    out = np.zeros(len(BLENDSHAPES))
    for name, value in values.items():
        out[BLENDSHAPE_INDEX[name]] = value
    return out


def test_an_open_jaw_shows_the_mouth_and_closed_lips_do_not() -> None:
    opened, closed = VIEW.picture(shapes(jawOpen=0.8)), VIEW.picture(shapes(jawOpen=0.3, mouthClose=0.3))
    assert count(opened, INSIDE) > 50
    assert count(opened, TEETH) > 30
    assert count(closed, INSIDE) == 0


def test_lips_touch_in_the_picture_of_every_articulation_with_full_contact() -> None:
    rows = np.random.default_rng(0).random((8, 10))
    rows[:, 1] = 1.0
    for row in blendshapes_from_articulators(rows):
        assert count(VIEW.picture(row), INSIDE) == 0


def test_shut_eyes_have_no_white() -> None:
    opened, shut = VIEW.picture(shapes()), VIEW.picture(shapes(eyeBlinkLeft=1, eyeBlinkRight=1))
    assert count(opened, WHITE) > 50
    assert count(shut, WHITE) < 0.1 * count(opened, WHITE)


def test_the_tongue_is_seen_between_the_teeth() -> None:
    out, inside = (VIEW.picture(shapes(jawOpen=0.3, tongueOut=value)) for value in (1.0, 0.0))
    assert count(out, TONGUE) > count(inside, TONGUE)


@pytest.mark.parametrize("name", sorted(set(EXPRESSIONS) - {"neutral"}))
def test_every_expression_looks_different_from_the_neutral_face(name: str) -> None:
    difference = np.abs(VIEW.picture(expression_shapes(name)).astype(int) - VIEW.picture(shapes()).astype(int))
    assert (difference.max(axis=2) > 40).sum() > 60


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 1.0])
def test_any_input_gives_a_picture(value: float) -> None:
    assert VIEW.picture(np.full(len(BLENDSHAPES), value)).shape == (160, 160, 3)


def test_a_strip_has_a_row_for_each_group_of_columns() -> None:
    strip = FaceView(60).strip(np.zeros((5, 52)), range(5), list("abcde"), columns=3)
    assert strip.shape == (120, 180, 3)
    assert np.all(strip[60:, 120:] == 255)


def test_angles_of_the_head_move_the_face_to_its_left_down_and_to_its_right() -> None:
    def place(colour: tuple[int, int, int], **angles: float) -> np.ndarray:
        head = np.radians([angles.get(name, 0.0) for name in ("yaw", "pitch", "roll")])
        picture = VIEW.picture(shapes(), head=head)
        return np.argwhere(np.abs(picture.astype(int) - colour).max(axis=2) < 12).mean(axis=0)[::-1]

    straight = place(WHITE)
    assert place(WHITE, yaw=20)[0] - straight[0] > 5  # the face's left is right in the picture
    assert place(WHITE, pitch=20)[1] - straight[1] > 5
    assert place(WHITE, roll=15)[0] - straight[0] < -5


def test_a_straight_head_is_the_picture_without_a_head() -> None:
    np.testing.assert_array_equal(VIEW.picture(shapes(), head=(0.0, 0.0, 0.0)), VIEW.picture(shapes()))
