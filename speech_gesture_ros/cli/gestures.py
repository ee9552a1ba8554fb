"""The gestures that a dialogue system may wish for by name: list them, or see them on a robot.

`--render FILE` draws each at its clearest: the robot as it was told to move, and the person it follows.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import InputError

HELP = "gestures by name: list them, or draw them"
WORD = 50  # frame on which the gesture's instant lies
AFTER = 7  # frames later a stroke has arrived
LENGTH = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the list and of the picture."""
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--render", type=Path, metavar="FILE", help="draw them into a .jpg or .png")
    parser.add_argument("--robot", default="demo_humanoid", help="name in config/robots, or a URDF (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """List, and draw if wished for."""
    from speech_gesture_ros.pose.gesture_library import load_gestures

    gestures = load_gestures()
    for name in args.names:
        if name not in gestures:
            raise InputError("gesture", name, f"one of {', '.join(gestures)}", "Check the spelling.")
    names = args.names or list(gestures)
    width = max(map(len, names))
    for name in names:
        gesture = gestures[name]
        print(f"{name:{width}}  {gesture.meaning}. On the word: {gesture.on_word}. Sides: {', '.join(gesture.sides)}.")
    if args.render is not None:
        if args.render.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            raise InputError("picture", str(args.render), "a .jpg or .png", "Rename it.")
        _render(names, args.robot, args.render)
        print(args.render)
    return 0


def _render(names: list[str], robot_name: str, path: Path) -> None:
    from PIL import Image
    from tqdm import tqdm

    from speech_gesture_ros.cli.pipeline_options import mesh_folders
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
    from speech_gesture_ros.rendering.sheet import draw_sheet
    from speech_gesture_ros.retargeting import load_robot
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    description, skeleton = load_robot(PipelineConfig(robot=robot_name)), load_skeleton()
    poses = [_clearest(name, description, skeleton) for name in tqdm(names, desc="gestures", unit="gesture")]
    robot = MujocoRobot(description, mesh_folders=mesh_folders(robot_name))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_sheet(robot, skeleton, poses)).save(path)


def _clearest(name: str, description: Any, skeleton: Any) -> Any:
    """Robot and person when a gesture is at its clearest: on the word, or where the hand has arrived."""
    from speech_gesture_ros.core.chunks import PoseChunk
    from speech_gesture_ros.pose.gesture_library import load_gestures
    from speech_gesture_ros.pose.gesture_requests import GestureRequest
    from speech_gesture_ros.pose.idle import IdleMotion
    from speech_gesture_ros.pose.requested_gestures import RequestedGestures
    from speech_gesture_ros.rendering.sheet import NamedPose
    from speech_gesture_ros.retargeting import RetargetStage

    gestures = RequestedGestures(skeleton)
    gestures.plan(GestureRequest(name), float(WORD), 0)
    poses = gestures.push(0, IdleMotion(skeleton).frames(0, LENGTH))
    joints = RetargetStage(description, skeleton).push(PoseChunk(0, poses)).values
    frame = WORD + (AFTER if load_gestures()[name].arm else 0)
    return NamedPose(name, joints[frame], poses[frame])
