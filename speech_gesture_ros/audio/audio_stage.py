"""AudioStage: audio of any format to 16 kHz mono; every loss and repair is counted.

    bytes ─► PcmDecoder, Mp3Decoder ─► non-finite → 0, beyond ±1 → ±1 ─► Mixdown ─► Resampler ─► AudioChunk

A gap that the caller has detected is filled by `pad`, so that stream time stays true time. A change of format ends one
resampler and begins the next; the sample index continues.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.mixdown import Mixdown
from speech_gesture_ros.audio.mp3_decoder import MP3, Mp3Decoder
from speech_gesture_ros.audio.pcm import PcmDecoder, PcmFormat
from speech_gesture_ros.audio.resampler import Resampler
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.errors import InputError

MAX_PAD_S = 60.0


@dataclass(frozen=True)
class AudioReport:
    """Counts of the input since the last reset.

    Attributes:
        frames_in: Input frames decoded (a frame has one sample of each channel).
        gaps: Calls of `pad`.
        padded_s: Silence inserted for them [s].
        non_finite_samples: NaN and infinite samples, replaced by 0.
        clipped_samples: Samples beyond ±1, replaced by ±1.
        format_changes: Changes of rate, channels or encoding.
        broken_frames: Frames of mp3 that could not be decoded.
        split_frames: Pushes that ended inside a frame, the rest of which came with the next one.
        cancelled_s: Time in which the mean of the channels cancelled, so that the loudest one was used [s].
    """

    frames_in: int = 0
    gaps: int = 0
    padded_s: float = 0.0
    non_finite_samples: int = 0
    clipped_samples: int = 0
    format_changes: int = 0
    broken_frames: int = 0
    split_frames: int = 0
    cancelled_s: float = 0.0


@dataclass
class _State:
    decoder: PcmDecoder | Mp3Decoder
    mixdown: Mixdown
    resampler: Resampler
    decoded: PcmFormat  # rate and channels that the decoder returns
    next_index: int = 0
    report: AudioReport = field(default_factory=AudioReport)


class AudioStage:
    """Interleaved audio of one format to AudioChunk (N,) at 16 kHz.

    Attributes:
        format: The format that `push` expects.
    """

    def __init__(self, fmt: PcmFormat) -> None:
        self.format = fmt
        self.reset()

    @property
    def latency_s(self) -> float:
        """Delay of the resampler at the present rate [s]; 0 at 16 kHz."""
        return self._state.resampler.latency_s

    @property
    def decoded(self) -> PcmFormat:
        """Format with the rate and the channels that were found: of mp3 those that the stream states."""
        return self._state.decoded

    @property
    def report(self) -> AudioReport:
        """Counts of the input since the last reset."""
        return self._state.report

    def reset(self) -> None:
        """Return to the state of a new stage; the format stays."""
        self._state = _State(*_converters(self.format))

    def push(self, data: bytes | bytearray | memoryview | npt.NDArray[np.generic]) -> AudioChunk:
        """Feed the next bytes or samples of the stream, cut anywhere; return the 16 kHz samples that they complete.

        Raises:
            InputError: If the data is compressed and cannot be decoded, or an array that does not fit the format.
        """
        decoder = self._state.decoder
        if isinstance(decoder, PcmDecoder) and decoder.begins_as_mp3(data):
            decoder = self._state.decoder = Mp3Decoder()
        if isinstance(decoder, Mp3Decoder):
            return self._emit(self._decoded_mp3(decoder, bytes(data)))
        frames = decoder.push(data)
        self._count(split_frames=int(decoder.is_inside_frame))
        return self._emit(self._resampled(frames))

    def _decoded_mp3(self, decoder: Mp3Decoder, data: bytes) -> npt.NDArray[np.floating]:
        """Return the samples (N,) at 16 kHz of some bytes; the stream states its rate and channels."""
        state, broken_before = self._state, decoder.broken_frames
        parts: list[npt.NDArray[np.floating]] = [np.empty(0)]
        for rate, frames in decoder.push(data):
            found = PcmFormat(rate, frames.shape[1], MP3)
            if found != state.decoded:
                parts.append(state.resampler.flush())
                state.decoded, state.mixdown, state.resampler = found, *_filters(found)
            parts.append(self._resampled(frames))
        self._count(broken_frames=decoder.broken_frames - broken_before)
        return np.concatenate(parts)

    def _resampled(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        """Return the samples (N,) at 16 kHz of decoded frames (T, C)."""
        state, frames = self._state, self._repair(frames)
        cancelled_before = state.mixdown.cancelled_frames
        mono = state.mixdown.push(frames)
        self._count(cancelled_s=(state.mixdown.cancelled_frames - cancelled_before) / state.decoded.sample_rate)
        return np.asarray(state.resampler.push(mono))

    def pad(self, seconds: float) -> AudioChunk:
        """Insert silence for lost input; an incomplete frame before the gap is dropped.

        Raises:
            InputError: If the duration is negative, not finite, or above `MAX_PAD_S`, after which a reset is required.
        """
        if not 0.0 <= seconds <= MAX_PAD_S:
            raise InputError("duration of an audio gap", seconds, f"from 0 to {MAX_PAD_S:g} s",
                             "After a longer gap reset the stage and begin a new stream.")
        rate = self._state.decoded.sample_rate
        count = round(seconds * rate)
        self._state.decoder.reset()
        self._count(gaps=1, padded_s=count / rate)
        return self._emit(self._state.resampler.push(np.zeros(count)))

    def drop_incomplete_frame(self) -> None:
        """Forget the beginning of a frame whose rest did not come: the next bytes begin with a frame."""
        self._state.decoder.reset()

    def set_format(self, fmt: PcmFormat) -> AudioChunk:
        """Change the format; return the last samples in the old one. The same format has no effect."""
        if fmt == self.format:
            return self._emit(np.empty(0, dtype=np.float32))
        tail = self.flush()
        self.format = fmt
        state = self._state
        state.decoder, state.mixdown, state.resampler, state.decoded = _converters(fmt)
        self._count(format_changes=1)
        return tail

    def flush(self) -> AudioChunk:
        """Return the samples still in the resampler, as if silence followed."""
        return self._emit(self._state.resampler.flush())

    def _repair(self, frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self._count(frames_in=len(frames))
        if np.abs(frames).max(initial=0.0) <= 1.0:  # false if any sample is NaN
            return frames
        finite = np.isfinite(frames)
        outside = np.abs(frames) > 1.0
        self._count(non_finite_samples=int(np.sum(~finite)), clipped_samples=int(np.sum(finite & outside)))
        return np.where(finite, np.clip(frames, -1.0, 1.0), np.float32(0.0))

    def _count(self, **more: float) -> None:
        report = self._state.report
        self._state.report = replace(report, **{name: getattr(report, name) + n for name, n in more.items()})

    def _emit(self, samples: npt.NDArray[np.float32]) -> AudioChunk:
        bounded = np.minimum(np.maximum(samples, -1.0), 1.0)  # a filter can overshoot
        chunk = AudioChunk(self._state.next_index, bounded)
        self._state.next_index = chunk.stop_index
        return chunk


def _converters(fmt: PcmFormat) -> tuple[PcmDecoder | Mp3Decoder, Mixdown, Resampler, PcmFormat]:
    return Mp3Decoder() if fmt.encoding == MP3 else PcmDecoder(fmt), *_filters(fmt), fmt


def _filters(fmt: PcmFormat) -> tuple[Mixdown, Resampler]:
    return Mixdown(fmt.sample_rate, fmt.channels), Resampler(fmt.sample_rate)
