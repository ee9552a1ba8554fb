"""Commands of `speech-gesture avatar` for the network from voices to faces: pairs, training, measures, use."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
from pathlib import Path

from speech_gesture_ros.cli.argument_types import count, count_or_none, output_file, output_folder, within
from speech_gesture_ros.core.outputs import locked_folder


def add_voice_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-commands; each sets `act`."""
    pairs = actions.add_parser("voice-pairs", help="synthetic people for a test of train-voice: voices and faces")
    pairs.add_argument("folder", type=output_folder, help="folder to write: one folder for each person")
    pairs.add_argument("--people", type=count, default=200, help="people (%(default)s)")
    pairs.add_argument("--voices", type=count, default=3, help="recordings of each person (%(default)s)")
    pairs.add_argument("--seconds", type=within(0.5, 60.0), default=4.0, help="of a recording [s] (%(default)s)")
    pairs.add_argument("--seed", type=count_or_none, default=0, help="(%(default)s)")
    pairs.set_defaults(act=run_pairs)
    train = actions.add_parser("train-voice", help="train Speech2Face on voices and faces of people")
    train.add_argument("people", type=Path, help="folder with one folder for each person")
    train.add_argument("--out", type=output_folder, required=True, help="folder of the bundle")
    train.add_argument("--config", default="speech2face", help="name in config/training, or a YAML file (%(default)s)")
    train.add_argument("--steps", type=count, help="steps of the voice encoder (those of the configuration)")
    train.add_argument("--resume", action="store_true", help="continue from the checkpoints beside the bundle")
    train.set_defaults(act=run_train)
    evaluate = actions.add_parser("evaluate-voice", help="retrieval of people who the model was not trained on")
    evaluate.add_argument("bundle", type=Path, help="folder of the bundle")
    evaluate.add_argument("people", type=Path, help="folder with one folder for each person, with the bundle's axes")
    evaluate.set_defaults(act=run_evaluate)
    apply = actions.add_parser("apply-voice", help="axes of an avatar for a voice (.json), and a picture (.png)")
    apply.add_argument("bundle", type=Path, help="folder of the bundle")
    apply.add_argument("audio", type=Path, help="the agent's voice: wav, flac, ogg or mp3")
    apply.add_argument("--out", type=output_file, nargs="+", default=[], metavar="FILE", help="files to write")
    apply.set_defaults(act=run_apply)


def run_pairs(args: argparse.Namespace) -> int:
    """Write synthetic people."""
    from tqdm import tqdm

    from speech_gesture_ros.training.speech2face.synthetic_voices import write_synthetic_people

    with locked_folder(args.folder):
        write_synthetic_people(args.folder, args.people, args.voices, args.seconds, args.seed,
                               lambda numbers: tqdm(numbers, total=args.people, desc="people", unit="person"))
    print(f"{args.folder}: {args.people} people, {args.people * args.voices} recordings")
    return 0


def run_train(args: argparse.Namespace) -> int:
    """Train, and print the folder of the bundle."""
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.training.speech2face.run_config import load_run_config
    from speech_gesture_ros.training.speech2face.train import train_speech2face

    logging.getLogger("speech_gesture_ros").setLevel(logging.INFO)
    config = load_run_config(resolve(args.config, "config/training"))
    if args.steps is not None:
        config = dataclasses.replace(config, steps=args.steps)
    with locked_folder(args.out):
        folder = train_speech2face(config, args.people, args.out, resume=args.resume)
    print(f"bundle: {folder}")
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    """Print retrieval beside chance."""
    from speech_gesture_ros.networks.speech2face.bundle import load_speech2face
    from speech_gesture_ros.training.speech2face.train import evaluate_folder

    print(evaluate_folder(load_speech2face(args.bundle), args.people))
    return 0


def run_apply(args: argparse.Namespace) -> int:
    """Print the axes for a voice; write them, and the picture if the model has one."""
    from PIL import Image

    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.atomic_files import replaced_file, write_text
    from speech_gesture_ros.core.errors import InputError
    from speech_gesture_ros.networks.speech2face.bundle import VoiceToFace, load_speech2face

    for path in args.out:
        if path.suffix.lower() not in (".json", ".png"):
            raise InputError("output file", str(path), ".json or .png", "Rename it.")
    model = VoiceToFace(load_speech2face(args.bundle))
    axes, picture = model.face(model.feature(load_mono_16k(args.audio)))
    for name, value in axes.items():
        print(f"{name}: {value:+.2f}")
    for path in args.out:
        if path.suffix.lower() == ".json":
            write_text(path, json.dumps(axes, indent=2) + "\n")
        elif picture is None:
            raise InputError("picture", "none", "a model that was trained with pictures", "Write .json.")
        else:
            with replaced_file(path) as temporary:
                Image.fromarray(picture).save(temporary)
        print(path)
    return 0
