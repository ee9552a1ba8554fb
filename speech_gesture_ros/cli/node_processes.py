"""Real ROS 2 nodes as child processes: started, waited for, watched, ended; their output kept in files.

A node that dies takes the performance with it, and says why: the end of its output becomes the error.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from speech_gesture_ros.cli.doctor import ros_environment
from speech_gesture_ros.core.errors import SpeechGestureError

SHOWN_LINES = 15  # of a dead node's output
SIGNALS = ((signal.SIGINT, 8.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0))  # how to end a node, how long to wait
POLL_S = 0.05
PACKAGE_FOLDER = Path(__file__).resolve().parents[2]  # nodes run from the same checkout or installation
DOMAINS = range(1, 102)  # of DDS that are safe on every system


class NodeDiedError(SpeechGestureError):
    """A node ended although it was needed."""


class NodeProcesses:
    """Nodes of one ROS domain that nobody else uses; leaving the `with` block ends them all.

    Args:
        log_folder: Where each node's output goes, as <name>.log.
    """

    def __init__(self, log_folder: Path) -> None:
        self._folder = log_folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = ros_environment() | {
            "ROS_DOMAIN_ID": str(random.SystemRandom().choice(DOMAINS)),
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
        for name in reversed(list(self._running)):
            self.stop(name)

    def start(self, name: str, parameters: Mapping[str, object]) -> None:
        """Start `speech_gesture_ros.nodes.<name>` with ROS parameters."""
        command = [sys.executable, "-m", f"speech_gesture_ros.nodes.{name}", "--ros-args"]
        for key, value in parameters.items():
            command += ["-p", f"{key}:={_ros_literal(value)}"]
        with self._log_path(name).open("wb") as log:
            self._running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT,
                                                   env=self._environment, start_new_session=True)

    def stop(self, name: str) -> None:
        """End a node: asked first, then told, then forced."""
        process = self._running.pop(name)
        for number, patience_s in SIGNALS:
            if process.poll() is not None:
                return
            process.send_signal(number)
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                continue

    def is_running(self, name: str) -> bool:
        """Whether a node has been started and has not ended."""
        return name in self._running and self._running[name].poll() is None

    def output(self, name: str) -> str:
        """All a node has printed so far."""
        path = self._log_path(name)
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def check(self, may_end: str = "") -> None:
        """See that all nodes live.

        Args:
            may_end: A node that may have ended well (exit status 0).

        Raises:
            NodeDiedError: With the end of a dead node's output.
        """
        for name, process in self._running.items():
            status = process.poll()
            if status is None or (name == may_end and status == 0):
                continue
            tail = "\n    ".join(self.output(name).splitlines()[-SHOWN_LINES:])
            raise NodeDiedError(f"{name} ended with status {status}. Its last words:\n    {tail}")

    def wait_for(self, is_done: Callable[[], bool], timeout_s: float, what: str, may_end: str = "",
                 each: Callable[[], None] = lambda: None) -> None:
        """Wait until something is so, while all nodes live.

        Args:
            is_done: Asked every `POLL_S`.
            timeout_s: Longest wait [s].
            what: For the error message.
            may_end: As for `check`.
            each: Called at every poll.

        Raises:
            NodeDiedError: If a node dies or the wait is over.
        """
        begin = time.monotonic()
        while not is_done():
            self.check(may_end)
            waited_s = time.monotonic() - begin
            if waited_s > timeout_s:
                raise NodeDiedError(f"waited {timeout_s:.0f} s in vain for {what}; see {self._folder}")
            each()
            time.sleep(POLL_S)

    def _log_path(self, name: str) -> Path:
        return self._folder / f"{name}.log"


def _ros_literal(value: object) -> str:
    """A parameter value as YAML that keeps its type: text that looks like a number stays text."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, (str, Path)) else str(value)
