"""Inspect a robot's URDF, check it with a standard set of motions, preview it, write its profile."""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli import robot_check, robot_preview, robot_ros2_control, robot_table
from speech_gesture_ros.cli.argument_types import output_file
from speech_gesture_ros.cli.robot_report import report
from speech_gesture_ros.core.atomic_files import write_text

HELP = "inspect, check or preview a robot from its URDF, write its profile"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    inspect = actions.add_parser("inspect", help="print what is found in a URDF, and why")
    check = actions.add_parser("check", help="perform a standard set of motions, count faults and errors")
    robot_check.add_arguments(check)
    check.add_argument("--out", type=output_file, help="write the values to this JSON file, too")
    preview = actions.add_parser("preview", help="draw human and robot side by side, as a picture or a film")
    robot_preview.add_arguments(preview)
    profile = actions.add_parser("profile", help="write a profile to edit")
    profile.add_argument("--out", type=output_file, help="YAML file (printed)")
    convert = actions.add_parser("convert", help="write the URDF of a robot given as MJCF")
    convert.add_argument("robots", nargs=1, metavar="MJCF", help="MuJoCo model")
    convert.add_argument("--out", type=output_file, help="URDF file (printed)")
    control = actions.add_parser("ros2_control", help="write URDF, controllers and world for a simulation")
    robot_ros2_control.add_arguments(control)
    table = actions.add_parser("table", help="check many robots without a profile, write a table and pictures")
    robot_table.add_arguments(table)
    table.add_argument("robots", nargs="+", metavar="URDF", help="URDFs")
    for action in (inspect, check, preview, profile, control):
        action.add_argument("robots", nargs="+" if action is check else 1, metavar="URDF",
                            help="URDF, MJCF (.xml), or a name in config/robots")
        action.add_argument("--profile", help="name in config/robots, or a file; none: use the URDF alone "
                            "(the profile for the robot name in the URDF)")
        action.add_argument("--joint-limits", metavar="YAML", help="joint_limits of ros2_control or MoveIt")
        action.add_argument("--srdf", help="SRDF with links that may touch (found beside the URDF)")


def run(args: argparse.Namespace) -> int:
    """Run the action; 1 if a robot fails the check."""
    if args.action == "table":
        return robot_table.run(args, _describe)
    files: dict[str, Any] = {name: getattr(args, name, None) for name in ("joint_limits", "srdf")}
    if args.action == "check":
        return robot_check.run(args, partial(_describe, **files))
    if args.action == "preview":
        return robot_preview.run(args, partial(_describe, **files))
    if args.action == "ros2_control":
        return robot_ros2_control.run(args, partial(_describe, **files))
    if args.action == "convert":
        text, what = _convert(Path(args.robots[0])), "give it as robot"
    else:
        description = _describe(args.robots[0], args.profile, **files)
        text = report(description) if args.action == "inspect" else profile_text(description)
        what = "give it as robot profile, or put it into config/robots"
    if args.action != "inspect" and args.out:
        write_text(args.out, text)
        text = f"written to {args.out}: {what}"
    print(text)
    return 0


def profile_text(description: Any) -> str:
    """Profile with all values that were found, to be edited."""
    lines = [f"# Profile of {' '.join(description.name.split())}.",
             "# Every key but the name is optional: what is deleted is found in the URDF again. Positions in rad,",
             "# inside the limits that `speech-gesture robot inspect` prints.",
             f"name: {_yaml_text(description.name)}",
             "controllers:  # group to the topic of its joint_trajectory_controller"]
    lines += [f"  {group}: {_yaml_text(topic)}" for group, topic in description.topics.items()]
    lines.append("rest_pose:")
    lines += [f"  {_yaml_text(name)}: {value:.3f}"
              for name, value in zip(description.joint_names, description.rest_q)]
    lines += ["locked_joints: []  # joints that gestures must not move",
              "envelope: {position: 0.96, velocity: 0.9, acceleration: 1.0, jerk: 1.0}  # shares of the limits to use"]
    return "\n".join(lines) + "\n"


def _yaml_text(text: str) -> str:
    """Return a text as YAML that is read as this text: names like 1e3, yes or a: b are quoted."""
    import yaml

    plain = yaml.safe_dump(text, allow_unicode=True, width=float("inf")).removesuffix("\n").removesuffix("\n...")
    return str(plain) if "\n" not in plain else json.dumps(text)


def _describe(robot: str, profile: str | None, joint_limits: str | None = None, srdf: str | None = None,
              interface: str = "") -> Any:
    from speech_gesture_ros.retargeting import RobotConfig, load_robot

    return load_robot(RobotConfig(robot=robot, profile=profile, joint_limits=joint_limits, srdf=srdf,
                                  interface=interface))


def _convert(model: Path) -> str:
    from speech_gesture_ros.core.errors import InputError
    from speech_gesture_ros.robot.mjcf import is_mjcf, mjcf_to_urdf

    if not is_mjcf(model):
        raise InputError("model", str(model), "an MJCF file (.xml with <mujoco>)", "A URDF needs no conversion.")
    return mjcf_to_urdf(model)
