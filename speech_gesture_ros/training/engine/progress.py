"""Progress bars, and jobs in several processes with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.worker_pool import worker_pool

Job = TypeVar("Job")


def progress_bar(*arguments: Any, **options: Any) -> Any:
    """Return a tqdm bar with these arguments.

    Raises:
        MissingDependencyError: If tqdm is not installed.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", "training", "pip install '.[train]'") from error
    return tqdm(*arguments, **options)


def run_jobs(function: Callable[[Job], None], jobs: Sequence[Job], workers: int, *, label: str, unit: str) -> None:
    """Call a function for each job, in several processes and with a progress bar; no process starts without a job."""
    if jobs:
        with worker_pool(workers) as pool:
            for _ in progress_bar(pool.map(function, jobs), total=len(jobs), desc=label, unit=unit):
                pass
