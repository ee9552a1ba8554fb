"""`speech-gesture robot preview`: human and robot side by side, poses on a sheet or a film with speech."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.argument_types import output_file, positive
from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.errors import InputError

PICTURE_SUFFIXES, FILM_SUFFIXES = (".png", ".jpg", ".jpeg"), (".mp4",)
JPEG_QUALITY = 82  # [%]
SHEET_COLUMNS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the preview."""
    parser.add_argument("--out", type=output_file, required=True,
                        help="sheet of poses (.png, .jpg), or film of the demo speech with sound (.mp4)")
    parser.add_argument("--seconds", type=positive, default=20.0, help="length of a film [s] (%(default)s)")


def run(args: argparse.Namespace, describe: Any) -> int:
    """Draw; `describe` returns the description of a robot with a profile."""
    ending = args.out.suffix.lower()
    suffixes = PICTURE_SUFFIXES + FILM_SUFFIXES
    if ending not in suffixes:
        raise InputError("preview", str(args.out), f"a file that ends in {', '.join(suffixes)}", "Rename it.")
    description = describe(args.robots[0], args.profile)
    if ending in FILM_SUFFIXES:
        film(description, args.robots[0], args.out, args.seconds)
    else:
        sheet(description, args.robots[0], args.out)
    print(args.out)
    return 0


def sheet(description: Any, robot: str, path: Path, names: tuple[str, ...] = (), tile_width: int = 420) -> None:
    """Draw poses (all, or some by name) into a picture."""
    from PIL import Image

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.robot_poses import settled_poses
    from speech_gesture_ros.rendering.sheet import NamedPose, draw_sheet
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    skeleton = load_skeleton()
    poses = [NamedPose(p.name, p.q, p.joint_xyz) for p in settled_poses(description, skeleton)
             if not names or p.name in names]
    drawn = draw_sheet(MujocoRobot(description, mesh_folders=_folders(robot)), skeleton, poses, SHEET_COLUMNS,
                       tile_width)
    with replaced_file(path) as temporary:
        Image.fromarray(drawn).save(temporary, quality=JPEG_QUALITY)  # ignored for PNG


def film(description: Any, robot: str, path: Path, seconds: float) -> None:
    """Write a film of the demo speech: commands of the robot, human motion, sound."""
    import numpy as np
    from tqdm import tqdm

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.assets import resolve, share_folder
    from speech_gesture_ros.core.chunks import JointChunk, PoseChunk
    from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
    from speech_gesture_ros.evaluation.closed_loop import simulate_motion
    from speech_gesture_ros.evaluation.robot_run import retarget_motion
    from speech_gesture_ros.pipeline.speech_to_face import face_at
    from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose
    from speech_gesture_ros.rendering.film import STRIP_HEIGHT, WIDTH, Film
    from speech_gesture_ros.rendering.video import write_video
    from speech_gesture_ros.rendering.waveform import WaveformStrip
    from speech_gesture_ros.retargeting.ik import DifferentialIk
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    voice = load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")[:round(seconds * SAMPLE_RATE)]
    model = SpeechToPose(resolve("default", "models"), device="cpu")
    motion = np.asarray(model.perform(voice), dtype=np.float32)
    q, _ = retarget_motion(DifferentialIk(description), model.skeleton, motion)
    result = simulate_motion(description, PoseChunk(0, motion), JointChunk(0, q))
    drawing = Film(MujocoRobot(description, mesh_folders=_folders(robot)), model.skeleton,
                   WaveformStrip(voice, SAMPLE_RATE, WIDTH, STRIP_HEIGHT))
    times = np.arange(len(motion)) / POSE_RATE
    pictures = drawing.pictures(result.performed, motion, times, face_at(resolve("face", "models"), voice, times))
    write_video(path, tqdm(pictures, total=len(motion), desc="drawing", unit="picture"), voice, SAMPLE_RATE)
    drawing.close()


def _folders(robot: str) -> list[Path]:
    from speech_gesture_ros.cli.pipeline_options import mesh_folders

    return mesh_folders(robot)
