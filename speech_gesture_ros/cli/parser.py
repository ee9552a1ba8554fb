"""Parser of `speech-gesture`: all commands and their options; an error is one line."""

from __future__ import annotations

import argparse
import importlib
from typing import NoReturn

from speech_gesture_ros.cli.main import COMMANDS, USER_ERROR

MAX_MESSAGE = 700  # characters of an error about the arguments


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        text = " ".join(message.split()).rstrip(".")
        text = text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE - 100]}...{text[-80:]}"
        self.exit(USER_ERROR, f"speech-gesture: {text}. See {self.prog} --help\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands and their options."""
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
