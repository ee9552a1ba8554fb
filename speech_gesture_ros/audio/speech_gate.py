r"""Speech gate: frame-wise probability of speech to speech segments, with hysteresis, confirmation and hangover.

    probability  ______/\_____/''''\/'''''''\__/''\_________________
    gate         _____________|''''''''''''''''''''''''''''|________
                        ^      ^                  |hangover|
                        |      `confirm_s above `on`
                        `too short: a knock, a chair

It is causal: it opens `confirm_s` late and closes `hangover_s` late. Where it is known otherwise whether someone
speaks, as from a synthesiser, that can be stated: the gate then follows at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ActivityChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE


@dataclass(frozen=True)
class SpeechGateConfig:
    """Thresholds and times of the speech gate.

    The defaults are chosen for the output of Silero VAD. In 19 minutes of noise, music, knocks, sirens and animals
    they never open the gate (a single frame reaches 0.63). In 45 recordings they open it 0.06 s (median) or 0.10 s
    (90th percentile) after the voice.

    Attributes:
        on: Probability from which a frame counts as speech while the gate is closed.
        off: Probability below which a frame counts as silence while it is open.
        confirm_s: Duration of continuous speech that opens the gate [s].
        hangover_s: Duration of continuous silence that closes it [s].

    Raises:
        ConfigError: If the thresholds are not 0 < off <= on < 1 or a duration is not from 0 to 10 s.
    """

    on: float = 0.6
    off: float = 0.3
    confirm_s: float = 0.08
    hangover_s: float = 0.4

    def __post_init__(self) -> None:
        if not 0.0 < self.off <= self.on < 1.0:
            raise ConfigError("thresholds (off, on) of the speech gate", (self.off, self.on), "0 < off <= on < 1",
                              "0.3 and 0.6 are good values.")
        for name in ("confirm_s", "hangover_s"):
            if not 0.0 <= getattr(self, name) <= 10.0:
                raise ConfigError(name, getattr(self, name), "0 to 10 s", "A fraction of a second is usual.")


class SpeechGate:
    """ActivityChunk of probabilities to ActivityChunk of 0 (silence) and 1 (speech), frame by frame, causal.

    Attributes:
        is_open: True if the last frame was speech.
        stated: Whether someone speaks, from the next frame on; None: the probability decides. It stays at a reset.
    """

    stated: bool | None = None

    def __init__(self, config: SpeechGateConfig | None = None) -> None:
        self._config = config or SpeechGateConfig()
        self._confirm = max(1, round(self._config.confirm_s * POSE_RATE))
        self._hangover = max(1, round(self._config.hangover_s * POSE_RATE))
        self.reset()

    @property
    def latency_s(self) -> float:
        """Return 0: each frame is decided at once [s]."""
        return 0.0

    def reset(self) -> None:
        """Close the gate and return to the state of a new one."""
        self.is_open = False
        self._opposing = 0  # consecutive frames that contradict the present state
        self._next_index = 0

    def push(self, chunk: ActivityChunk) -> ActivityChunk:
        """Decide for consecutive frames (T,); NaN counts as silence."""
        decided = [self._decide(p) for p in chunk.values.tolist()]
        self._next_index = chunk.stop_index
        return ActivityChunk(chunk.start_index, np.array(decided, dtype=np.float32))

    def flush(self) -> ActivityChunk:
        """Return no frames: none is delayed."""
        values: npt.NDArray[np.float32] = np.empty(0, dtype=np.float32)
        return ActivityChunk(self._next_index, values)

    def _decide(self, probability: float) -> bool:
        if self.stated is not None:
            self.is_open, self._opposing = self.stated, 0
            return self.is_open
        is_speech = probability >= (self._config.off if self.is_open else self._config.on)  # false for NaN
        self._opposing = self._opposing + 1 if is_speech != self.is_open else 0
        if self._opposing >= (self._hangover if self.is_open else self._confirm):
            self.is_open = not self.is_open
            self._opposing = 0
        return self.is_open
