"""Make an avatar: a person with skeleton and face shapes as one glTF file, also one that fits a voice."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli import avatar_fit
from speech_gesture_ros.cli.argument_types import count_or_none, output_file
from speech_gesture_ros.cli.avatar_voice import add_voice_actions
from speech_gesture_ros.core.errors import ConfigError

HELP = "make an avatar with skeleton and face shapes as a GLB file; fit one to a voice (build, sliders, fit)"
DATA_PLACE = ("avatar", "makehuman_cc0")  # in the data folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    build = actions.add_parser("build", help="make the avatar from the MakeHuman data (.glb)")
    _add_data(build)
    build.add_argument("--identity", nargs="+", default=[], metavar="FILE|SLIDER=VALUE",
                       help="YAML files with identity, rest and colours, files of `avatar fit`, and single sliders; "
                       "later ones count")
    build.add_argument("--random", type=count_or_none, metavar="SEED",
                       help="draw sliders, colours and the face at rest, by a seed; --identity counts over it")
    build.add_argument("--out", type=output_file, default="avatar.glb", help="GLB file (%(default)s)")
    sliders = actions.add_parser("sliders", help="list the sliders of the identity")
    _add_data(sliders)
    avatar_fit.add_fit(actions.add_parser("fit", help="axes of a face for the sound of the agent's voice (.json)"))
    add_voice_actions(actions)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="FOLDER",
                        help="data of MakeHuman with base.obj (avatar/makehuman_cc0 in the data folder)")


def run(args: argparse.Namespace) -> int:
    """Run the sub-command."""
    if hasattr(args, "act"):
        return int(args.act(args))
    return int({"build": run_build, "sliders": run_sliders, "fit": avatar_fit.run_fit}[args.action](args))


def run_build(args: argparse.Namespace) -> int:
    """Write the GLB file."""
    from speech_gesture_ros.avatar.build import build_avatar
    from speech_gesture_ros.avatar.gltf_writer import write_avatar
    from speech_gesture_ros.core.bounded_files import MIB

    folder = _data_folder(args)
    model = build_avatar(folder, _settings(args.identity, _random(folder, args.random)))
    size = write_avatar(Path(args.out), model)
    vertices, shapes = sum(len(mesh.points) for mesh in model.meshes), max(len(mesh.shapes) for mesh in model.meshes)
    print(f"{args.out}: {size / MIB:.2f} MiB, {vertices} vertices, {len(model.bones)} bones, {shapes} shapes")
    return 0


def run_sliders(args: argparse.Namespace) -> int:
    """Print the sliders and their ranges."""
    from speech_gesture_ros.avatar.identity import list_sliders

    for name, slider in list_sliders(_data_folder(args)).items():
        print(f"{name}  {'-1' if slider.low else '0'} to 1")
    return 0


def _data_folder(args: argparse.Namespace) -> Path:
    if args.data is not None:
        return Path(args.data)
    from speech_gesture_ros.datasets.speech_recordings import data_folder

    return data_folder().joinpath(*DATA_PLACE)


def _random(folder: Path, seed: int | None) -> dict[str, dict[str, object]]:
    """Return drawn settings as a file would have them; none without a seed."""
    from speech_gesture_ros.avatar.identity import list_sliders
    from speech_gesture_ros.avatar.random_identity import random_settings

    return {} if seed is None else asdict(random_settings(list_sliders(folder), seed))


def _settings(texts: list[str], base: Mapping[str, dict[str, object]] | None = None) -> Any:
    """Return the settings of files and single sliders, over others."""
    from speech_gesture_ros.avatar.identity import AvatarSettings
    from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
    from speech_gesture_ros.face.fit.fit_files import EXPLANATIONS

    merged: dict[str, dict[str, object]] = {key: dict(entries) for key, entries in (base or {}).items()}
    for text in texts:
        name, is_pair, value = text.partition("=")
        if is_pair:
            try:
                merged.setdefault("identity", {})[name] = float(value)
            except ValueError:
                raise ConfigError("--identity", text, "SLIDER=NUMBER or a file",
                                  "Write a number after the '='.") from None
            continue
        for key, entries in load_yaml(Path(text)).items():
            if key in EXPLANATIONS:
                continue
            if not isinstance(entries, dict):
                raise ConfigError(f"{text}: {key}", entries, "a mapping", "Write 'key: value' lines below it.")
            merged.setdefault(key, {}).update(entries)
    return from_mapping(AvatarSettings, merged, "--identity")
