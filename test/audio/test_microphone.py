"""Microphone with a fake PortAudio whose callback is called by the test."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from speech_gesture_ros.audio.loudspeaker import play
from speech_gesture_ros.audio.microphone import MAX_WAITING_BLOCKS, Microphone, list_devices
from speech_gesture_ros.core.errors import InputError, MissingDependencyError


class FakeSounddevice:
    """The part of the module sounddevice that is used, with one card.

    Args:
        rates: Sample rates that the card supports; None for all.
        channels: Numbers of channels that it records.
    """

    PortAudioError = OSError

    def __init__(self, rates: tuple[int, ...] | None = None, channels: tuple[int, ...] = (1, 2)) -> None:
        self.rates, self.channels = rates, channels
        self.streams: list[Any] = []
        self.played: list[tuple[np.ndarray, int]] = []

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "speakers", "max_input_channels": 0, "default_samplerate": 44100.0},
                {"name": "headset", "max_input_channels": 1, "default_samplerate": 16000.0}]

    def InputStream(self, **options: Any) -> Any:
        if options["device"] == "broken":
            raise ValueError("no such device")
        self.refuse_rate(options["samplerate"])
        if options["channels"] not in self.channels:
            raise OSError("Invalid number of channels", -9998)
        stream = SimpleNamespace(options=options, active=True, start=lambda: None, close=lambda: None)
        self.streams.append(stream)
        return stream


    def play(self, samples: np.ndarray, samplerate: int) -> None:
        self.refuse_rate(samplerate)
        self.played.append((samples, samplerate))

    def refuse_rate(self, rate: int) -> None:
        if self.rates is not None and rate not in self.rates:
            raise OSError("Invalid sample rate", -9997)


def use(monkeypatch: pytest.MonkeyPatch, fake: FakeSounddevice) -> FakeSounddevice:
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


@pytest.fixture
def device_module(monkeypatch: pytest.MonkeyPatch) -> FakeSounddevice:
    return use(monkeypatch, FakeSounddevice())


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


@pytest.mark.parametrize(("card_rates", "device_rate"), [((44100, 48000), 48000), ((44100,), 44100), ((96000,), 96000)])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_card_that_does_not_know_16_khz_is_resampled(monkeypatch: pytest.MonkeyPatch, card_rates: tuple[int, ...],
                                                       device_rate: int, channels: int) -> None:
    fake = use(monkeypatch, FakeSounddevice(card_rates))
    tone = np.sin(2 * np.pi * 440 * np.arange(device_rate) / device_rate).astype(np.float32)
    with Microphone(channels=channels, block_s=0.02) as microphone:
        assert (microphone.device_rate, microphone.format.sample_rate) == (device_rate, 16000)
        assert fake.streams[0].options["blocksize"] == round(0.02 * device_rate)
        callback = fake.streams[0].options["callback"]
        for block in np.array_split(np.repeat(tone[:, None], channels, axis=1), 50):
            callback(block, len(block), None, SimpleNamespace(input_overflow=False))
        blocks = [block for _, block in zip(range(50), microphone, strict=False)]
    recorded = np.concatenate(blocks)
    assert recorded.shape[1] == channels
    assert len(recorded) == pytest.approx(16000, abs=64)
    expected = np.sin(2 * np.pi * 440 * np.arange(len(recorded)) / 16000)
    np.testing.assert_allclose(recorded[200:], np.repeat(expected[200:, None], channels, axis=1), atol=1e-3)


def test_a_card_that_records_two_channels_only_is_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = use(monkeypatch, FakeSounddevice(channels=(2,)))
    with Microphone() as microphone:
        fake.streams[0].options["callback"](np.array([[0.5, 0.1]] * 320, np.float32), 320, None,
                                            SimpleNamespace(input_overflow=False))
        block = next(iter(microphone))
    np.testing.assert_allclose(block, np.full((320, 1), 0.3), atol=1e-6)


def test_a_card_that_supports_nothing_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FakeSounddevice(rates=()))
    with pytest.raises(InputError, match=r"must be a device that records.*Invalid sample rate"), Microphone():
        pass


@pytest.mark.parametrize("card_rates", [(44100, 48000), (44100,), (16000,)])
def test_a_sound_is_played_at_a_rate_that_the_card_knows(monkeypatch: pytest.MonkeyPatch,
                                                         card_rates: tuple[int, ...]) -> None:
    fake = use(monkeypatch, FakeSounddevice(card_rates))
    play(np.zeros(16000, np.float32), 16000)
    [(samples, rate)] = fake.played
    assert rate in card_rates
    assert len(samples) == rate


def test_a_machine_without_a_loudspeaker_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FakeSounddevice(rates=()))
    with pytest.raises(InputError, match="loudspeaker is 'the default device', must be a device that plays"):
        play(np.zeros(16, np.float32), 16000)


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
