"""A robot that takes one position after the other: a thread that says where to be, at a steady rate.

    windows ──► CommandStream ──every 1 / rate_hz──► writer ──► message

The thread owes nothing to the executor, so that a robot comes to rest on its last window while the node shuts down.
What nobody can help: killed at once, a process says nothing more, and the robot stops where it was told to be last.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.command_stream import CommandStream, SampledCommand
from speech_gesture_ros.core.window import Window

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]

LONGEST_REST_S = 3.0  # a window takes no longer to come to rest


class Writer(Protocol):
    """Turns commands into one kind of message."""

    @property
    def reason(self) -> str:
        """Why nothing can be said yet; "" if something can."""
        ...

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        ...

    def close(self) -> None:
        """Take the topic back."""
        ...


class SampledOutput:
    """Some or all joints of a robot, told at a rate.

    Args:
        writer: Says it.
        speed: (N,) a command never changes faster [rad/s].
        rate_hz: How often [Hz].
        now_ns: The ROS clock.
        start: Where a robot that is told even at rest begins: asked when the node is active, None as long as nobody
            knows. None: nothing is told at rest.
        ramp_s: Time in which our weight is gained and lost [s]; 0: there is none.
        name: In messages for people.
    """

    def __init__(self, writer: Writer, speed: Array, rate_hz: float, now_ns: Callable[[], int],
                 start: Callable[[], Array | None] | None = None, ramp_s: float = 0.0, name: str = "") -> None:
        self._writer = writer
        self._now_ns = now_ns
        self._start = start
        self._ramp_s = ramp_s
        self._name = name
        self._period_s = 1.0 / rate_hz
        self._stream = CommandStream(speed, self._period_s, ramp_s)
        self._lock = threading.Lock()
        self._is_active = self._is_ours = self._is_telling = self._is_quiet = False
        self._failure = ""  # why it could not be told
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"commands {name}", daemon=True)
        self._thread.start()

    @property
    def reason(self) -> str:
        """Why the robot is not ours yet, or not any more."""
        if self._failure:
            return self._failure
        if self._writer.reason:
            return self._writer.reason
        if self._ramp_s > 0 and self._is_telling and not self._is_ours:
            return f"{self._name}: our weight is ramping out"
        if self._start is not None and not self._is_ours:
            return f"{self._name}: nobody has said yet where the robot stands"
        if self._stream.is_ready:
            return ""
        return f"{self._name}: our weight is ramping in" if self._ramp_s > 0 else f"{self._name}: not begun yet"

    def activate(self) -> None:
        """Take the robot, as soon as it is known where it stands."""
        self._failure = ""
        self._is_active = True

    def deactivate(self) -> None:
        """Follow the last window to rest, then lose the weight, if there is one."""
        with self._lock:
            self._is_active = self._is_ours = False
            self._stream.release()

    def leave(self, controllers: Collection[str]) -> None:
        """Nobody else tells a robot one position after the other."""

    def send(self, window: Window) -> bool:
        """Follow a window from now on; False if the robot is not ours."""
        with self._lock:
            return self._stream.follow(window)

    def close(self) -> None:
        """Wait for rest and for the weight, then end."""
        self.deactivate()
        end = time.monotonic() + LONGEST_REST_S + self._ramp_s
        while not self._is_quiet and self._thread.is_alive() and time.monotonic() < end:
            time.sleep(self._period_s)
        self._is_ending.set()
        self._thread.join(1.0)
        self._writer.close()

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._is_ending.wait(max(0.0, next_s - time.monotonic())):
            next_s = max(next_s + self._period_s, time.monotonic() - self._period_s)
            try:
                self._tell()
            except Exception as error:  # what it was not told now it may be told the next time: rest, and no weight
                self.deactivate()
                if not self._failure:
                    self._failure = f"{self._name}: {error}; it comes to rest and is given back until activated anew"
                    log.exception("%s", self._failure)

    def _tell(self) -> None:
        now_ns = self._now_ns()
        with self._lock:
            is_free = self._ramp_s == 0 or not self._is_telling  # a robot with a weight is taken from none
            if self._is_active and not self._is_ours and is_free and not self._writer.reason:
                q = self._start() if self._start is not None else None
                self._is_ours = self._start is None or q is not None
                if self._is_ours:
                    self._stream.engage(q)
            elif self._is_ours and self._start is not None and (self._writer.reason or self._start() is None):
                self._is_ours = False  # it fell silent, and may be elsewhere when it speaks again: it is given back
                self._stream.release()
            command = self._stream.step(now_ns)
            self._is_telling = command is not None
            self._is_quiet = not self._is_telling and not self._is_active
        if command is not None:
            self._writer.write(command, now_ns)
