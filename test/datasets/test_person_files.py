"""Keypoints of a person in files: .npz, and OpenPose's layout, which other readers understand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX
from speech_gesture_ros.core.person_keypoints import (
    BODY_INDEX,
    FACE,
    LEFT_HAND,
    NUM_PERSON_POINTS,
    PERSON_LINES,
    keypoints_from_person,
    person_from_keypoints,
)
from speech_gesture_ros.datasets.openpose import read_openpose
from speech_gesture_ros.datasets.person_files import (
    read_person,
    read_person_folder,
    read_person_folder_whole,
    write_person,
    write_person_folder,
)

from small_person import moving_person


def test_npz_is_read_as_written(tmp_path: Path) -> None:
    person = moving_person(20)
    write_person(tmp_path / "a.npz", person, (32, 32))
    np.testing.assert_array_equal(read_person(tmp_path / "a.npz"), person)


def test_unusable_values_are_unknown(tmp_path: Path) -> None:
    person = moving_person(3)
    person[1, 0, 0] = np.nan
    person[2, 1, 1] = 1e9
    write_person(tmp_path / "a.npz", person, (32, 32))
    read = read_person(tmp_path / "a.npz")
    assert np.isfinite(read).all()
    assert read[1, 0].tolist() == read[2, 1].tolist() == [0, 0, 0]


def test_another_rate_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", keypoints=moving_person(3), rate_hz=30)
    with pytest.raises(InputError, match="rate_hz"):
        read_person(tmp_path / "a.npz")


def test_another_shape_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", keypoints=np.zeros((4, 49, 3)))
    with pytest.raises(InputError, match="137"):
        read_person(tmp_path / "a.npz")


def test_openpose_folder_is_read_as_written(tmp_path: Path) -> None:
    person = moving_person(12)
    write_person_folder(tmp_path / "json", person, "talk")
    np.testing.assert_allclose(read_person_folder_whole(tmp_path / "json"), person, atol=6e-4)
    np.testing.assert_allclose(read_person_folder(tmp_path / "json", [3, 3, 11, 50])[:3], person[[3, 3, 11]], atol=6e-4)
    assert not read_person_folder(tmp_path / "json", [50]).any(), "a picture without a file has no keypoints"


def test_reader_of_openpose_for_training_reads_the_folder(tmp_path: Path) -> None:
    person = moving_person(50)
    write_person_folder(tmp_path / "talk", person, "talk")
    track = read_openpose(tmp_path / "talk")
    assert track.keypoints.shape == (30, 49, 3)
    np.testing.assert_allclose(track.keypoints[0], keypoints_from_person(person[0]), atol=1e-2)
    assert track.arms_share == track.hands_share == 1.0


def test_json_has_openpose_layout(tmp_path: Path) -> None:
    write_person_folder(tmp_path, moving_person(1), "talk")
    content = json.loads((tmp_path / "talk_000000000000_keypoints.json").read_text())
    entry = content["people"][0]
    assert [len(entry[f"{part}_keypoints_2d"]) // 3 for part in ("pose", "hand_left", "hand_right", "face")] \
        == [25, 21, 21, 70]


def test_coco_body_has_neck_and_arms_only(tmp_path: Path) -> None:
    values = np.arange(54, dtype=float) + 1
    values[2::3] = 0.9
    (tmp_path / "a_0_keypoints.json").write_text(json.dumps({"people": [{"pose_keypoints_2d": values.tolist()}]}))
    person = read_person_folder(tmp_path, [0])[0]
    assert person[BODY_INDEX["left_wrist"], 0] == values[21]
    assert not person[BODY_INDEX["mid_hip"]:].any()


def test_person_and_49_keypoints_are_one_another() -> None:
    keypoints = np.random.default_rng(0).normal(size=(2, 49, 3))
    person = person_from_keypoints(keypoints)
    np.testing.assert_array_equal(keypoints_from_person(person), keypoints)
    np.testing.assert_array_equal(person[:, LEFT_HAND.start], keypoints[:, KEYPOINT_INDEX["left_hand_root"]])
    assert not person[:, FACE].any()


def test_lines_join_points_of_the_layout() -> None:
    ends = {end for pairs in PERSON_LINES.values() for pair in pairs for end in pair}
    assert max(ends) < NUM_PERSON_POINTS
    assert BODY_INDEX["neck"] in ends
