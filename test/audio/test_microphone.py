"""Microphone with a fake PortAudio whose callback is called by the test."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from speech_gesture_ros.audio.microphone import MAX_WAITING_BLOCKS, Microphone, list_devices
from speech_gesture_ros.core.errors import InputError, MissingDependencyError


class FakeSounddevice:
    """The part of the module sounddevice that the microphone uses."""

    PortAudioError = OSError

    def __init__(self) -> None:
        self.streams: list[Any] = []

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "speakers", "max_input_channels": 0, "default_samplerate": 44100.0},
                {"name": "headset", "max_input_channels": 1, "default_samplerate": 16000.0}]

    def InputStream(self, **options: Any) -> Any:
        if options["device"] == "broken":
            raise ValueError("no such device")
        stream = SimpleNamespace(options=options, active=True, start=lambda: None, close=lambda: None)
        self.streams.append(stream)
        return stream


@pytest.fixture
def device_module(monkeypatch: pytest.MonkeyPatch) -> FakeSounddevice:
    fake = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def record(device_module: FakeSounddevice, value: float, overflow: bool = False) -> None:
    callback = device_module.streams[-1].options["callback"]
    callback(np.full((320, 1), value, dtype=np.float32), 320, None, SimpleNamespace(input_overflow=overflow))


def test_blocks_come_in_the_order_they_were_recorded(device_module: FakeSounddevice) -> None:
    with Microphone() as microphone:
        for value in (0.1, 0.2, 0.3):
            record(device_module, value)
        blocks = [block for _, block in zip(range(3), microphone, strict=False)]
    assert [float(b[0, 0]) for b in blocks] == pytest.approx([0.1, 0.2, 0.3])
    assert device_module.streams[0].options["blocksize"] == 320


def test_losses_are_counted_wherever_they_happen(device_module: FakeSounddevice) -> None:
    with Microphone() as microphone:
        record(device_module, 0.0, overflow=True)
        for _ in range(MAX_WAITING_BLOCKS + 4):
            record(device_module, 0.0)
        assert microphone.overflows == 1 + 5


def test_devices_that_record_are_listed(device_module: FakeSounddevice) -> None:
    assert list_devices() == ["1: headset (1 channels, 16000 Hz)"]


def test_an_unknown_device_is_refused_with_the_list(device_module: FakeSounddevice) -> None:
    with pytest.raises(InputError, match=r"microphone is 'broken'.*1: headset"), Microphone("broken"):
        pass


def test_a_block_length_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"length of a microphone block is 5\.0, must be 0\.001 to 1 s"):
        Microphone(block_s=5.0)


def test_missing_sounddevice_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingDependencyError, match="pip install sounddevice"):
        list_devices()
