"""`speech-gesture robot ros2_control`: files with which a robot runs under ros2_control, in a simulation or without."""

from __future__ import annotations

import argparse
from typing import Any

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.simulators.gazebo_releases import AUTO_RELEASE, GAZEBO_RELEASES
from speech_gesture_ros.simulators.ros2_control_files import SIMULATIONS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--sim", choices=SIMULATIONS, default="gazebo",
                        help="simulation (%(default)s); mock: without physics")
    parser.add_argument("--gazebo", choices=(AUTO_RELEASE, *GAZEBO_RELEASES), default=AUTO_RELEASE,
                        help="Gazebo release (%(default)s: by ROS_DISTRO)")
    parser.add_argument("--namespace", default="", help="namespace of the controller manager (none)")
    parser.add_argument("--relative", action="store_true",
                        help="name files relative to the folder, for files that are moved; the launch files of this "
                             "package make such paths absolute")
    parser.add_argument("--out", type=output_folder, required=True, help="folder to write")


def run(args: argparse.Namespace, describe: Any) -> int:
    """Write the files and print their names, and everything that was replaced.

    Args:
        args: Parsed options.
        describe: Returns the description of a robot and profile, for a command interface.
    """
    from speech_gesture_ros.simulators.ros2_control_files import make_files, write_files

    description = describe(args.robots[0], args.profile, interface="trajectory")
    folder = "" if args.relative else str(args.out.resolve())
    files = make_files(description, args.sim, folder=folder, release=args.gazebo, namespace=args.namespace)
    write_files(files, args.out)
    for note in files.notes:
        print(f"{description.name}: {note}")
    print(f"written to {args.out}: {', '.join(sorted((*files.texts, *files.binaries)))}")
    return 0
