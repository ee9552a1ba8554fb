"""Get to know a robot from its URDF: inspect it, check it with a standard set of motions, write a profile to edit."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import SpeechGestureError

HELP = "inspect or check any robot's URDF, write its profile"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    inspect = actions.add_parser("inspect", help="what is found in a URDF, and why")
    check = actions.add_parser("check", help="a standard set of motions, judged")
    check.add_argument("--minutes", type=float, default=10.0, help="of speech to perform (%(default)s)")
    check.add_argument("--json", type=Path, help="also write the figures here")
    profile = actions.add_parser("profile", help="write a profile to edit")
    profile.add_argument("--out", type=Path, help="file to write (printed)")
    for action in (inspect, check, profile):
        action.add_argument("robots", nargs="+" if action is check else 1, metavar="URDF",
                            help="URDF, or a name in config/robots")
        action.add_argument("--profile", help="robot profile (none: all is found in the URDF)")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 if a robot does not pass the check."""
    if args.action == "check":
        return _check(args)
    description = _describe(args.robots[0], args.profile)
    text = describe(description) if args.action == "inspect" else profile_text(description)
    if args.action == "profile" and args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text, encoding="utf-8")
        text = f"written to {args.out}: give it as robot profile, or put it beside the URDF in config/robots"
    print(text)
    return 0


def describe(description: Any) -> str:
    """What was found in a URDF, for people."""
    body, limits = description.body, description.limits
    lines = [f"{description.name}: {len(description.joint_names)} joints to gesture with", "",
             f"base {body.base}, chest {body.torso}, head {body.head or '(none that moves)'}"]
    for side, arm in (("left", body.left_arm), ("right", body.right_arm)):
        lines.append(f"{side} arm: shoulder {arm.shoulder}, elbow {arm.elbow}, wrist {arm.wrist}, "
                     f"hand {arm.hand or '(none)'}")
    lines += ["", f"{'joint':<32}{'group':<12}{'lower':>8}{'upper':>8}{'rest':>8}{'speed':>8}{'accel':>8}"]
    group_of = {name: group for group, names in description.groups.items() for name in names}
    for i, name in enumerate(description.joint_names):
        values = (limits.lower[i], limits.upper[i], description.rest_q[i], limits.velocity[i], limits.acceleration[i])
        lines.append(f"{name:<32}{group_of[name]:<12}" + "".join(f"{v:8.2f}" for v in values))
    lines += ["", f"{len(description.capsules)} capsules, {len(description.collision_pairs)} pairs watched for "
                  "self-collision", "", "notes"]
    lines += [f"  {note}" for note in description.notes]
    lines += ["", "commands go to"] + [f"  {group}: {topic}" for group, topic in description.topics.items()]
    return "\n".join(lines)


def profile_text(description: Any) -> str:
    """A profile with everything that was found, to be edited."""
    lines = [f"# Profile of {description.name}. Every key but the name is optional: what is deleted is found in the",
             "# URDF again. Positions in rad, inside the limits that `speech-gesture robot inspect` prints.",
             f"name: {description.name}", "controllers:  # group to the topic of its joint_trajectory_controller"]
    lines += [f"  {group}: {topic}" for group, topic in description.topics.items()]
    lines.append("rest_pose:")
    lines += [f"  {name}: {value:.3f}" for name, value in zip(description.joint_names, description.rest_q)]
    lines += ["locked_joints: []  # joints that gestures must not move",
              "envelope: {position: 0.96, velocity: 0.9, acceleration: 1.0, jerk: 1.0}  # shares of the limits to use"]
    return "\n".join(lines) + "\n"


def _describe(robot: str, profile: str | None) -> Any:
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.retargeting import describe_robot

    urdf = resolve(robot, "config/robots")
    return describe_robot(urdf.with_suffix(".urdf") if urdf.suffix == ".yaml" else urdf,
                          resolve(profile, "config/robots") if profile else None)


def _check(args: argparse.Namespace) -> int:
    from tqdm import tqdm

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_check import check_robot

    motions = _speech_motions(args.minutes)
    checks: list[dict[str, Any]] = []
    print(HEADING)
    for robot in tqdm(args.robots, desc="checking", unit="robot", disable=len(args.robots) == 1):
        try:
            check = check_robot(_describe(robot, args.profile), load_skeleton(), motions)
        except SpeechGestureError as error:
            tqdm.write(f"{Path(robot).stem[:26]:<28}{error}")
            checks.append({"name": Path(robot).stem, "is_well": False, "error": str(error)})
            continue
        tqdm.write(row(check))
        checks.append(check.as_dict())
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(checks, indent=1, default=float) + "\n", encoding="utf-8")
    return int(not all(c["is_well"] for c in checks))


HEADING = (f"{'robot':<28}{'arms':>6}{'neck':>5}{'waist':>6}{'error deg':>11}{'(95 %)':>8}{'timing r':>9}{'size':>6}"
           f"{'limits':>7}{'collide':>8}{'IK':>4}{'other':>6}{'gap mm':>7}{'ms':>6}{'p99':>6}  verdict")


def row(check: Any) -> str:
    """One line of the table."""
    like, faults = check.speech, check.faults
    other = sum(n for kind, n in faults.items() if kind not in ("limits", "self-collisions", "inverse kinematics"))
    left, right = check.arm_joints
    return (f"{check.name[:26]:<28}{f'{left}+{right}':>6}{check.head_joints:>5}{check.torso_joints:>6}"
            f"{like.error_deg:>11.1f}{like.worst_deg:>8.1f}{like.timing:>9.2f}{like.size:>6.2f}{faults['limits']:>7}"
            f"{faults['self-collisions']:>8}{faults['inverse kinematics']:>4}{other:>6}"
            f"{min(1e3 * check.min_distance_m, 999):>7.0f}{like.frame_ms[0]:>6.2f}{like.frame_ms[1]:>6.2f}"
            f"  {'well' if check.is_well else 'NOT WELL'}")


def _speech_motions(minutes: float) -> list[Any]:
    """The default model's motion for the shipped speech, other gestures each time."""
    import numpy as np
    from tqdm import tqdm

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.assets import resolve, share_folder
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose

    speech = load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")
    motions: list[Any] = []
    wanted = round(minutes * 60 * POSE_RATE)
    with tqdm(total=wanted, desc="speech", unit="frame", leave=False) as bar:
        while sum(map(len, motions)) < wanted:
            model = SpeechToPose(resolve("default", "models"), seed=len(motions), device="cpu")
            motions.append(np.asarray(model.perform(speech)))
            bar.update(len(motions[-1]))
    return motions
