"""Head angles that are put into an animation: a constant offset, and sines that fade in and out (nod, shake, tilt)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import HEAD_ANGLES, FaceAnimation

MAX_OFFSET_DEG, MAX_AMPLITUDE_DEG = 60.0, 30.0
FREQUENCY_RANGE_HZ = (0.05, 5.0)
FADE_S = 0.4


@dataclass(frozen=True)
class HeadSine:
    """Sine of one head angle.

    Attributes:
        axis: 0 yaw (shake), 1 pitch (nod), 2 roll (tilt).
        amplitude_deg: Up to 30 degrees.
        frequency_hz: 0.05 to 5 Hz.
    """

    axis: int
    amplitude_deg: float
    frequency_hz: float

    def __post_init__(self) -> None:
        name = HEAD_ANGLES[self.axis]
        if not abs(self.amplitude_deg) <= MAX_AMPLITUDE_DEG:
            raise ConfigError(f"amplitude of {name} [deg]", self.amplitude_deg, f"-{MAX_AMPLITUDE_DEG:g} to "
                              f"{MAX_AMPLITUDE_DEG:g}", "A nod has about 8.")
        low, high = FREQUENCY_RANGE_HZ
        if not low <= self.frequency_hz <= high:
            raise ConfigError(f"frequency of {name} [Hz]", self.frequency_hz, f"{low:g} to {high:g}",
                              "A nod has about 2.")


def with_head(animation: FaceAnimation, offset_deg: Sequence[float] = (0.0, 0.0, 0.0),
              sines: Sequence[HeadSine] = ()) -> FaceAnimation:
    """Add to the head angles of an animation.

    Args:
        animation: The face.
        offset_deg: Yaw, pitch and roll in all frames [deg].
        sines: They begin and end at 0, with fades of `FADE_S`.

    Raises:
        ConfigError: If an offset is out of bounds.
    """
    head = animation.head.astype(np.float64)
    for axis, degrees in enumerate(offset_deg):
        if not abs(degrees) <= MAX_OFFSET_DEG:
            raise ConfigError(f"{HEAD_ANGLES[axis]} [deg]", degrees, f"-{MAX_OFFSET_DEG:g} to {MAX_OFFSET_DEG:g}",
                              "Choose a value within.")
        head[:, axis] += np.radians(degrees)
    times = np.arange(len(animation)) / FACE_RATE
    to_end = (len(animation) - 1) / FACE_RATE - times
    fade = 0.5 - 0.5 * np.cos(np.pi * np.clip(np.minimum(times, to_end) / FADE_S, 0.0, 1.0))
    for sine in sines:
        head[:, sine.axis] += np.radians(sine.amplitude_deg) * fade * np.sin(2 * np.pi * sine.frequency_hz * times)
    return replace(animation, head=head.astype(np.float32))
