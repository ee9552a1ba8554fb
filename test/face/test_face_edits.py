"""Changes of an animated face have the stated effect, and lips that close for p, b, m close after each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from spoken_face import smallest_gaps, spoken_face, vowel_gaps

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.face.animation import FaceAnimation, at_face_rate, at_times, face_animation
from speech_gesture_ros.face.blending import blend_animations
from speech_gesture_ros.face.blinks import blinks_at
from speech_gesture_ros.face.edits import mirrored, smoothed, stretched, with_style
from speech_gesture_ros.face.style import FaceStyle

FACE = spoken_face()
JAW = BLENDSHAPE_INDEX["jawOpen"]
CLOSED = 0.01  # of the gap, of which 0.1 counts as open: closed to 0.9


@pytest.mark.parametrize("change", [
    partial(smoothed, cutoff_hz=2.0), partial(smoothed, cutoff_hz=8.0), mirrored,
    partial(with_style, style=FaceStyle(2.0, 1.5, 0.4)), partial(with_style, style=FaceStyle(0.5, 0.5, 3.0)),
    lambda face: blend_animations([face, spoken_face(FaceStyle(1.6, 1.1, 1.3))], [1.0, 2.0]),
])
def test_lips_close_in_every_p_b_and_m_after_a_change(change: Callable[[FaceAnimation], FaceAnimation]) -> None:
    assert max(smallest_gaps(FACE)) < CLOSED
    changed = change(FACE)
    assert max(smallest_gaps(changed)) < CLOSED
    assert min(vowel_gaps(changed)) > 0.05


@pytest.mark.parametrize("factor", [0.5, 0.83, 1.3, 2.0])
def test_a_stretched_face_has_its_closures_at_stretched_times(factor: float) -> None:
    changed = stretched(FACE, factor)
    assert len(changed) == round(len(FACE) * factor)
    assert max(smallest_gaps(changed, stretch=factor)) < CLOSED


def test_smoothing_has_no_delay_and_removes_fast_changes_only() -> None:
    t = np.arange(200) / 50
    shapes = np.zeros((200, 52), np.float32)
    smile, slow = BLENDSHAPE_INDEX["mouthSmileLeft"], 0.5 + 0.3 * np.sin(2 * np.pi * 0.5 * t)
    shapes[:, smile] = slow + 0.1 * np.sin(2 * np.pi * 15 * t)
    smooth = smoothed(face_animation(shapes), 3.0).shapes[:, smile]
    np.testing.assert_allclose(smooth[25:-25], slow[25:-25], atol=0.005)


def test_smoothing_leaves_blinks_and_saccades() -> None:
    eyes = [i for name, i in BLENDSHAPE_INDEX.items() if name.startswith(("eyeBlink", "eyeLook"))]
    np.testing.assert_array_equal(smoothed(FACE, 1.0).shapes[:, eyes], FACE.shapes[:, eyes])


@pytest.mark.parametrize(("speed", "correlation"), [(0.25, 0.97), (0.5, 0.9955), (3.0, 0.9991)])
def test_a_change_of_speed_comes_near_the_face_that_the_stage_makes_at_that_speed(speed: float,
                                                                                   correlation: float) -> None:
    style = FaceStyle(speed=speed)
    changed, direct = (face.shapes[:, JAW] for face in (with_style(FACE, style), spoken_face(style)))
    assert np.abs(changed - direct).mean() < 0.8 * np.abs(FACE.shapes[:, JAW] - direct).mean()
    assert np.corrcoef(changed, direct)[0, 1] > correlation >= np.corrcoef(FACE.shapes[:, JAW], direct)[0, 1]


def test_gains_scale_jaw_and_lips() -> None:
    half = with_style(FACE, FaceStyle(jaw=0.5, lips=1.0)).shapes
    np.testing.assert_allclose(half[:, JAW], 0.5 * FACE.shapes[:, JAW], atol=1e-6)
    pucker = BLENDSHAPE_INDEX["mouthStretchLeft"]
    np.testing.assert_allclose(with_style(FACE, FaceStyle(lips=1.5)).shapes[:, pucker],
                               np.minimum(1.5 * FACE.shapes[:, pucker], 1.0), atol=1e-6)


def test_a_mirror_exchanges_sides_and_two_give_the_first_face() -> None:
    rng = np.random.default_rng(0)
    face = face_animation(rng.random((4, 52)), head=rng.normal(0, 0.2, (4, 3)))
    other = mirrored(face)
    for name, twin in (("eyeLookOutLeft", "eyeLookOutRight"), ("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"),
                       ("jawOpen", "jawOpen")):
        np.testing.assert_array_equal(other.shapes[:, BLENDSHAPE_INDEX[name]], face.shapes[:, BLENDSHAPE_INDEX[twin]])
    np.testing.assert_allclose(other.head, face.head * [-1, 1, -1])
    np.testing.assert_array_equal(mirrored(other).shapes, face.shapes)


def test_a_blend_is_the_weighted_mean_and_one_weight_gives_one_face() -> None:
    wide = spoken_face(FaceStyle(jaw=1.5))
    mixed = blend_animations([FACE, wide], [1.0, 3.0]).shapes
    np.testing.assert_allclose(mixed[:, JAW], 0.25 * FACE.shapes[:, JAW] + 0.75 * wide.shapes[:, JAW], atol=1e-6)
    np.testing.assert_allclose(blend_animations([FACE, wide], [0.0, 1.0]).shapes, wide.shapes, atol=1e-6)


def test_eyelids_of_a_blend_are_those_of_the_face_with_the_largest_weight() -> None:
    other, blink = blinks_at(FACE, [1.0]), BLENDSHAPE_INDEX["eyeBlinkLeft"]
    np.testing.assert_array_equal(blend_animations([FACE, other], [0.4, 0.6]).shapes[:, blink], other.shapes[:, blink])
    np.testing.assert_array_equal(blend_animations([FACE, other], [0.6, 0.4]).shapes[:, blink], FACE.shapes[:, blink])


def test_a_blend_ends_with_the_shortest_face_or_is_stretched_to_the_first() -> None:
    half = stretched(FACE, 0.5)
    assert len(blend_animations([FACE, half], [1, 1])) == len(half)
    whole = blend_animations([FACE, half], [1, 1], stretch=True)
    assert len(whole) == len(FACE)
    np.testing.assert_allclose(whole.shapes[:, JAW], FACE.shapes[:, JAW], atol=0.15)


@pytest.mark.parametrize("rate", [24.0, 30.0, 60.0, 120.0])
def test_frames_of_another_rate_keep_values_and_closures(rate: float) -> None:
    times = np.arange(round(3 * rate)) / rate
    there = at_times(FACE, np.arange(len(FACE)) / 50, times)
    assert max(smallest_gaps(there, rate)) < CLOSED
    back = at_face_rate(there, times)
    assert max(smallest_gaps(back)) < CLOSED
    if rate > 50:
        assert np.abs(back.shapes[:, JAW] - FACE.shapes[:len(back), JAW]).mean() < 0.01


@pytest.mark.parametrize(("call", "message"), [
    (lambda: smoothed(FACE, 0.1), "cut-off"), (lambda: stretched(FACE, 5.0), "factor of the duration"),
    (lambda: blend_animations([FACE], [1.0, 2.0]), "weights"), (lambda: blend_animations([FACE], [0.0]), "weights"),
    (lambda: blend_animations([FACE], [np.nan]), "weights"),
    (lambda: face_animation(np.full((2, 52), np.nan)), "frame 0"),
    (lambda: face_animation(np.zeros((0, 52))), "frames of the face"),
    (lambda: face_animation(np.zeros((2, 51))), "shapes of the face"),
])
def test_what_is_out_of_bounds_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises((ConfigError, InputError), match=message):
        call()


def test_every_shape_with_a_side_has_a_twin() -> None:
    assert sorted(BLENDSHAPES) == sorted(name.replace("Left", "*").replace("Right", "Left").replace("*", "Right")
                                         for name in BLENDSHAPES)
