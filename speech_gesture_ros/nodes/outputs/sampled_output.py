"""Output for robots that take single commands: a thread samples the newest window at a fixed rate.

    windows ──► CommandStream ──every 1 / rate_hz──► writer ──► message

The thread does not depend on the executor, so that a robot comes to rest on its last window while the node shuts down.
A process that is killed sends nothing more: the robot then stops abruptly at its last command.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.control.command_stream import CommandStream, SampledCommand
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.outputs.output import Output

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]

MAX_BRAKE_S = 3.0  # no window takes longer to come to rest


class Writer(Protocol):
    """Publishes commands as one kind of message."""

    @property
    def reason(self) -> str:
        """Reason for which commands cannot be published now; "" if they can."""
        ...

    def write(self, command: SampledCommand, now_ns: int) -> None:
        """Publish a command."""
        ...

    def close(self) -> None:
        """Destroy the publisher."""
        ...


class SampledOutput(Output):
    """Commands at a fixed rate.

    Args:
        writer: Publishes them.
        speed: (N,) largest rate of change of a command [rad/s].
        rate_hz: Commands a second [Hz].
        now_ns: Returns the ROS time [ns].
        start: Returns the (N,) positions [rad] at which a robot that is commanded at rest, too, begins; None while
            they are not known. Without it nothing is published at rest.
        ramp_s: Time in which the weight rises and falls [s]; 0 for commands without weight.
        name: Name in log lines and reasons.
    """

    def __init__(self, writer: Writer, speed: Array, rate_hz: float, now_ns: Callable[[], int],
                 start: Callable[[], Array | None] | None = None, ramp_s: float = 0.0, name: str = "") -> None:
        self._writer = writer
        self._now_ns = now_ns
        self._start = start
        self._ramp_s = ramp_s
        self.name = name
        self._period_s = 1.0 / rate_hz
        self._stream = CommandStream(speed, self._period_s, ramp_s)
        self._lock = threading.Lock()  # over the stream and the next four
        self._is_active = self._is_engaged = self._is_publishing = self._is_silent = False
        self._failure = ""  # why commands could not be published
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"commands {name}", daemon=True)
        self._thread.start()

    @property
    def reason(self) -> str:
        """Reason for which the robot is not commanded; "" if it is."""
        if self._failure:
            return self._failure
        if self._writer.reason:
            return self._writer.reason
        if self._ramp_s > 0 and self._is_publishing and not self._is_engaged:
            return f"{self.name}: weight falls to 0"
        if self._start is not None and not self._is_engaged:
            return f"{self.name}: no recent positions of all joints"
        if self._stream.is_ready:
            return ""
        return f"{self.name}: weight rises to 1" if self._ramp_s > 0 else f"{self.name}: not active yet"

    def activate(self) -> None:
        """Command the robot as soon as its positions are known."""
        self._failure = ""
        self._is_active = True

    def deactivate(self) -> None:
        """Follow the last window to rest, then lower the weight, if there is one."""
        with self._lock:
            self._is_active = self._is_engaged = False
            self._stream.release()

    def send(self, window: Window) -> bool:
        """Follow a window from now on; return False if the robot is not commanded."""
        with self._lock:
            is_followed = self._stream.follow(window)
            self.sent += is_followed
        return is_followed

    def close(self) -> None:
        """Wait until the robot rests and the weight is 0, then end the thread."""
        self.deactivate()
        end = time.monotonic() + MAX_BRAKE_S + self._ramp_s
        while not self._is_silent and self._thread.is_alive() and time.monotonic() < end:
            time.sleep(self._period_s)
        self._is_ending.set()
        self._thread.join(1.0)
        self._writer.close()

    def _run(self) -> None:
        next_s = time.monotonic()
        while not self._is_ending.wait(max(0.0, next_s - time.monotonic())):
            next_s = max(next_s + self._period_s, time.monotonic() - self._period_s)
            try:
                self._publish_next()
            except Exception as error:  # the next command may succeed: come to rest, and lower the weight
                self.deactivate()
                if not self._failure:
                    self._failure = f"{self.name}: {error}; braking to rest and released until the next activation"
                    log.exception("%s", self._failure)

    def _publish_next(self) -> None:
        now_ns = self._now_ns()
        with self._lock:
            self._engage_or_release()
            command = self._stream.step(now_ns)
            self._is_publishing = command is not None
            self._is_silent = not self._is_publishing and not self._is_active
        if command is not None:
            self._writer.write(command, now_ns)

    def _engage_or_release(self) -> None:
        """Begin once the positions are known; end when they, or the subscriber, are lost."""
        if not self._is_engaged:
            is_free = self._ramp_s == 0 or not self._is_publishing  # a weight rises from 0 only
            if self._is_active and is_free and not self._writer.reason:
                q = self._start() if self._start is not None else None
                self._is_engaged = self._start is None or q is not None
                if self._is_engaged:
                    self._stream.engage(q)
        elif self._start is not None and (self._writer.reason or self._start() is None):
            self._is_engaged = False  # when its state returns the robot may be elsewhere
            self._stream.release()
