"""Elbows, shoulders, forearms and end places: motions whose values are known."""

import numpy as np

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.kinematics import Apexes
from speech_gesture_ros.evaluation.metrics.arms import (
    elbow_speeds,
    forearm_roll_speeds,
    shoulder_lifts,
    wrist_flexion_speeds,
)
from speech_gesture_ros.evaluation.metrics.places import distinct_places, stroke_ends
from speech_gesture_ros.evaluation.metrics.trunk import yaw_speeds

FPS = 25.0
SKELETON = load_skeleton()
TIMES = np.arange(500) / FPS
INNER = slice(25, -25)  # without the ends of the low-pass


def rotation(axis: int, angle: np.ndarray) -> np.ndarray:
    turn = np.tile(np.eye(3), (len(angle), 1, 1))
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn[:, a, a] = turn[:, b, b] = np.cos(angle)
    turn[:, b, a], turn[:, a, b] = np.sin(angle), -np.sin(angle)
    return turn


def posed(**turns: np.ndarray) -> np.ndarray:
    """Right-angled elbows; each named bone (left_elbow ...) turned by (T, 3, 3) about its parent joint."""
    bones = np.tile(SKELETON.offsets, (len(TIMES), 1, 1))
    bent = rotation(1, np.full(len(TIMES), -np.pi / 2))
    for side in ("left", "right"):
        for part in ("wrist", "hand", "thumb"):
            joint = SKELETON.index[f"{side}_{part}"]
            bones[:, joint] = np.einsum("tij,tj->ti", bent, bones[:, joint])
    for name, turn in turns.items():
        bones[:, SKELETON.index[name]] = np.einsum("tij,tj->ti", turn, bones[:, SKELETON.index[name]])
    return SKELETON.xyz_from_bones(bones)


def test_still_arms_have_no_speed() -> None:
    for measure in (elbow_speeds, forearm_roll_speeds, wrist_flexion_speeds):
        np.testing.assert_allclose(measure(posed(), FPS, SKELETON), 0.0, atol=1e-6)


def test_an_elbow_on_a_circle_has_radius_times_angular_speed() -> None:
    swing = rotation(0, 0.1 * np.sin(2 * np.pi * TIMES))  # 0.28 m upper arm
    speeds = elbow_speeds(posed(left_elbow=swing), FPS, SKELETON)
    np.testing.assert_allclose(speeds[INNER, 0].max(), 0.28 * 0.1 * 2 * np.pi, rtol=0.02)
    np.testing.assert_allclose(speeds[:, 1], 0.0, atol=1e-6)


def test_a_hand_that_turns_about_its_forearm_rolls_and_does_not_flex() -> None:
    turn = rotation(0, np.radians(60.0) * np.sin(np.pi * TIMES))  # the forearms point forward
    motion = posed(left_hand=turn, left_thumb=turn, right_hand=turn, right_thumb=turn)
    mean = 4 * 60.0 / 2.0  # four amplitudes a period of 2 s
    np.testing.assert_allclose(forearm_roll_speeds(motion, FPS, SKELETON).mean(), mean, rtol=0.03)
    np.testing.assert_allclose(wrist_flexion_speeds(motion, FPS, SKELETON)[INNER], 0.0, atol=0.1)


def test_a_hand_that_nods_at_the_wrist_flexes_and_does_not_roll() -> None:
    turn = rotation(1, np.radians(20.0) * (1.0 + np.sin(np.pi * TIMES)))
    motion = posed(left_hand=turn, left_thumb=turn, right_hand=turn, right_thumb=turn)
    np.testing.assert_allclose(wrist_flexion_speeds(motion, FPS, SKELETON).mean(), 4 * 20.0 / 2.0, rtol=0.03)
    assert forearm_roll_speeds(motion, FPS, SKELETON)[INNER].mean() < 2.0


def test_shoulders_that_rise_with_the_trunk_are_not_lifted() -> None:
    lean = rotation(0, 0.2 * np.sin(np.pi * TIMES))
    names = ("spine1", "spine2", "chest", "neck", "left_shoulder", "right_shoulder")
    assert np.abs(shoulder_lifts(posed(**dict.fromkeys(names, lean)), FPS, SKELETON)).max() < 5e-4
    shrug = shoulder_lifts(posed(left_shoulder=rotation(0, 0.1 * np.sin(np.pi * TIMES))), FPS, SKELETON)
    np.testing.assert_allclose(shrug[INNER, 0].max(), 0.18 * 0.1, rtol=0.05)
    np.testing.assert_allclose(shrug[:, 1], 0.0, atol=1e-6)


def test_the_yaw_speed_is_that_of_the_line_of_the_shoulders() -> None:
    turn = rotation(2, 0.3 * TIMES)
    motion = posed(left_shoulder=turn, right_shoulder=turn)
    np.testing.assert_allclose(yaw_speeds(motion, FPS, SKELETON)[INNER], np.degrees(0.3), rtol=0.02)


def test_strokes_between_two_places_have_two_and_random_ones_many() -> None:
    count = 60
    speeds = np.zeros((10 * count + 10, 2))
    frames = 10 * np.arange(count) + 5
    speeds[frames, 1], speeds[frames + 1, 1] = 1.0, 0.5
    apexes = Apexes(frames / FPS, np.ones(count), np.ones(count, dtype=np.int64))
    hands = np.zeros((len(speeds), 2, 3))
    hands[:, 1, 2] = 0.3 * (np.arange(len(speeds)) // 10 % 2)
    assert distinct_places([stroke_ends(hands, speeds, apexes, FPS)]) == 2
    hands[:, 1] = np.repeat(np.random.default_rng(0).uniform(-1, 1, (count + 1, 3)), 10, axis=0)
    assert distinct_places([stroke_ends(hands, speeds, apexes, FPS)]) > 50
    assert np.isnan(distinct_places([stroke_ends(hands, speeds, apexes, FPS)[:20]]))
