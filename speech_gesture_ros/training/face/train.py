"""Training of the face model: speak, train, measure, write the card.

espeak-ng, flite ─► FaceTrack ─► FaceNetwork ─► bundle
recorded faces ───────┘
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.datasets.speech_recordings import data_folder
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.face.bundle import FaceBundle, save_face_bundle
from speech_gesture_ros.networks.face.network_config import FaceNetworkConfig
from speech_gesture_ros.networks.face.torch_network import FaceNetwork
from speech_gesture_ros.training.engine.fit import FitConfig, fit
from speech_gesture_ros.training.face.batches import FaceBatch, FaceSampler
from speech_gesture_ros.training.face.learner import FaceLearner
from speech_gesture_ros.training.face.model_card import write_face_card
from speech_gesture_ros.training.face.run_config import FaceRunConfig, load_face_config
from speech_gesture_ros.training.face.tracks import PHONES, FaceTrack, prepare_face_tracks
from speech_gesture_ros.training.speech_to_motion.new_network import silence_features

_log = logging.getLogger(__name__)

MIN_FEATURE_STD = 0.05


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make the face bundle; see `training.train`. `data` is the data folder, None for `data_folder()`.

    Raises:
        ConfigError: If the configuration cannot be used.
        MissingDependencyError: If a speech synthesis is not installed.
    """
    config = load_face_config(config_path)
    began = time.monotonic()
    tracks = prepare_face_tracks(data or data_folder(), cache, config.speech, config.seed, workers=config.workers)
    prepared_s = time.monotonic() - began
    bundle, trained_s = train_network(config, tracks, out, resume=resume)
    card = write_face_card(config, f"speech-gesture train {config_path.stem}", len(tracks), prepared_s, trained_s,
                           sum(np.size(w) for w in bundle.weights.values()))
    save_face_bundle(FaceBundle(**{**bundle.__dict__, "card": card}), out)
    _log.info("bundle written to %s", out)
    return out


def train_network(config: FaceRunConfig, tracks: list[FaceTrack], out: Path, *, resume: bool = False
                  ) -> tuple[FaceBundle, float]:
    """Train a network on tracks.

    Args:
        config: Run configuration.
        tracks: Tracks to train on.
        out: Path of the bundle; checkpoints are beside it.
        resume: Continue from the last checkpoint, if there is one.

    Returns:
        The bundle, without a card, and the time of the steps [s].
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    sizes = from_mapping(FaceNetworkConfig, {"num_features": len(FEATURE_NAMES), **config.network}, "network")
    mean, std = feature_statistics(tracks)
    network = FaceNetwork(sizes, torch.from_numpy(mean), torch.from_numpy(std), len(PHONES))
    learner = FaceLearner(network, config)
    sampler = FaceSampler(tracks, config.seed)

    def draw(index: int) -> FaceBatch:
        return sampler.draw(index, config.batch, config.frames)

    result = fit(learner, draw, None, out=out, resume=resume, label="face",
                 config=FitConfig(config.steps, gradient_clip=config.clip, **config.settings()))
    weights = {name: value.numpy() for name, value in learner.average.bundle_weights().items()}
    voices = tuple(sorted({t.speaker for t in tracks if t.speaker}))
    return FaceBundle(config.name, sizes, FEATURE_NAMES, mean, std, silence_features(), weights, voices), result.seconds


def feature_statistics(tracks: list[FaceTrack]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return mean and standard deviation (F,) of the features of the tracks with speech, all versions."""
    rows = np.concatenate([t.features.reshape(-1, len(FEATURE_NAMES)) for t in tracks if t.speaker])
    mean = rows.mean(axis=0, dtype=np.float64)
    std = np.maximum(rows.std(axis=0, dtype=np.float64), MIN_FEATURE_STD)
    return mean.astype(np.float32), std.astype(np.float32)
