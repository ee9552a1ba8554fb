"""`speech-gesture robot check`: a line for each robot, and a whole report where there is only one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import SpeechGestureError

HEADING = (f"{'robot':<28}{'arms':>6}{'neck':>5}{'waist':>6}{'error deg':>11}{'(95 %)':>8}{'timing r':>9}{'lag ms':>7}"
           f"{'size':>6}{'limits':>7}{'collide':>8}{'IK':>4}{'other':>6}{'gap mm':>7}{'ms':>6}{'p99':>6}  verdict")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the check, shared with the table."""
    parser.add_argument("--minutes", type=float, default=10.0,
                        help="of recorded motion and speech together (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder with recorded motion and speech ($SPEECH_GESTURE_DATA, else "
                        "../shared/data); without it the shipped speech alone")


def motion_set(args: argparse.Namespace) -> Any:
    """The standard set of motions; says what is missing."""
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.evaluation.robot_motions import standard_motions

    motions = standard_motions(args.minutes, args.data or data_folder(), load_skeleton())
    for note in motions.notes:
        print(note)
    return motions


def run(args: argparse.Namespace, describe: Any) -> int:
    """Check all robots; 1 if one does not pass.

    Args:
        args: Of the command.
        describe: Robot and profile to its description.
    """
    from tqdm import tqdm

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_check import check_robot

    motions = motion_set(args)
    checks: list[dict[str, Any]] = []
    print(HEADING)
    for robot in tqdm(args.robots, desc="checking", unit="robot", disable=len(args.robots) == 1):
        try:
            check = check_robot(describe(robot, args.profile), load_skeleton(), motions)
        except SpeechGestureError as error:
            tqdm.write(f"{Path(robot).stem[:26]:<28}{error}")
            checks.append({"name": Path(robot).stem, "is_well": False, "error": str(error)})
            continue
        tqdm.write(row(check))
        checks.append(check.as_dict())
        if len(args.robots) == 1:
            print("\n".join(["", *details(check)]))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(checks, indent=1, default=float) + "\n", encoding="utf-8")
    return int(not all(c["is_well"] for c in checks))


def row(check: Any) -> str:
    """One line of the table."""
    like, faults = check.likeness, check.faults
    other = sum(n for kind, n in faults.items() if kind not in ("limits", "self-collisions", "inverse kinematics"))
    left, right = check.arm_joints
    return (f"{check.name[:26]:<28}{f'{left}+{right}':>6}{check.head_joints:>5}{check.torso_joints:>6}"
            f"{like.error_deg:>11.1f}{like.worst_deg:>8.1f}{like.timing:>9.2f}{1e3 * like.lag_s:>7.0f}"
            f"{like.amplitude:>6.2f}{faults['limits']:>7}"
            f"{faults['self-collisions']:>8}{faults['inverse kinematics']:>4}{other:>6}"
            f"{min(1e3 * check.min_distance_m, 999):>7.0f}{check.frame_ms[0]:>6.2f}{check.frame_ms[1]:>6.2f}"
            f"  {'well' if check.is_well else 'NOT WELL'}")


def details(check: Any) -> list[str]:
    """What one robot did with each kind of motion, and what was wrong."""
    lines = [f"{check.minutes:.1f} min performed; likeness of the commands at the joints:"]
    for kind, like in check.kinds.items():
        limbs = ", ".join(f"{limb.replace('_', ' ')} {angle:.1f}" for limb, angle in like.limbs_deg.items())
        lines.append(f"  {kind:<9} {like.seconds:5.0f} s   directions off by {like.error_deg:.1f} deg ({limbs})   "
                     f"wrists: r {like.timing:.2f}, {1e3 * like.lag_s:.0f} ms late, amplitude {like.amplitude:.2f}, "
                     f"speed {like.speed:.2f}")
    wrong = [f"{count} {kind}" for kind, count in check.faults.items() if count]
    if check.likeness.error_deg > check.largest_error_deg:
        wrong.append(f"directions off by {check.likeness.error_deg:.1f} deg, at most {check.largest_error_deg:g} for "
                     f"arms of {min(check.arm_joints)} joints")
    return [*lines, f"not well: {'; '.join(wrong)}" if wrong else "well: no limit exceeded, no self-collision"]
