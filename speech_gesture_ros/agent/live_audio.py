"""Live audio: messages at any pace become one stream at the pace of the ROS clock.

    push ──► decode ──► backlog ──(as time passes)──► take ──► the pipeline

A source slower than real time leaves a gap: after `audio_timeout_s` it is filled with silence, and counted. Audio lost
in shorter gaps is replaced by silence, too, after a second in which it has not come; otherwise the stream would stay
late. A source faster than real time (a synthesiser that sends a whole sentence) waits in the backlog and is taken at
the pace of the clock, or `ahead_s` before. So the stream continues while there is speech, and no speech is left out.
Messages that come late after a stall make the stream late, until the next pause (`stall_recovery`). When no audio has
come for `idle_timeout_s`, the stream ends; the next message begins a new one, and with a whole frame.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.log_limit import LogLimit
from speech_gesture_ros.agent.stall_recovery import StallRecovery
from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS, StreamClock

log = logging.getLogger(__name__)

Samples = npt.NDArray[np.floating]

MAX_HOP_SAMPLES = SAMPLE_RATE // 20  # taken at once: 50 ms
MAX_AHEAD_SAMPLES = SAMPLE_RATE // 20  # taken ahead of their time, so that jitter delays nothing: 50 ms
MAX_LIVE_MESSAGE_S = 0.5  # a longer message was not recorded live: it is performed from its arrival on
MAX_DRIFT_S = 0.1  # a larger offset from the clock is a burst or a gap, not drift
LOSS_S = 0.06  # a stream that was behind by more than this for all of `LOSS_PERIOD_S` has lost audio
LOSS_PERIOD_S = 1.0


@dataclass
class _Backlog:
    """Samples that are not due yet, oldest first."""

    parts: deque[Samples] = field(default_factory=deque)
    length: int = 0

    def append(self, samples: Samples) -> None:
        self.parts.append(samples)
        self.length += len(samples)

    def take(self, count: int) -> Samples:
        taken = []
        self.length -= count
        while count > 0:
            first = self.parts.popleft()
            taken.append(first[:count])
            if len(first) > count:
                self.parts.appendleft(first[count:])
            count -= len(taken[-1])
        return np.concatenate([_silence(0), *taken])


class LiveAudio:
    """Messages in, due samples out.

    Attributes:
        clock: Ties the stream's samples to the ROS clock; anchored while a stream runs.
        message_s: Longest live message of this stream [s].
        message_begin_ns: ROS time at which the newest message began; it has to be played the latency later [ns].
        ahead_s: How far ahead of its time audio is taken where it is known [s].
        lead_in_s: Silence before a stream that begins with a message that was not recorded live [s]: time for the
            preparation of the first stroke.
    """

    def __init__(self, config: AgentConfig) -> None:
        self._config = config
        self._stage: AudioStage | None = None
        self._format: PcmFormat | None = None
        self._totals = {"gaps": 0, "padded_samples": 0, "refused_samples": 0, "pause_samples": 0}
        self._loss_lines = LogLimit()
        self.clock = StreamClock(SAMPLE_RATE)
        self.ahead_s = self.lead_in_s = 0.0
        self.message_begin_ns = 0
        self.reset()

    def reset(self) -> None:
        """Forget the stream and the format, but not the counts."""
        self._stage, self._format = None, None
        self._backlog = _Backlog()
        self._end()

    def drop_backlog(self) -> None:
        """Forget the backlog; silence follows until the next message."""
        self._backlog = _Backlog()
        self._in_gap = self.is_running

    def _end(self) -> None:
        self.clock.reset()
        self.message_s = 0.0
        self._taken = 0  # samples taken since the stream began
        self._last_ns = 0
        self._in_gap = False
        self._stalls = StallRecovery()
        self._period_ns, self._min_behind_ns = 0, 0  # its beginning, and the least that the stream was behind in it

    @property
    def is_running(self) -> bool:
        """True while there is a stream."""
        return self.clock.is_anchored

    @property
    def message_begin_s(self) -> float:
        """Place of the newest message in the stream, which runs [s]."""
        return (self.message_begin_ns - self.clock.to_ns(0, SAMPLE_RATE)) / NS

    @property
    def num_taken(self) -> int:
        """Number of samples taken since the stream began."""
        return self._taken

    @property
    def _longest_ahead(self) -> int:
        return MAX_AHEAD_SAMPLES + round(self.ahead_s * SAMPLE_RATE)

    @property
    def latency_s(self) -> float:
        """Delay of the resampler [s]."""
        return self._stage.latency_s if self._stage else 0.0

    def samples_ahead(self, now_ns: int) -> int:
        """Return the number of samples that will have been taken ahead of their time when `take` returns none.

        0 for live audio, of which no more than the usual 50 ms is ahead.
        """
        if not self.is_running:
            return 0
        known = self._taken + self._backlog.length - self.clock.to_index(now_ns, SAMPLE_RATE)
        return min(known, self._longest_ahead) if known > MAX_AHEAD_SAMPLES else 0

    def push(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, now_ns: int) -> None:
        """Take one message.

        Raises:
            InputError: If the data does not agree with the format (compressed audio, impossible shapes).
        """
        samples = self._decode(data, fmt)
        self.keep_alive(now_ns)
        if self._backlog.length + len(samples) > self._config.max_backlog_s * SAMPLE_RATE:
            self._totals["refused_samples"] += len(samples)
            log.error("audio refused: %.1f s wait already (max_backlog_s=%g); send slower",
                      self._backlog.length / SAMPLE_RATE, self._config.max_backlog_s)
            return
        self._in_gap = False
        if self._stalls.leaves_out(samples):
            self._totals["pause_samples"] += len(samples)
            self.message_begin_ns = now_ns
            return
        self._keep_time(len(samples), now_ns)
        self.message_begin_ns = self.clock.to_ns(self._taken + self._backlog.length, SAMPLE_RATE)
        self._backlog.append(samples)

    def keep_alive(self, now_ns: int) -> None:
        """Keep the stream from ending: at a time [ns] it had a message, taken late or left out."""
        self._last_ns = max(self._last_ns, now_ns)

    def take(self, now_ns: int) -> AudioChunk:
        """Return the next samples that are due or known ahead, at most 50 ms; call until it returns none.

        Audio that stays missing is replaced by silence. A stream without audio for `idle_timeout_s` ends: see
        `is_running`.
        """
        if not self.is_running:
            return AudioChunk(0, _silence(0))
        present = self.clock.to_index(now_ns, SAMPLE_RATE)
        if self._backlog.length:
            due = max(0, present + self._longest_ahead - self._taken)
            return self._chunk(self._backlog.take(min(due, self._backlog.length, MAX_HOP_SAMPLES)))
        missing = present - self._taken
        if not self._in_gap and missing < self._config.audio_timeout_s * SAMPLE_RATE:
            return self._chunk(_silence(0))
        if now_ns - self._last_ns > self._config.idle_timeout_s * NS:
            log.info("no audio for %.1f s: the stream ends", self._config.idle_timeout_s)
            self._end()
            return AudioChunk(0, _silence(0))
        if not self._in_gap:
            self._in_gap = True
            self._totals["gaps"] += 1
            log.debug("no audio for %.2f s: silence instead", missing / SAMPLE_RATE)  # so ends every utterance
        silence = _silence(min(max(0, missing), MAX_HOP_SAMPLES))
        self._totals["padded_samples"] += len(silence)
        self._stalls.pad(len(silence))
        return self._chunk(silence)

    def report(self) -> dict[str, object]:
        """Return the counts since the start, and the backlog, in seconds."""
        stage = vars(self._stage.report) if self._stage else {}
        return {
            **stage,
            "gaps": self._totals["gaps"],
            "padded_s": self._totals["padded_samples"] / SAMPLE_RATE,
            "refused_s": self._totals["refused_samples"] / SAMPLE_RATE,
            "backlog_s": self._backlog.length / SAMPLE_RATE,
            "late_s": self._stalls.lag / SAMPLE_RATE,
            "shortened_pauses_s": self._totals["pause_samples"] / SAMPLE_RATE,
        }

    def _chunk(self, samples: Samples) -> AudioChunk:
        chunk = AudioChunk(self._taken, samples)
        self._taken += len(samples)
        return chunk

    def _decode(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat) -> Samples:
        if self._stage is None or self._format is None:
            self._stage, self._format = AudioStage(fmt), fmt
        elif not self.is_running:
            self._stage.drop_incomplete_frame()
        tail = _silence(0)
        if fmt != self._format:
            tail, self._format = self._stage.set_format(fmt).values, fmt
        return np.concatenate([tail, self._stage.push(data).values])

    def _keep_time(self, count: int, now_ns: int) -> None:
        """Anchor a new stream at its first message; correct a running one for the drift of the sound card."""
        is_live = count <= MAX_LIVE_MESSAGE_S * SAMPLE_RATE
        if not is_live:
            self._backlog.append(_silence(self._missing_before(now_ns)))
        stop_index = self._taken + self._backlog.length + (count if is_live else 0)
        if is_live:
            self.message_s = max(self.message_s, count / SAMPLE_RATE)
        offset_ns = now_ns - self.clock.to_ns(stop_index, SAMPLE_RATE) if self.is_running else 0
        if abs(offset_ns) < MAX_DRIFT_S * NS:
            self.clock.observe(stop_index, now_ns)
        if is_live:
            self._stalls.observe(-offset_ns, now_ns)
            self._catch_up(offset_ns, now_ns)

    def _missing_before(self, now_ns: int) -> int:
        """Return the number of samples between the stream and a message that is performed from its arrival on."""
        if not self.is_running:
            return round(self.lead_in_s * SAMPLE_RATE)
        return max(0, self.clock.to_index(now_ns, SAMPLE_RATE) - self._taken - self._backlog.length)

    def _catch_up(self, behind_ns: int, now_ns: int) -> None:
        """Replace lost messages by silence; messages that are only late come in a burst, and are not lost."""
        self._min_behind_ns = min(self._min_behind_ns, behind_ns)
        if now_ns - self._period_ns < LOSS_PERIOD_S * NS:
            return
        if self._period_ns and self._min_behind_ns > LOSS_S * NS:
            lost = _silence(self._min_behind_ns * SAMPLE_RATE // NS)
            self._backlog.append(lost)
            self._totals["gaps"] += 1
            self._totals["padded_samples"] += len(lost)
            if self._loss_lines.allows(now_ns):
                text = f"{len(lost) / SAMPLE_RATE:.2f} s of audio were lost: silence instead"
                log.warning("%s", self._loss_lines.with_count(text))
            behind_ns -= self._min_behind_ns
        self._period_ns, self._min_behind_ns = now_ns, behind_ns


def _silence(count: int) -> Samples:
    return np.zeros(count, dtype=np.float32)
