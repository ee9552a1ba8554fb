"""Output files whose ending gives their kind: after the input, or with --out as in all commands."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from speech_gesture_ros.cli.argument_types import output_file
from speech_gesture_ros.core.errors import InputError


def add_output_files(parser: argparse.ArgumentParser, kinds: Sequence[str]) -> None:
    """Add FILE... and --out FILE...

    Args:
        parser: Its other positional arguments are there already.
        kinds: Endings.
    """
    parser.add_argument("files", type=output_file, nargs="*", metavar="FILE",
                        help=f"files to write; the ending is one of {', '.join(kinds)}")
    parser.add_argument("--out", type=output_file, nargs="+", default=[], metavar="FILE", help="the same as FILE")


def output_files(args: argparse.Namespace, kinds: Sequence[str]) -> list[tuple[Path, str]]:
    """Return the files and the kind of each.

    Raises:
        InputError: If there is none, or one has another ending.
    """
    paths = [*args.files, *args.out]
    if not paths:
        raise InputError("output", "missing", f"one or more files with the endings {', '.join(kinds)}",
                         "Name them after the input.")
    return [(path, _kind(path, kinds)) for path in paths]


def _kind(path: Path, kinds: Sequence[str]) -> str:
    for kind in sorted(kinds, key=len, reverse=True):
        if path.name.lower().endswith(kind):
            return kind
    raise InputError("output file", str(path), f"with one of the endings {', '.join(kinds)}", "Rename it.")
