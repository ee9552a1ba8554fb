"""The pose of the skeleton for any state of the strokes: exact bones, clear of the trunk, secondary motion."""

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.networks.strokes.channels import (
    BODY,
    FLEXION,
    HANDS,
    HEAD,
    LEFT,
    LIFTS,
    NUM_CHANNELS,
    PALM,
    RIGHT,
    TORSO,
    WRIST,
)
from speech_gesture_ros.networks.strokes.reaches import hand_pose
from speech_gesture_ros.networks.strokes.templates import REST_BEFORE
from speech_gesture_ros.training.strokes.body_pose import keep_clear, pose_body


@pytest.fixture
def skeleton():
    return load_skeleton()


def at_rest(count: int) -> np.ndarray:
    """(count, NUM_CHANNELS) the body at rest."""
    state = np.zeros((count, NUM_CHANNELS))
    for hand in HANDS:
        state[:, hand] = hand_pose(REST_BEFORE)
    return state


def any_states(rng: np.random.Generator, count: int = 500) -> np.ndarray:
    """States inside and outside the gesture space."""
    state = rng.normal(0, 1.0, (count, NUM_CHANNELS))
    for hand in HANDS:
        state[:, hand][:, WRIST] = rng.uniform([-0.3, -0.3, -0.6], [0.8, 0.6, 0.5], (count, 3))
    state[:, BODY] *= 0.15
    return state


def mirrored(state: np.ndarray) -> np.ndarray:
    """Return the channels (..., NUM_CHANNELS) of the mirror image: yaw and roll of head and torso change sign."""
    out = state.copy()
    out[..., LEFT], out[..., RIGHT] = state[..., RIGHT], state[..., LEFT]
    out[..., HEAD.start:TORSO.stop] *= np.array([-1.0, 1.0, -1.0, -1.0, 1.0, -1.0])
    out[..., LIFTS] = state[..., LIFTS][..., ::-1]
    return out


def test_bones_keep_their_length_for_any_state(skeleton, rng: np.random.Generator) -> None:
    xyz = pose_body(skeleton, any_states(rng), rng.normal(0, 1, (500, NUM_CHANNELS)))
    lengths = np.linalg.norm(skeleton.bones_from_xyz(xyz), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(skeleton.bone_lengths, lengths.shape), atol=1e-6)


def test_wrists_outside_the_gesture_space_are_moved_into_it(skeleton, rng: np.random.Generator) -> None:
    outside = rng.uniform([-0.5, -0.4, -0.8], [0.9, 0.8, 0.6], (2000, 3))
    forward, outward, up = keep_clear(outside, skeleton).T
    shoulder = skeleton.offsets[skeleton.index["left_shoulder"]]
    reach = np.linalg.norm(np.stack([forward, outward, up], axis=1) - shoulder, axis=1)
    assert reach.max() <= 0.92 * 0.53 + 1e-6
    assert np.percentile(outward, 1) >= 0.06
    assert up.max() <= 0.08
    assert np.isfinite(forward).all()


def test_a_place_that_is_clear_is_not_moved(skeleton) -> None:
    place = np.array([0.35, 0.18, -0.12])
    np.testing.assert_allclose(keep_clear(place, skeleton), place, atol=1e-3)


def test_the_mirror_image_of_the_state_is_the_mirror_image_of_the_pose(skeleton, rng: np.random.Generator) -> None:
    state, velocity = any_states(rng, 20), rng.normal(0, 0.5, (20, NUM_CHANNELS))
    image = pose_body(skeleton, mirrored(state), mirrored(velocity))
    np.testing.assert_allclose(image, skeleton.mirror(pose_body(skeleton, state, velocity)), atol=1e-5)


def test_the_shoulder_rises_with_the_hand_and_the_hand_trails(skeleton) -> None:
    state, velocity = at_rest(3), np.zeros((3, NUM_CHANNELS))
    state[1, RIGHT.start + 2] += 0.3
    velocity[2, RIGHT.start + 2] = 1.0
    xyz = pose_body(skeleton, state, velocity)
    shoulder, wrist, hand = (skeleton.index[f"right_{part}"] for part in ("shoulder", "wrist", "hand"))
    assert xyz[1, shoulder, 2] > xyz[0, shoulder, 2] + 0.005
    assert (xyz[2, hand] - xyz[2, wrist])[2] < (xyz[0, hand] - xyz[0, wrist])[2] - 0.01, "it bends against the motion"


def test_palm_and_flexion_turn_the_hand(skeleton) -> None:
    state = at_rest(3)
    state[:, RIGHT][:, WRIST] = (0.36, 0.2, -0.1)
    state[:, RIGHT][:, [PALM, FLEXION]] = 0.0
    state[1, RIGHT.start + PALM] = 1.3
    state[2, RIGHT.start + FLEXION] = 0.5
    xyz = pose_body(skeleton, state, np.zeros_like(state))
    wrist, hand, thumb = (skeleton.index[f"right_{part}"] for part in ("wrist", "hand", "thumb"))
    assert (xyz[1, thumb] - xyz[1, wrist])[1] < (xyz[0, thumb] - xyz[0, wrist])[1] - 0.03, "the thumb is outside"
    assert (xyz[2, hand] - xyz[2, wrist])[2] > (xyz[0, hand] - xyz[0, wrist])[2] + 0.02


def test_leaning_forward_brings_the_head_forward_and_nodding_lowers_the_nose(skeleton) -> None:
    state = at_rest(3)
    state[1, TORSO.start + 1] = state[2, HEAD.start + 1] = 0.2
    xyz = pose_body(skeleton, state, np.zeros_like(state))
    head, nose = skeleton.index["head"], skeleton.index["nose"]
    assert xyz[1, head, 0] > xyz[0, head, 0] + 0.03
    assert xyz[2, nose, 2] < xyz[0, nose, 2] - 0.02
