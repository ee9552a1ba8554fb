"""Animate a face from speech or timed phones, draw it, measure the face model."""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.argument_types import count, count_or_none, output_folder, within
from speech_gesture_ros.cli.output_files import add_output_files, output_files
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError, InputError

HELP = "animate a face from speech, draw it, measure the model (generate, preview, evaluate)"
LOOK_AHEADS = (0.0, 0.04, 0.08)
FILES = (".csv", ".json", ".npz")
PICTURES = (".mp4", ".gif", ".png")
STRIP_STEP, STRIP_LENGTH = 4, 60  # frames from one face of a strip to the next; most faces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    generate = actions.add_parser("generate", help="write blendshapes and visemes (.csv .json .npz)")
    _add_face_options(generate, FILES)
    preview = actions.add_parser("preview", help="draw the face: a film, an animation or a strip (.mp4 .gif .png)")
    _add_face_options(preview, PICTURES)
    evaluate = actions.add_parser("evaluate", help="measure the model beside baselines, on unknown voices")
    evaluate.add_argument("--bundle", default="face", help="name in models, or a bundle folder (%(default)s)")
    evaluate.add_argument("--beside", action="append", default=[], metavar="NAME=BUNDLE", help="another bundle")
    evaluate.add_argument("--texts", type=count, default=12, help="texts of each voice (%(default)s)")
    evaluate.add_argument("--out", type=output_folder, help="folder of the report")
    evaluate.add_argument("--card", action="store_true", help="write the tables into the bundle's model card")
    parser.set_defaults(parser=parser)


def _add_face_options(parser: argparse.ArgumentParser, kinds: tuple[str, ...]) -> None:
    from speech_gesture_ros.face.expressions import EXPRESSIONS
    from speech_gesture_ros.face.style import STYLES

    parser.add_argument("audio", type=Path, help="speech: wav, flac, ogg or mp3")
    add_output_files(parser, kinds)
    parser.add_argument("--phones", type=Path, help="timed phones in place of the model: lines name,start_s,end_s")
    parser.add_argument("--bundle", default="face", help="name in models, or a bundle folder (%(default)s)")
    parser.add_argument("--look-ahead", type=within(0.0, 0.08), default=0.04, choices=LOOK_AHEADS, metavar="S",
                        help="future speech that a frame may use: 0, 0.04 or 0.08 s (%(default)s)")
    parser.add_argument("--style", nargs="+", default=["usual"], metavar="NAME[=WEIGHT]",
                        help=f"blend of styles: {', '.join(STYLES)}")
    parser.add_argument("--expression", default="neutral", choices=sorted(EXPRESSIONS), help="(%(default)s)")
    parser.add_argument("--seed", type=count_or_none, default=0, help="of blinks, brows and gaze (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run the sub-command."""
    return int({"generate": run_generate, "preview": run_preview, "evaluate": run_evaluate}[args.action](args))


def run_generate(args: argparse.Namespace) -> int:
    """Write the files of a face."""
    from speech_gesture_ros.face.face_files import write_face

    files = output_files(args, FILES)
    frames, _ = _face_frames(args)
    for path, _ in files:
        write_face(path, frames.shapes.values, frames.articulation.values)
        print(f"{path}: {len(frames.shapes)} frames")
    return 0


def run_preview(args: argparse.Namespace) -> int:
    """Draw the face."""
    files = output_files(args, PICTURES)
    from PIL import Image
    from tqdm import tqdm

    from speech_gesture_ros.core.atomic_files import replaced_file
    from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
    from speech_gesture_ros.rendering.face_view import FaceView, face_strip
    from speech_gesture_ros.rendering.video import FRAME_RATE, write_video

    frames, speech = _face_frames(args)
    shapes, captions = frames.shapes.values, _captions(frames)
    step = FACE_RATE // FRAME_RATE
    for path, _ in files:
        drawn = partial(FaceView().pictures, shapes, step, captions)
        if path.suffix.lower() == ".mp4":
            write_video(path, tqdm(drawn(), total=-(-len(shapes) // step), desc="film", unit="picture"), speech,
                        SAMPLE_RATE)
        elif path.suffix.lower() == ".gif":
            first, *rest = [Image.fromarray(picture) for picture in drawn()]
            with replaced_file(path) as temporary:
                first.save(temporary, save_all=True, append_images=rest, duration=1000 // FRAME_RATE, loop=0)
        else:
            chosen = range(0, len(shapes), STRIP_STEP)[:STRIP_LENGTH]
            with replaced_file(path) as temporary:
                Image.fromarray(face_strip(shapes, chosen, [f"{k / FACE_RATE:.2f} {captions[k]}" for k in chosen])
                                ).save(temporary)
        print(path)
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure the model and print the tables."""
    import dataclasses

    from tqdm import tqdm

    from speech_gesture_ros.core.atomic_files import write_text
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.evaluation.face.predictors import band_energies, loudness_only, model_predictor
    from speech_gesture_ros.evaluation.face.report import (
        VOICES,
        evaluate_face,
        measure_compute,
        report_tables,
        test_speech,
    )

    folder = resolve(args.bundle, "models")
    predictors = {f"model, {1000 * look:g} ms": model_predictor(folder, look) for look in (0.04, 0.0, 0.08)}
    for pair in args.beside:
        name, _, bundle = pair.partition("=")
        if not bundle:
            raise InputError("--beside", pair, "NAME=BUNDLE", "Write the name first.")
        predictors[name] = model_predictor(resolve(bundle, "models"), 0.04)
    predictors |= {"band energies": band_energies, "loudness only": loudness_only}
    report = evaluate_face(predictors, data_folder(), args.texts, lambda names: tqdm(names, desc="voices"))
    speech = test_speech(next(iter(VOICES.values())), 2)[1].samples
    report = dataclasses.replace(report, compute_ms=measure_compute(folder, speech, 0.04))
    tables = report_tables(report)
    print(tables)
    if args.out is not None:
        write_text(args.out / "face.md", tables)
    if args.card:
        _write_card(folder, tables, args)
    return 0


def _write_card(folder: Path, tables: str, args: argparse.Namespace) -> None:
    from speech_gesture_ros.core.atomic_files import write_text
    from speech_gesture_ros.datasets.timed_speech.piper import FOLDER_VARIABLE
    from speech_gesture_ros.evaluation.face.report import card_with_results, machine_of_results

    path = folder / "MODEL_CARD.md"
    beside = "".join(f" --beside {pair.partition('=')[0]!r}=BUNDLE" for pair in args.beside)
    piper = f"{FOLDER_VARIABLE}=FOLDER " if FOLDER_VARIABLE in os.environ else ""
    command = f"{piper}speech-gesture face evaluate --texts {args.texts}{beside}"
    write_text(path, card_with_results(path.read_text(encoding="utf-8"), tables, command, machine_of_results()))
    print(f"written to {path}")


def _face_frames(args: argparse.Namespace) -> tuple[Any, Any]:
    """Return the frames of the sound or of the timed phones, and the sound."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
    from speech_gesture_ros.face.expressions import expression_shapes
    from speech_gesture_ros.face.face_files import read_phones
    from speech_gesture_ros.face.face_stage import FaceStage
    from speech_gesture_ros.face.style import blend_styles
    from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace, face_of_phones

    stage = FaceStage(blend_styles(_style_weights(args.style)), seed=args.seed)
    stage.set_expression(expression_shapes(args.expression))
    speech = load_mono_16k(args.audio)
    if args.phones is not None:
        frames = face_of_phones(read_phones(args.phones), len(speech) * FACE_RATE // SAMPLE_RATE, stage)
    else:
        frames = SpeechToFace(resolve(args.bundle, "models"), args.look_ahead, stage).perform(speech)
    return frames, speech


def _style_weights(pairs: list[str]) -> dict[str, float]:
    weights = {}
    for pair in pairs:
        name, _, weight = pair.partition("=")
        try:
            weights[name] = float(weight or 1.0)
        except ValueError as error:
            raise ConfigError("--style", pair, "NAME or NAME=WEIGHT", "Write a number after the '='.") from error
    return weights


def _captions(frames: Any) -> list[str]:
    """Return the largest viseme of each frame."""
    from speech_gesture_ros.core.face_channels import VISEME_COLUMNS, VISEMES

    return [VISEMES[int(k)] for k in frames.articulation.values[:, VISEME_COLUMNS].argmax(axis=1)]
