"""Train, run and measure several models: a paper's table, computed with your own data."""

from __future__ import annotations

import argparse
from pathlib import Path

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.outputs import locked_folder

HELP = "a table of several models, trained and measured on prepared data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of an experiment."""
    parser.add_argument("config", help="name in config/experiments, or a YAML file")
    parser.add_argument("--data", type=Path, required=True, help="prepared corpus, see `speech-gesture data`")
    parser.add_argument("--out", type=output_folder, required=True,
                        help="folder for models, table and plot; finished rows in it are reused")
    parser.add_argument("--cache", type=output_folder, default="runs/cache",
                        help="folder of cached features and tracks (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run the experiment, print its table, and draw the speed histograms."""
    from speech_gesture_ros.rendering.plots_speed import draw_speed_histograms
    from speech_gesture_ros.training.experiment.experiment import run_experiment
    from speech_gesture_ros.training.experiment.experiment_config import load_experiment
    from speech_gesture_ros.training.experiment.metrics_table import SPEED_EDGES, speed_histograms

    config = load_experiment(resolve(args.config, "config/experiments"))
    with locked_folder(args.out):
        result = run_experiment(config, args.data, args.out, cache=args.cache)
        draw_speed_histograms(args.out / "speeds.png", SPEED_EDGES, speed_histograms(result.metrics), title=config.name)
    print(result.text)
    print(f"written to {args.out}: table.md, results.json, speeds.png")
    return 0
