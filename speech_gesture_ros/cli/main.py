"""`speech-gesture <command>`: runs the module of the command and reports errors in one line."""

from __future__ import annotations

import argparse
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from speech_gesture_ros.core.errors import SpeechGestureError

COMMANDS = ("demo", "live", "generate", "gestures", "doctor", "robot", "bench", "data", "train", "experiment", "face",
            "evaluate", "import-published", "upgrade-bundle")
USER_ERROR, INTERRUPTED, BROKEN_PIPE = 2, 130, 141  # exit statuses
MAX_MESSAGE = 700  # characters of an error about the arguments


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        text = " ".join(message.split()).rstrip(".")
        text = text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE - 100]}...{text[-80:]}"
        self.exit(USER_ERROR, f"speech-gesture: {text}. See {self.prog} --help\n")


def build_parser() -> argparse.ArgumentParser:
    """Parser of all commands and their options."""
    parser = _Parser(prog="speech-gesture", description="Speech in, gestures of a humanoid robot out.")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="more log output; -vv for all")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name in COMMANDS:
        module = importlib.import_module(f"speech_gesture_ros.cli.{name.replace('-', '_')}")
        summary = (module.__doc__ or "").partition("\n")[0]
        sub = commands.add_parser(name, help=module.HELP, description=summary)
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        Exit status: 0 success; 1 a check failed or a target was missed; 2 wrong input, named in one line on stderr.
    """
    # Networks of this size are fastest on one thread; a value set by the user stays.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _repair_streams()
    args = build_parser().parse_args(argv)
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(args.verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    try:
        status = int(args.run(args))
        sys.stdout.flush()
        return status
    except SpeechGestureError as error:
        print(f"speech-gesture: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
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
        print(f"speech-gesture: {thing or 'a device or connection'} cannot be used: {error.strerror or error}. "
              "-v prints the traceback.", file=sys.stderr)
        return USER_ERROR


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
