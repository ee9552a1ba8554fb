"""Convert a sound file to motion files, without ROS and faster than real time.

The suffix of an output gives its kind: .bvh and .npz contain the human motion, .csv and .npz that of the robot, .mp4
shows both, .keypoints.mp4 the 49 keypoints of the human.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from speech_gesture_ros.cli.argument_types import output_file
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import InputError

HELP = "convert a sound file to motion files (.bvh .csv .npz .mp4)"
SUFFIXES = (".bvh", ".csv", ".npz", ".mp4")
KEYPOINT_SUFFIX = ".keypoints.mp4"
CHUNK_S = 1.0  # of speech pushed at once; any length gives the same motion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the conversion."""
    parser.add_argument("audio", type=Path, help="speech: wav, flac, ogg or mp3")
    parser.add_argument("--out", type=output_file, nargs="+", required=True, metavar="FILE",
                        help="one or more of .bvh, .csv, .npz, .mp4, .keypoints.mp4")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Generate and write."""
    for path in args.out:
        if path.suffix.lower() not in SUFFIXES:
            raise InputError("output file", str(path), f"with one of the suffixes {', '.join(SUFFIXES)}", "Rename it.")
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    speech = load_mono_16k(args.audio)
    pipeline = GesturePipeline(pipeline_config(args))
    motion = perform(pipeline, speech)
    write: dict[str, Callable[..., None]] = {
        ".bvh": _write_bvh, ".csv": _write_csv, ".npz": _write_npz,
        ".mp4": partial(_write_film, mesh_folders(args.robot)),
    }
    for path in args.out:
        is_keypoints = path.name.lower().endswith(KEYPOINT_SUFFIX)
        writer = partial(_write_keypoints, args) if is_keypoints else write[path.suffix.lower()]
        writer(path, pipeline, motion, speech)
        print(f"{path}: {len(motion.poses)} frames")
    return 0


def perform(pipeline: Any, speech: np.ndarray[Any, Any]) -> Any:
    """Motion of a whole recording.

    Args:
        pipeline: A `GesturePipeline`, new or reset.
        speech: (T,) mono at 16 kHz.

    Returns:
        Its motion; frame 0 belongs to sample 0.
    """
    from tqdm import tqdm

    from speech_gesture_ros.core.chunks import AudioChunk, concatenate
    from speech_gesture_ros.core.rates import SAMPLE_RATE

    block = round(CHUNK_S * SAMPLE_RATE)
    parts = [pipeline.push(AudioChunk(start, speech[start : start + block]))
             for start in tqdm(range(0, len(speech), block), desc="gestures", unit="s")]
    parts.append(pipeline.flush())
    return type(parts[0])(concatenate([p.poses for p in parts]), concatenate([p.joints for p in parts]))


def _write_bvh(path: Path, pipeline: Any, motion: Any, speech: Any) -> None:
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.pose.bvh import write_bvh

    del speech
    write_bvh(path, motion.poses.values, pipeline.skeleton, POSE_RATE)


def _write_csv(path: Path, pipeline: Any, motion: Any, speech: Any) -> None:
    """Write time [s] and one column for each robot joint [rad]."""
    from speech_gesture_ros.core.rates import POSE_RATE

    del speech
    q = motion.joints.values
    rows = np.column_stack([np.arange(len(q)) / POSE_RATE, q])
    header = ",".join(("time_s", *pipeline.description.joint_names))
    with atomic_write(path) as file:
        np.savetxt(file, rows, fmt="%.6f", delimiter=",", header=header, comments="")


def _write_npz(path: Path, pipeline: Any, motion: Any, speech: Any) -> None:
    from speech_gesture_ros.core.rates import POSE_RATE

    del speech
    with atomic_write(path) as file:
        np.savez_compressed(file, rate_hz=POSE_RATE, joint_xyz=motion.poses.values, q=motion.joints.values,
                            skeleton_joints=pipeline.skeleton.names, joint_names=pipeline.description.joint_names)


def _write_film(meshes: list[Path], path: Path, pipeline: Any, motion: Any, speech: Any) -> None:
    """Film of the robot's commands, without simulated servos (`demo` has them)."""
    from tqdm import tqdm

    from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
    from speech_gesture_ros.rendering.film import STRIP_HEIGHT, WIDTH, Film
    from speech_gesture_ros.rendering.video import write_video
    from speech_gesture_ros.rendering.waveform import WaveformStrip
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    film = Film(MujocoRobot(pipeline.description, mesh_folders=meshes), pipeline.skeleton,
                WaveformStrip(speech, SAMPLE_RATE, WIDTH, STRIP_HEIGHT))
    q, poses = motion.joints.values, motion.poses.values
    pictures = film.pictures(q, poses, np.arange(len(q)) / POSE_RATE)
    write_video(path, tqdm(pictures, desc="film", total=len(q), unit="picture"), speech, SAMPLE_RATE)
    film.close()


def _write_keypoints(args: argparse.Namespace, path: Path, pipeline: Any, motion: Any, speech: Any) -> None:
    """Film of the keypoints that the model predicts, or of its poses projected to keypoints."""
    from tqdm import tqdm

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.core.keypoints import keypoints_from_pose
    from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
    from speech_gesture_ros.features.sets import make_feature_stage
    from speech_gesture_ros.networks.model import KeypointModel
    from speech_gesture_ros.networks.model_registry import open_model
    from speech_gesture_ros.rendering.keypoint_view import KeypointView
    from speech_gesture_ros.rendering.video import write_video

    model = open_model(resolve(args.model, "models"), look_ahead_s=args.look_ahead, seed=args.seed,
                       device=args.device)
    keypoints: Any = keypoints_from_pose(motion.poses.values, pipeline.skeleton)
    if model.capabilities.has_keypoints:
        stage = make_feature_stage(model.capabilities.feature_set)
        features = [stage.push(AudioChunk(0, speech)).values, stage.flush().values]
        keypoints = cast("KeypointModel", model).keypoints(np.concatenate(features))
    view = KeypointView({model.name: keypoints}, speech, SAMPLE_RATE)
    pictures = tqdm(view.pictures(POSE_RATE), desc="keypoints", total=len(keypoints), unit="picture")
    write_video(path, pictures, speech, SAMPLE_RATE)
