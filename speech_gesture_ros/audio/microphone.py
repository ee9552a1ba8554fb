"""Microphone: blocks of samples from an audio device in a bounded queue, filled by its thread; losses are counted.

A device that does not support the requested rate records at one that it supports, and the blocks are resampled.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.mixdown import Mixdown
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.audio.resampler import Resampler
from speech_gesture_ros.audio.sound_card import open_supported, sounddevice_module
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE

MAX_WAITING_BLOCKS = 200


def list_devices() -> list[str]:
    """Return one line for each audio device that can record: its index, name, channels and default sample rate.

    Raises:
        MissingDependencyError: If sounddevice or PortAudio is not installed.
    """
    return [
        f"{index}: {device['name']} ({device['max_input_channels']} channels, {device['default_samplerate']:g} Hz)"
        for index, device in enumerate(sounddevice_module().query_devices()) if device["max_input_channels"] > 0
    ]


class Microphone:
    """Context manager that records; iterating it gives the blocks.

    Example:
        with Microphone() as microphone:
            stage = AudioStage(microphone.format)
            for block in microphone:
                chunk = stage.push(block)

    Attributes:
        format: Format of the blocks: float32 at the requested rate and channels.
        device_rate: Sample rate at which the device records, once the context is entered [Hz].
        overflows: Losses of samples because the device's buffer or the queue was full.
    """

    def __init__(self, device: int | str | None = None, sample_rate: int = SAMPLE_RATE, channels: int = 1,
                 block_s: float = 0.02) -> None:
        """Choose a device, by index or part of its name; None is the default device of the system.

        Raises:
            InputError: If rate, channels or block length are out of range.
        """
        if not 0.001 <= block_s <= 1.0:
            raise InputError("length of a microphone block", block_s, "0.001 to 1 s", "0.02 s is usual.")
        self.format = PcmFormat(sample_rate, channels, "f32le")
        self.overflows = 0
        self.device_rate = sample_rate
        self._device = device
        self._block_s = block_s
        self._mixdown: Mixdown | None = None
        self._resamplers: list[Resampler] = []
        self._queue: queue.Queue[npt.NDArray[np.float32]] = queue.Queue(MAX_WAITING_BLOCKS)
        self._stream: Any = None

    def __enter__(self) -> Microphone:
        sounddevice = sounddevice_module()
        acceptable = (1, 2) if self.format.channels == 1 else (self.format.channels,)
        try:
            self._stream, self.device_rate, channels = open_supported(self.format.sample_rate, acceptable, self._start)
        except (sounddevice.PortAudioError, ValueError) as error:
            raise InputError("microphone", self._device, "a device that records",
                             f"Devices that record: {list_devices() or 'none'}. ({error})") from error
        self._mixdown = Mixdown(self.device_rate, channels) if channels != self.format.channels else None
        self._resamplers = [Resampler(self.device_rate, self.format.sample_rate) for _ in range(self.format.channels)]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        """Iterate over blocks (T, C) as they are recorded, until the context is left or the device is unplugged."""
        while (stream := self._stream) is not None:
            try:
                block = self._converted(self._queue.get(timeout=1.0))
            except queue.Empty:
                if not stream.active:
                    return
                continue
            if len(block):
                yield block

    def _start(self, sample_rate: int, channels: int) -> Any:
        stream = sounddevice_module().InputStream(
            samplerate=sample_rate, blocksize=round(self._block_s * sample_rate), device=self._device,
            channels=channels, dtype="float32", callback=self._receive,
        )
        try:
            stream.start()
        except Exception:
            stream.close()
            raise
        return stream

    def _converted(self, block: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if self._mixdown is not None:
            block = self._mixdown.push(block)[:, None].astype(np.float32)
        return np.stack([resampler.push(channel) for resampler, channel in zip(self._resamplers, block.T)], axis=1)

    def _receive(self, data: npt.NDArray[np.float32], _frames: int, _time: object, status: Any) -> None:
        """Copy and enqueue a block; called in PortAudio's thread."""
        if status.input_overflow:
            self.overflows += 1
        try:
            self._queue.put_nowait(data.copy())
        except queue.Full:
            self.overflows += 1
