"""Training of the network that draws one person, measured on the held-out ends of the films beside baselines."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.films import FilmPicture
from speech_gesture_ros.evaluation.video.nearest_frame import nearest_frames
from speech_gesture_ros.evaluation.video.picture_metrics import FilmMeasures, measure_film, measures_table
from speech_gesture_ros.networks.video.bundle import VideoBundle, save_video_bundle
from speech_gesture_ros.networks.video.video_stage import VideoStage
from speech_gesture_ros.rendering.person_film import draw_film
from speech_gesture_ros.rendering.person_fit import visible_lengths
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.engine.fit import FitResult, fit, training_folder
from speech_gesture_ros.training.engine.progress import progress_bar
from speech_gesture_ros.training.video.batches import VideoBatches
from speech_gesture_ros.training.video.learner import VideoLearner
from speech_gesture_ros.training.video.person_films import (
    PersonFilm,
    background_of,
    median_person,
    read_films,
)
from speech_gesture_ros.training.video.run_config import VideoRunConfig, load_run_config

_log = logging.getLogger(__name__)


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`. `data` is a film, or a folder with films; `cache` is not used.

    Raises:
        ConfigError: If the configuration or the films cannot be used.
        InputError: If a film cannot be read.
    """
    del cache
    return train_video(load_run_config(config_path), data, out, resume=resume)


def train_video(config: VideoRunConfig, source: Path, out: Path, *, resume: bool = False) -> Path:
    """Train on a film, or on the films of a folder; write a bundle with its measures."""
    films = load_films(config, source, training_folder(out))
    background = background_of(films)
    torch.manual_seed(config.seed)
    module = VideoLearner(config)
    batches = VideoBatches(films, background, config)
    result = fit(module, batches, None, out=out, config=config.fit_config(), resume=resume, label=config.name)
    weights = {name: value.detach().cpu().contiguous().numpy() for name, value in module.generator.state_dict().items()}
    points = np.concatenate([film.keypoints[:film.train_stop] for film in films])
    bundle = VideoBundle(config.name, config.network, background.astype(np.float32) / 255.0, median_person(films),
                         visible_lengths(points).astype(np.float32), weights)
    table = measures_table(measure_held_out(bundle, films))
    parameters = sum(value.numel() for value in module.generator.parameters())
    save_video_bundle(VideoBundle(**{**vars(bundle), "card": _card(config, films, result, table, parameters)}), out)
    _log.info("held-out ends of the films:\n%s", table)
    return out


def load_films(config: VideoRunConfig, source: Path, folder: Path) -> list[PersonFilm]:
    """Read the films of a person, with progress bars."""
    from speech_gesture_ros.datasets.landmarks.holistic import detect_people

    def progress(pictures: Iterable[FilmPicture], label: str) -> Iterable[FilmPicture]:
        bar: Iterable[FilmPicture] = progress_bar(pictures, desc=label, unit="picture")
        return bar

    return read_films(source, folder, config.network.size, config.held_out, config.max_frames, detect_people, progress)


def measure_held_out(bundle: VideoBundle, films: list[PersonFilm]) -> dict[str, FilmMeasures]:
    """Return the measures of the network and its baselines on the held-out ends, means over the films."""
    known = np.concatenate([film.keypoints[:film.train_stop] for film in films])
    train_pictures = [(film, k) for film in films for k in range(film.train_stop)]
    background = np.round(bundle.background * 255).astype(np.uint8)
    rows: dict[str, list[FilmMeasures]] = {}
    for film in films:
        wanted = film.keypoints[film.test_start:]
        real = film.pictures[film.test_start:]
        nearest = (train_pictures[i] for i in nearest_frames(known, wanted))
        made = {
            f"this model ({bundle.network.size} pixels)": draw_film(VideoStage(bundle), wanted, bundle.network.size),
            "nearest training picture": (source.pictures[k] for source, k in nearest),
            "background alone": (background for _ in wanted),
        }
        for name, pictures in made.items():
            rows.setdefault(name, []).append(measure_film(pictures, real, background))
    return {name: FilmMeasures(*np.mean([list(vars(m).values()) for m in measures], axis=0).tolist())
            for name, measures in rows.items()}


def _card(config: VideoRunConfig, films: list[PersonFilm], result: FitResult, table: str, parameters: int) -> str:
    """Return the text of MODEL_CARD.md."""
    train_s = sum(film.train_stop for film in films) / POSE_RATE
    test_s = sum(len(film.pictures) - film.test_start for film in films) / POSE_RATE
    return f"""# Model card: {config.name}

Pictures of one person from keypoints, {config.network.size} x {config.network.size} pixels at {POSE_RATE} Hz. After \
Chan et al., "Everybody Dance Now" (ICCV 2019): \
U-Net with a critic of patches; keypoints of two frames and the drawn picture before are its input. The background is \
fixed: the camera must not move.

- Films: {", ".join(film.name for film in films)}; {train_s:.0f} s for the training, {test_s:.0f} s at the end held out.
- Parameters: {parameters:,}. {result.step} steps of {config.batch} x 2 pictures in {result.seconds / 60:.1f} min on \
{machine_description(config.accelerator)}, {config.threads} threads, {today()}.

## Held-out ends of the films

{table}

Similarity after Wang et al. (2004); flicker is the mean absolute difference of the change from picture to picture to \
that of the real film. "Background alone" shows what a film without a person reaches.

## Use

The network draws the person of the films and no other. It must only be used with that person's consent; films made \
with it should be marked as generated. The rights of the films apply to the bundle.
"""
