"""Sources of the voice: a recording in real time, or blocks that a microphone has recorded; silence in between.

The agent always gets sound: in silence it breathes, looks around, and performs requested gestures.
"""

from __future__ import annotations

import threading
from collections import deque

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS

Samples = npt.NDArray[np.float32]
MESSAGE_SAMPLES = SAMPLE_RATE // 50  # 20 ms
MAX_LATE_MESSAGES = 25  # after a longer stall the rest is left out
MAX_WAITING_BLOCKS = 50  # of a microphone


class PacedVoice:
    """Messages of 20 ms at the pace of a clock: the recording that plays, else silence.

    Attributes:
        name: Of the recording that plays; empty for none.
        is_looped: Begin the recording again at its end.
    """

    def __init__(self) -> None:
        self.name, self.is_looped = "", False
        self._samples: Samples = np.zeros(0, np.float32)
        self._place = 0
        self._next_ns: int | None = None

    def play(self, name: str, samples: Samples, *, is_looped: bool = False) -> None:
        """Play a recording, mono at 16 kHz, from the next message on."""
        self.name, self.is_looped = name, is_looped
        self._samples, self._place = np.asarray(samples, np.float32), 0

    def stop(self) -> None:
        """Be silent from the next message on."""
        self.play("", np.zeros(0, np.float32))

    def due(self, now_ns: int) -> list[tuple[int, Samples]]:
        """Return the messages whose last sample is due at a time [ns], each with the time at which it was."""
        step_ns = MESSAGE_SAMPLES * NS // SAMPLE_RATE
        if self._next_ns is None or now_ns - self._next_ns > MAX_LATE_MESSAGES * step_ns:
            self._next_ns = now_ns
        messages = []
        while self._next_ns <= now_ns:
            messages.append((self._next_ns, self._message()))
            self._next_ns += step_ns
        return messages

    def _message(self) -> Samples:
        out = np.zeros(MESSAGE_SAMPLES, np.float32)
        if self.name:
            part = self._samples[self._place:self._place + MESSAGE_SAMPLES]
            out[:len(part)] = part
            self._place += MESSAGE_SAMPLES
            if self._place >= len(self._samples):
                self._place = 0
                if not self.is_looped:
                    self.stop()
        return out


class RecordedBlocks:
    """Blocks of a microphone, given by one thread and taken by another; the oldest are dropped if too many wait.

    Attributes:
        dropped: Number of blocks that were dropped.
    """

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()
        self._lock = threading.Lock()
        self.dropped = 0

    def push(self, samples: Samples) -> None:
        """Add a block (N,) at 16 kHz."""
        with self._lock:
            self._blocks.append(samples)
            if len(self._blocks) > MAX_WAITING_BLOCKS:
                self._blocks.popleft()
                self.dropped += 1

    def take(self) -> list[Samples]:
        """Return the blocks since the last call."""
        with self._lock:
            blocks, self._blocks = list(self._blocks), deque()
        return blocks
