"""Choreography: motion composed by rule for recorded speech, to learn from."""

from speech_gesture_ros.training.choreography.choreographer import Performance, Style, choreograph, perform
from speech_gesture_ros.training.choreography.gestures import NUM_CODES, mirror_code

__all__ = ["NUM_CODES", "Performance", "Style", "choreograph", "mirror_code", "perform"]
