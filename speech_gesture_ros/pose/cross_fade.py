"""Weight of the cross-fade between idle and speaking poses: probability of speech to the share of the speaking pose.

Three causal steps:

    activity   ____▁▇█▇█▂▁▆█▇______________
    demand     __▇██████████████████▂______   1. the maximum from `hangover_s` ago to `anticipation_s` ahead: short
    weight     __╱▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔╲______      pauses do not lower the hands, and they start before the voice
                                              2. a fast and a slow average of it, whose kernels are the speed
                                                 profile of a minimum-jerk movement
                                              3. weight = fast OR slow = 1 - (1 - fast)(1 - slow)

The step response of 2. is exactly a minimum-jerk curve; the OR rises with the fast one and falls with the slow one.
Both are smooth in position, speed and acceleration for any activity, and end exactly at 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ActivityChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.pose.minimum_jerk import minimum_jerk, minimum_jerk_kernel

Array = npt.NDArray[np.float64]

SILENCE_BELOW, SPEECH_ABOVE = 0.3, 0.7  # activity; between them the certainty is a share


@dataclass(frozen=True)
class CrossFadeConfig:
    """Times of the cross-fade, rounded to pose frames.

    Attributes:
        anticipation_s: Look-ahead of the activity relative to the pose [s].
        hangover_s: Time after the last activity for which the speaking pose is kept [s]; voice activity has a hangover
            of its own, so that the hands stay up for most of a second in all.
        attack_s: From idle to speaking [s].
        release_s: From speaking to idle [s].
    """

    anticipation_s: float = 0.24
    hangover_s: float = 0.5
    attack_s: float = 0.48
    release_s: float = 1.2

    def __post_init__(self) -> None:
        for name, low, high in (("anticipation_s", 0.0, 1.0), ("hangover_s", 0.0, 5.0),
                                ("attack_s", 0.12, 3.0), ("release_s", 0.12, 5.0)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(name, value, f"{low} to {high} s", "Choose a value in that range.")

    @property
    def anticipation(self) -> int:
        """`anticipation_s` in pose frames."""
        return round(self.anticipation_s * POSE_RATE)


@dataclass
class DemandState:
    """State of `SpeechDemand`.

    Attributes:
        recent: Certainty of speech in the frames that later output needs.
        received: Number of frames pushed.
        start: Index of the first; None before it.
    """

    recent: Array
    received: int = 0
    start: int | None = None


class SpeechDemand:
    """Activity to demand, the largest certainty of speech near a frame: a stage, ActivityChunk to ActivityChunk.

    NaN counts as silence; silence precedes and follows the stream.
    """

    def __init__(self, config: CrossFadeConfig) -> None:
        self._ahead = config.anticipation
        self._width = round(config.hangover_s * POSE_RATE) + self._ahead + 1
        self.reset()

    @property
    def latency_s(self) -> float:
        """Look-ahead [s]."""
        return self._ahead / POSE_RATE

    def reset(self) -> None:
        """Return to the state of a new stage."""
        self._state = DemandState(np.zeros(self._width - 1))

    def push(self, chunk: ActivityChunk) -> ActivityChunk:
        """Feed consecutive activity; return the demand of the frames that are complete."""
        if self._state.start is None:
            self._state.start = chunk.start_index
        return self._advance(np.asarray(chunk.values, dtype=np.float64))

    def flush(self) -> ActivityChunk:
        """Return the last frames, as if silence followed."""
        return self._advance(np.zeros(self._ahead if self._state.received else 0))

    def _advance(self, activity: Array) -> ActivityChunk:
        state = self._state
        probability = np.fmax(activity, 0.0)  # NaN is silence
        certainty = minimum_jerk((probability - SILENCE_BELOW) / (SPEECH_ABOVE - SILENCE_BELOW))
        window = np.concatenate([state.recent, certainty])
        demand = np.array([window[i:i + self._width].max() for i in range(len(activity))], dtype=np.float64)
        done = max(0, state.received - self._ahead)  # the first `ahead` values belong to frames before the stream
        skip = min(len(demand), max(0, self._ahead - state.received))
        state.recent = window[len(activity):]
        state.received += len(activity)
        return ActivityChunk((state.start or 0) + done, demand[skip:])


@dataclass
class FadeState:
    """State of `Fade`: the demand that later weights need, oldest first, and the index of the next weight."""

    past: Array
    next_index: int = 0


class Fade:
    """Demand to weight, frame by frame, without latency: a stage, ActivityChunk to ActivityChunk."""

    latency_s = 0.0

    def __init__(self, config: CrossFadeConfig) -> None:
        self._kernels = tuple(minimum_jerk_kernel(duration) for duration in (config.attack_s, config.release_s))
        self.reset()

    def reset(self) -> None:
        """Return to the state of a new stage."""
        self._state = FadeState(np.zeros(max(map(len, self._kernels)) - 1))

    def push(self, chunk: ActivityChunk) -> ActivityChunk:
        """Feed consecutive demand; return as many weights in [0, 1]."""
        window = np.concatenate([self._state.past, np.asarray(chunk.values, dtype=np.float64)])
        fast, slow = (_filter(window, kernel, len(chunk)) for kernel in self._kernels)
        self._state = FadeState(window[len(chunk):], chunk.stop_index)
        weight = 1.0 - (1.0 - fast) * (1.0 - slow)
        return ActivityChunk(chunk.start_index, np.minimum(np.maximum(weight, 0.0), 1.0))

    def flush(self) -> ActivityChunk:
        """Return no frames: none is delayed."""
        return ActivityChunk(self._state.next_index, np.zeros(0))


def _filter(window: Array, kernel: Array, count: int) -> Array:
    """The newest `count` outputs of a causal filter; each is one dot product, so that chunking changes no bit."""
    if count == 0:
        return np.zeros(0)
    return np.correlate(window[len(window) - count - len(kernel) + 1:], kernel, mode="valid")
