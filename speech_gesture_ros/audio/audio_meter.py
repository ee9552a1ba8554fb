"""Measurement of a stream of audio messages: format, message length, rate against the clock, level, speech.

    message ─► AudioStage ─► VoiceActivityStage ─► counts ─► AudioSummary

Times of arrival are compared with the length of the audio: a source that is slower than real time loses messages.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
from speech_gesture_ros.core.timebase import NS

SILENT_DB = -60.0  # [dB full scale] level below which a microphone is off or muted
SLOWEST_SPEED, FASTEST_SPEED = 0.97, 1.03  # against the clock: beyond, audio is lost, or faster than real time
SPEED_S = 1.0  # shortest time in which the speed is measured


@dataclass(frozen=True)
class AudioSummary:
    """Counts of the messages since the start.

    Attributes:
        format: Format of the newest message.
        formats: Number of different formats.
        messages: Number of messages with audio.
        message_s: Most frequent length of a message [s].
        audio_s: Length of all audio [s].
        speed: Length of the audio over the time in which it arrived; NaN in less than a second.
        level_db: Root mean square of the mono sound [dB full scale]; -inf if all is zero.
        clipped: Share of the samples beyond full scale.
        speech: Share of the time that is speech.
    """

    format: PcmFormat
    formats: int
    messages: int
    message_s: float
    audio_s: float
    speed: float
    level_db: float
    clipped: float
    speech: float

    def __str__(self) -> str:
        """Return all of it in one line."""
        f = self.format
        speed = "" if np.isnan(self.speed) else f", {self.speed:.2f} times real time"
        return (f"{f.sample_rate} Hz, {f.channels} channel(s), {f.encoding}; {self.messages} messages of "
                f"{1e3 * self.message_s:.3g} ms{speed}; level {self.level_db:.0f} dB full scale, "
                f"{100 * self.speech:.0f} % speech")

    @property
    def doubts(self) -> tuple[str, ...]:
        """Unusual properties, each with its remedy."""
        out = []
        if self.formats > 1:
            out.append(f"{self.formats} formats in one stream: stop all publishers but one")
        if self.level_db < SILENT_DB:
            out.append("the sound is silent: check the microphone and its volume")
        if self.speed < SLOWEST_SPEED:
            out.append(f"audio arrives at {self.speed:.2f} times real time: messages are lost, or the rate is "
                       "stated too high")
        if self.speed > FASTEST_SPEED:
            out.append(f"audio arrives at {self.speed:.2f} times real time: faster than it is played, or the rate is "
                       "stated too low")
        if self.clipped > 1e-3:
            out.append(f"{100 * self.clipped:.1f} % of the samples are beyond full scale: lower the volume")
        return tuple(out)


class AudioMeter:
    """Messages of a stream to an `AudioSummary`."""

    def __init__(self) -> None:
        self._stage: AudioStage | None = None
        self._activity = VoiceActivityStage()
        self._formats: set[PcmFormat] = set()
        self._lengths: Counter[float] = Counter()
        self._messages = self._speech_frames = self._frames = self._samples = 0
        self._energy = self._audio_s = self._first_s = 0.0
        self._first_ns = self._latest_ns = 0

    def push(self, data: bytes | npt.NDArray[np.generic], fmt: PcmFormat, arrival_ns: int) -> None:
        """Add a message.

        Args:
            data: Samples, as for `AudioStage.push`.
            fmt: Their format.
            arrival_ns: Time of arrival, of any clock [ns].

        Raises:
            InputError: If the data is compressed or does not fit the format.
        """
        if self._stage is None:
            self._stage = AudioStage(fmt)
        before = self._stage.report.frames_in
        chunks = [self._stage.set_format(fmt), self._stage.push(data)]
        length_s = (self._stage.report.frames_in - before) / self._stage.decoded.sample_rate
        if not self._messages:
            self._first_ns, self._first_s = arrival_ns, length_s
        self._messages += 1
        self._latest_ns = arrival_ns
        self._formats.add(self._stage.decoded)
        self._lengths[length_s] += 1
        self._audio_s += length_s
        for chunk in chunks:
            self._energy += float(np.sum(np.square(chunk.values, dtype=np.float64)))
            self._samples += len(chunk.values)
            frames = self._activity.push(chunk).values
            self._frames += len(frames)
            self._speech_frames += int(np.sum(frames > 0.5))

    @property
    def summary(self) -> AudioSummary | None:
        """Summary of all messages; None before the first."""
        if self._stage is None or not self._messages:
            return None
        time_s = (self._latest_ns - self._first_ns) / NS
        report = self._stage.report
        with np.errstate(divide="ignore"):
            level_db = float(10 * np.log10(self._energy / max(1, self._samples)))
        return AudioSummary(
            format=self._stage.decoded, formats=len(self._formats), messages=self._messages,
            message_s=self._lengths.most_common(1)[0][0], audio_s=self._audio_s,
            speed=(self._audio_s - self._first_s) / time_s if time_s >= SPEED_S else np.nan, level_db=level_db,
            clipped=report.clipped_samples / max(1, report.frames_in * self._stage.decoded.channels),
            speech=self._speech_frames / max(1, self._frames),
        )
