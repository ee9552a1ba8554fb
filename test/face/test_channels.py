"""Channels of robot faces: files, targets, and joints that follow within their limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.face.channel_map import FaceChannelMap, jaw_map, load_channel_map
from speech_gesture_ros.face.joint_follower import DT_S, JointFollower

JAW = "topic: jaw/joint_trajectory\njoints:\n  jaw:\n    shapes: {jawOpen: 1.0}\n    rest: 0.0\n    full: 0.5\n"


def faces(**values: float | list[float]) -> np.ndarray:
    """(T, 52) blendshapes."""
    rows = np.zeros((max(np.size(v) for v in values.values()), len(BLENDSHAPES)))
    for name, value in values.items():
        rows[:, BLENDSHAPE_INDEX[name]] = value
    return rows


@pytest.mark.parametrize("path", sorted((share_folder() / "config" / "faces").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_shipped_maps_can_be_read_and_rest_without_shapes(path: Path) -> None:
    channels = load_channel_map(path.stem)
    rest = [joint.rest for joint in channels.joints.values()]
    assert channels.targets(np.zeros((1, 52)))[0].tolist() == rest


def test_the_jaw_opens_with_the_mouth_and_is_closed_where_the_lips_are() -> None:
    jaw = jaw_map("jaw", 0.4, "jaw_controller/joint_trajectory")
    assert jaw.targets(faces(jawOpen=0.5))[0, 0] == pytest.approx(0.2)
    assert jaw.targets(faces(jawOpen=0.5, mouthClose=0.5))[0, 0] == 0.0
    assert jaw.targets(faces(mouthClose=1.0))[0, 0] == 0.0
    assert jaw_map("jaw", -0.4, "t").targets(faces(jawOpen=1.0))[0, 0] == -0.4


@pytest.mark.parametrize(("text", "message"), [
    (JAW.replace("jawOpen", "jaw_open"), "blendshape is 'jaw_open'"),
    (JAW.replace("full: 0.5", "full: 50.0"), "full of a face joint is 50.0, must be -10 to 10"),
    (JAW.replace("full: 0.5", "full: .nan"), "must be a finite number"),
    (JAW.replace("rest: 0.0", "rets: 0.0"), "key is 'rets'"),
    (JAW + "    max_velocity: 0.0\n", "max_velocity of a face joint is 0.0"),
    (JAW.replace("{jawOpen: 1.0}", "{}"), "shapes of a face joint is {}, must be one blendshape or more"),
    (JAW.replace("{jawOpen: 1.0}", "{jawOpen: 99.0}"), "weight of jawOpen in a face joint is 99.0"),
    (JAW.replace("jaw/joint_trajectory", "''"), "topic of face channels is ''"),
    ("topic: a\njoints: {}\n", "number of face joints is 0, must be 1 to 32"),
    ("[1, 2]", "must be a mapping"),
])
def test_a_wrong_file_is_one_line_with_the_thing_and_the_bound(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "face.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_channel_map(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "face.yaml"
    path.write_text("#" * 2_000_000)
    with pytest.raises(ConfigError, match="MiB"):
        load_channel_map(path)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=80), st.floats(0.5, 20.0), st.floats(5.0, 500.0))
@settings(max_examples=60, deadline=None)
def test_any_targets_are_followed_within_all_limits(values: list[float], velocity: float, acceleration: float) -> None:
    follower = JointFollower(jaw_map("jaw", 0.4, "t", velocity, acceleration))
    positions, velocities = follower.push(faces(jawOpen=values))
    position, speed = np.append(0.0, positions[:, 0]), np.append(0.0, velocities[:, 0])
    assert np.abs(speed).max() <= velocity + 1e-9
    assert np.abs(np.diff(speed)).max() <= acceleration * DT_S + 1e-9
    np.testing.assert_allclose(np.diff(position), 0.5 * (speed[1:] + speed[:-1]) * DT_S, atol=1e-12)
    assert position.min() >= 0.0
    assert position.max() <= 0.4


def test_a_target_that_stays_is_reached_and_held() -> None:
    follower = JointFollower(jaw_map("jaw", 0.4, "t"))
    positions, velocities = follower.push(faces(jawOpen=[1.0] * 40))
    assert positions[-1, 0] == pytest.approx(0.4, abs=1e-3)
    assert abs(velocities[-1, 0]) < 0.05
    assert positions.max() <= 0.4


def test_any_chunking_gives_the_same_motion_and_nan_closes() -> None:
    shapes = faces(jawOpen=np.abs(np.sin(np.arange(60) / 4)).tolist())
    whole = JointFollower(jaw_map("jaw", 0.4, "t")).push(shapes)[0]
    parts = JointFollower(jaw_map("jaw", 0.4, "t"))
    np.testing.assert_array_equal(whole, np.concatenate([parts.push(shapes[i:i + 7])[0] for i in range(0, 60, 7)]))
    assert np.isfinite(parts.push(np.full((3, 52), np.nan))[0]).all()
    assert isinstance(load_channel_map("jaw"), FaceChannelMap)
