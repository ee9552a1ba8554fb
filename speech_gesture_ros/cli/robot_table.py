"""`speech-gesture robot table`: check many robots without a profile, and put figures and pictures into a document.

The document keeps what stands around two marks; between them the table is written, anew after each robot.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli import robot_check, robot_preview
from speech_gesture_ros.core.errors import InputError

BEGIN, END = "<!-- robot table -->", "<!-- /robot table -->"
SHOWN = ("at rest", "open", "up")
TILE = 240  # pixels of a picture's third
HEAD = ("| robot | | joints: arms, neck, waist | directions off [deg]: median (95 %), speech / recorded "
        "| amplitude kept | timing r, lag: speech | timing r: recorded | beyond limits | self-collisions | IK failures "
        "| told by |")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the table."""
    robot_check.add_arguments(parser)
    parser.add_argument("--into", type=Path, default=Path("docs/robots.md"), help="document (%(default)s)")
    parser.add_argument("--images", type=Path, default=Path("docs/images/robots"), help="pictures (%(default)s)")
    parser.add_argument("--json", type=Path, help="also write the figures here")


def run(args: argparse.Namespace, describe: Any) -> int:
    """Check and draw all robots that have two arms; 1 if one does not pass."""
    from tqdm import tqdm

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_check import check_robot

    before, after = _around(args.into)
    motions = robot_check.motion_set(args)
    args.images.mkdir(parents=True, exist_ok=True)
    rows: list[str] = []
    refused: list[str] = []
    checks: list[dict[str, Any]] = []
    for robot in tqdm(args.robots, desc="robots", unit="robot"):
        name = Path(robot).stem
        try:
            description = describe(robot, "none")
        except InputError as error:
            refused.append(f"{name} ({error.thing}: {error.value})")
        else:
            check = check_robot(description, load_skeleton(), motions)
            picture = args.images / f"{name}.jpg"
            robot_preview.sheet(description, robot, picture, SHOWN, TILE)
            checks.append({"file": name, **check.as_dict()})
            rows.append(row(name, check, os.path.relpath(picture, args.into.parent), told_by(robot, describe)))
        text = "\n".join([BEGIN, "", caption(args, len(rows)), "", HEAD, "|---" * (HEAD.count("|") - 1) + "|", *rows,
                          "", *summary(checks, refused), "", END])
        args.into.write_text(before + text + after, encoding="utf-8")
        if args.json:
            args.json.write_text(json.dumps(checks, indent=1, default=float) + "\n", encoding="utf-8")
    print(args.into)
    return int(not all(c["is_well"] for c in checks))


def row(name: str, check: Any, picture: str, interface: str) -> str:
    """One robot's line."""
    kinds, faults = check.kinds, check.faults
    speech, recorded = kinds["speech"], kinds.get("recorded")
    left, right = check.arm_joints
    arms = str(left) if left == right else f"{left} and {right}"
    off = f"{speech.error_deg:.1f} ({speech.worst_deg:.0f})"
    off += f" / {recorded.error_deg:.1f} ({recorded.worst_deg:.0f})" if recorded else ""
    cells = (f"{name}{'' if check.is_well else ' **not well**'}", f"![{name}]({picture})",
             f"{arms}, {check.head_joints}, {check.torso_joints}", off, f"{check.likeness.amplitude:.2f}",
             f"{speech.timing:.2f}, {1e3 * speech.lag_s:.0f} ms", f"{recorded.timing:.2f}" if recorded else "",
             faults["limits"], faults["self-collisions"], faults["inverse kinematics"], interface)
    return "| " + " | ".join(map(str, cells)) + " |"


def told_by(robot: str, describe: Any) -> str:
    """The command interfaces that the robot's profile names, "trajectory" without one."""
    commands = describe(robot, None).commands
    others = {kind for kind in commands.groups.values() if kind not in ("none", commands.interface)}
    return ", ".join([commands.interface, *sorted(others)])


def caption(args: argparse.Namespace, count: int) -> str:
    """How and where the table was made."""
    return (f"{count} URDFs, no profile, {args.minutes:g} min each and the extremes: `speech-gesture robot table "
            f"../shared/data/robots/*/*.urdf --minutes {args.minutes:g}`, {os.cpu_count()} cores, "
            f"{platform.machine().replace('_', '-')}, no GPU, {datetime.date.today().isoformat()}.")


def summary(checks: list[dict[str, Any]], refused: list[str]) -> list[str]:
    """What holds for all together."""
    from statistics import median

    if not checks:
        return []
    faults = {kind: sum(c["faults"][kind] for c in checks) for kind in checks[0]["faults"]}
    timing = [c["kinds"]["speech"]["timing"] for c in checks]
    minutes = sum(c["minutes"] for c in checks)
    lines = [f"Together: {sum(c['is_well'] for c in checks)} of {len(checks)} well; in {minutes:.0f} min "
             + ", ".join(f"{count} {kind}" for kind, count in faults.items())
             + f"; timing in speech r {median(timing):.2f} (median over robots), from {min(timing):.2f}."]
    return lines + ([f"Left out: {'; '.join(refused)}."] if refused else [])


def _around(document: Path) -> tuple[str, str]:
    """What stands before and after the table."""
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    if BEGIN not in text or END not in text:
        raise InputError("document", str(document), f"a file with a line {BEGIN} and a line {END}", "Add them.")
    return text.partition(BEGIN)[0], text.partition(END)[2]
