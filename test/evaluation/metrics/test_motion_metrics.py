"""Statistics that were measured of people: motions computed by hand, and invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.metrics.body_frame import wrists_from_shoulders, wrists_in_body
from speech_gesture_ros.evaluation.metrics.metric import HumanRange
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE, human_gaps
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.registry import measure_motion
from speech_gesture_ros.evaluation.metrics.stroke_shape import hand_correlation, power_law
from speech_gesture_ros.evaluation.metrics.trunk import head_speeds, lean_deg, lean_speeds, nods
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis

FPS = 25.0
SKELETON = load_skeleton()
REST = SKELETON.rest_xyz
PEOPLE = HumanRange(2.0, 1.0, 3.0)


def measured(*motions: np.ndarray, is_speech: np.ndarray | None = None) -> dict[str, float]:
    speech = None if is_speech is None else SpeechAnalysis(np.zeros(0), np.zeros(0), is_speech, np.zeros((0, 4)))
    return measure_motion(MotionSet([MotionClip(motion, speech) for motion in motions], SKELETON))


def still(num: int) -> np.ndarray:
    return np.broadcast_to(REST, (num, *REST.shape)).copy()


def yawed(xyz: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return xyz @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]).T


def strokes(num: int = 500, every: int = 20, step: float = 0.3) -> np.ndarray:
    """Both hands go up and down in minimum-jerk steps of 0.6 s that follow each other after 0.8 s."""
    xyz = still(num)
    course = np.zeros(num)
    for k, start in enumerate(range(10, num - 20, every)):
        s = np.clip((np.arange(num) - start) / 15, 0, 1)
        course += (1 if k % 2 == 0 else -1) * step * s**3 * (10 - 15 * s + 6 * s**2)
    for side in ("left", "right"):
        for part in ("wrist", "hand", "thumb"):
            xyz[:, SKELETON.index[f"{side}_{part}"], 2] += course
    return xyz


def test_wrists_do_not_depend_on_heading_and_place() -> None:
    xyz = strokes(100)
    moved = yawed(xyz, 0.8) + np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(wrists_in_body(moved, FPS, SKELETON), wrists_in_body(xyz, FPS, SKELETON), atol=1e-9)


def test_hanging_arms_are_one_arm_length_below_the_shoulder() -> None:
    np.testing.assert_allclose(wrists_from_shoulders(still(10), FPS, SKELETON)[0], [[0, 0, -1], [0, 0, -1]], atol=1e-9)


def test_outward_is_away_from_the_body_for_both_hands() -> None:
    xyz = still(10)
    xyz[:, SKELETON.index["left_wrist"], 1] += 0.53
    xyz[:, SKELETON.index["right_wrist"], 1] -= 0.53
    np.testing.assert_allclose(wrists_from_shoulders(xyz, FPS, SKELETON)[..., 1], 1.0, atol=1e-9)


def test_statistics_of_minimum_jerk_strokes() -> None:
    values = measured(strokes())
    assert values["apex_interval_s"] == pytest.approx(0.8, abs=0.01)
    assert values["interval_cv"] == pytest.approx(0.0, abs=0.02)
    assert values["stroke_path_m"] == pytest.approx(0.3, rel=0.1)
    assert values["stroke_peak"] == pytest.approx(1.875 * 0.3 / 0.6, rel=0.06)  # of a minimum-jerk movement
    assert values["hand_correlation"] == pytest.approx(1.0, abs=1e-6)
    assert values["two_handed_share"] == 1.0
    assert values["head_speed"] == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(values["pause_ratio"])


def test_strokes_are_counted_in_speech_only_where_speech_is_known() -> None:
    xyz = strokes()
    speech = np.zeros(len(xyz), dtype=bool)
    speech[:250] = True
    in_half = measured(xyz, is_speech=speech)
    assert in_half["strokes_per_minute"] == pytest.approx(60 / 0.8, rel=0.1)
    assert in_half["pause_ratio"] == pytest.approx(1.0, abs=0.15)


def test_a_still_body_has_no_strokes_and_is_far_from_people() -> None:
    values = measured(still(100))
    assert values["wrist_speed"] == pytest.approx(0.0, abs=1e-9)
    assert values["strokes_per_minute"] == 0.0
    assert values["rest_share"] == 1.0
    assert np.isnan(values["stroke_path_m"])
    assert values["human_gap"] > 0.6


def test_clips_are_pooled() -> None:
    one, two = strokes(300), still(300)
    pooled = measured(one, two)
    alone = measured(one)
    assert pooled["wrist_speed"] == pytest.approx(0.5 * alone["wrist_speed"])
    assert pooled["strokes_per_minute"] == pytest.approx(0.5 * alone["strokes_per_minute"])
    assert pooled["stroke_path_m"] == pytest.approx(alone["stroke_path_m"])


def test_a_set_without_clips_is_refused() -> None:
    with pytest.raises(InputError, match="shortest motion"):
        MotionSet([], SKELETON)


@settings(max_examples=20, deadline=None)
@given(a=st.floats(0.2, 5.0), b=st.floats(-1.0, 1.5))
def test_power_law_is_recovered(a: float, b: float) -> None:
    x = np.linspace(0.05, 0.8, 40)
    found_a, found_b = power_law(x, a * x**b)
    assert (found_a, found_b) == (pytest.approx(a, rel=1e-6), pytest.approx(b, abs=1e-6))


def test_power_law_needs_points() -> None:
    assert np.isnan(power_law(np.ones(3), np.ones(3))[0])


def test_hand_correlation_of_mirror_images_and_of_their_opposite() -> None:
    rng = np.random.default_rng(0)
    left = rng.normal(size=(500, 3))
    mirrored = left * (1, -1, 1)
    assert hand_correlation(np.stack([left, mirrored], axis=1)) == pytest.approx(1.0)
    assert hand_correlation(np.stack([left, -mirrored], axis=1)) == pytest.approx(-1.0)
    assert abs(hand_correlation(np.stack([left, rng.normal(size=(500, 3))], axis=1))) < 0.1


def head_turned(angles_rad: np.ndarray, axis: str) -> np.ndarray:
    """The nose turns about the head: "z" yaw, "y" pitch (positive: down)."""
    xyz = still(len(angles_rad))
    head, nose = SKELETON.index["head"], SKELETON.index["nose"]
    reach = float(np.linalg.norm(REST[nose] - REST[head]))
    c, s = reach * np.cos(angles_rad), reach * np.sin(angles_rad)
    xyz[:, head, :2] = xyz[:, SKELETON.index["neck"], :2]  # straight above the neck: yaw is about the head's own axis
    xyz[:, nose] = xyz[:, head] + np.stack([c, s if axis == "z" else 0 * s, 0 * s if axis == "z" else -s], axis=1)
    return xyz


def test_head_that_turns_at_thirty_degrees_a_second() -> None:
    speeds = head_speeds(head_turned(np.radians(30.0) * np.arange(50) / FPS, "z"), FPS, SKELETON)
    assert speeds[10:-10] == pytest.approx(30.0, rel=1e-2)


def test_nods_are_dips_of_four_degrees() -> None:
    t = np.arange(250) / FPS
    nodding = np.radians(3.0) * (1 - np.cos(2 * np.pi * t))  # dips of 6 degrees, one a second
    assert nods(head_turned(nodding, "y"), FPS, SKELETON) == 10
    assert nods(head_turned(nodding / 2, "y"), FPS, SKELETON) == 0


def test_leaning_body() -> None:
    angle = np.radians(10.0) * np.arange(50) / FPS
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, z = still(50)[..., 0], still(50)[..., 2]
    xyz = np.stack([c * x + s * z, still(50)[..., 1], -s * x + c * z], axis=-1)
    assert lean_deg(xyz, SKELETON)[-1] - lean_deg(xyz, SKELETON)[0] == pytest.approx(np.degrees(angle[-1]))
    assert lean_speeds(xyz, FPS, SKELETON)[10:-10] == pytest.approx(10.0, rel=1e-2)


def test_gap_is_0_inside_the_range_and_at_most_1() -> None:
    assert [PEOPLE.gap(v) for v in (1.0, 2.5, 3.0, 4.0, 0.5, 99.0)] == [0.0, 0.0, 0.0, 0.5, 0.25, 1.0]
    assert np.isnan(PEOPLE.gap(float("nan")))


def test_every_range_contains_its_typical_value() -> None:
    assert all(m.human.low <= m.human.typical <= m.human.high for m in LIKE_PEOPLE)
    assert human_gaps({m.name: m.human.typical for m in LIKE_PEOPLE}) == [0.0] * len(LIKE_PEOPLE)
    assert human_gaps({m.name: float("nan") for m in LIKE_PEOPLE}) == [1.0] * len(LIKE_PEOPLE)


def test_acceleration_of_a_circle() -> None:
    t = np.arange(500) / FPS
    circle = np.stack([0.1 * np.cos(2 * np.pi * t), 0.1 * np.sin(2 * np.pi * t), 0 * t], axis=1)
    robot = MotionSet([MotionClip(np.stack([circle, circle], axis=1))], None)
    assert robot.wrist_derivative_p95(2) == pytest.approx(0.1 * (2 * np.pi) ** 2, rel=0.05)
