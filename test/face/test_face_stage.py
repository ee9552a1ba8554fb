"""Style, expression, contacts, blinks, brows and gaze of the face stage."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, NUM_ARTICULATION, PROSODY_COLUMNS
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.expressions import AFFECT, EXPRESSIONS, affect_shapes, expression_shapes
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.face.style import STYLES, FaceStyle, blend_styles
from speech_gesture_ros.face.upper_face import BLINK_LENGTH, UpperFace, UpperFaceControls

SPEECH = articulate([TimedPhone(p, 0.2 + 0.12 * i, 0.32 + 0.12 * i) for i, p in
                     enumerate(["m", "aa", "p", "iy", "b", "uw"])], 60)


def face(stage: FaceStage, values: np.ndarray = SPEECH) -> np.ndarray:
    return stage.push(ArticulationChunk(0, values)).values


@pytest.mark.parametrize("expression", sorted(EXPRESSIONS))
@pytest.mark.parametrize("style", sorted(STYLES))
def test_the_lips_close_in_every_style_and_expression(style: str, expression: str) -> None:
    stage = FaceStage(STYLES[style])
    stage.set_expression(expression_shapes(expression))
    gap = lip_gap(face(stage))
    for middle in (12, 24, 36):  # within m, p and b
        assert gap[middle:middle + 2].max() < 1e-6
    assert gap[19] > (0.12 if style == "mumble" else 0.25)  # in the first vowel


def test_the_jaw_of_a_style_is_a_factor_of_the_opening() -> None:
    jaw = BLENDSHAPE_INDEX["jawOpen"]
    usual, half = face(FaceStage())[:, jaw].max(), face(FaceStage(FaceStyle(jaw=0.5)))[:, jaw].max()
    assert half == pytest.approx(0.5 * usual, rel=1e-4)


def test_a_slow_style_follows_later() -> None:
    jaw = BLENDSHAPE_INDEX["jawOpen"]
    opening = np.zeros((30, NUM_ARTICULATION), np.float32)
    opening[5:, 15] = 1.0
    fast, slow = (face(FaceStage(FaceStyle(speed=speed)), opening)[:, jaw] for speed in (2.0, 0.25))
    assert fast[6] > 0.8
    assert slow[6] < 0.6
    assert slow[-1] > 0.8


def test_styles_blend_to_their_weighted_mean() -> None:
    assert blend_styles({"usual": 1.0}) == FaceStyle()
    assert blend_styles({"usual": 3.0, "shout": 1.0}).jaw == pytest.approx(0.75 + 0.25 * 1.6)
    with pytest.raises(ConfigError, match="style"):
        blend_styles({"whispering": 1.0})
    with pytest.raises(ConfigError, match="not all 0"):
        blend_styles({"usual": 0.0})
    with pytest.raises(ConfigError, match="0 to 2"):
        FaceStyle(jaw=2.5)


def test_an_expression_fades_in_and_leaves_the_mouth_to_speech() -> None:
    stage = FaceStage()
    stage.set_expression(expression_shapes("happy"))
    quiet = face(stage, np.zeros((60, NUM_ARTICULATION), np.float32))
    smile = quiet[:, BLENDSHAPE_INDEX["mouthSmileLeft"]]
    assert smile[0] < 0.2
    assert smile[20] > 0.6
    assert np.all(np.diff(smile) >= 0)
    loud = np.zeros((60, NUM_ARTICULATION), np.float32)
    loud[:, PROSODY_COLUMNS.start] = 1.0
    assert face(stage, loud)[-1, BLENDSHAPE_INDEX["mouthSmileLeft"]] == pytest.approx(0.45 * 0.7, abs=0.01)


@pytest.mark.parametrize("name", sorted(AFFECT))
def test_the_place_of_an_expression_on_the_plane_shows_mostly_that_expression(name: str) -> None:
    shapes = affect_shapes(*AFFECT[name])
    fits = {other: float(shapes @ expression_shapes(other)) / max(float(np.linalg.norm(expression_shapes(other))), 1e-6)
            for other in EXPRESSIONS}
    assert name == "neutral" or max(fits, key=fits.__getitem__) == name


def test_eyes_blink_about_every_three_seconds_and_shut_completely() -> None:
    upper = UpperFace(seed=3)
    lids = np.array([upper.step(0.0, 0.5)[BLENDSHAPE_INDEX["eyeBlinkLeft"]] for _ in range(60 * 50)])
    starts = int(((lids[1:] > 0) & (lids[:-1] == 0)).sum())
    assert 12 <= starts <= 24  # in a minute
    assert lids.max() == 1.0
    assert (lids > 0).sum() <= starts * BLINK_LENGTH


def test_no_blinks_brows_or_gaze_if_they_are_switched_off() -> None:
    upper = UpperFace(seed=3, controls=UpperFaceControls(0.0, 0.0, 0.0))
    values = np.stack([upper.step(0.8, 0.5 + 0.5 * (i % 60 < 10)) for i in range(3000)])
    assert values.max() == 0.0


def test_brows_rise_on_high_pitch_only() -> None:
    brow = BLENDSHAPE_INDEX["browInnerUp"]
    flat, accented = UpperFace(seed=1), UpperFace(seed=1)
    level = [flat.step(0.8, 0.5)[brow] for _ in range(1500)]
    accents = [accented.step(0.8, 0.9 if i % 75 < 10 else 0.5)[brow] for i in range(1500)]
    assert max(level) == 0.0
    assert 0.2 < max(accents) < 0.7


def test_both_eyes_look_the_same_way() -> None:
    upper = UpperFace(seed=2)
    values = np.stack([upper.step(0.0, 0.5) for _ in range(1500)])
    of = {name: values[:, BLENDSHAPE_INDEX[name]] for name in
          ("eyeLookOutLeft", "eyeLookInRight", "eyeLookInLeft", "eyeLookOutRight")}
    np.testing.assert_array_equal(of["eyeLookOutLeft"], of["eyeLookInRight"])
    np.testing.assert_array_equal(of["eyeLookInLeft"], of["eyeLookOutRight"])
    assert of["eyeLookOutLeft"].max() > 0.05
    assert of["eyeLookInLeft"].max() > 0.05


def test_draws_depend_on_the_seed_alone() -> None:
    np.testing.assert_array_equal(face(FaceStage(seed=5)), face(FaceStage(seed=5)))
    assert np.any(face(FaceStage(seed=5), np.tile(SPEECH, (5, 1))) != face(FaceStage(seed=6), np.tile(SPEECH, (5, 1))))


def test_articulation_of_another_width_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"\(T, 27\)"):
        face(FaceStage(), np.zeros((3, 10)))
