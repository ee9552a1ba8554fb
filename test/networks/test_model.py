"""Every architecture states its capabilities by value and keeps to them."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.features.sets import FEATURE_SETS
from speech_gesture_ros.networks.model import ModelCapabilities
from speech_gesture_ros.networks.speech2gesture.model_stage import CAPABILITIES as SPEECH2GESTURE
from speech_gesture_ros.networks.speech_to_motion.model_stage import CAPABILITIES as SPEECH_TO_MOTION


@pytest.mark.parametrize("capabilities", [SPEECH_TO_MOTION, SPEECH2GESTURE], ids=["speech_to_motion", "speech2gesture"])
def test_capabilities_name_known_feature_sets_and_controls(capabilities: ModelCapabilities) -> None:
    assert capabilities.feature_set in FEATURE_SETS
    assert capabilities.controls <= set(GestureControls.__dataclass_fields__)


@pytest.mark.parametrize("look_ahead_s", [-0.01, 1.01, float("nan")])
def test_a_look_ahead_out_of_range_is_refused_with_the_range(look_ahead_s: float) -> None:
    with pytest.raises(ConfigError, match=r"look_ahead_s is .*, must be 0 to 1 s"):
        SPEECH_TO_MOTION.check_look_ahead(look_ahead_s)


def test_the_ends_of_the_range_are_accepted() -> None:
    for look_ahead_s in SPEECH_TO_MOTION.look_ahead_range_s:
        SPEECH_TO_MOTION.check_look_ahead(look_ahead_s)
