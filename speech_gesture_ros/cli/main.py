"""`speech-gesture <command>`: runs the module of the command and reports errors in one line."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from speech_gesture_ros.core.errors import SpeechGestureError

COMMANDS = ("demo", "live", "generate", "gestures", "doctor", "robot", "bench", "data", "train", "experiment",
            "evaluate", "import-published", "upgrade-bundle")
USER_ERROR, INTERRUPTED, BROKEN_PIPE = 2, 130, 141  # exit statuses


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(USER_ERROR, f"speech-gesture: {message}. See {self.prog} --help\n")


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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is None or args.verbose:
            raise
        print(f"speech-gesture: {error.filename} cannot be used: {error.strerror}. -v prints the traceback.",
              file=sys.stderr)
        return USER_ERROR
