"""The default model, from recordings to bundle: prepare, train, measure, write the card."""

from __future__ import annotations

import datetime
import logging
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, data_folder, list_recordings
from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
from speech_gesture_ros.evaluation.acceptance.results import acceptance_sections
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.device_network import build_network
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.composition.composer import CODE_PROCESS, COMPOSED_REFERENCE
from speech_gesture_ros.training.composition.targets import mirror_variation
from speech_gesture_ros.training.engine.processes import first_process_first, joined
from speech_gesture_ros.training.speech_to_motion.calibration import calibrate
from speech_gesture_ros.training.speech_to_motion.composed_card import RunFacts, write_card
from speech_gesture_ros.training.speech_to_motion.composed_tracks import make_track, prepare
from speech_gesture_ros.training.speech_to_motion.learners import train_network
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import choreographer_row, measure_network
from speech_gesture_ros.training.speech_to_motion.run_config import TrainingConfig, load_training_config
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler, Statistics, measure
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

_log = logging.getLogger(__name__)
CONDITIONING_HIDDEN = 96
CALM_HELD_OUT = 4  # every fourth calm track is kept for the report


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make the default bundle; see `training.train`. `data` is the folder of recordings, None finds it.

    Raises:
        ConfigError: If the configuration or the data folder cannot be used.
    """
    config = load_training_config(config_path)
    torch.manual_seed(config.seed)
    data = data or data_folder()
    recordings = list_recordings(data)
    unknown = set(config.corpus.held_out_speakers) - {r.speaker for r in recordings}
    if unknown:
        raise ConfigError("held_out_speakers", sorted(unknown), "speakers of the corpus", "Correct the names.")
    with joined() as who:
        with first_process_first():
            tracks = prepare(data, cache, config.corpus, config.seed, workers=config.workers)
        learned, held_out = split(tracks, config.corpus.held_out_speakers)
        statistics = measure(learned)
        network = make_network(config, statistics)
        sampler = SequenceSampler(learned, load_skeleton(), CODE_PROCESS.mirrored, config.seed, mirror_variation)
        weights, result = train_network(network, sampler, statistics, config, out, resume=resume)
    if who.rank > 0:
        return out
    bundle = SpeechToMotionBundle(config.name, network.config, CODE_PROCESS, load_skeleton(), FEATURE_NAMES,
                    statistics.feature_mean, statistics.feature_std, silence_features(), weights,
                    held_out_speakers=config.corpus.held_out_speakers)
    network = build_network(bundle).eval()
    stretched = calibrate(network, learned, bundle.skeleton)
    bundle = replace(bundle, weights={name: network.state_dict()[name] for name in weights})
    began = time.monotonic()
    rows = [*measure_network(network, held_out, bundle.skeleton),
            choreographer_row(held_out, bundle.skeleton)]
    facts = RunFacts(
        date=datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        preparation_s=estimate_preparation(recordings, config), training_s=result.seconds,
        step_s=result.seconds / max(1, result.step), evaluation_s=time.monotonic() - began,
        parameters=sum(p.numel() for p in network.parameters()), stretched=stretched,
    )
    save_bundle(bundle, out)
    judged = acceptance_sections(measure_acceptance(out, data, COMPOSED_REFERENCE))
    card = write_card(config, recordings, rows, facts, f"speech-gesture train {config_path.stem}", judged)
    save_bundle(replace(bundle, card=card), out)
    _log.info("bundle written to %s", out)
    return out


def estimate_preparation(recordings: list[SpeechRecording], config: TrainingConfig) -> float:
    """Time to prepare the whole corpus [s], from one recording: the tracks may have been cached for long."""
    sample = max(recordings, key=lambda r: r.seconds)
    began = time.process_time()
    make_track(load_mono_16k(sample.path), sample.speaker, config.corpus, [], np.random.default_rng(config.seed))
    share = sample.seconds / (sum(r.seconds for r in recordings) + 60 * config.corpus.calm_minutes)
    return (time.process_time() - began) / share / config.workers


def make_network(config: TrainingConfig, statistics: Statistics) -> SpeechToMotionNetwork:
    """An untrained network of the configured size."""
    sizes = {"num_features": len(FEATURE_NAMES), "num_codes": len(CODE_PROCESS.names),
             "variations": len(CODE_PROCESS.variations), "conditioning_hidden": CONDITIONING_HIDDEN, **config.network}
    return SpeechToMotionNetwork(from_mapping(SpeechToMotionConfig, sizes, "network"), load_skeleton(),
                          torch.from_numpy(statistics.feature_mean), torch.from_numpy(statistics.feature_std))


def split(tracks: list[TrainingTrack], held_out: tuple[str, ...]) -> tuple[list[TrainingTrack], list[TrainingTrack]]:
    """Tracks to learn from and tracks to report on; every `CALM_HELD_OUT`-th calm one goes to the report."""
    learned: list[TrainingTrack] = []
    kept: list[TrainingTrack] = []
    calm = 0
    for track in tracks:
        calm += not track.speaker
        reported = calm % CALM_HELD_OUT == 1 if not track.speaker else track.speaker in held_out
        (kept if reported else learned).append(track)
    return learned, kept


def silence_features() -> npt.NDArray[np.float32]:
    """(F,) the feature frame that digital silence settles to."""
    return np.asarray(compute_prosodic_mel(np.zeros(4 * SAMPLE_RATE, dtype=np.float32))[-1])
