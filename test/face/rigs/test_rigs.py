"""Tables from the blendshapes of ARKit to other rigs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, BLENDSHAPE_INDEX, BLENDSHAPES, VISEMES
from speech_gesture_ros.face.arkit_map import blendshapes_from_articulators
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.expressions import EXPRESSIONS, expression_shapes
from speech_gesture_ros.face.rigs.expression_weights import NAMES, expression_weights, shown_expression
from speech_gesture_ros.face.rigs.facs import ACTION_UNITS, UNIT_NAMES, action_units
from speech_gesture_ros.face.rigs.linear_table import LinearTable, blendshapes_named
from speech_gesture_ros.face.rigs.live_link import LIVE_LINK_COLUMNS, live_link_rows
from speech_gesture_ros.face.rigs.mouth_shapes import TYPICAL_PHONES, VOWELS, visemes_from_shapes, vowels_from_shapes
from speech_gesture_ros.face.rigs.openxr import OPENXR_VISEMES
from speech_gesture_ros.face.rigs.vrm import VRM0_NAMES, VRM_EXPRESSIONS, perfect_sync_names, vrm_from_shapes

Array = npt.NDArray[np.float64]

ANY_FACE = arrays(np.float64, (3, 52), elements=st.floats(0.0, 1.0))


def face(**values: float) -> Array:
    """(1, 52) blendshapes."""
    out = np.zeros((1, len(BLENDSHAPES)))
    for name, value in values.items():
        out[0, BLENDSHAPE_INDEX[name]] = value
    return out


def mouth(phone: str) -> Array:
    """(1, 52) blendshapes of a phone that is held."""
    articulation = articulate([TimedPhone(phone, 0.2, 0.6)], 40)[20:21]
    return blendshapes_from_articulators(articulation[:, ARTICULATOR_COLUMNS])


def vrm(shapes: Array) -> dict[str, float]:
    return dict(zip(VRM_EXPRESSIONS, vrm_from_shapes(shapes)[0].tolist()))


def test_a_table_sums_shapes_and_takes_the_mean_of_a_pair() -> None:
    table = LinearTable({"lids": {"eyeBlink": 1.0}, "mouth": {"jawOpen": 2.0, "mouthClose": -1.0}})
    assert table.channels == ("lids", "mouth")
    assert table.values(face(eyeBlinkLeft=1.0, jawOpen=0.3, mouthClose=0.2)).tolist() == [[0.5, pytest.approx(0.4)]]
    assert table.values(face(jawOpen=0.9, mouthClose=0.0))[0, 1] == 1.0, "clipped"


def test_a_name_that_is_no_blendshape_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"blendshape is 'jawopen'.*Check the spelling"):
        blendshapes_named("jawopen")


@pytest.mark.parametrize("viseme", VISEMES)
def test_the_mouth_of_a_viseme_is_recognised(viseme: str) -> None:
    shares = dict(zip(VISEMES, visemes_from_shapes(mouth(TYPICAL_PHONES[viseme]))[0]))
    alike = {"DD", "nn", "kk"}  # differ inside the mouth only
    group = alike if viseme in alike else {viseme}
    assert sum(shares[name] for name in group) > 0.8
    assert sum(shares.values()) == pytest.approx(1.0)


def test_vowels_are_recognised_and_closed_lips_have_none() -> None:
    for vowel in VOWELS:
        weights = dict(zip(VOWELS, vowels_from_shapes(mouth(TYPICAL_PHONES[vowel]))[0]))
        assert weights.pop(vowel) == pytest.approx(1.0, abs=1e-6)
        assert max(weights.values()) < 1e-6
    for closed in ("m", "pau"):
        assert vowels_from_shapes(mouth(closed))[0].max() < 1e-6
    assert vowels_from_shapes(face(jawOpen=0.7, mouthClose=0.7))[0].max() < 1e-6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_an_expression_is_recognised_with_its_strength_while_the_face_speaks(name: str, strength: float) -> None:
    shapes = np.maximum(strength * expression_shapes(name)[None], mouth("aa"))
    weights = dict(zip(NAMES, expression_weights(shapes)[0]))
    assert weights[name] == pytest.approx(strength, abs=1e-5)
    assert shown_expression(expression_weights(shapes)[0]) == (name, pytest.approx(strength, abs=1e-5))


def test_speech_blinks_and_raised_brows_are_no_expression() -> None:
    blink_and_accent = face(eyeBlinkLeft=1, eyeBlinkRight=1, browInnerUp=0.6, browOuterUpLeft=0.5)
    for shapes in (mouth("iy"), mouth("f"), blink_and_accent):
        assert shown_expression(expression_weights(shapes)[0])[0] == "neutral"


def test_vrm_has_the_mouth_the_lids_the_gaze_and_the_emotion() -> None:
    assert vrm(mouth("aa"))["aa"] == pytest.approx(1.0, abs=1e-6)
    assert vrm(mouth("eh"))["ee"] == pytest.approx(1.0, abs=1e-6)
    assert vrm(face(eyeBlinkLeft=0.8))["blinkLeft"] == 0.8
    assert vrm(face(eyeBlinkLeft=0.8))["blinkRight"] == 0.0
    look = vrm(face(eyeLookOutLeft=0.4, eyeLookInRight=0.4, eyeLookUpLeft=0.2, eyeLookUpRight=0.2))
    assert (look["lookLeft"], look["lookRight"], look["lookUp"]) == (pytest.approx(0.4), 0.0, pytest.approx(0.2))
    assert vrm(expression_shapes("scared")[None])["surprised"] == pytest.approx(1.0, abs=1e-5)
    assert vrm(expression_shapes("disgusted")[None])["angry"] == pytest.approx(0.5, abs=1e-5)
    assert set(VRM0_NAMES) == set(VRM_EXPRESSIONS)


def test_names_of_openxr_live_link_and_perfect_sync() -> None:
    assert OPENXR_VISEMES[0] == "XR_FACE_TRACKING_VISEME_SIL_META"
    assert OPENXR_VISEMES[5] == "XR_FACE_TRACKING_VISEME_KK_META"
    assert OPENXR_VISEMES[14] == "XR_FACE_TRACKING_VISEME_OU_META"
    assert len(LIVE_LINK_COLUMNS) == 61
    assert LIVE_LINK_COLUMNS[:2] == ("EyeBlinkLeft", "EyeLookDownLeft")
    assert LIVE_LINK_COLUMNS[14:19] == ("JawForward", "JawRight", "JawLeft", "JawOpen", "MouthClose")
    assert LIVE_LINK_COLUMNS[51:56] == ("TongueOut", "HeadYaw", "HeadPitch", "HeadRoll", "LeftEyeYaw")
    assert perfect_sync_names() == LIVE_LINK_COLUMNS[:52]


def test_live_link_turns_the_eyes_with_the_gaze_and_takes_the_head() -> None:
    shapes = face(jawOpen=0.3, eyeLookOutLeft=1.0, eyeLookInRight=1.0, eyeLookUpLeft=0.5)
    row = dict(zip(LIVE_LINK_COLUMNS, live_link_rows(shapes, np.array([[0.1, 0.2, 0.3]]))[0]))
    assert row["JawOpen"] == 0.3
    assert (row["HeadYaw"], row["HeadPitch"], row["HeadRoll"]) == (0.1, 0.2, 0.3)
    assert row["LeftEyeYaw"] == row["RightEyeYaw"] == pytest.approx(np.radians(30.0))
    assert row["LeftEyePitch"] == pytest.approx(-np.radians(12.5))
    assert row["RightEyePitch"] == 0.0
    assert live_link_rows(shapes)[0, 52:55].tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(InputError, match=r"shape of the head's angles is \(2, 3\), must be \(1, 3\)"):
        live_link_rows(shapes, np.zeros((2, 3)))


def test_action_units_follow_their_shapes() -> None:
    units = dict(zip(ACTION_UNITS, action_units(face(mouthSmileLeft=0.8, jawOpen=0.5, eyeBlinkLeft=1.0))[0]))
    assert (units[12], units[26], units[45]) == (pytest.approx(0.4), 0.5, 0.5)
    assert units[25] == 1.0, "the lips are parted"
    closed = dict(zip(ACTION_UNITS, action_units(face(jawOpen=0.5, mouthClose=0.5))[0]))
    assert closed[25] == 0.0
    assert set(UNIT_NAMES) == set(ACTION_UNITS)


@given(ANY_FACE)
@settings(max_examples=50, deadline=None)
def test_every_rig_stays_in_its_range_for_any_face(shapes: Array) -> None:
    for values in (visemes_from_shapes(shapes), vowels_from_shapes(shapes), expression_weights(shapes),
                   vrm_from_shapes(shapes), action_units(shapes)):
        assert np.isfinite(values).all()
        assert values.min() >= 0.0
        assert values.max() <= 1.0 + 1e-12
    assert np.isfinite(live_link_rows(shapes)).all()
    assert set(EXPRESSIONS) == {*NAMES, "neutral"}
