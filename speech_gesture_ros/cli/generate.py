"""Convert a sound file to motion files, without ROS and faster than real time.

The ending of an output gives its kind: .bvh has the human motion, .csv and play_motion2.yaml the robot's commands;
.npz, .mcap and .mp4 have both, .keypoints.mp4 the 49 keypoints of the human. Commands keep all limits and are at rest
in the beginning and the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from speech_gesture_ros.cli.output_files import add_output_files, output_files
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.errors import InputError

HELP = "convert a sound file to motion files (.bvh .csv .npz .mcap .mp4 play_motion2.yaml)"
KINDS = (".bvh", ".csv", ".npz", ".mcap", ".keypoints.mp4", ".mp4", "play_motion2.yaml")
CHUNK_S = 1.0  # of speech pushed at once; any length gives the same motion

Writer = Callable[[Path], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the conversion."""
    parser.add_argument("audio", type=Path, help="speech: wav, flac, ogg or mp3")
    add_output_files(parser, KINDS)
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Generate and write."""
    files = output_files(args, KINDS)
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    speech = load_mono_16k(args.audio)
    pipeline = GesturePipeline(pipeline_config(args))
    motion = generate(pipeline, speech)
    writers = _writers(args, motion)
    for path, kind in files:
        writers[kind](path)
        print(f"{path}: {len(motion.joint_xyz)} frames")
    return 0


def generate(pipeline: Any, speech: np.ndarray[Any, Any]) -> Any:
    """Human motion and planned commands for a whole recording, as a `GeneratedMotion`.

    Args:
        pipeline: A `GesturePipeline`, new or reset.
        speech: (T,) mono at 16 kHz.

    Raises:
        InputError: If it is shorter than one pose.
    """
    from speech_gesture_ros.control.offline_plan import plan_offline
    from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
    from speech_gesture_ros.rendering.generated_motion import GeneratedMotion

    motion = perform(pipeline, speech)
    if not len(motion.joints):
        raise InputError("length of the sound", f"{len(speech)} samples at {SAMPLE_RATE} Hz", f"{SAMPLES_PER_POSE} or "
                         "more", "Record more.")
    plan = plan_offline(pipeline.description, motion.joints)
    return GeneratedMotion(speech, pipeline.skeleton, motion.poses.values, pipeline.description, plan.positions,
                           plan.velocities)


def _writers(args: argparse.Namespace, motion: Any) -> dict[str, Writer]:
    """Return the function that writes each kind."""
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.pose.bvh import write_bvh
    from speech_gesture_ros.rendering.motion_bag import write_motion_bag
    from speech_gesture_ros.rendering.motion_files import write_csv, write_npz, write_play_motion

    return {
        ".bvh": lambda path: write_bvh(path, motion.joint_xyz, motion.skeleton, POSE_RATE),
        ".csv": lambda path: write_csv(path, motion),
        ".npz": lambda path: write_npz(path, motion),
        ".mcap": lambda path: write_motion_bag(path, motion),
        ".mp4": partial(_write_film, mesh_folders(args.robot), motion),
        ".keypoints.mp4": partial(_write_keypoints, args, motion),
        "play_motion2.yaml": lambda path: write_play_motion(path, motion, args.audio.stem),
    }


def perform(pipeline: Any, speech: np.ndarray[Any, Any]) -> Any:
    """Motion of a whole recording.

    Args:
        pipeline: A `GesturePipeline`, new or reset.
        speech: (T,) mono at 16 kHz.

    Returns:
        Its motion; frame 0 belongs to sample 0.
    """
    from tqdm import tqdm

    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.pipeline.gesture_pipeline import join_motions

    block = round(CHUNK_S * SAMPLE_RATE)
    parts = [pipeline.push(AudioChunk(start, speech[start : start + block]))
             for start in tqdm(range(0, len(speech), block), desc="gestures", unit="s")]
    parts.append(pipeline.flush())
    return join_motions(parts)


def _write_film(meshes: list[Path], motion: Any, path: Path) -> None:
    """Film of the robot's commands, without simulated servos (`demo` has them)."""
    from tqdm import tqdm

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
    from speech_gesture_ros.pipeline.speech_to_face import face_at
    from speech_gesture_ros.rendering.film import STRIP_HEIGHT, WIDTH, Film
    from speech_gesture_ros.rendering.video import write_video
    from speech_gesture_ros.rendering.waveform import WaveformStrip
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    film = Film(MujocoRobot(motion.description, mesh_folders=meshes), motion.skeleton,
                WaveformStrip(motion.speech, SAMPLE_RATE, WIDTH, STRIP_HEIGHT))
    times = np.arange(len(motion.q)) / POSE_RATE
    faces = face_at(resolve("face", "models"), motion.speech, times)
    pictures = film.pictures(motion.q, motion.joint_xyz, times, faces)
    write_video(path, tqdm(pictures, desc="film", total=len(motion.q), unit="picture"), motion.speech, SAMPLE_RATE)
    film.close()


def _write_keypoints(args: argparse.Namespace, motion: Any, path: Path) -> None:
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
    keypoints: Any = keypoints_from_pose(motion.joint_xyz, motion.skeleton)
    if model.capabilities.has_keypoints:
        stage = make_feature_stage(model.capabilities.feature_set)
        features = [stage.push(AudioChunk(0, motion.speech)).values, stage.flush().values]
        keypoints = cast("KeypointModel", model).keypoints(np.concatenate(features))
    view = KeypointView({model.name: keypoints}, motion.speech, SAMPLE_RATE)
    pictures = tqdm(view.pictures(POSE_RATE), desc="keypoints", total=len(keypoints), unit="picture")
    write_video(path, pictures, motion.speech, SAMPLE_RATE)
