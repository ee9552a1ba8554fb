"""Draw a person from keypoints: learn from films of the person, render motion, export keypoints.

`train` learns to draw the person of a film, `render` makes a film of that person with another motion, `keypoints`
writes keypoints as a table, as pictures or in OpenPose's layout, `draw` makes films of the avatar with known keypoints.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.cli.argument_types import count, count_up_to, output_file, output_folder
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.outputs import locked_folder

HELP = "draw a person from keypoints, learned from a film (train, render, keypoints, evaluate, draw)"
SIZES = 512  # largest width and height of pictures [pixels]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    train = actions.add_parser("train", help="learn to draw the person of a film, or of the films of a folder")
    train.add_argument("source", type=Path, help="a film, or a folder with films of one person before a fixed camera")
    train.add_argument("--out", type=output_folder, required=True, help="folder of the bundle")
    train.add_argument("--config", default="video", help="name in config/training, or a YAML file (%(default)s)")
    train.add_argument("--size", type=count_up_to(SIZES), help="width and height of the pictures [pixels] "
                       "(that of the configuration)")
    train.add_argument("--steps", type=count, help="steps (that of the configuration)")
    train.add_argument("--resume", action="store_true", help="continue from the checkpoint beside the bundle")
    train.set_defaults(act=run_train)
    render = actions.add_parser("render", help="film of the person with another motion")
    render.add_argument("bundle", type=Path, help="folder of the bundle")
    _add_motion(render)
    render.add_argument("film", type=output_file, help="film to write (.mp4)")
    render.add_argument("--audio", type=Path, help="sound of the film")
    render.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:<n> (%(default)s)")
    render.set_defaults(act=run_render)
    keypoints = actions.add_parser("keypoints", help="keypoints of a film or a motion: .npz, .mp4 of pictures, or a "
                                   "folder in OpenPose's layout")
    _add_motion(keypoints)
    keypoints.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files to write; a name without an "
                           "ending is a folder in OpenPose's layout")
    keypoints.add_argument("--bundle", type=Path, help="bundle whose person a motion is fitted to")
    keypoints.add_argument("--size", type=count_up_to(SIZES), default=256, help="width and height of the picture of a "
                           "motion [pixels] (%(default)s)")
    keypoints.set_defaults(act=run_keypoints)
    evaluate = actions.add_parser("evaluate", help="measure a bundle on the held-out ends of its films")
    evaluate.add_argument("bundle", type=Path, help="folder of the bundle")
    evaluate.add_argument("source", type=Path, help="the film, or the folder with films, that it was trained on")
    evaluate.add_argument("--out", type=output_file, help="picture to write: real, drawn and nearest pictures (.png)")
    evaluate.set_defaults(act=run_evaluate)
    draw = actions.add_parser("draw", help="film of the avatar, with its exact keypoints beside it as .npz")
    draw.add_argument("motion", type=Path, help="motion file of `generate` (.npz)")
    draw.add_argument("film", type=output_file, help="film to write (.mp4)")
    draw.add_argument("--audio", type=Path, help="sound of the film, which moves the lips")
    draw.add_argument("--size", type=count_up_to(SIZES), default=256, help="width and height [pixels] (%(default)s)")
    draw.set_defaults(act=run_draw)


def _add_motion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("motion", type=Path, help="motion file of `generate` or keypoints (.npz), a folder in "
                        "OpenPose's layout, or a film")


def run(args: argparse.Namespace) -> int:
    """Run the sub-command."""
    return int(args.act(args))


def run_train(args: argparse.Namespace) -> int:
    """Train, and print the folder of the bundle and its measures."""
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.training.video.run_config import load_run_config
    from speech_gesture_ros.training.video.train import train_video

    logging.getLogger("speech_gesture_ros").setLevel(logging.INFO)
    config = load_run_config(resolve(args.config, "config/training"))
    if args.size is not None:
        config = dataclasses.replace(config, network=dataclasses.replace(config.network, size=args.size))
    if args.steps is not None:
        config = dataclasses.replace(config, steps=args.steps)
    with locked_folder(args.out):
        folder = train_video(config, args.source, args.out, resume=args.resume)
    print(f"bundle: {folder}")
    return 0


def run_render(args: argparse.Namespace) -> int:
    """Write the film."""
    from tqdm import tqdm

    from speech_gesture_ros.networks.video.bundle import load_video_bundle
    from speech_gesture_ros.networks.video.video_stage import VideoStage
    from speech_gesture_ros.rendering.person_film import draw_film

    bundle = load_video_bundle(args.bundle)
    keypoints = _keypoints(args.motion, bundle, bundle.network.size)
    stage = VideoStage(bundle, args.device)
    pictures = draw_film(stage, keypoints, stage.size)
    _write_film(args.film, tqdm(pictures, total=len(keypoints), desc="film", unit="picture"), args.audio)
    print(f"{args.film}: {len(keypoints)} pictures")
    return 0


def run_keypoints(args: argparse.Namespace) -> int:
    """Write the keypoints of a film or of a motion."""
    for path in args.files:
        if path.suffix.lower() not in ("", ".npz", ".mp4"):
            raise InputError("output file", str(path), ".npz, .mp4, or a folder (no ending)", "Rename it.")
        output_file(str(path)) if path.suffix else output_folder(str(path))
    from speech_gesture_ros.datasets.person_files import write_person, write_person_folder
    from speech_gesture_ros.networks.video.bundle import load_video_bundle
    from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints

    bundle = load_video_bundle(args.bundle) if args.bundle else None
    size = bundle.network.size if bundle else args.size
    keypoints = _keypoints(args.motion, bundle, size)
    for path in args.files:
        if path.suffix.lower() == ".npz":
            write_person(path, keypoints, (size, size))
        elif path.suffix:
            _write_film(path, (draw_keypoints(person, size + size % 2) for person in keypoints), None)
        else:
            write_person_folder(path, keypoints, args.motion.stem)
        print(f"{path}: {len(keypoints)} frames")
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    """Print the measures of the held-out ends; with --out write a picture."""
    from speech_gesture_ros.training.video.evaluate import evaluate_bundle

    table = evaluate_bundle(args.bundle, args.source, args.out)
    print(table)
    if args.out:
        print(f"written to {args.out}")
    return 0


def run_draw(args: argparse.Namespace) -> int:
    """Write a film of the avatar, and its keypoints."""
    from tqdm import tqdm

    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.core.rates import POSE_RATE
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.datasets.person_files import write_person
    from speech_gesture_ros.pipeline.speech_to_face import face_at
    from speech_gesture_ros.rendering.avatar_view import CLOSED
    from speech_gesture_ros.rendering.human_view import HumanView
    from speech_gesture_ros.rendering.person_sources import read_motion

    skeleton = load_skeleton()
    motion = read_motion(args.motion, skeleton)
    times = np.arange(len(motion)) / POSE_RATE
    faces = face_at(resolve("face", "models"), _sound(args.audio), times) if args.audio else [CLOSED] * len(motion)
    view = HumanView(skeleton, args.size + args.size % 2)
    keypoints: list[np.ndarray[Any, Any]] = []

    def pictures() -> Iterable[Any]:
        for pose, face in zip(tqdm(motion, desc="film", unit="picture"), faces):
            picture, person = view.draw(pose, face)
            keypoints.append(person)
            yield picture

    _write_film(args.film, pictures(), args.audio)
    write_person(args.film.with_suffix(".npz"), np.stack(keypoints), (args.size, args.size))
    print(f"{args.film}, {args.film.with_suffix('.npz')}: {len(motion)} pictures")
    return 0


def _keypoints(source: Path, bundle: Any, size: int) -> np.ndarray[Any, Any]:
    """Return the (T, 137, 3) keypoints of a motion file, a file or folder of keypoints, or a film."""
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.datasets.films import FILM_SUFFIXES
    from speech_gesture_ros.datasets.person_files import read_person, read_person_folder_whole
    from speech_gesture_ros.rendering.person_fit import fit_motion
    from speech_gesture_ros.rendering.person_sources import is_motion, read_motion, usual_person

    if source.is_dir():
        return read_person_folder_whole(source)
    if source.suffix.lower() in FILM_SUFFIXES:
        return _film_keypoints(source)
    if not is_motion(source):
        return read_person(source)
    skeleton = load_skeleton()
    person, lengths = usual_person(skeleton, size) if bundle is None else (bundle.person, bundle.lengths)
    return fit_motion(read_motion(source, skeleton), skeleton, person, lengths)


def _film_keypoints(source: Path) -> np.ndarray[Any, Any]:
    from tqdm import tqdm

    from speech_gesture_ros.datasets.films import read_film
    from speech_gesture_ros.datasets.landmarks.holistic import detect_people

    return detect_people(picture.pixels for picture in tqdm(read_film(source), desc="keypoints", unit="picture"))


def _write_film(path: Path, pictures: Iterable[Any], audio: Path | None) -> None:
    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.rendering.video import write_video

    write_video(path, pictures, np.zeros(1) if audio is None else _sound(audio), SAMPLE_RATE)


def _sound(path: Path) -> np.ndarray[Any, Any]:
    """Return (N,) samples at 16 kHz."""
    from speech_gesture_ros.audio.files import load_mono_16k

    return load_mono_16k(path)

