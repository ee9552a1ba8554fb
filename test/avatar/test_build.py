"""The avatar that is made of the MakeHuman data: bones, shapes, bounds, and the same file every time."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from speech_gesture_ros.avatar.build import build_avatar, rest_offsets
from speech_gesture_ros.avatar.gltf_writer import MAX_BYTES, gltf_bytes
from speech_gesture_ros.avatar.identity import AvatarColours, AvatarSettings, identity_offsets, list_sliders
from speech_gesture_ros.avatar.makehuman import read_base, read_offsets
from speech_gesture_ros.avatar.model import SHAPE_NAMES
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.humanoid_bones import BONE_INDEX, BONES


def test_the_face_has_all_shapes_and_the_body_none(small_avatar):
    face, eyes, body = small_avatar.meshes
    assert list(face.shapes) == list(SHAPE_NAMES)
    assert len(SHAPE_NAMES) == 67
    assert {name for name in eyes.shapes if len(eyes.shapes[name].index)} == {
        name for name in SHAPE_NAMES if name.startswith("eyeLook")}
    assert not body.shapes
    assert not len(face.shapes["viseme_sil"].index)


def test_shapes_move_what_the_data_move(small_data, small_avatar):
    face = small_avatar.meshes[0]
    shape = face.shapes["jawOpen"]
    k = SHAPE_NAMES.index("jawOpen")
    skin = shape.points[np.abs(shape.points[:, 1] + 0.1 * (0.1 + 0.001 * k)) < 1e-5]  # decimetres in the file
    assert len(skin) >= 8
    assert np.allclose(skin[:, [0, 2]], 0.0)


def test_gaze_turns_the_eyes_about_their_centres(small_avatar):
    eyes = small_avatar.meshes[1]
    shape = eyes.shapes["eyeLookOutLeft"]
    left = np.arange(len(eyes.points) // 2)
    moved = eyes.points.copy()
    moved[shape.index] += shape.points
    assert set(shape.index) <= set(left)
    radius = float(np.ptp(eyes.points[left, 0])) / 2
    step = moved[0] - eyes.points[0]  # of the pupil
    assert np.degrees(2 * np.arcsin(np.linalg.norm(step) / 2 / radius)) == pytest.approx(np.degrees(0.3), abs=0.5)
    assert step[0] > 0 > step[2]


def test_bones_follow_the_joints_and_weights_sum_to_one(small_avatar):
    assert small_avatar.bones == BONES
    hand, elbow = (small_avatar.joints[BONE_INDEX[name]] for name in ("leftHand", "leftLowerArm"))
    assert np.allclose(hand - elbow, [0.11, -0.13, 0.10], atol=1e-4)
    for mesh in small_avatar.meshes:
        assert np.allclose(mesh.weights.sum(axis=1), 1.0, atol=1e-6)
        assert mesh.faces.max() < len(mesh.points)
        assert np.all(np.isfinite(mesh.points))
        assert mesh.points[:, 1].min() >= -1e-6


def test_an_identity_moves_the_mesh_and_the_joints(small_data, small_avatar):
    other = build_avatar(small_data, AvatarSettings({"head/head-oval": 1.0}))
    before, after = (model.meshes[0].points for model in (small_avatar, other))
    assert before.shape == after.shape
    assert np.abs(after - before).max() == pytest.approx(0.05, abs=1e-3)


def test_a_slider_with_two_shapes_goes_both_ways(small_data):
    assert set(list_sliders(small_data)) == {"ears/ear-wing", "head/head-age", "head/head-oval"}
    count = len(read_base(small_data).points)
    up, down = (identity_offsets(small_data, {"head/head-age": value}, count) for value in (0.5, -1.0))
    assert up[:, 2].max() == pytest.approx(0.025)
    assert down[:, 2].min() == pytest.approx(-0.05)


@pytest.mark.parametrize(("identity", "text"), [
    ({"head/head-ovl": 1.0}, "slider of the identity is 'head/head-ovl', must be one of .*head/head-oval"),
    ({"head/head-oval": -0.1}, "value of head/head-oval is -0.1, must be from 0 to 1"),
    ({"head/head-age": 1.5}, "must be from -1 to 1"),
])
def test_a_wrong_slider_is_refused(small_data, identity, text):
    with pytest.raises(ConfigError, match=text):
        build_avatar(small_data, AvatarSettings(identity))


def test_a_wrong_colour_or_rest_shape_is_refused():
    with pytest.raises(ConfigError, match="colour of skin is 'red', must be of the form #rrggbb"):
        AvatarColours(skin="red")
    with pytest.raises(ConfigError, match="shape of the face at rest is 'grin'"):
        rest_offsets({"jawOpen": np.zeros((3, 3))}, {"grin": 0.1})
    with pytest.raises(ConfigError, match=r"share of jawOpen is 2\.0"):
        rest_offsets({"jawOpen": np.zeros((3, 3))}, {"jawOpen": 2.0})


@pytest.mark.parametrize(("file", "content", "text"), [
    ("base.obj", "v 0 0\nf 1/1 2/2 3/3 4/4\n", "must be a mesh of quads"),
    ("face_targets/jawOpen.target", "1 0 0\n", "lines of a vertex and three numbers"),
    ("face_targets/jawOpen.target", "99999999 0 0 0\n", "vertices of .*jawOpen"),
    ("face_targets/jawOpen.target", "1 nan 0 0\n", "must be finite numbers"),
    ("rig/talkinghead.mpfbskel", '{"bones": {}}', "bones of .*without Hips"),
    ("rig/talkinghead.mhw", '{"weights": {}}', "a bone for every vertex"),
    ("rig/talkinghead.mhw", "[", "valid JSON"),
])
def test_damaged_data_are_refused_in_one_line(small_data, tmp_path, file, content, text):
    folder = tmp_path / "data"
    shutil.copytree(small_data, folder)
    (folder / file).write_text(content)
    with pytest.raises(InputError, match=text) as error:
        build_avatar(folder, AvatarSettings())
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"folder of the MakeHuman data is .* Give it with --data"):
        build_avatar(tmp_path, AvatarSettings())


def test_offsets_are_read_in_metres(tmp_path):
    (tmp_path / "a.target").write_text("# comment\n2 1 -2 .5\n")
    offsets = read_offsets(tmp_path / "a.target", 3)
    assert np.allclose(offsets.dense(3), [[0, 0, 0], [0, 0, 0], [0.1, -0.2, 0.05]])


def test_the_file_is_the_same_every_time(small_data, small_avatar):
    assert gltf_bytes(build_avatar(small_data, AvatarSettings())) == gltf_bytes(small_avatar)


@pytest.mark.slow
@pytest.mark.data
def test_the_shipped_avatar_is_what_the_command_makes(makehuman):
    shipped = resolve("avatar", "models") / "avatar.glb"
    made = gltf_bytes(build_avatar(makehuman, AvatarSettings()))
    assert len(made) <= MAX_BYTES
    assert made == shipped.read_bytes()
