"""Training on composed motion, from recordings to bundle: prepare, train, calibrate, measure, write the card."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, data_folder, list_recordings
from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
from speech_gesture_ros.evaluation.acceptance.results import acceptance_sections
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.device_network import build_network
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.composition.composer import CODE_PROCESS, COMPOSED_REFERENCE
from speech_gesture_ros.training.composition.targets import mirror_variation
from speech_gesture_ros.training.engine.processes import main_process_first, process_group
from speech_gesture_ros.training.speech_to_motion.calibration import calibrate
from speech_gesture_ros.training.speech_to_motion.composed_card import ComposedFacts, write_composed_card
from speech_gesture_ros.training.speech_to_motion.composed_tracks import make_track, prepare_tracks
from speech_gesture_ros.training.speech_to_motion.learners import train_network
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import measure_network, target_row
from speech_gesture_ros.training.speech_to_motion.new_network import make_network, silence_features
from speech_gesture_ros.training.speech_to_motion.run_config import ComposedRunConfig, load_composed_config
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics, measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

_log = logging.getLogger(__name__)
CONDITIONING_HIDDEN = 96
HELD_OUT_NON_SPEECH = 4  # every fourth track without speech is kept for the report


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make the default bundle; see `training.train`. `data` is the data folder, None for `data_folder()`.

    Raises:
        ConfigError: If the configuration cannot be used.
        InputError: If the data folder has no recorded speech.
    """
    config = load_composed_config(config_path)
    torch.manual_seed(config.seed)
    data = data or data_folder()
    recordings = list_recordings(data)
    unknown = set(config.corpus.held_out_speakers) - {r.speaker for r in recordings}
    if unknown:
        raise ConfigError("held_out_speakers", sorted(unknown), "speakers of the corpus", "Correct the names.")
    with process_group() as process:
        with main_process_first():
            tracks = prepare_tracks(data, cache, config.corpus, config.seed, workers=config.workers)
        training, held_out = split_tracks(tracks, config.corpus.held_out_speakers)
        statistics = measure_statistics(training)
        network = make_composed_network(config, statistics)
        sampler = SequenceSampler(training, load_skeleton(), CODE_PROCESS.mirrored, config.seed, mirror_variation)
        weights, result = train_network(network, sampler, statistics, config, out, resume=resume)
    if not process.is_main:
        return out
    bundle = SpeechToMotionBundle(config.name, network.config, CODE_PROCESS, load_skeleton(), FEATURE_NAMES,
                                  statistics.feature_mean, statistics.feature_std, silence_features(), weights,
                                  held_out_speakers=config.corpus.held_out_speakers)
    network = build_network(bundle).eval()
    scale = calibrate(network, training, bundle.skeleton)
    bundle = replace(bundle, weights={name: network.state_dict()[name] for name in weights})
    began = time.monotonic()
    rows = [*measure_network(network, held_out, bundle.skeleton), target_row(held_out, bundle.skeleton)]
    facts = ComposedFacts(
        preparation_s=estimate_preparation(recordings, config), training_s=result.seconds,
        step_s=result.seconds / max(1, result.step), evaluation_s=time.monotonic() - began,
        parameters=sum(p.numel() for p in network.parameters()), scale=scale,
    )
    save_bundle(bundle, out)
    acceptance = acceptance_sections(measure_acceptance(out, data, COMPOSED_REFERENCE))
    command = f"speech-gesture train {config_path.stem}"
    card = write_composed_card(config, recordings, rows, facts, command, acceptance)
    save_bundle(replace(bundle, card=card), out)
    _log.info("bundle written to %s", out)
    return out


def estimate_preparation(recordings: list[SpeechRecording], config: ComposedRunConfig) -> float:
    """Return the time to prepare the whole corpus [s], extrapolated from one recording: tracks may be cached."""
    sample = max(recordings, key=lambda r: r.seconds)
    began = time.process_time()
    make_track(load_mono_16k(sample.path), sample.speaker, config.corpus, [], np.random.default_rng(config.seed))
    share = sample.seconds / (sum(r.seconds for r in recordings) + 60 * config.corpus.non_speech_minutes)
    return (time.process_time() - began) / share / config.workers


def make_composed_network(config: ComposedRunConfig, statistics: Statistics) -> SpeechToMotionNetwork:
    """Return an untrained network for the codes of the composed motion."""
    return make_network(config, statistics, load_skeleton(), num_codes=len(CODE_PROCESS.names),
                        variations=len(CODE_PROCESS.variations), conditioning_hidden=CONDITIONING_HIDDEN)


def split_tracks(tracks: list[TrainingTrack], held_out: tuple[str, ...]
                 ) -> tuple[list[TrainingTrack], list[TrainingTrack]]:
    """Return the tracks to train on, and those of the report: held-out speakers, and some tracks without speech."""
    training: list[TrainingTrack] = []
    reported: list[TrainingTrack] = []
    silent = 0
    for track in tracks:
        silent += not track.speaker
        kept = silent % HELD_OUT_NON_SPEECH == 1 if not track.speaker else track.speaker in held_out
        (reported if kept else training).append(track)
    return training, reported
