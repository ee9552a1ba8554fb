"""A device is chosen by running a kernel on it."""

from __future__ import annotations

import pytest
import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks import device
from speech_gesture_ros.networks.device import pick_device


def test_the_cpu_can_be_chosen() -> None:
    assert pick_device("cpu") == (torch.device("cpu"), "chosen")


def test_auto_falls_back_to_the_cpu_and_gives_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_try_kernel", lambda name: f"a kernel failed on {name}: no image for this device")
    chosen, reason = pick_device("auto")
    assert chosen == torch.device("cpu")
    assert reason == "a kernel failed on cuda: no image for this device"


def test_a_chosen_device_that_does_not_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_try_kernel", lambda name: "torch finds no CUDA device")
    with pytest.raises(ConfigError, match=r"device is 'cuda:1', must be a device that runs kernels\. torch finds"):
        pick_device("cuda:1")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", ""])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="must be 'auto', 'cpu', 'cuda' or 'cuda:<n>'"):
        pick_device(name)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_auto_chooses_a_cuda_device_that_works() -> None:
    chosen, reason = pick_device("auto")
    assert chosen.type == "cuda"
    assert "a kernel ran on" in reason
