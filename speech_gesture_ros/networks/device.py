"""Choice of the device: it is tested by running a kernel, because a driver can respond and still fail at a kernel."""

from __future__ import annotations

import torch

from speech_gesture_ros.core.errors import ConfigError


def pick_device(name: str = "auto") -> tuple[torch.device, str]:
    """Choose a device that works.

    Args:
        name: "auto" (CUDA if it works, else the CPU), "cpu", "cuda" or "cuda:<n>".

    Returns:
        The device, and the reason for the choice.

    Raises:
        ConfigError: If the name is none of these, or the named device does not work.
    """
    if name == "cpu":
        return torch.device("cpu"), "chosen"
    candidate = "cuda" if name == "auto" else name
    if candidate != "cuda" and not (candidate.startswith("cuda:") and candidate[5:].isdigit()):
        raise ConfigError("device", name, "'auto', 'cpu', 'cuda' or 'cuda:<n>'", "Check the spelling.")
    problem = _try_kernel(candidate)
    if problem is None:
        return torch.device(candidate), f"a kernel ran on {torch.cuda.get_device_name(candidate)}"
    if name != "auto":
        raise ConfigError("device", name, "a device that runs kernels", f"{problem}. Use device 'auto' or 'cpu'.")
    return torch.device("cpu"), problem


def _try_kernel(name: str) -> str | None:
    """Compute a small product on a device; return the problem, None if there is none."""
    if not torch.cuda.is_available():
        return "torch finds no CUDA device"
    try:
        ones = torch.ones(8, 8, device=name)
        right = float((ones @ ones).sum()) == 512.0
    except (RuntimeError, AssertionError) as error:
        return f"a kernel failed on {name}: {str(error).splitlines()[0]}"
    return None if right else f"a product computed on {name} is wrong"
