"""`speech-gesture <command>`: finds the command's module, runs it, and says in one line what went wrong."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence

from speech_gesture_ros.core.errors import SpeechGestureError

COMMANDS = ("demo", "live", "generate", "gestures", "doctor", "robot", "bench", "data", "train", "experiment",
            "evaluate", "import-published")
USER_ERROR, INTERRUPTED, NOBODY_READS = 2, 130, 141


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="speech-gesture", description="Speech in, gestures of a humanoid robot out.")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="more log output; twice for everything")
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
        Exit status: 0 done, 1 the command's own "not well", 2 a mistake in what was given.
    """
    # Networks this small are fastest on one thread; what a user sets stays.
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
    except BrokenPipeError:  # whoever read the output has enough of it, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
