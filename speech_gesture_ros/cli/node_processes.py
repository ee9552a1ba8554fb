"""ROS 2 nodes as child processes: started, waited for, monitored, ended; their output is written to files.

A node that ends too early ends the run; the last lines of its output become the error. Each node has a process group of
its own, so that Ctrl-C reaches only the command, which ends the nodes in their order; a second Ctrl-C kills them.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from speech_gesture_ros.cli.doctor import ros_environment
from speech_gesture_ros.cli.interrupts import acknowledge, held
from speech_gesture_ros.core.errors import SpeechGestureError

SHOWN_LINES = 15  # of the output of a node that has ended
SIGNALS = ((signal.SIGINT, 8.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0))  # in order, with the time to wait [s]
POLL_S = 0.05
PACKAGE_FOLDER = Path(__file__).resolve().parents[2]  # nodes run from the same checkout or installation
DOMAIN_IDS = range(1, 102)  # ROS domains that are valid on every system


class NodeEndedError(SpeechGestureError):
    """A node ended, or did not do what was waited for."""


class NodeProcesses:
    """Nodes of one random ROS domain; leaving the `with` block ends them all.

    Args:
        log_folder: Folder of each node's output, <name>.log.
    """

    def __init__(self, log_folder: Path) -> None:
        self._folder = log_folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = ros_environment() | {
            "ROS_DOMAIN_ID": str(random.SystemRandom().choice(DOMAIN_IDS)),
            "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGE_FOLDER), os.environ.get("PYTHONPATH")))),
            "RCUTILS_COLORIZED_OUTPUT": "0",
            "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"),  # docs/latency.md
        }

    def __enter__(self) -> NodeProcesses:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if kind is not None:  # all at once, which is faster
            acknowledge()
            for process in self._running.values():
                _send(process, signal.SIGINT)
        try:
            for name in reversed(list(self._running)):
                self.stop(name)
        except KeyboardInterrupt:
            with held():
                self._kill_all()
            raise

    def start(self, name: str, parameters: Mapping[str, object]) -> None:
        """Start `speech_gesture_ros.nodes.<name>` with ROS parameters."""
        command = [sys.executable, "-m", "speech_gesture_ros.nodes.executables", name, "--ros-args"]
        for key, value in parameters.items():
            command += ["-p", f"{key}:={_ros_literal(value)}"]
        self.launch(name, command)

    def launch(self, name: str, command: Sequence[str]) -> None:
        """Start a process; its name is that of its log."""
        with held(), self._log_path(name).open("wb") as log:
            self._running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT,
                                                   env=self._environment, start_new_session=True)

    def stop(self, name: str) -> None:
        """End a node with `SIGNALS`, one after the other."""
        process = self._running[name]
        for number, patience_s in SIGNALS:
            if process.poll() is not None:
                break
            _send(process, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
        del self._running[name]

    def _kill_all(self) -> None:
        for process in self._running.values():
            _send(process, signal.SIGKILL)
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(SIGNALS[-1][1])
        self._running.clear()

    def is_running(self, name: str) -> bool:
        """Return whether a node has been started and has not ended."""
        return name in self._running and self._running[name].poll() is None

    def output(self, name: str) -> str:
        """All output of a node so far."""
        path = self._log_path(name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def check(self, may_end: str = "") -> None:
        """Check that all nodes are running.

        Args:
            may_end: A node that may have ended with exit status 0.

        Raises:
            NodeEndedError: With the last lines of its output.
        """
        for name, process in self._running.items():
            status = process.poll()
            if status is None or (name == may_end and status == 0):
                continue
            tail = "\n    ".join(self.output(name).splitlines()[-SHOWN_LINES:])
            raise NodeEndedError(f"{name} ended with status {status}. The end of its output:\n    {tail}")

    def wait_for(self, is_done: Callable[[], bool], timeout_s: float, what: str, may_end: str = "",
                 each: Callable[[], None] = lambda: None) -> None:
        """Wait for a condition while all nodes are running.

        Args:
            is_done: The condition, evaluated every `POLL_S`.
            timeout_s: Longest wait [s].
            what: Name of the condition, for the error message.
            may_end: As for `check`.
            each: Called at every poll.

        Raises:
            NodeEndedError: If a node ends or the time is over.
        """
        begin = time.monotonic()
        while not is_done():
            self.check(may_end)
            waited_s = time.monotonic() - begin
            if waited_s > timeout_s:
                raise NodeEndedError(f"timeout of {timeout_s:.0f} s while waiting for {what}. "
                                     f"See the logs in {self._folder}.")
            each()
            time.sleep(POLL_S)

    def _log_path(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the group of a process, unless it has ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _ros_literal(value: object) -> str:
    """Parameter value as YAML of the same type: text that looks like a number stays text."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, (str, Path)) else str(value)
