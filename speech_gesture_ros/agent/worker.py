"""Worker thread that owns the model: callbacks submit tasks and return, everything else happens on the worker.

    executor thread                         worker thread
    callback ── submit(task) ──► queue ──► task(); tick()
    service  ── call(task), waits ───────► task(), answer
                                 nothing for `period_s` ──► tick()

PyTorch needs one thread for the lifetime of a model, and an executor needs callbacks that return at once. Tasks that do
not fit into the queue are counted. An error in a task stops the worker and is kept in `failure`: the node checks it and
deactivates; the last window that was published ends at rest.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Worker:
    """A thread with a bounded queue and a tick.

    Args:
        tick: Called after every task and whenever `period_s` passed without one; at first after `begin_ticking`.
        period_s: Longest time between two ticks [s].
        capacity: Largest number of waiting tasks.

    Attributes:
        overflows: Number of tasks refused because the queue was full.
        failure: Error that stopped the worker; None while it runs.
    """

    def __init__(self, tick: Callable[[], None], period_s: float = 0.02, capacity: int = 500) -> None:
        self._tick = tick
        self._period_s = period_s
        self._tasks: queue.Queue[Callable[[], None]] = queue.Queue(capacity)
        self._is_ending = threading.Event()
        self._is_ticking = False
        self._ticked_s = time.monotonic()
        self.overflows = 0
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[], None]) -> bool:
        """Queue a task and return at once; returns False, and counts it, if the queue is full."""
        try:
            self._tasks.put_nowait(task)
        except queue.Full:
            self.overflows += 1
            if self.overflows == 1:
                log.error("the queue of the model is full: new messages are dropped and counted until there is room")
            return False
        return True

    def call(self, task: Callable[[], T], timeout_s: float = 120.0) -> T:
        """Run a task on the worker and wait for its result.

        Raises:
            Exception: Any error of the task; it does not stop the worker.
            RuntimeError: If the worker is stopped.
        """
        if not self._thread.is_alive():
            raise RuntimeError("the model's thread has stopped") from self.failure
        answer: Future[T] = Future()

        def answered() -> None:
            try:
                answer.set_result(task())
            except Exception as error:
                answer.set_exception(error)

        self._tasks.put(answered, timeout=timeout_s)
        return answer.result(timeout=timeout_s)

    def begin_ticking(self) -> None:
        """Begin to call `tick`."""
        self._ticked_s = time.monotonic()
        self._is_ticking = True

    @property
    def tick_age_s(self) -> float:
        """Time since the last tick ended [s]; 0 before the first."""
        return time.monotonic() - self._ticked_s if self._is_ticking else 0.0

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the thread, for a time at most [s]."""
        self._thread.join(timeout_s)

    def stop(self, timeout_s: float = 20.0) -> None:
        """End the thread and drop waiting tasks; a busy machine may need seconds to end the present one."""
        self._is_ending.set()
        self.submit(lambda: None)  # wakes it
        if self._thread is not threading.current_thread():
            self.join(timeout_s)

    def _run(self) -> None:
        next_ns = time.monotonic_ns()
        while not self._is_ending.is_set():
            wait_s = max(0.0, (next_ns - time.monotonic_ns()) * 1e-9)
            try:
                self._one_round(wait_s)
            except Exception as error:
                self.failure = error
                log.exception("the model's thread stops; the robot brakes to rest on its last window")
                return
            next_ns = time.monotonic_ns() + int(self._period_s * 1e9)

    def _one_round(self, wait_s: float) -> None:
        try:
            task = self._tasks.get(timeout=wait_s) if wait_s > 0.0 else self._tasks.get_nowait()
        except queue.Empty:
            pass
        else:
            task()
        if self._is_ticking:
            self._tick()
            self._ticked_s = time.monotonic()
