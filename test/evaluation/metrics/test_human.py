"""Figures of people: hand-computed motions, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.metrics.body_frame import wrists_from_shoulders, wrists_in_body
from speech_gesture_ros.evaluation.metrics.human import Motion, hand_correlation, human_figures, power_law
from speech_gesture_ros.evaluation.metrics.human_ranges import DIALOGUE, MONOLOGUE, HumanRange, gap, human_gap
from speech_gesture_ros.evaluation.metrics.trunk import head_speeds, lean_deg, lean_speeds, nods

FPS = 25.0
SKELETON = load_skeleton()
REST = SKELETON.rest_xyz
PEOPLE = HumanRange("x", "x", "", 2.0, 1.0, 3.0)


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


def test_wrists_do_not_depend_on_where_the_person_looks_or_stands() -> None:
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


def test_figures_of_minimum_jerk_strokes() -> None:
    figures = human_figures([Motion(strokes())], FPS, SKELETON)
    assert figures["apex_interval_s"] == pytest.approx(0.8, abs=0.01)
    assert figures["interval_cv"] == pytest.approx(0.0, abs=0.02)
    assert figures["stroke_path_m"] == pytest.approx(0.3, rel=0.1)
    assert figures["stroke_peak"] == pytest.approx(1.875 * 0.3 / 0.6, rel=0.06)  # the law of the minimum jerk
    assert figures["hand_correlation"] == pytest.approx(1.0, abs=1e-6)
    assert figures["two_handed_share"] == 1.0
    assert figures["head_speed"] == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(figures["pause_ratio"])


def test_strokes_are_counted_in_speech_only_where_speech_is_known() -> None:
    xyz = strokes()
    speech = np.zeros(len(xyz), dtype=bool)
    speech[:250] = True
    in_half = human_figures([Motion(xyz, speech)], FPS, SKELETON)
    assert in_half["strokes_per_minute"] == pytest.approx(60 / 0.8, rel=0.1)
    assert in_half["pause_ratio"] == pytest.approx(1.0, abs=0.15)


def test_a_still_body_has_no_strokes_and_is_far_from_people() -> None:
    figures = human_figures([Motion(still(100))], FPS, SKELETON)
    assert figures["wrist_speed"] == pytest.approx(0.0, abs=1e-9)
    assert figures["strokes_per_minute"] == 0.0
    assert figures["rest_share"] == 1.0
    assert np.isnan(figures["stroke_path_m"])
    assert human_gap(figures) > 0.6


def test_clips_are_pooled() -> None:
    one, two = strokes(300), still(300)
    pooled = human_figures([Motion(one), Motion(two)], FPS, SKELETON)
    alone = human_figures([Motion(one)], FPS, SKELETON)
    assert pooled["wrist_speed"] == pytest.approx(0.5 * alone["wrist_speed"])
    assert pooled["strokes_per_minute"] == pytest.approx(0.5 * alone["strokes_per_minute"])
    assert pooled["stroke_path_m"] == pytest.approx(alone["stroke_path_m"])


def test_same_motion_at_twice_the_frame_rate_gives_the_same_speeds() -> None:
    t = np.arange(0, 20, 1 / 50)
    fine = np.broadcast_to(REST, (len(t), *REST.shape)).copy()
    fine[:, SKELETON.index["left_wrist"], 2] += 0.2 * np.sin(2 * np.pi * 0.9 * t)
    a = human_figures([Motion(fine)], 50.0, SKELETON)
    b = human_figures([Motion(fine[::2])], 25.0, SKELETON)
    for name in ("wrist_speed", "wrist_speed_p95", "acceleration_p95", "apex_interval_s", "stroke_peak"):
        assert a[name] == pytest.approx(b[name], rel=0.06), name


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(InputError):
        human_figures([], FPS, SKELETON)


@settings(max_examples=20, deadline=None)
@given(a=st.floats(0.2, 5.0), b=st.floats(-1.0, 1.5))
def test_power_law_finds_its_exponent(a: float, b: float) -> None:
    x = np.linspace(0.05, 0.8, 40)
    found_a, found_b, _ = power_law(x, a * x**b)
    assert (found_a, found_b) == (pytest.approx(a, rel=1e-6), pytest.approx(b, abs=1e-6))


def test_power_law_needs_points() -> None:
    assert np.isnan(power_law(np.ones(3), np.ones(3))[0])


def test_hands_as_mirror_images_and_as_the_opposite() -> None:
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


def test_gap_is_nothing_inside_and_grows_to_one() -> None:
    assert [gap(v, PEOPLE) for v in (1.0, 2.5, 3.0, 4.0, 0.5, 99.0)] == [0.0, 0.0, 0.0, 0.5, 0.25, 1.0]
    assert np.isnan(gap(float("nan"), PEOPLE))


@pytest.mark.parametrize("people", [MONOLOGUE, DIALOGUE])
def test_ranges_are_about_figures_that_exist_and_hold_their_typical_value(people: tuple[HumanRange, ...]) -> None:
    figures = human_figures([Motion(still(50))], FPS, SKELETON)
    assert {r.name for r in people} <= figures.keys()
    assert all(r.low <= r.typical <= r.high for r in people)
    assert human_gap({r.name: r.typical for r in people}, people) == 0.0
