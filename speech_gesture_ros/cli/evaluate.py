"""Measure how well gestures follow the voice over many recordings: `evaluation.report` behind a command."""

from __future__ import annotations

import argparse

HELP = "how well gestures follow the voice, beside controls"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those of the evaluation itself, passed on."""
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="options of the evaluation; --help lists them")


def run(args: argparse.Namespace) -> int:
    """Evaluate."""
    from speech_gesture_ros.evaluation import report

    return int(report.main(args.arguments) or 0)
