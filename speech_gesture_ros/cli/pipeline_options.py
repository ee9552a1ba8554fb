"""Options of the pipeline, the same for every command that has one."""

from __future__ import annotations

import argparse
from pathlib import Path

from speech_gesture_ros.cli.argument_types import count_or_none, within
from speech_gesture_ros.pipeline.pipeline_config import MAX_LOOK_AHEAD_S, PipelineConfig


def add_pipeline_options(parser: argparse.ArgumentParser) -> None:
    """Add --robot, --profile, --joint-limits, --srdf, --model, --look-ahead, --seed and --device."""
    default = PipelineConfig()
    parser.add_argument("--robot", default=default.robot, help="name in config/robots, URDF, or MJCF (%(default)s)")
    parser.add_argument("--profile", default=default.profile,
                        help="robot profile (the one for the robot name in the URDF)")
    parser.add_argument("--joint-limits", metavar="YAML", help="joint_limits of ros2_control or MoveIt")
    parser.add_argument("--srdf", help="SRDF with links that may touch (found beside the URDF)")
    parser.add_argument("--model", default=default.model, help="name in models, or a bundle folder (%(default)s)")
    parser.add_argument("--look-ahead", type=within(0.0, MAX_LOOK_AHEAD_S), default=default.look_ahead_s, metavar="S",
                        help=f"future speech that the model uses, 0 to 1 s ({default.look_ahead_s}; live: 0)")
    parser.add_argument("--seed", type=count_or_none, default=default.seed,
                        help="seed of the choice of gestures (%(default)s)")
    parser.add_argument("--device", default=default.device, help="auto, cpu, cuda or cuda:<n> (%(default)s)")


def pipeline_config(args: argparse.Namespace) -> PipelineConfig:
    """Configuration from the options.

    Raises:
        ConfigError: If a value is out of its range.
    """
    return PipelineConfig(model=args.model, robot=args.robot, profile=args.profile, joint_limits=args.joint_limits,
                          srdf=args.srdf, look_ahead_s=args.look_ahead, seed=args.seed, device=args.device)


def mesh_folders(robot: str) -> list[Path]:
    """Folders that may contain the meshes of a robot given as a file: its own and those above it up to its package."""
    from speech_gesture_ros.robot.package_files import folders_above

    return folders_above(robot)
