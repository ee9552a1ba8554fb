"""Microphone: blocks of samples from an audio device in a bounded queue, filled by its thread; losses are counted."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import InputError, MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE

MAX_WAITING_BLOCKS = 200


def list_devices() -> list[str]:
    """Return one line for each audio device that can record: its index, name, channels and default sample rate.

    Raises:
        MissingDependencyError: If sounddevice or PortAudio is not installed.
    """
    return [
        f"{index}: {device['name']} ({device['max_input_channels']} channels, {device['default_samplerate']:g} Hz)"
        for index, device in enumerate(_sounddevice().query_devices()) if device["max_input_channels"] > 0
    ]


class Microphone:
    """Context manager that records; iterating it gives the blocks.

    Example:
        with Microphone() as microphone:
            stage = AudioStage(microphone.format)
            for block in microphone:
                chunk = stage.push(block)

    Attributes:
        format: Format of the blocks: float32 at the chosen rate and channels.
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
        self._device = device
        self._block = round(block_s * sample_rate)
        self._queue: queue.Queue[npt.NDArray[np.float32]] = queue.Queue(MAX_WAITING_BLOCKS)
        self._stream: Any = None

    def __enter__(self) -> Microphone:
        sounddevice = _sounddevice()
        try:
            self._stream = sounddevice.InputStream(
                samplerate=self.format.sample_rate, blocksize=self._block, device=self._device,
                channels=self.format.channels, dtype="float32", callback=self._receive,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise InputError("microphone", self._device, "a device that records",
                             f"Devices that record: {list_devices() or 'none'}. ({error})") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stream.close()
        self._stream = None

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        """Iterate over blocks (T, C) as they are recorded, until the context is left or the device is unplugged."""
        while self._stream is not None:
            try:
                yield self._queue.get(timeout=1.0)
            except queue.Empty:
                if self._stream is not None and not self._stream.active:
                    return

    def _receive(self, data: npt.NDArray[np.float32], _frames: int, _time: object, status: Any) -> None:
        """Copy and enqueue a block; called in PortAudio's thread."""
        if status.input_overflow:
            self.overflows += 1
        try:
            self._queue.put_nowait(data.copy())
        except queue.Full:
            self.overflows += 1


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise MissingDependencyError("sounddevice", "The microphone", "Run: pip install sounddevice") from error
    except OSError as error:  # the package is installed, PortAudio is missing
        raise MissingDependencyError("PortAudio", "The microphone", "Run: sudo apt install libportaudio2") from error
    return sounddevice
