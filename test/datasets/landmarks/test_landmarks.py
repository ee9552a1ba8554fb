"""Landmarks of people: geometry of regions, anchors, layouts, errors; with MediaPipe's package also the models."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.person_keypoints import BODY_INDEX, HANDS
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.landmarks.body_detection import anchors
from speech_gesture_ros.datasets.landmarks.models import FOLDER_VARIABLE, LOADER, PACKED, model_bytes, models_folder
from speech_gesture_ros.datasets.landmarks.openpose_points import FACE_LANDMARKS, body_points, face_points
from speech_gesture_ros.datasets.landmarks.regions import Region, region_along

needs_models = pytest.mark.skipif(FOLDER_VARIABLE not in os.environ, reason=f"set {FOLDER_VARIABLE} to the folder of "
                                  "the npm package @mediapipe/holistic 0.5.1675471629")


def test_region_follows_the_body_upright_and_lying() -> None:
    upright = region_along(np.array([50.0, 80.0]), np.array([50.0, 40.0]), 1.25)
    assert (upright.x, upright.y, upright.size, upright.angle) == (50.0, 80.0, 100.0, 0.0)
    lying = region_along(np.array([50.0, 80.0]), np.array([90.0, 80.0]), 1.0)
    assert lying.angle == pytest.approx(np.pi / 2)
    np.testing.assert_allclose(lying.to_picture(np.array([0.5, 0.0])), [90.0, 80.0], atol=1e-9)


def test_cut_and_points_agree() -> None:
    """A bright spot in the picture is found in the cut at the place that the region gives it."""
    pixels = np.zeros((100, 140, 3), np.uint8)
    pixels[29:32, 99:102] = 255
    region = Region(90.0, 40.0, 60.0, 0.4)
    cut = region.cut(Image.fromarray(pixels), 120)
    rows, columns = np.nonzero(cut[..., 0] > 0.5)
    spot = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) / 120
    np.testing.assert_allclose(region.to_picture(spot), [100.5, 30.5], atol=0.3)


def test_cut_outside_of_the_picture_is_black_and_large_pictures_are_averaged() -> None:
    pixels = np.full((400, 400, 3), 200, np.uint8)
    pixels[::2] = 0
    cut = Region(0.0, 200.0, 400.0).cut(Image.fromarray(pixels), 50)
    assert not cut[:, :24].any()
    np.testing.assert_allclose(cut[5:-5, 30:], 100 / 255, atol=0.01)


def test_moved_region() -> None:
    moved = Region(10.0, 20.0, 8.0, np.pi / 2).moved(0.0, -0.5, 2.0)
    np.testing.assert_allclose((moved.x, moved.y, moved.size), (14.0, 20.0, 16.0))


def test_anchors_are_those_of_the_detector() -> None:
    middles = anchors()
    assert middles.shape == (2254, 2)
    np.testing.assert_allclose(middles[0], middles[1])
    np.testing.assert_allclose(middles[2], [1.5 / 28, 0.5 / 28])
    np.testing.assert_allclose(middles[-1], [6.5 / 7, 6.5 / 7])


def test_body_in_openpose_layout() -> None:
    landmarks = np.random.default_rng(0).uniform(0.1, 1, (33, 3))
    body = body_points(landmarks)
    np.testing.assert_array_equal(body[BODY_INDEX["left_wrist"]], landmarks[15])
    np.testing.assert_allclose(body[BODY_INDEX["neck"], :2], (landmarks[11, :2] + landmarks[12, :2]) / 2)
    assert body[BODY_INDEX["neck"], 2] == min(landmarks[11, 2], landmarks[12, 2])
    assert body[BODY_INDEX["left_small_toe"], 2] == 0


def test_face_in_openpose_layout() -> None:
    assert len(FACE_LANDMARKS) == len(set(FACE_LANDMARKS)) == 68
    landmarks = np.random.default_rng(1).uniform(0, 100, (468, 2))
    face = face_points(landmarks, 0.8)
    assert face.shape == (70, 3)
    np.testing.assert_array_equal(face[30, :2], landmarks[4])
    np.testing.assert_allclose(face[68, :2], landmarks[[33, 160, 158, 133, 153, 144]].mean(axis=0))


def test_models_are_read_from_the_packed_file(tmp_path: Path) -> None:
    (tmp_path / PACKED).write_bytes(b"aaaBBBBcc")
    (tmp_path / LOADER).write_text('[{"filename": "/m/x.tflite", "start": 0, "end": 3}, '
                                   '{"filename": "/m/y.tflite", "start": 3, "end": 7}, '
                                   '{"filename": "/m/z.tflite", "start": 7, "end": 99}]')
    (tmp_path / "own.tflite").write_bytes(b"own")
    assert model_bytes(tmp_path, "y.tflite") == b"BBBB"
    assert model_bytes(tmp_path, "own.tflite") == b"own"
    for name in ("z.tflite", "unknown.tflite"):
        with pytest.raises(InputError, match="npm pack"):
            model_bytes(tmp_path, name)


def test_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for value in ("", str(tmp_path / "missing")):
        monkeypatch.setenv(FOLDER_VARIABLE, value)
        with pytest.raises(InputError, match="npm pack @mediapipe/holistic"):
            models_folder()


@pytest.mark.slow
@needs_models
def test_drawn_human_is_found_where_it_is() -> None:
    pytest.importorskip("ai_edge_litert", reason="pip install '.[landmarks]'")
    from speech_gesture_ros.datasets.landmarks.holistic import HolisticTracker
    from speech_gesture_ros.rendering.human_view import HumanView

    skeleton = load_skeleton()
    pose = skeleton.rest_xyz.copy()
    for side, sign in (("left", 1.0), ("right", -1.0)):  # forearms raised and turned outwards
        elbow = pose[skeleton.index[f"{side}_elbow"]]
        for part, length in (("wrist", 0.25), ("hand", 0.34)):
            pose[skeleton.index[f"{side}_{part}"]] = elbow + length * np.array([0.25, 0.5 * sign, 0.83])
        pose[skeleton.index[f"{side}_thumb"]] = pose[skeleton.index[f"{side}_wrist"]] + (0.05, -0.03 * sign, 0.05)
    pixels, known = HumanView(skeleton, 256).draw(pose)
    tracker = HolisticTracker()
    found = [tracker.track(pixels) for _ in range(3)][-1]
    for name in ("nose", *(f"{side}_{part}" for side in HANDS for part in ("shoulder", "elbow", "wrist"))):
        distance = np.linalg.norm(found.person[BODY_INDEX[name], :2] - known[BODY_INDEX[name], :2])
        assert distance < 16, f"{name} is {distance:.1f} pixels off"
    assert found.space[:, 3].max() > 0.9
    left, right = found.space[15], found.space[16]
    assert left[0] > 0.2
    assert right[0] < -0.2
    assert max(left[1], right[1]) < -0.3, "wrists are above the hips"


@pytest.mark.slow
@needs_models
def test_empty_picture_has_no_person() -> None:
    pytest.importorskip("ai_edge_litert", reason="pip install '.[landmarks]'")
    from speech_gesture_ros.datasets.landmarks.holistic import HolisticTracker

    found = HolisticTracker().track(np.full((120, 160, 3), 90, np.uint8))
    assert not found.person.any()
    assert not found.space[:, 3].any()
