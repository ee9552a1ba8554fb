"""Pictures of the avatar: where its parts are, how lips and lids move, in a scene and as a face."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.avatar.glb import read_glb, write_glb
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.rendering.avatar_face_view import AvatarFaceView
from speech_gesture_ros.rendering.avatar_view import AvatarView, shipped_avatar
from speech_gesture_ros.rendering.camera import camera_at
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement

GREY = np.full((240, 240, 3), 200, np.uint8)
CAMERA = camera_at(np.array([0.0, 0.0, 1.0]), 8.0, 180.0, 0.0, 14.0, 240, 240)
CLOSED = np.zeros(len(BLENDSHAPES))


def shapes(**values: float) -> np.ndarray:
    out = CLOSED.copy()
    for name, value in values.items():
        out[BLENDSHAPE_INDEX[name]] = value
    return out


def pixel_of(place: tuple[float, float, float]) -> tuple[int, int]:
    at, _ = CAMERA.project(np.array([place]))
    return int(at[0, 1]), int(at[0, 0])


@pytest.fixture(scope="module")
def face() -> AvatarFaceView:
    return AvatarFaceView(shipped_avatar(), 240)


def test_the_avatar_stands_where_the_human_does(skeleton):
    view = AvatarView(skeleton, HumanPlacement())
    picture = view.draw(GREY, CAMERA, skeleton.rest_xyz, CLOSED).astype(int)
    drawn = np.abs(picture - 200).max(axis=2) > 8
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    top, floor = pixel_of((0.0, 0.0, 1.73))[0], pixel_of((0.0, 0.0, 0.0))[0]
    assert abs(rows[0] - top) < 5
    assert abs(rows[-1] - floor) < 4
    assert abs((columns[0] + columns[-1]) / 2 - 120) < 4
    red, _, blue = picture[pixel_of((0.0, 0.0, 1.2))]  # the pullover
    assert blue > red + 40
    r, g, b = picture[pixel_of((0.1, 0.0, 1.56))]  # the face
    assert r > g > b


def test_a_raised_arm_is_drawn_where_the_human_has_it(skeleton):
    view = AvatarView(skeleton, HumanPlacement())
    pose = skeleton.rest_xyz.copy()
    for name, place in (("elbow", (0.05, 0.42, 0.4)), ("wrist", (0.1, 0.5, 0.63)), ("hand", (0.1, 0.5, 0.72)),
                        ("thumb", (0.1, 0.46, 0.69))):
        pose[skeleton.index[f"left_{name}"]] = place
    before, after = (view.draw(GREY, CAMERA, xyz, CLOSED) for xyz in (skeleton.rest_xyz, pose))
    row, column = pixel_of((0.1, 0.5, 0.95 + 0.7))
    assert np.all(before[row - 4:row + 4, column - 4:column + 4] == 200)
    red, _, blue = after[row - 8:row + 8, column - 8:column + 8].reshape(-1, 3).astype(int).min(axis=0)
    assert red > blue  # skin of the hand
    assert column > 120  # its left is on the right of the picture


def test_the_mouth_opens_and_closes(face):
    rest = face.picture(CLOSED).astype(int)

    def dark(values: np.ndarray) -> int:
        picture = face.picture(values).astype(int)
        changed = np.abs(picture - rest).max(axis=2) > 25
        return int((changed & (picture.sum(axis=2) < 240)).sum())

    wide = dark(shapes(jawOpen=0.6))
    assert wide > 60
    assert dark(shapes(jawOpen=0.12, mouthClose=0.12)) < 0.1 * wide


def test_a_blink_hides_the_eyes(face):
    def blue(values: np.ndarray) -> int:
        picture = face.picture(values).astype(int)
        return int((picture[60:150, :, 2] > picture[60:150, :, 0] + 15)[:, 60:170].sum())

    open_eyes = blue(CLOSED)
    assert open_eyes > 20
    assert blue(shapes(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)) < 0.2 * open_eyes


def test_the_head_turns_to_its_left_and_captions_are_drawn(face):
    straight, turned = (face.picture(CLOSED, head=(yaw, 0.0, 0.0)).astype(int) for yaw in (0.0, 0.5))
    lips = [np.mean(np.nonzero((p[110:180, :, 0] > p[110:180, :, 1] + 55) & (p[110:180, :, 2] < 140))[1])
            for p in (straight, turned)]
    assert lips[1] > lips[0] + 5  # to the right in the picture
    assert np.any(face.picture(CLOSED, "aa")[:30, :40] != face.picture(CLOSED)[:30, :40])


def test_values_that_are_not_finite_are_drawn_as_rest(face):
    assert np.array_equal(face.picture(np.full(52, np.nan)), face.picture(CLOSED))


def test_an_avatar_without_shapes_of_arkit_is_refused(tmp_path):
    document, data = read_glb(shipped_avatar())
    for mesh in document["meshes"]:
        mesh.pop("extras", None)
    write_glb(tmp_path / "a.glb", document, data)
    with pytest.raises(InputError, match="must be some of the names of ARKit"):
        AvatarFaceView(tmp_path / "a.glb")
