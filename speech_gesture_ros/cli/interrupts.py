"""Signals that end a command: SIGINT (Ctrl-C), SIGTERM, and SIGHUP, from a terminal that closes.

    while libraries are imported, and when the result is there    the process ends at once, without a traceback
    while a command runs                                          `Interrupted`: files, locks and child processes are
                                                                  dealt with as after an error
    inside `held()`                                               the same, when the block ends

An exception that is raised in a callback or an import of a library may be lost there: it is raised again every
`REPEAT_S` until the command ends, or the code that deals with it calls `acknowledge`.

The exit status is 128 + the number of the signal, as shells report it. A signal that was ignored at the start (nohup,
or a job in the background) stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_STATUS = 128
REPEAT_S = 3.0


class Interrupted(KeyboardInterrupt):
    """A signal asks the command to end.

    Attributes:
        status: Exit status of the process.
    """

    def __init__(self, number: int) -> None:
        self.status = FIRST_STATUS + number
        super().__init__(signal.Signals(number).name)


class _Handler:
    """Raises `Interrupted` when a signal arrives, or at the end of `held()`."""

    def __init__(self) -> None:
        self.is_held, self.kept, self.arrived = False, 0, 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self.arrived = number
        if self.is_held:
            self.kept = number
        else:
            self.interrupt(number)

    def interrupt(self, number: int) -> None:
        """Raise `Interrupted` now, and again later if it is lost."""
        signal.signal(signal.SIGALRM, lambda _number, _frame: self(number, None))
        signal.setitimer(signal.ITIMER_REAL, REPEAT_S)
        raise Interrupted(number)


def exit_at_once() -> None:
    """End the process when one of `SIGNALS` arrives, from now on."""
    _install(lambda number, _frame: os._exit(FIRST_STATUS + number))


@contextmanager
def raised() -> Iterator[None]:
    """Raise `Interrupted` in the block when one of `SIGNALS` arrives; only for the main thread.

    Another error after a signal is a consequence of it, and becomes `Interrupted` as well.
    """
    handler = _Handler()
    before = _install(handler)
    try:
        yield
    except Interrupted:
        raise
    except Exception:
        if not handler.arrived:
            raise
    finally:
        acknowledge()
        for number, old in before.items():
            signal.signal(number, old)
    if handler.arrived:
        raise Interrupted(handler.arrived)


@contextmanager
def held() -> Iterator[Callable[[], bool]]:
    """Keep signals until the end of the block, for what must not be done by halves; yield whether one has arrived."""
    handlers = [handler for number in SIGNALS if isinstance(handler := signal.getsignal(number), _Handler)]
    if not handlers or handlers[0].is_held:
        yield lambda: False
        return
    handler = handlers[0]
    handler.is_held = True
    try:
        yield lambda: bool(handler.kept)
    finally:
        handler.is_held = False
    if handler.kept:
        number, handler.kept = handler.kept, 0
        handler.interrupt(number)


def acknowledge() -> None:
    """Do not raise `Interrupted` again for the signal that has arrived: its consequences take their time."""
    signal.setitimer(signal.ITIMER_REAL, 0.0)


def _install(handler: Any) -> dict[int, Any]:
    """Set the handler of all signals that are not ignored; return those before."""
    before: dict[int, Any] = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: old for number, old in before.items() if old is not signal.SIG_IGN and old is not None}
    for number in before:
        signal.signal(number, handler)
    return before
