"""Compute time of each stage: medians and 99th percentiles of the latest durations."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable

import numpy as np

KEPT_DURATIONS = 4096  # of each stage: three minutes of 50 ms hops


class Telemetry:
    """Compute times by name.

    Args:
        clock: Monotonic time [s].
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._durations: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT_DURATIONS))

    def measure(self, name: str) -> _Measurement:
        """Return a context manager that measures its block under a stage's name."""
        return _Measurement(self._clock, self._durations[name])

    def latest_s(self, name: str) -> float:
        """Return the newest duration under a name [s]; 0 if there is none."""
        durations = self._durations.get(name)
        return durations[-1] if durations else 0.0

    def reset(self) -> None:
        """Forget all durations."""
        self._durations.clear()

    def summary_ms(self) -> dict[str, dict[str, float]]:
        """Return ``{"median": ..., "p99": ..., "count": ...}`` for each name, times in milliseconds."""
        return {
            name: {
                "median": float(np.median(values) * 1e3),
                "p99": float(np.percentile(values, 99) * 1e3),
                "count": float(len(values)),
            }
            for name, values in self._durations.items()
            if values
        }


class _Measurement:
    """Measured block; a class, because a generator would cost as much as some of the blocks."""

    __slots__ = ("_clock", "_durations", "_start")

    def __init__(self, clock: Callable[[], float], durations: deque[float]) -> None:
        self._clock, self._durations = clock, durations

    def __enter__(self) -> None:
        self._start = self._clock()

    def __exit__(self, *_: object) -> None:
        self._durations.append(self._clock() - self._start)
