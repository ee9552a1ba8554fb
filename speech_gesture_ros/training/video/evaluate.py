"""Measures of a bundle on the held-out ends of its films, and a picture of real, drawn and nearest frames."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.evaluation.video.nearest_frame import nearest_frames
from speech_gesture_ros.evaluation.video.picture_metrics import measures_table
from speech_gesture_ros.networks.video.bundle import VideoBundle, load_video_bundle
from speech_gesture_ros.networks.video.video_stage import VideoStage
from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints
from speech_gesture_ros.rendering.person_film import draw_film
from speech_gesture_ros.training.video.person_films import PersonFilm
from speech_gesture_ros.training.video.run_config import VideoRunConfig
from speech_gesture_ros.training.video.train import load_films, measure_held_out

COLUMNS, MAX_SIDE = 8, 160  # of the strip: pictures in a row, pixels of a picture


def evaluate_bundle(folder: Path, source: Path, strip: Path | None = None) -> str:
    """Return the table of a bundle; optionally write a strip.

    Args:
        folder: The bundle.
        source: The film, or the folder with films, that it was trained on.
        strip: PNG to write, rows from above: keypoints, real, drawn, nearest training picture.

    Raises:
        BundleError: If the bundle cannot be used.
        InputError: If a film cannot be read.
    """
    bundle = load_video_bundle(folder)
    config = VideoRunConfig(bundle.name, network=bundle.network)
    with tempfile.TemporaryDirectory() as temporary:
        films = load_films(config, source, Path(temporary))
        table = measures_table(measure_held_out(bundle, films))
        if strip is not None:
            with replaced_file(strip) as path:
                draw_strip(bundle, films).save(path, format="PNG", optimize=True)
    return table


def draw_strip(bundle: VideoBundle, films: list[PersonFilm]) -> Image.Image:
    """Return a picture of the first film's held-out end: keypoints, real, drawn, nearest, in rows."""
    film = films[0]
    wanted, real = film.keypoints[film.test_start:], film.pictures[film.test_start:]
    known = np.concatenate([each.keypoints[:each.train_stop] for each in films])
    places = [(each, k) for each in films for k in range(each.train_stop)]
    nearest = nearest_frames(known, wanted)
    drawn = list(draw_film(VideoStage(bundle), wanted, bundle.network.size))
    size = bundle.network.size
    columns = []
    for k in np.linspace(0, len(wanted) - 1, COLUMNS).astype(int):
        copied, place = places[nearest[k]]
        columns.append(np.concatenate([draw_keypoints(wanted[k], size), real[k], drawn[k], copied.pictures[place]]))
    sheet = Image.fromarray(np.concatenate(columns, axis=1))
    side = min(size, MAX_SIDE)
    return sheet.resize((side * COLUMNS, side * 4), Image.Resampling.LANCZOS).quantize(192)
