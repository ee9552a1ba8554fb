from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.kucherenko.joints import from_published, with_lengths

SKELETON = load_skeleton()


@pytest.mark.data
def test_the_mean_pose_faces_forward(published_folder: Path) -> None:
    pose = from_published(np.load(published_folder / "models/mean_pose.npy").reshape(1, 46, 3), SKELETON)[0]
    place = {name: pose[i] for name, i in SKELETON.index.items()}
    assert place["left_shoulder"][1] > 0.1 > -0.1 > place["right_shoulder"][1]
    assert place["left_wrist"][0] > place["left_elbow"][0] + 0.1  # hands before the body
    assert place["head"][2] > place["neck"][2] > place["chest"][2] > place["spine1"][2]
    assert place["nose"][0] > place["head"][0] + 0.08
    for side, inwards in (("left", -1), ("right", 1)):
        assert inwards * (place[f"{side}_thumb"][1] - place[f"{side}_wrist"][1]) > 0  # thumbs point at each other
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(pose), axis=-1)
    np.testing.assert_allclose(lengths, SKELETON.bone_lengths, atol=1e-9)


def test_a_bone_without_direction_has_its_rest_direction() -> None:
    np.testing.assert_allclose(with_lengths(np.zeros((1, len(SKELETON), 3)), SKELETON)[0], SKELETON.rest_xyz)
