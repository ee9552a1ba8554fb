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
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import NUM_ARTICULATION, PROSODY_COLUMNS, VISEME_COLUMNS, VISEME_INDEX
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.face_stage import FaceStage

Row = npt.NDArray[np.float32]

LEAD_RANGE_S = (0.0, 1.0)
FRAME_NS, FRAME_SAMPLES = NS // FACE_RATE, SAMPLE_RATE // FACE_RATE
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
        self._queue: deque[tuple[int, int, Row]] = deque()  # stamp, index in the stream, articulation
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
        due: list[tuple[int, int, Row]] = []
        while self._queue and self._queue[0][0] <= horizon_ns + FRAME_NS:
            item = self._queue.popleft()
            if item[0] > now_ns - LATE_S * NS:
                due.append(item)
        frames = self._rest_until(due[0][0] if due else horizon_ns + FRAME_NS, now_ns, horizon_ns)
        for stamp_ns, index, row in due:
            frame, self._is_at_rest = self._perform(stamp_ns, index, row, self.stage), False
            is_newest = index == due[-1][1]
            if stamp_ns > self._last_ns or is_newest:
                self._last_ns = max(stamp_ns, self._last_ns + 1)
                frames.append(TimedFace(self._last_ns, frame.shapes, frame.visemes))
        return frames

    def ahead(self) -> list[TimedFace]:
        """Return the frames that are known to follow those of `take`, at most `MAX_AHEAD_S`, then a mouth that closes.

        They come true unless more speech comes, the face is interrupted, or it gets another style or expression.
        """
        stage, frames, last_ns = copy.deepcopy(self.stage), [], self._last_ns
        known = [item for item in self._queue if last_ns < item[0] <= last_ns + MAX_AHEAD_S * NS]
        if known:
            for stamp_ns in range(last_ns + FRAME_NS, known[0][0] - FRAME_NS // 2, FRAME_NS):
                frames.append(self._perform(stamp_ns, -1, resting_row(), stage))
            frames += [self._perform(*item, stage) for item in known]
            last_ns = frames[-1].stamp_ns
        return frames + [self._perform(last_ns + k * FRAME_NS, -1, resting_row(), stage)
                         for k in range(1, CLOSING_FRAMES + 1)]

    def interrupt(self, num_samples: int = 0) -> None:
        """Forget the articulation that waits: the lips close, until there is sound again.

        Args:
            num_samples: Of the stream's first samples, so many are not performed any more.
        """
        self._cut_index = -(-num_samples // FRAME_SAMPLES)
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
        frames = []
        if before_ns > horizon_ns and self._last_ns < now_ns - FRAME_NS:
            self._last_ns = horizon_ns - FRAME_NS  # the time that was waited is over
        while self._last_ns + FRAME_NS <= min(horizon_ns, before_ns - FRAME_NS // 2):
            self._last_ns, self._is_at_rest = self._last_ns + FRAME_NS, True
            frames.append(self._perform(self._last_ns, -1, resting_row(), self.stage))
        return frames

    def _perform(self, stamp_ns: int, index: int, row: Row, stage: FaceStage) -> TimedFace:
        if self.is_muted:
            row = resting_row()
        elif index >= 0:
            row = self.overlay(index, row)
        shapes = stage.push(ArticulationChunk(0, row[None]))
        return TimedFace(stamp_ns, shapes.values[0].astype(np.float32), row[VISEME_COLUMNS])
