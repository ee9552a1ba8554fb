"""`speech-gesture robot check`: one line for each robot, and details where there is only one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.argument_types import positive
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import SpeechGestureError

HEADING = (f"{'robot':<28}{'arms':>6}{'neck':>5}{'waist':>6}{'error deg':>11}{'(95 %)':>8}{'timing r':>9}{'lag ms':>7}"
           f"{'size':>6}{'limits':>7}{'collide':>8}{'IK':>4}{'other':>6}{'gap mm':>7}{'ms':>6}{'p99':>6}  result")
WRONG_INPUT = 2  # exit status
SHOWN_FAULTS = ("limit_violations", "self_collisions", "ik_failures")  # each in a column; the rest in "other"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that check and table share."""
    parser.add_argument("--minutes", type=positive, default=10.0,
                        help="recorded motion and speech together [min] (%(default)s)")
    parser.add_argument("--meshes", nargs="?", const="collision", choices=("collision", "visual"),
                        help="audit the commands on the robot's own meshes: collision (without a value) or visual ones")
    parser.add_argument("--data", type=Path, help="folder with recorded motion and speech ($SPEECH_GESTURE_DATA, else "
                        "../shared/data; without it the demo speech alone)")


def read_motions(args: argparse.Namespace) -> Any:
    """Make the standard set of motions and print what data are missing."""
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.evaluation.robot_motions import standard_motions

    motions = standard_motions(args.minutes, args.data or data_folder(), load_skeleton())
    for note in motions.notes:
        print(note)
    return motions


def run(args: argparse.Namespace, describe: Any) -> int:
    """Check all robots; 1 if one fails, 2 if one cannot be described, with the reason on stderr.

    Args:
        args: Of the command.
        describe: Robot and profile to its description.
    """
    from tqdm import tqdm

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_check import check_robot

    motions: Any = None
    checks: list[dict[str, Any]] = []
    for robot in tqdm(args.robots, desc="checking", unit="robot", disable=len(args.robots) == 1):
        try:
            description = describe(robot, args.profile)
        except SpeechGestureError as error:
            tqdm.write(f"speech-gesture: {error}", file=sys.stderr)
            checks.append({"name": Path(robot).stem, "passes": False, "error": str(error)})
            continue
        if motions is None:
            motions = read_motions(args)
            tqdm.write(HEADING)
        check = check_robot(description, load_skeleton(), motions, args.meshes)
        tqdm.write(row(check))
        if len(args.robots) > 1:
            tqdm.write("\n".join(f"    {line}" for line in check.failures()) or "    nothing wrong")
        checks.append(check.as_dict())
        if len(args.robots) == 1:
            print("\n".join(["", *details(check)]))
    if args.out:
        write_text(args.out, json.dumps(checks, indent=1, default=float) + "\n")
    return WRONG_INPUT if any("error" in c for c in checks) else int(not all(c["passes"] for c in checks))


def row(check: Any) -> str:
    """One line of the table."""
    like, faults = check.likeness, check.faults
    counts = [faults[name] for name in SHOWN_FAULTS]
    left, right = check.arm_joints
    return (f"{check.name[:26]:<28}{f'{left}+{right}':>6}{check.head_joints:>5}{check.torso_joints:>6}"
            f"{like.error_deg:>11.1f}{like.error_p95_deg:>8.1f}{like.timing:>9.2f}{1e3 * like.lag_s:>7.0f}"
            f"{like.amplitude:>6.2f}{counts[0]:>7}{counts[1]:>8}{counts[2]:>4}{sum(faults.values()) - sum(counts):>6}"
            f"{min(1e3 * check.min_distance_m, 999):>7.0f}{check.frame_ms[0]:>6.2f}{check.frame_ms[1]:>6.2f}"
            f"  {'pass' if check.passes else 'FAIL'}")


def details(check: Any) -> list[str]:
    """Likeness for each kind of motion, and the faults."""
    lines = [f"{check.minutes:.1f} min performed; commands compared with the human motion:"]
    for kind, like in check.kinds.items():
        limbs = ", ".join(f"{limb.replace('_', ' ')} {angle:.1f}" for limb, angle in like.limbs_deg.items())
        lines.append(f"  {kind:<9} {like.seconds:5.0f} s   direction error {like.error_deg:.1f} deg ({limbs})   "
                     f"wrists: r {like.timing:.2f}, lag {1e3 * like.lag_s:.0f} ms, amplitude {like.amplitude:.2f}, "
                     f"speed {like.speed:.2f}")
    rest = check.rest
    lines.append(f"rest pose: upper arms {rest.upper_arms_deg[0]:.0f} and {rest.upper_arms_deg[1]:.0f} deg from hanging"
                 + (f"; hanging, {rest.obstacle} touch" if rest.obstacle else ""))
    if check.audit is not None:
        lines += audit_lines(check.audit)
    wrong = check.failures()
    return [*lines, *(f"FAIL: {line}" for line in wrong)] if wrong else [
        *lines, "pass: no limit exceeded, no self-collision"]


def audit_lines(audit: Any) -> list[str]:
    """Lines about an audit on meshes."""
    if not audit.frames:
        return [f"{audit.kind} meshes: none could be read, nothing is audited"]
    lines = [f"{audit.kind} meshes: {audit.meshes} read, {audit.unreadable} links unreadable; {audit.deep_frames} of "
             f"{audit.frames} frames deeper than 2 mm, greatest depth {1e3 * audit.depth_m:.1f} mm"]
    lines += [f"  {' and '.join(pair.links)}: {pair.frames} frames, {1e3 * pair.depth_m:.1f} mm"
              for pair in audit.pairs]
    built_in = "; ".join(" and ".join(pair) for pair in audit.built_in)
    return lines + ([f"  built into one another, not counted: {built_in}"] if built_in else [])
