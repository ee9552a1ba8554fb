"""List the gestures that can be requested by name, or draw them: the robot's commands and the human motion."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.argument_types import output_file
from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.errors import InputError

HELP = "list or draw the gestures that can be requested by name"
WORD_FRAME = 50  # frame of the word that a gesture belongs to
STROKE_FRAMES = 7  # frames from the word to the end of a stroke
NUM_FRAMES = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the list and of the picture."""
    parser.add_argument("names", nargs="*", help="names of gestures (all)")
    parser.add_argument("--out", type=output_file, help="draw them into this .jpg or .png")
    parser.add_argument("--robot", default="demo_humanoid", help="name in config/robots, or a URDF (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """List, or draw if a file is given."""
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
    if args.out is not None:
        if args.out.suffix.lower() not in (".jpg", ".jpeg", ".png"):
            raise InputError("picture", str(args.out), "a .jpg or .png", "Rename it.")
        _render(names, args.robot, args.out)
        print(args.out)
    return 0


def _render(names: list[str], robot_name: str, path: Path) -> None:
    from PIL import Image
    from tqdm import tqdm

    from speech_gesture_ros.cli.pipeline_options import mesh_folders
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.rendering.sheet import draw_sheet
    from speech_gesture_ros.retargeting import RobotConfig, load_robot
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    description, skeleton = load_robot(RobotConfig(robot=robot_name)), load_skeleton()
    poses = [_key_pose(name, description, skeleton) for name in tqdm(names, desc="gestures", unit="gesture")]
    robot = MujocoRobot(description, mesh_folders=mesh_folders(robot_name))
    picture = Image.fromarray(draw_sheet(robot, skeleton, poses))
    with replaced_file(path) as temporary:
        picture.save(temporary)


def _key_pose(name: str, description: Any, skeleton: Any) -> Any:
    """Robot and human on the word, or at the end of the stroke for gestures of the arms."""
    from speech_gesture_ros.core.chunks import PoseChunk
    from speech_gesture_ros.pose.gesture_library import load_gestures
    from speech_gesture_ros.pose.gesture_requests import GestureRequest
    from speech_gesture_ros.pose.idle import IdleMotion
    from speech_gesture_ros.pose.requested_gestures import RequestedGestures
    from speech_gesture_ros.rendering.sheet import NamedPose
    from speech_gesture_ros.retargeting import RetargetStage

    gestures = RequestedGestures(skeleton)
    gestures.plan(GestureRequest(name), float(WORD_FRAME), 0)
    poses = gestures.push(0, IdleMotion(skeleton).frames(0, NUM_FRAMES))
    joints = RetargetStage(description, skeleton).push(PoseChunk(0, poses)).values
    frame = WORD_FRAME + (STROKE_FRAMES if load_gestures()[name].arm else 0)
    return NamedPose(name, joints[frame], poses[frame])
