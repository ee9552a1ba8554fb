"""`speech-gesture robot table`: check many robots without a profile, and write values and pictures into a document.

The document keeps the text around two marks; the table between them is written again after each robot.
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
from speech_gesture_ros.cli.argument_types import output_file, output_folder
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.errors import InputError

BEGIN, END = "<!-- robot table -->", "<!-- /robot table -->"
SHOWN_POSES = ("at rest", "open", "up")
TILE_WIDTH = 240  # of each pose [pixels]
HEAD = ("| robot | | joints: arms, neck, waist | direction error [deg]: median (95 %), speech / recorded "
        "| amplitude kept | timing r, lag: speech | timing r: recorded | limit violations | self-collisions "
        "| IK failures | frames with meshes deeper than 2 mm | command interface |")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the table."""
    robot_check.add_arguments(parser)
    parser.add_argument("--out", type=output_file, default="docs/robots.md", help="document (%(default)s)")
    parser.add_argument("--images", type=output_folder, default="docs/images/robots", help="pictures (%(default)s)")
    parser.add_argument("--json", type=output_file, help="write the values to this file, too")


def run(args: argparse.Namespace, describe: Any) -> int:
    """Check and draw all robots that have two arms; 1 if one fails."""
    from tqdm import tqdm

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_check import check_robot

    before, after = _text_around_table(args.out)
    motions = robot_check.read_motions(args)
    rows: list[str] = []
    refused: list[str] = []
    failed: list[str] = []
    checks: list[dict[str, Any]] = []
    for robot in tqdm(args.robots, desc="robots", unit="robot"):
        name = Path(robot).stem
        try:
            description = describe(robot, "none")
        except InputError as error:
            refused.append(f"{name} ({error.thing}: {error.value})")
        else:
            check = check_robot(description, load_skeleton(), motions, args.meshes or "collision")
            picture = args.images / f"{name}.jpg"
            robot_preview.sheet(description, robot, picture, SHOWN_POSES, TILE_WIDTH)
            checks.append({"file": name, **check.as_dict()})
            failed += [f"- {name}: {line}" for line in check.failures()]
            rows.append(row(name, check, os.path.relpath(picture, args.out.parent), interfaces(robot, describe)))
        text = "\n".join([BEGIN, "", caption(args, len(rows)), "", HEAD, "|---" * (HEAD.count("|") - 1) + "|", *rows,
                          "", *summary(checks, refused),
                          *(["", "Failed, and why:", "", *failed] if failed else []), "", END])
        write_text(args.out, before + text + after)
        if args.json:
            write_text(args.json, json.dumps(checks, indent=1, default=float) + "\n")
    print(args.out)
    return int(not all(c["passes"] for c in checks))


def row(name: str, check: Any, picture: str, interface: str) -> str:
    """One line of the table."""
    kinds, faults = check.kinds, check.faults
    speech, recorded = kinds["speech"], kinds.get("recorded")
    left, right = check.arm_joints
    arms = str(left) if left == right else f"{left} and {right}"
    errors = f"{speech.error_deg:.1f} ({speech.error_p95_deg:.0f})"
    errors += f" / {recorded.error_deg:.1f} ({recorded.error_p95_deg:.0f})" if recorded else ""
    cells = (f"{name}{'' if check.passes else ' **FAIL**'}", f"![{name}]({picture})",
             f"{arms}, {check.head_joints}, {check.torso_joints}", errors, f"{check.likeness.amplitude:.2f}",
             f"{speech.timing:.2f}, {1e3 * speech.lag_s:.0f} ms", f"{recorded.timing:.2f}" if recorded else "",
             *(faults[fault] for fault in robot_check.SHOWN_FAULTS), mesh_cell(check.audit), interface)
    return "| " + " | ".join(map(str, cells)) + " |"


def mesh_cell(audit: Any) -> str:
    """Audit on the meshes: share of frames, greatest depth, and the pair with most frames; how many pairs are left."""
    if audit is None or not audit.frames:
        return "no meshes"
    lost = f"; {audit.unreadable} links unreadable" if audit.unreadable else ""
    if not audit.pairs:
        return f"0{lost}"
    more = f" and {len(audit.pairs) - 1} pairs more" if len(audit.pairs) > 1 else ""
    return (f"{100 * audit.share:.2g} %, {1e3 * audit.depth_m:.0f} mm: {' / '.join(audit.pairs[0].links)}{more}{lost}")


def interfaces(robot: str, describe: Any) -> str:
    """Command interfaces in the robot's profile, "trajectory" without one."""
    commands = describe(robot, None).commands
    others = {kind for kind in commands.groups.values() if kind not in ("none", commands.interface)}
    return ", ".join([commands.interface, *sorted(others)])


def caption(args: argparse.Namespace, count: int) -> str:
    """Command, machine and date of the table."""
    return (f"{count} URDFs, no profile, {args.minutes:g} min each and the extremes: `speech-gesture robot table "
            f"../shared/data/robots/*/*.urdf --minutes {args.minutes:g}`, {os.cpu_count()} cores, "
            f"{platform.machine().replace('_', '-')}, no GPU, {datetime.date.today().isoformat()}.")


def summary(checks: list[dict[str, Any]], refused: list[str]) -> list[str]:
    """Values of all robots together, and the robots left out."""
    from statistics import median

    from speech_gesture_ros.evaluation.robot_check import FAULT_LABELS

    if not checks:
        return []
    faults = {label: sum(c["faults"][name] for c in checks) for name, label in FAULT_LABELS.items()}
    timing = [c["kinds"]["speech"]["timing"] for c in checks]
    minutes = sum(c["minutes"] for c in checks)
    lines = [f"Together: {sum(c['passes'] for c in checks)} of {len(checks)} pass; in {minutes:.0f} min "
             + ", ".join(f"{count} {label}" for label, count in faults.items())
             + f"; timing in speech r {median(timing):.2f} (median over robots), at least {min(timing):.2f}."]
    return lines + ([f"Left out: {'; '.join(refused)}."] if refused else [])


def _text_around_table(document: Path) -> tuple[str, str]:
    """Text before and after the table."""
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    if BEGIN not in text or END not in text:
        raise InputError("document", str(document), f"a file with a line {BEGIN} and a line {END}", "Add them.")
    return text.partition(BEGIN)[0], text.partition(END)[2]
