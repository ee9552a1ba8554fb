"""A pool of processes gives results, and an interrupt ends its processes at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from speech_gesture_ros.core.worker_pool import worker_pool

LONG_S = 600.0


def work(path: Path) -> None:
    path.write_text(str(os.getpid()))
    time.sleep(LONG_S)


def ignores_interrupts(_: int) -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_results_arrive_and_workers_leave_interrupts_to_the_command() -> None:
    with worker_pool(2) as pool:
        assert list(pool.map(ignores_interrupts, range(4))) == [True] * 4
    assert not multiprocessing.active_children()


def test_an_interrupt_ends_the_processes_without_waiting_for_their_work(tmp_path: Path) -> None:
    begin_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt), worker_pool(1) as pool:  # noqa: PT012
        pool.submit(work, tmp_path / "begun")
        while not (tmp_path / "begun").exists() and time.monotonic() < begin_s + 60.0:
            pass
        raise KeyboardInterrupt
    for process in multiprocessing.active_children():
        process.join(60.0)
    assert not multiprocessing.active_children()
    assert time.monotonic() - begin_s < LONG_S / 2
