"""Requests of expressions: names, weights, valence and arousal, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.expression_request import NAMES, named_expression, parse_expression
from speech_gesture_ros.face.expressions import affect_shapes, expression_shapes


def test_names_weights_valence_and_arousal() -> None:
    np.testing.assert_array_equal(parse_expression(" Happy ").shapes, expression_shapes("happy"))
    half = parse_expression('{"expression": "angry", "weight": 0.5}')
    np.testing.assert_allclose(half.shapes, 0.5 * expression_shapes("angry"))
    assert (half.name, half.valence) == ("angry", pytest.approx(-0.375))
    affect = parse_expression('{"valence": 0.8, "arousal": 0.3}')
    np.testing.assert_array_equal(affect.shapes, affect_shapes(0.8, 0.3))
    assert (affect.name, affect.valence, affect.arousal) == ("", 0.8, 0.3)


def test_the_25_names_of_hri_msgs_are_known_and_asleep_closes_the_eyes() -> None:
    assert len(NAMES) == len(set(NAMES)) == 25
    for name in NAMES:
        assert np.isfinite(named_expression(name).shapes).all()
    assert named_expression("asleep").shapes[BLENDSHAPE_INDEX["eyeBlinkRight"]] == 1.0
    np.testing.assert_allclose(named_expression("annoyed").shapes, 0.5 * expression_shapes("angry"))


@pytest.mark.parametrize(("text", "part"), [
    ("joyful", "expression is 'joyful', must be one of neutral, happy"), ("", "expression is ''"),
    ("{", "must be a name or a JSON object"), ('{"expression": 3}', "expression request is"),
    ('{"expression": "happy", "weight": 2}', "weight of an expression request is 2"),
    ('{"expression": "happy", "weight": -0.5}', "weight of an expression is -0.5, must be 0 to 1"),
    ('{"valence": 3, "arousal": 0}', "valence of an expression request is 3"),
    ('{"valence": NaN, "arousal": 0}', "valence of an expression request is nan"),
    ('{"valence": 0.1}', "expression request is"), ("a" * 1001, "length of an expression request is 1001"),
])
def test_a_wrong_request_is_refused_with_one_line(text: str, part: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_expression(text)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
