"""Phones of a speech synthesis, tied to the sound that they belong to: they replace the articulation of the model.

    phones ──► rules ──► articulation ──(its sound arrives)──► frames of the stream

The times of phones count from the first sample of their sound, wherever it is in the stream: sound that waits for
other sound to end takes its phones along. Prosody (brows, loudness) stays that of the sound.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.face_channels import PROSODY_COLUMNS
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.dominance import TimedPhone, articulate

Rows = npt.NDArray[np.float32]

BEFORE_S, AFTER_S = 0.2, 0.3  # of the sound, in which the mouth prepares and closes
TOLERANCE_NS = NS // 200  # a message that arrives so much before its stated start is its sound
MAX_WAITING = 64  # phones without sound, and sounds that may still get phones


@dataclass(frozen=True)
class PhoneTrack:
    """Articulation of one sound.

    Attributes:
        rows: (T, NUM_ARTICULATION) from `BEFORE_S` before the first sample on.
        start_ns: ROS time at which the first sample is published [ns]; None: the next audio message is the sound.
    """

    rows: Rows
    start_ns: int | None


def phone_track(phones: Sequence[TimedPhone], start_s: float | None = None) -> PhoneTrack:
    """Return the articulation of phones by the rules of `face.dominance`; may take some milliseconds.

    Args:
        phones: In the order of time.
        start_s: ROS time of the first sample [s], or None.

    Raises:
        InputError: If a phone is unknown or its times are wrong.
    """
    shifted = [TimedPhone(phone.name, phone.start_s + BEFORE_S, phone.end_s + BEFORE_S) for phone in phones]
    end_s = shifted[-1].end_s if shifted else 0.0
    rows = articulate(shifted, math.ceil((end_s + AFTER_S) * FACE_RATE) + 1)
    return PhoneTrack(rows, None if start_s is None else round(start_s * NS))


class TimedPhones:
    """Phones that wait for their sound, and those of the present stream; for one thread."""

    def __init__(self) -> None:
        self._waiting: deque[PhoneTrack] = deque(maxlen=MAX_WAITING)
        self._sounds: deque[tuple[int, float]] = deque(maxlen=MAX_WAITING)  # arrival [ns], first frame in the stream
        self._bound: deque[tuple[float, Rows]] = deque(maxlen=MAX_WAITING)  # frame of the first row, rows

    def add(self, track: PhoneTrack) -> None:
        """Take phones: before their sound, or after it if they state its start."""
        if track.start_ns is not None:
            for arrival_ns, frame in self._sounds:
                if arrival_ns >= track.start_ns - TOLERANCE_NS:
                    self._bind(track, frame)
                    return
        self._waiting.append(track)

    def take_sound(self, arrival_ns: int, first_frame: float) -> None:
        """Take note of an audio message.

        Args:
            arrival_ns: ROS time at which it arrived [ns].
            first_frame: Place of its first sample in the stream [frames of the face].
        """
        self._sounds.append((arrival_ns, first_frame))
        for track in list(self._waiting):
            if track.start_ns is None or arrival_ns >= track.start_ns - TOLERANCE_NS:
                self._waiting.remove(track)
                self._bind(track, first_frame)

    def overlay(self, index: int, row: Rows) -> Rows:
        """Return the articulation of a frame of the stream: that of phones, where there are any."""
        while self._bound and index > self._bound[0][0] + len(self._bound[0][1]) + FACE_RATE:
            self._bound.popleft()
        for begin, rows in reversed(self._bound):  # the newest sound counts where two meet
            position = index - begin
            if 0.0 <= position <= len(rows) - 1:
                before = int(position)
                share = np.float32(position - before)
                mixed = (1.0 - share) * rows[before] + share * rows[min(before + 1, len(rows) - 1)]
                out: Rows = mixed.astype(np.float32)
                out[PROSODY_COLUMNS] = row[PROSODY_COLUMNS]
                return out
        return row

    def end_stream(self) -> None:
        """Forget what is tied to the stream that has ended."""
        self._bound.clear()
        self._sounds.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.end_stream()
        self._waiting.clear()

    def _bind(self, track: PhoneTrack, first_frame: float) -> None:
        self._bound.append((first_frame - BEFORE_S * FACE_RATE, track.rows))
