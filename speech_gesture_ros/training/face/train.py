"""Training of the face model: speak, train, measure, write the card.

espeak-ng, flite, kokoro, recorded faces ─► tracks ─┬─► first pass ─► labels of recorded speech ─┐
                                                    ├─► middle pass ─► labels of it again ───────┤
                                                    └────────────────────────────────────────────┴─► last pass ─► bundle
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
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
from speech_gesture_ros.training.face.listener import Listener
from speech_gesture_ros.training.face.model_card import write_face_card
from speech_gesture_ros.training.face.recorded_speech import (
    RecordedSpeech,
    labelled,
    prepare_recorded_speech,
    source_lines,
)
from speech_gesture_ros.training.face.retiming import retimed
from speech_gesture_ros.training.face.run_config import FaceRunConfig, load_face_config
from speech_gesture_ros.training.face.spoken_text import prepare_spoken_text
from speech_gesture_ros.training.face.statistics import feature_statistics
from speech_gesture_ros.training.face.tracks import PHONES, FaceTrack, prepare_face_tracks
from speech_gesture_ros.training.speech_to_motion.new_network import silence_features

_log = logging.getLogger(__name__)


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make the face bundle; see `training.train`. `data` is the data folder, None for `data_folder()`.

    Raises:
        ConfigError: If the configuration cannot be used.
        MissingDependencyError: If a speech synthesis is not installed.
    """
    config = load_face_config(config_path)
    began = time.monotonic()
    folder = data or data_folder()
    tracks = prepare_face_tracks(folder, cache, config.speech, config.seed, workers=config.workers)
    recordings: list[RecordedSpeech] = []
    if config.recordings.with_text or config.recordings.without_text:
        recordings += prepare_recorded_speech(folder, cache, config.recordings, config.seed, workers=config.workers)
    recordings += prepare_spoken_text(folder, cache, config.recordings, config.seed, workers=config.workers)
    prepared_s = time.monotonic() - began
    bundle, trained_s = train_network(config, tracks, out, recordings=recordings, resume=resume)
    card = write_face_card(config, f"speech-gesture train {config_path.stem}", len(tracks), prepared_s, trained_s,
                           sum(np.size(w) for w in bundle.weights.values()),
                           source_lines(folder, config.recordings) if recordings else ())
    save_face_bundle(FaceBundle(**{**bundle.__dict__, "card": card}), out)
    _log.info("bundle written to %s", out)
    return out


def train_network(config: FaceRunConfig, tracks: list[FaceTrack], out: Path, *,
                  recordings: Sequence[RecordedSpeech] = (), resume: bool = False) -> tuple[FaceBundle, float]:
    """Train a network on tracks; with recordings in several passes, each with the labels of the one before.

    Args:
        config: Run configuration.
        tracks: Tracks to train on.
        out: Path of the bundle; checkpoints are beside it.
        recordings: Recorded speech, still without labels.
        resume: Continue from the last checkpoint, if there is one.

    Returns:
        The bundle, without a card, and the time of the steps [s].
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    sizes = from_mapping(FaceNetworkConfig, {"num_features": len(FEATURE_NAMES), **config.network}, "network")
    mean, std = feature_statistics(tracks)
    network = FaceNetwork(sizes, torch.from_numpy(mean), torch.from_numpy(std), len(PHONES))
    seconds, spoken = 0.0, tracks
    passes = [("first", config.first_steps), ("middle", config.middle_steps)] if recordings else []
    for name, steps in passes:
        if steps:
            trained, more = _fit(replace(config, steps=steps), network, tracks, out.with_name(f"{out.name}_{name}"),
                               resume)
            seconds += more
            listener = Listener(trained, spoken)
            tracks = [*(retimed(track, listener) for track in spoken),
                      *(labelled(recorded, listener) for recorded in recordings)]
            network.load_state_dict(trained.state_dict())
    average, more = _fit(config, network, tracks, out, resume)
    weights = {name: value.numpy() for name, value in average.bundle_weights().items()}
    voices = tuple(sorted({t.speaker for t in tracks if t.speaker}))
    bundle = FaceBundle(config.name, sizes, FEATURE_NAMES, mean, std, silence_features(), weights, voices)
    return bundle, seconds + more


def _fit(config: FaceRunConfig, network: FaceNetwork, tracks: list[FaceTrack], out: Path, resume: bool
         ) -> tuple[FaceNetwork, float]:
    """Train a network; return it with the running average of its weights, and the time [s]."""
    learner = FaceLearner(network, config)
    sampler = FaceSampler(tracks, config.seed, config.speaker_shares)

    def draw(index: int) -> FaceBatch:
        return sampler.draw(index, config.batch, config.frames)

    result = fit(learner, draw, None, out=out, resume=resume, label=out.name,
                 config=FitConfig(config.steps, gradient_clip=config.clip, **config.settings()))
    return learner.average, result.seconds
