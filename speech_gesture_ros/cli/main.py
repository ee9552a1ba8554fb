"""`speech-gesture <command>`: runs the module of the command and reports errors in one line.

This module imports as little as possible before it has set the handlers of signals.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from speech_gesture_ros.cli.interrupts import Interrupted, exit_at_once, raised

COMMANDS = ("demo", "live", "generate", "gestures", "doctor", "robot", "bench", "data", "train", "experiment", "face",
            "avatar", "video", "evaluate", "import-published", "upgrade-bundle")
USER_ERROR, INTERRUPTED, BROKEN_PIPE = 2, 130, 141  # exit statuses


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments; None for those of the process, which ends at once on a signal before and after the command.

    Returns:
        Exit status: 0 success; 1 a check failed or a target was missed; 2 wrong input, named in one line on stderr;
        128 and more: ended by a signal.
    """
    if argv is None:
        exit_at_once()
    from speech_gesture_ros.cli.parser import build_parser

    # Networks of this size are fastest on one thread; a value set by the user stays.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _repair_streams()
    args = build_parser().parse_args(argv)
    try:
        with raised():
            return _run(args)
    except KeyboardInterrupt as interrupt:
        if argv is None:
            exit_at_once()
        _complain("")
        return interrupt.status if isinstance(interrupt, Interrupted) else INTERRUPTED


def _run(args: Any) -> int:
    """Run the command of parsed arguments; return the exit status."""
    import errno
    import logging

    from speech_gesture_ros.core.errors import SpeechGestureError

    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(args.verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    try:
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except SpeechGestureError as error:
        _complain(f"speech-gesture: {error}")
        return USER_ERROR
    except BrokenPipeError:  # the reader of the output has ended, as `head` does
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        if args.verbose:
            raise
        thing = error.filename
        if thing is None and error.errno in (errno.ENOSPC, errno.EFBIG):  # files for results have errors of their own
            thing = "the standard output"
            _discard_output()
        _complain(f"speech-gesture: {thing or 'a device or connection'} cannot be used: {error.strerror or error}. "
                  "-v prints the traceback.")
        return USER_ERROR


def _complain(line: str) -> None:
    """Print a line on stderr, if it is still there."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _repair_streams() -> None:
    """Make output possible whatever the environment: closed streams, a locale without the characters of a text."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller, as `>&-` does
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
