"""Keypoints of drawn humans lie where the pictures show them; motion fitted to a person has that person's lengths."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.core.person_keypoints import BODY_INDEX, FACE, HANDS
from speech_gesture_ros.core.person_pose import person_from_pose
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.rendering.avatar_view import CLOSED
from speech_gesture_ros.rendering.human_view import HumanView
from speech_gesture_ros.rendering.keypoint_pictures import COLOURS, draw_keypoints
from speech_gesture_ros.rendering.person_fit import PARENTS, fit_motion, visible_lengths
from speech_gesture_ros.rendering.person_sources import usual_person

from small_person import moving_person


def test_parts_are_drawn_in_their_colours_at_their_places() -> None:
    person = moving_person(1, 128)[0]
    picture = draw_keypoints(person, 128)
    middle = (person[BODY_INDEX["left_shoulder"], :2] + person[BODY_INDEX["left_elbow"], :2]) / 2
    x, y = np.round(middle).astype(int)
    assert tuple(picture[y, x]) == COLOURS["left_elbow"]
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_motion_below_a_pixel_is_visible() -> None:
    person = moving_person(1, 128)[0]
    moved = person.copy()
    moved[..., 0] += 0.5
    assert np.abs(draw_keypoints(moved, 128).astype(int) - draw_keypoints(person, 128)).max() > 20


def test_unknown_and_wild_keypoints_draw_nothing_or_lines_out_of_the_picture() -> None:
    person = moving_person(1, 64)[0]
    person[:, 2] = 0.0
    assert not draw_keypoints(person, 64).any()
    person[:, 2] = 1.0
    person[:, 0] = np.inf
    person[3, 1] = np.nan
    assert draw_keypoints(person, 64).shape == (64, 64, 3)


@pytest.mark.slow
def test_keypoints_lie_where_the_human_is_drawn() -> None:
    """With a forearm moved, the picture changes around the keypoints of that arm and of its hand only."""
    skeleton = load_skeleton()
    rest = skeleton.rest_xyz
    moved = rest.copy()
    parts = [skeleton.index[f"left_{part}"] for part in ("wrist", "hand", "thumb")]
    moved[parts] = rest[skeleton.index["left_elbow"]] + (rest[parts] - rest[skeleton.index["left_elbow"]]) @ \
        np.array([[1, 0, 0], [0, -0.2, 0.98], [0, -0.98, -0.2]])
    (at_rest, before), (picture, keypoints) = (HumanView(skeleton, 128).draw(pose) for pose in (rest, moved))
    changed = np.abs(picture.astype(int) - at_rest).max(axis=-1) > 30
    hand = keypoints[HANDS["left"], :2]
    x, y = np.round(hand[9]).astype(int)
    assert changed[y, x]
    rows, columns = np.nonzero(changed)
    arm = [BODY_INDEX[f"left_{part}"] for part in ("shoulder", "elbow", "wrist")]
    places = np.concatenate([np.concatenate([person[HANDS["left"], :2], person[arm, :2],
                                             (person[arm[1:], :2] + person[arm[:-1], :2]) / 2])
                             for person in (before, keypoints)])
    distance = np.linalg.norm(np.stack([columns, rows], axis=-1)[:, None] - places, axis=-1).min(axis=1)
    assert np.percentile(distance, 95) < 8


def test_points_of_the_mouth_are_on_the_lips_and_open_with_them() -> None:
    skeleton = load_skeleton()
    shapes = CLOSED.copy()
    shapes[BLENDSHAPE_INDEX["jawOpen"]] = 0.5
    (_, shut), (_, wide) = (HumanView(skeleton, 512).draw(skeleton.rest_xyz, face) for face in (CLOSED, shapes))
    right, upper, left, lower = (FACE.start + i for i in (60, 62, 64, 66))
    for person in (shut, wide):
        assert person[right, 0] < person[upper, 0] < person[left, 0], "seen from the front"
        assert person[BODY_INDEX["nose"], 1] < person[upper, 1] < person[lower, 1]
    assert wide[lower, 1] - wide[upper, 1] > shut[lower, 1] - shut[upper, 1] + 3


def test_fitted_motion_has_the_persons_lengths_and_place() -> None:
    skeleton = load_skeleton()
    person, lengths = usual_person(skeleton, 256)
    motion = np.stack([skeleton.rest_xyz] * 4)
    fitted = fit_motion(motion, skeleton, person * (1, 1, 1), 1.5 * lengths)
    neck, wrist, elbow = (BODY_INDEX[name] for name in ("neck", "left_wrist", "left_elbow"))
    np.testing.assert_allclose(fitted[:, neck, :2], np.broadcast_to(person[neck, :2], (4, 2)), atol=1e-4)
    forearm = np.linalg.norm(fitted[:, wrist, :2] - fitted[:, elbow, :2], axis=-1)
    np.testing.assert_allclose(forearm, 1.5 * 0.25 * 256 / 1.5, rtol=1e-5)
    assert not fitted[:, FACE].any(), "a pose does not determine the face"


def test_fitted_motion_has_the_usual_face_of_the_film() -> None:
    skeleton = load_skeleton()
    person, lengths = usual_person(skeleton, 256)
    person[FACE] = (*person[BODY_INDEX["nose"], :2] + (3.0, 8.0), 1.0)
    moved = skeleton.rest_xyz + np.array([0.0, 0.1, 0.0])
    fitted = fit_motion(np.stack([skeleton.rest_xyz, moved, moved]), skeleton, person, lengths)
    nose = fitted[:, [BODY_INDEX["nose"]], :2]
    assert nose[1, 0, 0] > nose[0, 0, 0] + 10
    np.testing.assert_allclose(fitted[:, FACE, :2], np.broadcast_to(nose + np.array([3.0, 8.0]), (3, 70, 2)), atol=1e-3)
    assert fitted[:, FACE, 2].all()


def test_motion_fitted_to_its_own_person_is_the_motion_itself() -> None:
    skeleton = load_skeleton()
    person, lengths = usual_person(skeleton, 256)
    swing = np.stack([skeleton.rest_xyz] * 9)
    parts = [skeleton.index[f"left_{part}"] for part in ("wrist", "hand", "thumb")]
    elbow = skeleton.rest_xyz[skeleton.index["left_elbow"]]
    for k, angle in enumerate(np.linspace(0, 1.5, 9)):
        turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
        swing[k, parts] = elbow + (swing[k, parts] - elbow) @ turn.T
    fitted = fit_motion(swing, skeleton, person, lengths)
    points, _ = person_from_pose(swing, skeleton)
    arm = [BODY_INDEX[f"left_{part}"] for part in ("shoulder", "elbow", "wrist")]
    expected = np.stack([points[..., 1], -points[..., 2]], axis=-1) * 256 / 1.5
    expected += (fitted[:, [BODY_INDEX["neck"]], :2] - expected[:, [BODY_INDEX["neck"]]])
    np.testing.assert_allclose(fitted[:, arm, :2], expected[:, arm], atol=1e-3)


def test_lengths_are_the_longest_views() -> None:
    person = moving_person(50)
    wrist, elbow = BODY_INDEX["left_wrist"], BODY_INDEX["left_elbow"]
    assert PARENTS[wrist] == elbow
    distance = np.linalg.norm(person[:, wrist, :2] - person[:, elbow, :2], axis=-1)
    assert visible_lengths(person)[wrist] == pytest.approx(np.percentile(distance, 95))
    assert visible_lengths(person)[FACE].max() == 0
