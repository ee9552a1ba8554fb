"""Blinks that are added have the stated number, place and course; head angles the stated amplitude and frequency."""

from __future__ import annotations

import numpy as np
import pytest
from spoken_face import spoken_face

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.animation import face_animation
from speech_gesture_ros.face.blinks import blinks_at, draw_blinks, without_blinks
from speech_gesture_ros.face.head_motion import HeadSine, with_head

BLINK = BLENDSHAPE_INDEX["eyeBlinkLeft"]
STILL = face_animation(np.zeros((500, 52)))


def blinks_of(face) -> int:
    shut = face.shapes[:, BLINK] > 0.5
    return int((np.diff(shut.astype(int)) == 1).sum())


def test_a_blink_closes_holds_and_opens_linearly() -> None:
    eye = blinks_at(STILL, [1.0], 0.26).shapes[:, BLINK]
    np.testing.assert_allclose(eye[50:56], [0, 0.25, 0.5, 0.75, 1, 1], atol=1e-6)
    np.testing.assert_allclose(eye[56:63], 1 - np.arange(7) / 7, atol=1e-6)
    assert not eye[:51].any()
    assert not eye[63:].any()


@pytest.mark.parametrize("count", [0, 1, 7, 14])
@pytest.mark.parametrize("seed", [0, 1])
def test_so_many_blinks_are_added_apart_from_each_other_and_the_others(count: int, seed: int) -> None:
    face = blinks_at(STILL, [2.0, 7.0])
    starts = draw_blinks(face, count, 0.3, seed)
    assert len(starts) == count
    assert blinks_of(blinks_at(face, starts, 0.3)) == count + 2
    assert starts == draw_blinks(face, count, 0.3, seed)


def test_blinks_are_spread_over_the_face() -> None:
    starts = draw_blinks(STILL, 10, 0.2)
    assert [int(s) for s in starts] == list(range(10))


def test_more_blinks_than_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match="number of blinks"):
        draw_blinks(STILL, 100, 0.3)


def test_blinks_that_are_there_can_be_removed() -> None:
    face = blinks_at(spoken_face(), [0.5, 1.5])
    assert blinks_of(face) == 2
    assert not without_blinks(face).shapes[:, BLINK].any()


@pytest.mark.parametrize(("start", "duration"), [(-0.1, 0.2), (11.0, 0.2), (1.0, 0.05), (1.0, 2.0), (np.nan, 0.2)])
def test_blinks_out_of_bounds_are_refused(start: float, duration: float) -> None:
    with pytest.raises(ConfigError):
        blinks_at(STILL, [start], duration)


def test_an_offset_turns_the_head_in_all_frames() -> None:
    angles = np.degrees(with_head(STILL, (10, -5, 3)).head)
    np.testing.assert_allclose(angles, np.tile([10, -5, 3], (500, 1)), atol=1e-4)


def test_a_nod_has_its_amplitude_and_frequency_and_begins_and_ends_at_rest() -> None:
    pitch = np.degrees(with_head(STILL, sines=[HeadSine(1, 8.0, 2.0)]).head[:, 1])
    np.testing.assert_allclose(pitch[50:450], 8 * np.sin(2 * np.pi * 2 * np.arange(50, 450) / 50), atol=1e-3)
    assert abs(pitch[0]) < 1e-6
    assert abs(pitch[-1]) < 1e-6
    assert np.abs(np.diff(pitch)).max() < 2.1


@pytest.mark.parametrize("sine", [(0, 31.0, 1.0), (1, 5.0, 6.0), (2, 5.0, 0.0), (1, float("nan"), 1.0)])
def test_sines_out_of_bounds_are_refused(sine: tuple[int, float, float]) -> None:
    with pytest.raises(ConfigError):
        HeadSine(*sine)
