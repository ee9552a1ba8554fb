"""Files in the format of OpenPose, read to keypoints in the order of Speech2Gesture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX
from speech_gesture_ros.datasets import openpose
from speech_gesture_ros.datasets.openpose import read_openpose
from speech_gesture_ros.datasets.openpose_files import group_pictures, recording_stem

RATE = 30.0
BODY_NUMBERS = {"neck": 1, "right_shoulder": 2, "right_elbow": 3, "right_wrist": 4, "left_shoulder": 5,
                "left_elbow": 6, "left_wrist": 7}


def person(frame: int, x: float = 500.0, confidence: float = 0.9, points: int = 25) -> dict[str, object]:
    """Body point n at (x + 10 n + frame, 100 + n); point n of a hand at wrist + (n, 2 n) (left) or (-n, 2 n)."""
    body = [(x + 10 * n + frame, 100.0 + n, confidence) for n in range(points)]
    hands = {}
    for side, wrist, sign in (("left", body[7], 1), ("right", body[4], -1)):
        hands[f"hand_{side}_keypoints_2d"] = [
            v for n in range(21) for v in (wrist[0] + sign * n, wrist[1] + 2 * n, confidence)]
    return {"pose_keypoints_2d": [v for point in body for v in point], **hands}


def write(folder: Path, pictures: list[list[dict[str, object]]], numbers: list[int] | None = None) -> Path:
    for number, people in zip(numbers or range(len(pictures)), pictures):
        (folder / f"talk_{number:012d}_keypoints.json").write_text(json.dumps({"version": 1.3, "people": people}))
    return folder


@pytest.mark.parametrize("points", [25, 18])
def test_order_and_rate(tmp_path: Path, points: int) -> None:
    track = read_openpose(write(tmp_path, [[person(f, points=points)] for f in range(60)]), RATE)
    assert track.keypoints.shape == (30, 49, 3)
    assert (track.seconds, track.arms_share, track.hands_share) == (2.0, 1.0, 1.0)
    frame = track.keypoints[7]  # picture 14
    for name, number in BODY_NUMBERS.items():
        np.testing.assert_allclose(frame[KEYPOINT_INDEX[name]], (500 + 10 * number + 14, 100 + number, 0.9), rtol=1e-6)
    index, little = (frame[KEYPOINT_INDEX[name], :2] for name in ("left_hand_index1", "right_hand_little4"))
    np.testing.assert_allclose(index, (500 + 70 + 14 + 5, 107 + 10), rtol=1e-6)
    np.testing.assert_allclose(little, (500 + 40 + 14 - 20, 104 + 40), rtol=1e-6)


def test_other_rates_are_interpolated(tmp_path: Path) -> None:
    (tmp_path / "rate_hz.txt").write_text("25\n")
    track = read_openpose(write(tmp_path, [[person(f)] for f in range(50)]))
    assert len(track.keypoints) == 30
    np.testing.assert_allclose(track.keypoints[:29, 0, 0], 510 + np.arange(29) * 25 / 15, rtol=1e-6)


def test_short_gaps_are_interpolated_and_long_ones_marked(tmp_path: Path) -> None:
    pictures = [[person(f)] for f in range(120)]
    for f in range(20, 30):  # a third of a second without people
        pictures[f] = []
    numbers = [n for n in range(120) if not 60 <= n < 90]  # a second without files
    track = read_openpose(write(tmp_path, [pictures[n] for n in numbers], numbers), RATE)
    np.testing.assert_allclose(track.keypoints[:, 0, 0], 510 + 2 * np.arange(60), rtol=1e-6)
    confidence = track.keypoints[:, KEYPOINT_INDEX["left_wrist"], 2]
    assert (confidence[11:15] > 0).all()
    assert (confidence[11:15] < 0.1).all()
    assert not confidence[31:44].any()
    assert (confidence[46:] > 0.8).all()
    assert track.arms_share == pytest.approx(80 / 120)


def test_missing_fingers_move_with_their_wrist(tmp_path: Path) -> None:
    pictures = [[person(f)] for f in range(30)]
    for f in range(10, 20):
        pictures[f][0]["hand_left_keypoints_2d"] = [0.0] * 63
        body = pictures[f][0]["pose_keypoints_2d"]
        body[7 * 3 + 1] += 50.0  # type: ignore[index]
    track = read_openpose(write(tmp_path, pictures), RATE)
    tip, wrist = (track.keypoints[:, KEYPOINT_INDEX[f"left_{name}"], :2] for name in ("hand_middle2", "wrist"))
    finger = tip - wrist
    np.testing.assert_allclose(finger, np.broadcast_to((10.0, 20.0), (15, 2)), atol=1e-3)


def test_the_same_person_is_followed(tmp_path: Path) -> None:
    """A person with higher confidence comes in later; OpenPose lists people in any order."""
    pictures = [[person(f)] for f in range(10)] + [[person(f, x=1200.0, confidence=1.0), person(f)]
                                                    for f in range(10, 30)]
    track = read_openpose(write(tmp_path, pictures), RATE)
    assert track.keypoints[:, 0, 0].max() < 600
    other = read_openpose(write(tmp_path, pictures[:0:-1]), RATE)
    assert other.keypoints[:10, 0, 0].min() > 1100


def test_unusable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--write_json"):
        read_openpose(tmp_path, RATE)
    write(tmp_path, [[person(0)]])
    with pytest.raises(InputError, match=r"rate_hz\.txt"):
        read_openpose(tmp_path)
    with pytest.raises(InputError, match="8 or more"):
        read_openpose(tmp_path, 2.0)
    (tmp_path / "rate_hz.txt").write_text("fast")
    with pytest.raises(InputError, match="'fast'"):
        read_openpose(tmp_path)
    (tmp_path / "talk_000000000001_keypoints.json").write_text('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}')
    with pytest.raises(InputError, match="3 numbers for 25 or 18 points"):
        read_openpose(tmp_path, RATE)
    (tmp_path / "talk_000000000001_keypoints.json").write_text("no json")
    with pytest.raises(InputError, match="000001_keypoints"):
        read_openpose(tmp_path, RATE)


def test_a_video_without_arms_is_refused(tmp_path: Path) -> None:
    people = person(0)
    people["pose_keypoints_2d"][4 * 3 + 2] = 0.0  # type: ignore[index]
    with pytest.raises(InputError, match=r"never detected: \['right_wrist'\]"):
        read_openpose(write(tmp_path, [[people]] * 3), RATE)


# -- names and damage --------------------------------------------------------------------------------------------------

FORMS = ("talk_{:012d}_keypoints.json", "{:06d}_keypoints.json", "{}_keypoints.json", "frame{}_keypoints.json",
         "frame_{:04d}.json", "{:05d}.json", "talk.mp4_{:08d}_keypoints.json", "img_{:04d}.png_keypoints.json",
         "keypoints_{:04d}.json", "image ({})_keypoints.json", "talk-2021-05-03_cam2_{:06d}_keypoints.json",
         "talk_{:06d}_rendered_keypoints_25.json", "talk.{:04d}.json")


@pytest.mark.parametrize("form", FORMS)
def test_every_usual_form_of_names_is_read_in_the_order_of_the_pictures(tmp_path: Path, form: str) -> None:
    for number in range(95, 125):
        (tmp_path / form.format(number)).write_text(json.dumps({"people": [person(number)]}))
    (tmp_path / "meta.json").write_text("{}")
    track = read_openpose(tmp_path, RATE)
    assert track.seconds == 1.0
    np.testing.assert_allclose(np.diff(track.keypoints[:, 0, 0]), 2.0, rtol=1e-6)


def test_several_recordings_in_a_folder_are_separated_by_the_other_numbers() -> None:
    names = [f"talk{take}_{picture:04d}_keypoints.json" for take in (1, 2) for picture in range(3)]
    assert group_pictures(names) == {
        f"talk{take}_#_keypoints.json": {i: f"talk{take}_{i:04d}_keypoints.json" for i in range(3)} for take in (1, 2)}
    assert recording_stem("talk1_#_keypoints.json") == "talk1"


def test_two_files_of_one_picture_are_refused() -> None:
    with pytest.raises(InputError, match=r"files of picture 7 is \['talk_07.json', 'talk_7.json'\], must be one file"):
        group_pictures(["talk_7.json", "talk_07.json", "talk_8.json"])


@pytest.mark.parametrize("content", ["", '{"people": [{"pose_keyp', "[" * 100_000, '{"people": [' + "9" * 5000 + "]}",
                                     "null", '{"people": 5}', '{"people": [null]}', '{"people": [{}]}', "\x00" * 100,
                                     '{"people": [{"pose_keypoints_2d": [' + "1e999," * 74 + "1" + "]}]}"])
def test_one_torn_file_is_bridged_and_noted(tmp_path: Path, content: str) -> None:
    folder = write(tmp_path, [[person(f)] for f in range(60)])
    whole = read_openpose(folder, RATE).keypoints
    (folder / "talk_000000000030_keypoints.json").write_text(content)
    track = read_openpose(folder, RATE)
    np.testing.assert_allclose(track.keypoints[..., :2], whole[..., :2], atol=1e-3)
    assert "1e999" in content or "talk_000000000030_keypoints.json" in track.notes[0]


def test_more_torn_files_than_a_hundredth_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, [[person(f)] for f in range(60)])
    for number in (30, 31):
        (folder / f"talk_{number:012d}_keypoints.json").write_text("{")
    with pytest.raises(InputError, match=r"talk_000000000030_keypoints\.json"):
        read_openpose(folder, RATE)


@pytest.mark.parametrize("number", ["999999999999", "9" * 5000])
def test_enormous_picture_numbers_use_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    folder = write(tmp_path, [[person(f)] for f in range(20)])
    if len(number) > 100:  # longer than a file name
        assert group_pictures(["a_1.json", f"a_{number}.json"]) == {"a_#.json": {1: "a_1.json"}}
        return
    (folder / f"talk_{number}_keypoints.json").write_text("{}")
    monkeypatch.setattr(openpose.np, "zeros", None)
    with pytest.raises(InputError, match=r"picture numbers in .* must be at most 400000 apart"):
        read_openpose(folder, RATE)


def test_a_picture_larger_than_the_bound_is_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path, [[person(f)] for f in range(20)])
    with (folder / "talk_000000000003_keypoints.json").open("ab") as file:
        file.truncate(2**40)
    assert "must be at most 4 MiB" in read_openpose(folder, RATE).notes[0]
