"""Every named gesture: human speeds and times, clear of the trunk, stroke instant at the requested time."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.gesture_library import ArmKey, NamedGesture, TurnKey, load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.idle import IdleMotion
from speech_gesture_ros.pose.requested_gestures import RequestedGestures

SKELETON = load_skeleton()
INDEX = SKELETON.index
STROKE = 75  # [frame]
IDLE = IdleMotion(SKELETON, seed=4).frames(0, 200)
STILL = np.repeat(IDLE[:1], 200, axis=0)
GESTURES = load_gestures()
TRUNK_RADIUS_M, BONE_RADIUS_M = 0.10, 0.03  # with `hand_on_heart` the palm touches the trunk


def perform(name: str, base: np.ndarray = IDLE, **how) -> np.ndarray:
    gestures = RequestedGestures(SKELETON)
    gestures.plan(GestureRequest(name, **how), float(STROKE), 0)
    return gestures.push(0, base)


def wrist_speed(joint_xyz: np.ndarray) -> np.ndarray:
    """(T - 1,) of the faster wrist [m/s]."""
    wrists = joint_xyz[:, [INDEX["left_wrist"], INDEX["right_wrist"]]]
    return np.linalg.norm(np.diff(wrists, axis=0), axis=-1).max(axis=1) * 25


def pitch(joint_xyz: np.ndarray) -> np.ndarray:
    """(T,) pitch of the head, down is positive [rad]."""
    ahead = joint_xyz[:, INDEX["nose"]] - joint_xyz[:, INDEX["head"]]
    return -np.arctan2(ahead[:, 2], np.linalg.norm(ahead[:, :2], axis=1))


def distance(points: np.ndarray, start: np.ndarray, stop: np.ndarray) -> float:
    """Smallest distance of (T, 3) points from moving segments [m]."""
    along = stop - start
    share = np.clip(np.einsum("tc,tc->t", points - start, along) / np.einsum("tc,tc->t", along, along), 0, 1)
    return float(np.linalg.norm(points - start - share[:, None] * along, axis=1).min())


@pytest.mark.parametrize("amplitude", [0.2, 1.0, 1.5])
@pytest.mark.parametrize("name", GESTURES)
def test_bones_keep_their_lengths_and_hands_stay_outside_the_body(name, amplitude):
    xyz = perform(name, amplitude=amplitude)
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(xyz), axis=-1)[:, 1:]
    np.testing.assert_allclose(lengths, np.tile(SKELETON.bone_lengths[1:], (200, 1)), atol=1e-9)
    at = {name: xyz[:, i] for name, i in INDEX.items()}
    for side, other in (("left", "right"), ("right", "left")):
        for joint in ("wrist", "hand", "thumb"):
            point = at[f"{side}_{joint}"]
            radius = TRUNK_RADIUS_M + BONE_RADIUS_M * (joint == "wrist")
            assert distance(point, at["pelvis"], at["neck"]) > radius, joint
            assert distance(point, at["neck"], at["head"]) > 0.09, joint
        assert distance(at[f"{side}_wrist"], at[f"{other}_wrist"], at[f"{other}_hand"]) > 2 * BONE_RADIUS_M


@pytest.mark.parametrize("name", GESTURES)
def test_hands_move_no_faster_than_those_of_people(name):
    assert wrist_speed(perform(name)).max() < 2.0


@pytest.mark.parametrize("name", [n for n, g in GESTURES.items() if g.on_word.startswith("the fastest point")])
def test_the_fastest_point_of_the_stroke_falls_on_the_word(name):
    keys = GESTURES[name].arm
    duration_s = keys[1].t - keys[0].t
    assert 0.4 <= duration_s <= 0.8, "human strokes"
    half = int(duration_s / 2 * 25)
    speed = wrist_speed(perform(name, STILL))[STROKE - half : STROKE + half]
    assert abs(speed.argmax() - (half - 0.5)) <= 1.5  # within 60 ms, one frame of which is due to the frame rate


def test_a_nod_is_lowest_on_the_word_and_as_long_as_those_of_people():
    down = pitch(perform("nod", STILL)) - pitch(STILL)
    assert down.argmax() == STROKE
    width_s = np.count_nonzero(down > down.max() / 2) / 25
    assert 0.28 <= width_s <= 0.6
    assert np.degrees(down.max()) == pytest.approx(15.0, abs=1.0)


@pytest.mark.parametrize("name", ["nod", "shake", "tilt"])
def test_a_gesture_of_the_head_does_not_move_the_arms(name):
    xyz = perform(name)
    below = [i for n, i in INDEX.items() if n not in ("head", "nose")]
    np.testing.assert_allclose(xyz[:, below], IDLE[:, below], atol=1e-12)
    assert np.abs(xyz - IDLE).max() > 0.01


def test_a_gesture_changes_nothing_before_and_after_it():
    for name in GESTURES:
        gestures = RequestedGestures(SKELETON)
        timing = gestures.plan(GestureRequest(name), float(STROKE), 0)
        xyz = gestures.push(0, IDLE)
        outside = [k for k in range(200) if not timing.start < k < timing.stop]
        np.testing.assert_allclose(xyz[outside], IDLE[outside], atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", [n for n, g in GESTURES.items() if {"left", "right"} <= set(g.sides)])
def test_left_is_the_mirror_image_of_right(name):
    symmetric = (STILL + SKELETON.mirror(STILL)) / 2
    bones = SKELETON.bones_from_xyz(symmetric)
    bones[:, 1:] *= (SKELETON.bone_lengths[1:] / np.linalg.norm(bones[:, 1:], axis=-1))[..., None]
    base = SKELETON.xyz_from_bones(bones)
    right, left = (perform(name, base, side=side) for side in ("right", "left"))
    np.testing.assert_allclose(SKELETON.mirror(left), right, atol=1e-9)


def test_pointing_has_the_named_direction():
    for name, axis, sign in (("point_left", 1, 1), ("point_right", 1, -1), ("point_forward", 0, 1), ("point_up", 2, 1)):
        hand = "left" if name == "point_left" else "right"
        xyz = perform(name)[STROKE + 12]
        direction = xyz[INDEX[f"{hand}_hand"]] - xyz[INDEX[f"{hand}_wrist"]]
        assert sign * direction[axis] / np.linalg.norm(direction) > 0.8, name


def test_a_count_has_the_counted_number_of_beats():
    for count, name in enumerate(("one", "two", "three", "four", "five"), start=1):
        down = -np.diff(perform(f"count_{name}", STILL)[:, INDEX["right_wrist"], 2]) * 25
        strokes = [k for k in range(STROKE - 4, 198) if down[k] > 0.4
                   and down[k - 3 : k].max() < down[k] >= down[k + 1 : k + 4].max()]
        assert len(strokes) == count


def test_a_larger_amplitude_reaches_further_and_a_longer_duration_holds_longer():
    wrist = INDEX["right_wrist"]
    reach = [np.linalg.norm(perform("stop", STILL, amplitude=a)[STROKE + 12, wrist] - STILL[0, wrist])
             for a in (0.5, 1.0, 1.2)]
    assert reach[0] < 0.6 * reach[1] < reach[1] < reach[2]
    away = [np.count_nonzero(np.linalg.norm(perform("stop", STILL, duration=d)[:, wrist] - STILL[0, wrist], axis=1)
                             > 0.9 * reach[1]) / 25 for d in (0.9, 1.9)]
    assert away[1] - away[0] == pytest.approx(1.0, abs=0.05)


def test_the_cycle_is_repeated_as_often_as_requested():
    def nods(**how):
        down = pitch(perform("nod", STILL, **how)) - pitch(STILL)
        return sum(down[k] > 0.2 and down[k] >= down[k - 2 : k + 3].max() for k in range(3, 197))

    assert (nods(), nods(repetitions=3), nods(duration=1.5)) == (1, 3, 3)


def test_every_gesture_has_a_meaning():
    for name, gesture in GESTURES.items():
        assert gesture.meaning, name
        assert gesture.on_word, name
        assert name.replace("_", "").isalpha(), "a name is usable in a sentence for a language model"
        assert name == name.lower()


KEY = ArmKey(0.0, (0.5, 0.0, -0.5), (1, 0, 0), (0, 0, 1))


@pytest.mark.parametrize(("fields", "complaint"), [
    ({}, "keys of a gesture"),
    ({"arm": (KEY, KEY)}, "increasing"),
    ({"arm": (KEY,), "side": "middle"}, "side of a gesture"),
    ({"arm": (KEY,), "cycle": (0.0, 1.0)}, "a key at both ends"),
    ({"head": (TurnKey(0.0, (1, 0, 0)), TurnKey(1.0, (0, 0, 0)))}, "Begin and end without rotation"),
])
def test_an_invalid_gesture_is_refused(fields, complaint):
    with pytest.raises(ConfigError, match=complaint):
        NamedGesture("meaning", "instant", **fields)


def test_gestures_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GESTURES["nod"].meaning = "no"


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(("name", "axis", "sign"), [("stop", 0, 1), ("open_palm", 2, 1), ("hand_on_heart", 0, -1),
                                                    ("point_forward", 2, -1)])
def test_the_palm_faces_the_right_direction(name, axis, sign, side):
    xyz = perform(name, side=side)[STROKE + 10]
    hand, thumb = (xyz[INDEX[f"{side}_{part}"]] - xyz[INDEX[f"{side}_wrist"]] for part in ("hand", "thumb"))
    palm = np.cross(thumb, hand) if side == "right" else np.cross(hand, thumb)
    assert sign * palm[axis] / np.linalg.norm(palm) > 0.8
