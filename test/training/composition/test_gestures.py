"""Gestures and their tables, and the pose of the skeleton for the controls of arms and body."""

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.training.composition.gestures import (
    CODE_FAMILIES,
    CODE_NAMES,
    GESTURES,
    NUM_CODES,
    ONE_HANDED,
)
from speech_gesture_ros.training.composition.skeleton_pose import keep_clear, pose_skeleton
from speech_gesture_ros.training.composition.targets import (
    FOLLOW,
    OUTWARD,
    PALM,
    THUMB,
    UP,
    VARIATIONS,
    WRIST,
    arm_bows,
    arm_targets,
    body_targets,
    mirror_variation,
    ready_target,
    rest_target,
    stroke_target,
    variant_weights,
)


def test_there_are_at_least_24_codes_with_unique_names() -> None:
    assert NUM_CODES >= 24
    assert len(set(CODE_NAMES)) == NUM_CODES == len(arm_targets()) == len(body_targets())


def test_mirrored_codes_swap_the_arms_and_turn_the_body() -> None:
    codes = np.arange(NUM_CODES)
    np.testing.assert_array_equal((codes ^ 1) ^ 1, codes)
    np.testing.assert_array_equal(arm_targets()[codes ^ 1], arm_targets()[:, :, ::-1])
    np.testing.assert_array_equal(body_targets()[codes ^ 1], body_targets() * [-1, 1, -1, -1, 1, -1])


def test_all_gestures_differ() -> None:
    flat = arm_targets()[::2, ..., WRIST].reshape(NUM_CODES // 2, -1)
    distance = np.linalg.norm(flat[:, None] - flat[None], axis=-1) + 9 * np.eye(NUM_CODES // 2)
    assert distance.min() > 0.10


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda g: g.name)
def test_the_leading_hand_moves_between_its_places(gesture) -> None:
    places = np.array(gesture.lead.places)
    steps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
    assert steps.min() >= (0.03 if gesture.family == "real" else 0.10)
    assert steps.max() <= 0.48


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda g: g.name)
def test_places_lie_in_front_of_the_trunk_between_waist_and_shoulders(gesture) -> None:
    for part in (gesture.lead, gesture.follow):
        forward, outward, up = np.array(part.places).T
        recorded = gesture.family == "real"
        assert forward.min() >= (0.22 if recorded else 0.25)
        assert forward.max() <= 0.46
        assert outward.min() >= (0.05 if recorded else 0.07)
        assert outward.max() <= 0.38
        assert up.min() >= (-0.28 if recorded else -0.27)
        assert up.max() <= 0.03


def test_weights_of_the_places_sum_to_one_and_change_smoothly() -> None:
    weights = variant_weights(np.linspace(0, 1, 1001))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights[[100, 500, 900]], np.eye(3))
    assert np.abs(np.diff(weights, axis=0)).max() < 0.03


def no_variation() -> np.ndarray:
    """A variation that changes nothing: the following hand makes all of its strokes."""
    variation = np.zeros(len(VARIATIONS))
    variation[FOLLOW] = 1.0
    return variation


def test_an_accent_moves_the_hands_to_the_place_of_its_phase() -> None:
    np.testing.assert_allclose(stroke_target(4, 0.5, no_variation()), arm_targets()[4, 1])


def test_a_hand_that_follows_little_stays_near_its_middle() -> None:
    variation = no_variation()
    variation[FOLLOW] = -1.0
    target, middle = stroke_target(4, 0.5, variation), arm_targets()[4].mean(axis=0)
    np.testing.assert_allclose(target[1], arm_targets()[4, 1, 1])
    np.testing.assert_allclose((target[0] - middle[0])[WRIST], 0.15 * (arm_targets()[4, 1, 0] - middle[0])[WRIST])


def test_variations_shift_the_place_and_turn_the_palm() -> None:
    for column, axis in ((OUTWARD, 1), (UP, 2)):
        variation = no_variation()
        variation[column] = 1.0
        shift = stroke_target(4, 0.5, variation)[:, WRIST] - arm_targets()[4, 1][:, WRIST]
        assert np.all(shift[:, axis] > 0.03)
        assert np.abs(np.delete(shift, axis, axis=1)).max() < 1e-12
    variation = no_variation()
    variation[PALM] = 1.0
    turned, thumb = stroke_target(4, 0.5, variation)[1, THUMB], arm_targets()[4, 1, 1, THUMB]
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(thumb))
    assert np.dot(turned, thumb) < np.dot(thumb, thumb)


def test_every_code_has_a_family_and_mirror_images_share_it() -> None:
    assert len(CODE_FAMILIES) == NUM_CODES
    assert CODE_FAMILIES[::2] == CODE_FAMILIES[1::2]
    assert {"open", "frame", "beat", "point", "count", "calm", "real"} == set(CODE_FAMILIES)
    assert all(code ^ 1 in ONE_HANDED for code in ONE_HANDED)


def test_only_the_posture_has_a_side() -> None:
    variation = np.linspace(0.1, 0.9, len(VARIATIONS))
    mirrored = mirror_variation(variation)
    changed = np.flatnonzero(~np.isclose(mirrored, variation))
    assert [VARIATIONS[i] for i in changed] == ["side"]
    np.testing.assert_allclose(mirror_variation(mirrored), variation, rtol=1e-6)


def test_the_bows_of_recorded_gestures_are_at_most_a_third_of_the_path() -> None:
    bows = np.linalg.norm(arm_bows(), axis=-1)
    assert bows.max() <= 0.36
    assert all(bows[2 * i].max() > 0.01 for i, g in enumerate(GESTURES) if g.family == "real")


def test_the_ready_pose_is_between_rest_and_the_gesture() -> None:
    for rest in ("together", "hanging"):
        ready = ready_target(8, np.zeros(len(VARIATIONS)), rest)[:, WRIST]
        middle = arm_targets()[8].mean(axis=0)[:, WRIST]
        np.testing.assert_allclose(ready, 0.6 * middle + 0.4 * rest_target(rest)[:, WRIST])


@pytest.fixture
def skeleton():
    return load_skeleton()


def posed(skeleton, rng: np.random.Generator, num: int = 500) -> np.ndarray:
    """Skeletons of random controls, inside and outside the gesture space."""
    arms = np.concatenate([rng.normal(0, 1.0, (num, 2, 9)), rng.uniform(-0.5, 1.0, (num, 2, 1))], axis=2)
    arms[..., :3] = rng.uniform([-0.3, -0.3, -0.6], [0.8, 0.6, 0.5], (num, 2, 3))
    return pose_skeleton(skeleton, arms, rng.normal(0, 0.15, (num, 6)))


def test_bones_keep_their_length_for_any_controls(skeleton, rng: np.random.Generator) -> None:
    xyz = posed(skeleton, rng)
    lengths = np.linalg.norm(skeleton.bones_from_xyz(xyz), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(skeleton.bone_lengths, lengths.shape), atol=1e-6)


def test_controls_outside_the_gesture_space_are_moved_into_it(skeleton, rng: np.random.Generator) -> None:
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


def test_the_mirror_image_of_the_controls_is_the_mirror_image_of_the_pose(skeleton, rng: np.random.Generator) -> None:
    arms = rng.normal(0.2, 0.1, (20, 2, 10))
    body = rng.normal(0, 0.1, (20, 6))
    mirrored = pose_skeleton(skeleton, arms[:, ::-1], body * [-1, 1, -1, -1, 1, -1])
    np.testing.assert_allclose(mirrored, skeleton.mirror(pose_skeleton(skeleton, arms, body)), atol=1e-6)


def test_elbows_hang_below_the_shoulders_and_outside_the_trunk(skeleton) -> None:
    arms = arm_targets().reshape(-1, 2, 10)
    xyz = pose_skeleton(skeleton, arms, np.zeros((len(arms), 6)))
    for side, sign in (("left", 1), ("right", -1)):
        elbow = xyz[:, skeleton.index[f"{side}_elbow"]] - xyz[:, skeleton.index[f"{side}_shoulder"]]
        assert elbow[:, 2].max() < -0.12
        assert (sign * elbow[:, 1]).min() > -0.02


def test_leaning_forward_brings_the_head_forward_and_nodding_lowers_the_nose(skeleton) -> None:
    arms = np.repeat(rest_target("together")[None], 3, axis=0)
    body = np.zeros((3, 6))
    body[1, 4] = body[2, 1] = 0.2
    xyz = pose_skeleton(skeleton, arms, body)
    head, nose = skeleton.index["head"], skeleton.index["nose"]
    assert xyz[1, head, 0] > xyz[0, head, 0] + 0.03
    assert xyz[2, nose, 2] < xyz[0, nose, 2] - 0.02
