"""State of one stream of the stroke process: what was drawn and is not over, and what was detected."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.networks.strokes.cues import SpeechMemory
from speech_gesture_ros.networks.strokes.slow_motion import SlowMotion
from speech_gesture_ros.networks.strokes.superposition import Superposition
from speech_gesture_ros.networks.strokes.templates import GestureTemplate

Floats = npt.NDArray[np.float64]


@dataclass
class Phrase:
    """A phrase: its gesture and hands, the height over the template [m], strokes left, pause that ends it [s]."""

    template: GestureTemplate
    lead: int
    two_handed: bool
    share: float
    level_m: float
    left: int
    place: int


@dataclass
class Stroke:
    """The next stroke: nominal time of its fastest point, duration [s], length [m], whether it waits for an accent."""

    apex_s: float
    duration_s: float
    length_m: float
    waits: bool
    offset_s: float


@dataclass
class Stream:
    """State of one stream."""

    curves: Superposition
    memory: SpeechMemory = field(default_factory=SpeechMemory)
    slow: SlowMotion = field(default_factory=SlowMotion)
    frame: int = 0
    phrase: Phrase | None = None
    next: Stroke | None = None
    apex_s: float = -1.0  # fastest point of the last stroke
    free_s: float = 0.0  # earliest begin of the next phrase
    patience_s: float = 1.0  # pause after which the hands go to rest
    is_resting: bool = True
    direction: Floats = field(default_factory=lambda: np.zeros(3))  # of the last stroke
    shapes: tuple[HandShape, HandShape] = (HandShape.REST, HandShape.REST)  # of left and right hand
