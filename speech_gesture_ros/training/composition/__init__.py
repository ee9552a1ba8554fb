"""Choreography: motion composed by rule for recorded speech, to learn from."""

from speech_gesture_ros.training.composition.composer import (
    CODE_PROCESS,
    ComposedMotion,
    choreograph,
    choreograph_rest,
    perform,
)
from speech_gesture_ros.training.composition.gestures import CODE_NAMES, NUM_CODES, mirror_code
from speech_gesture_ros.training.composition.style import Style

__all__ = ["CODE_NAMES", "CODE_PROCESS", "NUM_CODES", "ComposedMotion", "Style", "choreograph", "choreograph_rest",
           "mirror_code", "perform"]
