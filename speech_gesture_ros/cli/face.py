"""Animate a face from speech or timed phones, change and mix such faces, draw them; train and measure the model."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from speech_gesture_ros.cli import face_edit, face_export, face_leave_out, face_retarget, train
from speech_gesture_ros.cli.argument_types import count, output_folder
from speech_gesture_ros.cli.face_input import LOOK_AHEADS, add_input, add_speech_options, face_of_input, face_of_speech
from speech_gesture_ros.cli.output_files import add_output_files, output_files
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import InputError

if TYPE_CHECKING:
    from speech_gesture_ros.face.animation import FaceAnimation
    from speech_gesture_ros.rendering.face_pictures import FacePictures
    from speech_gesture_ros.rendering.mesh_face import MeshFace

HELP = "animate a face from speech; change, mix, draw, retarget and export it; train and measure the model"
FILES = face_edit.FILES
PICTURES = (".mp4", ".gif", ".png")
AVATAR_SIZE = 480  # of a picture [pixels]
STRIP_STEP, STRIP_LENGTH, STRIP_SIZE = 4, 60, 200  # frames from one face of a strip to the next; faces; pixels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    generate = actions.add_parser("generate", help=f"animate speech: write blendshapes and visemes ({' '.join(FILES)})")
    generate.add_argument("audio", type=Path, help="speech: wav, flac, ogg or mp3")
    add_output_files(generate, FILES)
    add_speech_options(generate)
    generate.set_defaults(act=run_generate)
    face_edit.add_edit(actions.add_parser("edit", help="change a face: blinks, head, style, smoothing, mirror"))
    face_edit.add_blend(actions.add_parser("blend", help="mix files of faces with weights"))
    face_retarget.add_retarget(actions.add_parser("retarget", help="channels of another rig: VRM, OpenXR, FACS, ..."))
    face_export.add_export(actions.add_parser("export", help="write any format, and animations of meshes (.glb .gltf)"))
    preview = actions.add_parser("preview", help="draw the face: a film, an animation or a strip (.mp4 .gif .png)")
    add_input(preview, lambda: add_output_files(preview, PICTURES))
    preview.add_argument("--sound", type=Path, help="speech of the face, for the film of a file of a face")
    preview.add_argument("--mesh", type=Path, metavar="FOLDER|FILE.glb",
                         help="draw this mesh with shapes of ARKit: a GLB file, or the folder of ICT-FaceKit's data")
    preview.add_argument("--identity", type=Path, metavar="FILE", help="file of `avatar fit`, for ICT-FaceKit")
    preview.add_argument("--avatar", action="store_true", help="draw the avatar in place of the drawn face")
    preview.set_defaults(act=run_preview)
    training = actions.add_parser("train", help="train the model: the same as `speech-gesture train face`")
    train.add_arguments(training)
    training.set_defaults(act=train.run, config="face")
    evaluate = actions.add_parser("evaluate", help="measure the model beside baselines, on unknown voices")
    evaluate.add_argument("--bundle", default="face", help="name in models, or a bundle folder (%(default)s)")
    evaluate.add_argument("--beside", action="append", default=[], metavar="NAME=BUNDLE", help="another bundle")
    evaluate.add_argument("--texts", type=count, default=12, help="texts of each voice (%(default)s)")
    evaluate.add_argument("--out", type=output_folder, help="folder of the report")
    evaluate.add_argument("--card", action="store_true", help="write the tables into the bundle's model card")
    evaluate.set_defaults(act=run_evaluate)
    face_leave_out.add_leave_out(actions.add_parser("leave-out", help="train without one voice, and measure it"))
    parser.set_defaults(parser=parser)


def run(args: argparse.Namespace) -> int:
    """Run the sub-command."""
    return int(args.act(args))


def run_generate(args: argparse.Namespace) -> int:
    """Write the files of a face."""
    from speech_gesture_ros.face.face_files import write_face

    files = output_files(args, FILES)
    face, _ = face_of_speech(args)
    for path, _ in files:
        write_face(path, face)
        print(f"{path}: {len(face)} frames")
    return 0


def run_preview(args: argparse.Namespace) -> int:
    """Draw the face."""
    files = output_files(args, PICTURES)
    from PIL import Image
    from tqdm import tqdm

    from speech_gesture_ros.core.atomic_files import replaced_file
    from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
    from speech_gesture_ros.rendering.face_pictures import SIZE
    from speech_gesture_ros.rendering.video import FRAME_RATE, write_video

    view_of = _view_of(args)
    face, speech = face_of_input(args)
    shapes, captions = face.shapes, _captions(face)
    step = FACE_RATE // FRAME_RATE
    for path, _ in files:
        drawn = partial(view_of(AVATAR_SIZE if args.avatar else SIZE).pictures, shapes, step, captions, face.head)
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
                labels = [f"{k / FACE_RATE:.2f} {captions[k]}" for k in chosen]
                Image.fromarray(view_of(STRIP_SIZE).strip(shapes, chosen, labels, head=face.head)).save(temporary)
        print(path)
    return 0


def _read_mesh(args: argparse.Namespace) -> MeshFace:
    from speech_gesture_ros.face.fit.fit_files import read_axes
    from speech_gesture_ros.rendering.mesh_face import read_mesh_face

    return read_mesh_face(args.mesh, None if args.identity is None else read_axes(args.identity))


def _view_of(args: argparse.Namespace) -> Callable[[int], FacePictures]:
    """Return what makes the view that the options name, for pictures of a size [pixels]."""
    from speech_gesture_ros.rendering.face_view import FaceView

    if args.avatar:
        if args.mesh is not None:
            raise InputError("--mesh", str(args.mesh), "given without --avatar", "Leave one of them out.")
        from speech_gesture_ros.rendering.avatar_face_view import AvatarFaceView
        from speech_gesture_ros.rendering.avatar_view import shipped_avatar

        return partial(AvatarFaceView, shipped_avatar())
    if args.mesh is None:
        return FaceView
    from speech_gesture_ros.rendering.mesh_face_view import MeshFaceView

    return partial(MeshFaceView, _read_mesh(args))


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure the model and print the tables."""
    import dataclasses

    from tqdm import tqdm

    from speech_gesture_ros.core.atomic_files import write_text
    from speech_gesture_ros.datasets.speech_recordings import data_folder
    from speech_gesture_ros.evaluation.face.live_run import measure_live_run
    from speech_gesture_ros.evaluation.face.predictors import band_energies, loudness_only, model_predictor
    from speech_gesture_ros.evaluation.face.report import (
        VOICES,
        evaluate_face,
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
    report = dataclasses.replace(report, live={look: measure_live_run(folder, speech, look) for look in LOOK_AHEADS})
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


def _captions(face: FaceAnimation) -> list[str]:
    """Return the largest viseme of each frame; nothing where there is none."""
    from speech_gesture_ros.core.face_channels import VISEMES

    return [VISEMES[int(row.argmax())] if row.any() else "" for row in face.visemes]
