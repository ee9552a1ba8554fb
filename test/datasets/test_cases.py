"""Motion files that went wrong, from the data folder: read as the plain one, with a note where something differs."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.convert import ConvertOptions, convert
from speech_gesture_ros.datasets.pairs import RecordingPair


@pytest.fixture(scope="module")
def read_case(data_folder, tmp_path_factory):
    """(T, J, 3) and notes of a case by its name."""
    folder = data_folder / "cases" / "bvh"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    sound = tmp_path_factory.mktemp("sound") / "talk.wav"
    soundfile.write(sound, np.random.default_rng(0).normal(0, 0.1, round(25.08 * 16000)), 16000)

    def read(name):
        pair = RecordingPair("talk", "anna", "", sound, folder / name / "talk.bvh", "bvh")
        converted = convert(pair, ConvertOptions(), load_skeleton())
        return np.concatenate([clip.joint_xyz for clip in converted.clips]), converted.notes

    return read


@pytest.mark.parametrize("name", ["mixamo_us", "character1", "cc_base", "valve", "cmu_acclaim", "frames_less"])
def test_names_of_tools_and_a_wrong_count_are_read_as_the_plain_file(read_case, name):
    np.testing.assert_allclose(read_case(name)[0], read_case("plain")[0], atol=1e-6)


def test_a_wrong_count_is_noted(read_case):
    assert "the header gives 626 frames, the file has 627" in read_case("frames_less")[1]


def test_hip_joints_of_length_zero_leave_the_facing_as_it_is(read_case):
    """With hips the heading is theirs, without them that of the shoulders: the same on average, not frame by frame."""
    skeleton = load_skeleton()
    left, right = skeleton.index["left_shoulder"], skeleton.index["right_shoulder"]
    for name in ("cmu_hips_0", "plain"):
        motion, _ = read_case(name)
        across = (motion[:, left] - motion[:, right]).mean(axis=0)
        assert abs(np.degrees(np.arctan2(across[0], across[1]))) < 5.0
