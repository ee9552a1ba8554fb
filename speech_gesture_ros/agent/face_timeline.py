"""Articulation with times in, frames of a face out, at 50 Hz and without a gap.

    push ──► queue of articulation ──(when due)──► FaceStage ──► frames, each with the time at which it must be visible
                  empty, cut off or muted: a mouth at rest ──┘

The face stage runs when a frame is due, not when its articulation is known. So an interruption, which empties the
queue, closes the lips within `CLOSED_AFTER_S`, while blinks, gaze and expression go on; and requests act at once. The
lips stay closed until there is sound again, because the model takes the cut in the sound for a phone, and holds it. A
queue that runs empty without an interruption waits `HOLD_S` for articulation that comes late.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import NUM_ARTICULATION, PROSODY_COLUMNS, VISEME_COLUMNS, VISEME_INDEX
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLES_PER_FACE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.face_stage import FaceStage

Row = npt.NDArray[np.float32]
_Item = tuple[int, int, Row]  # stamp [ns], index in the stream, articulation

LEAD_RANGE_S = (0.0, 1.0)
FRAME_NS = NS // FACE_RATE
HOLD_S = 0.06  # for articulation that is late
LATE_S = 0.1  # older articulation is not shown any more
MAX_AHEAD_S = 1.0  # of `ahead`
CLOSING_FRAMES = 8  # mouth at rest after the frames of `ahead`
CLOSED_AFTER_S = 0.2  # after an interruption; in the slowest style
SOUND_FROM = 0.02  # loudness of the articulation; 0 in silence


@dataclass(frozen=True)
class TimedFace:
    """One frame.

    Attributes:
        stamp_ns: ROS time at which it must be visible [ns].
        shapes: (52,) blendshapes.
        visemes: (15,) shares.
    """

    stamp_ns: int
    shapes: npt.NDArray[np.float32]
    visemes: npt.NDArray[np.float32]


def resting_row() -> Row:
    """Return the articulation (NUM_ARTICULATION,) of a closed mouth in silence."""
    row = np.zeros(NUM_ARTICULATION, np.float32)
    row[VISEME_INDEX["sil"]], row[PROSODY_COLUMNS.start + 1] = 1.0, 0.5
    return row


class FaceTimeline:
    """A face in real time; for one thread.

    Args:
        stage: Articulation to blendshapes.
        lead_s: Time between returning a frame and its stamp, for transport and jitter [s].

    Attributes:
        stage: The stage; its style and expression may be set at any time.
        lead_s: As given.
        is_muted: True: the mouth is at rest, whatever the articulation.
        overlay: Replaces the articulation of a frame of the stream, given by index and row.

    Raises:
        ConfigError: If the lead is out of range.
    """

    def __init__(self, stage: FaceStage, lead_s: float = 0.02) -> None:
        if not LEAD_RANGE_S[0] <= lead_s <= LEAD_RANGE_S[1]:
            raise ConfigError("lead_s of the face", lead_s, f"{LEAD_RANGE_S[0]:g} to {LEAD_RANGE_S[1]:g} s",
                              "0.02 is usual.")
        self.stage, self.lead_s = stage, lead_s
        self.is_muted = False
        self.overlay: Callable[[int, Row], Row] = lambda _, row: row
        self._queue: deque[_Item] = deque()
        self._last_ns = 0  # stamp of the newest frame
        self._pushed_ns: int | None = None  # when articulation came last; None: none is awaited
        self._is_at_rest = True  # in the newest frame
        self._awaits_sound = False  # after an interruption
        self._cut_index = 0  # frames before it belong to speech that was interrupted

    def begin_stream(self) -> None:
        """Take note of a new stream: its frames are counted from 0."""
        self._cut_index = 0

    def push(self, chunk: ArticulationChunk, stamp_ns: Callable[[int], int], now_ns: int) -> None:
        """Take articulation.

        Args:
            chunk: Consecutive frames of the stream.
            stamp_ns: Returns the ROS time at which a frame of the stream, given by index, must be visible [ns].
            now_ns: ROS time [ns].
        """
        if len(chunk):
            self._pushed_ns = now_ns
        kept = max(0, self._cut_index - chunk.start_index)
        for index, row in enumerate(chunk.values[kept:], chunk.start_index + kept):
            self._awaits_sound = self._awaits_sound and not row[PROSODY_COLUMNS.start] >= SOUND_FROM
            shown = resting_row() if self._awaits_sound else np.asarray(row, dtype=np.float32)
            self._queue.append((stamp_ns(index), index, shown))

    def take(self, now_ns: int) -> list[TimedFace]:
        """Return the frames that are due at a ROS time [ns] or in the next 20 ms; call at least 50 times a second."""
        horizon_ns = now_ns + round(self.lead_s * NS)
        if abs(horizon_ns - self._last_ns) > NS:  # the first frames, or the clock has jumped
            self._last_ns, self._is_at_rest = horizon_ns - FRAME_NS, True
        due: list[_Item] = []
        while self._queue and self._queue[0][0] <= horizon_ns + FRAME_NS:
            item = self._queue.popleft()
            if item[0] > now_ns - LATE_S * NS:
                due.append(item)
        frames = self._rest_until(due[0][0] if due else horizon_ns + FRAME_NS, now_ns, horizon_ns)
        for (_, index, _), frame in zip(due, self._perform(due, self.stage)):
            self._is_at_rest = False
            is_newest = index == due[-1][1]
            if frame.stamp_ns > self._last_ns or is_newest:
                self._last_ns = max(frame.stamp_ns, self._last_ns + 1)
                frames.append(TimedFace(self._last_ns, frame.shapes, frame.visemes))
        return frames

    def ahead(self) -> list[TimedFace]:
        """Return the frames that are known to follow those of `take`, at most `MAX_AHEAD_S`, then a mouth that closes.

        They come true unless more speech comes, the face is interrupted, or it gets another style or expression.
        """
        known = [item for item in self._queue if self._last_ns < item[0] <= self._last_ns + MAX_AHEAD_S * NS]
        until_ns = known[0][0] - FRAME_NS // 2 if known else 0
        last_ns = known[-1][0] if known else self._last_ns
        rest = _at_rest(range(self._last_ns + FRAME_NS, until_ns, FRAME_NS))
        closing = _at_rest(last_ns + k * FRAME_NS for k in range(1, CLOSING_FRAMES + 1))
        return self._perform(rest + known + closing, copy.deepcopy(self.stage))

    def interrupt(self, num_samples: int = 0) -> None:
        """Forget the articulation that waits: the lips close, until there is sound again.

        Args:
            num_samples: Of the stream's first samples, so many are not performed any more.
        """
        self._cut_index = -(-num_samples // SAMPLES_PER_FACE)
        self._queue.clear()
        self._pushed_ns = None
        self._awaits_sound = True

    def _rest_until(self, before_ns: int, now_ns: int, horizon_ns: int) -> list[TimedFace]:
        """Return the frames of a mouth at rest that are due before a stamp [ns]; none while articulation is awaited."""
        if self._queue:
            before_ns = min(before_ns, self._queue[0][0])
        is_late = self._pushed_ns is not None and now_ns - self._pushed_ns < HOLD_S * NS and not self._is_at_rest
        if is_late and not self._queue and before_ns > horizon_ns:
            return []
        stamps = []
        if before_ns > horizon_ns and self._last_ns < now_ns - FRAME_NS:
            self._last_ns = horizon_ns - FRAME_NS  # the time that was waited is over
        while self._last_ns + FRAME_NS <= min(horizon_ns, before_ns - FRAME_NS // 2):
            self._last_ns, self._is_at_rest = self._last_ns + FRAME_NS, True
            stamps.append(self._last_ns)
        return self._perform(_at_rest(stamps), self.stage)

    def _perform(self, items: Sequence[_Item], stage: FaceStage) -> list[TimedFace]:
        """Return the frames of consecutive articulation: the stage runs once for all of them."""
        if not items:
            return []
        rows = np.stack([self._shown(index, row) for _, index, row in items])
        faces = stage.push(ArticulationChunk(0, rows)).values.astype(np.float32, copy=False)
        return [TimedFace(stamp_ns, shapes, row[VISEME_COLUMNS]) for (stamp_ns, *_), shapes, row
                in zip(items, faces, rows)]

    def _shown(self, index: int, row: Row) -> Row:
        if self.is_muted:
            return resting_row()
        return self.overlay(index, row) if index >= 0 else row


def _at_rest(stamps_ns: Iterable[int]) -> list[_Item]:
    """Return frames of a mouth at rest, of no stream."""
    return [(stamp_ns, -1, resting_row()) for stamp_ns in stamps_ns]
