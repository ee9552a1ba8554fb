"""Facts that every model card states: the date and the machine of a run."""

from __future__ import annotations

import datetime
import os
import platform

import torch


def today() -> str:
    """Return the ISO date (UTC)."""
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def machine_description(accelerator: str = "auto") -> str:
    """Return cores, processor, GPU and versions of this machine; the GPU only if the accelerator may be one."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() and accelerator != "cpu" else "no GPU"
    return (f"{os.cpu_count()} cores, {platform.machine()}, {gpu}, torch {torch.__version__.partition('+')[0]}, "
            f"Python {platform.python_version()}")
