"""Training on paired data: codes learned from the motion, then the default architecture.

clips ─► tracks ─► PoseLearner: MotionE, MotionD ─► codes by MotionE ─► MotionLearner: SpeechE ─► bundle
"""

from __future__ import annotations

import dataclasses
import logging
import math
from pathlib import Path

import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.clips import SPLITS
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.device_network import build_network
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.engine.fit import FitResult
from speech_gesture_ros.training.engine.processes import main_process_first, process_group
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook, learn_codes
from speech_gesture_ros.training.speech_to_motion.learners import PoseLearner, train_network, train_poses
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import measure_network
from speech_gesture_ros.training.speech_to_motion.new_network import make_network, silence_features
from speech_gesture_ros.training.speech_to_motion.paired_card import PairedFacts, write_paired_card
from speech_gesture_ros.training.speech_to_motion.paired_tracks import motions_of, prepare_split, with_codes
from speech_gesture_ros.training.speech_to_motion.run_config import PairedRunConfig, load_paired_config
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler
from speech_gesture_ros.training.speech_to_motion.statistics import Statistics, measure_statistics
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack

_log = logging.getLogger(__name__)
CARD_LOOK_AHEADS = (0, 5, 10, 25)  # pose frames


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    config = load_paired_config(config_path)
    corpus = open_corpus(data)
    with process_group() as process:
        with main_process_first():
            tracks = {split: prepare_split(corpus, split, config, cache) for split in SPLITS}
        if not tracks["train"]:
            raise ConfigError("training clips", 0, "at least 1", "Prepare a corpus with a split 'train'.")
        statistics = measure_statistics(tracks["train"])
        torch.manual_seed(config.seed)
        learner = train_encoder(tracks["train"], statistics, corpus.skeleton, config, out, resume)
        encoder = learner.motion_encoder.eval()
        codebook = learn_codes([m for t in tracks["train"] for m in motions_of(t)], encoder, corpus.skeleton,
                               config.codes, config.seed)
        _log.info("%d codes from %d segments", len(codebook.counts), codebook.counts.sum())
        coded = {split: [with_codes(t, codebook, encoder, corpus.skeleton) for t in of_split]
                 for split, of_split in tracks.items()}
        network = make_network(config, statistics, corpus.skeleton, num_codes=len(codebook.counts))
        network.motion_decoder.load_state_dict(learner.motion_decoder.state_dict())
        weights, result = train_on_tracks(network, coded, statistics, corpus.skeleton, config, out, resume)
    if process.is_main:
        bundle = SpeechToMotionBundle(config.name, network.config, codebook.process(), corpus.skeleton, FEATURE_NAMES,
                                      statistics.feature_mean, statistics.feature_std, silence_features(), weights,
                                      held_out_speakers=tuple(sorted(corpus.speakers("test")
                                                                     - corpus.speakers("train"))))
        card = make_card(bundle, codebook, coded, corpus, config, result, f"speech-gesture train {config_path.stem}")
        save_bundle(dataclasses.replace(bundle, card=card), out)
        _log.info("bundle written to %s", out)
    return out


def train_encoder(tracks: list[TrainingTrack], statistics: Statistics, skeleton: Skeleton, config: PairedRunConfig,
                  out: Path, resume: bool) -> PoseLearner:
    """Train MotionE and MotionD on single poses, which have no codes yet."""
    network = make_network(config, statistics, skeleton, num_codes=2)
    learner = PoseLearner(network, SequenceSampler(tracks, skeleton, False, config.seed))
    train_poses(learner, config, out, resume=resume)
    return learner


def train_on_tracks(network: SpeechToMotionNetwork, tracks: dict[str, list[TrainingTrack]], statistics: Statistics,
                    skeleton: Skeleton, config: PairedRunConfig, out: Path,
                    resume: bool) -> tuple[dict[str, torch.Tensor], FitResult]:
    """Train SpeechE through MotionD, validated if there are validation clips."""
    sampler = SequenceSampler(tracks["train"], skeleton, False, config.seed)
    validation = None
    if tracks["validation"]:
        held_out = SequenceSampler(tracks["validation"], skeleton, False, config.seed + 1)
        validation = [held_out.draw(i, config.batch, config.frames, config.usual_look_ahead)
                      for i in range(config.validation_batches)]
    else:
        _log.warning("no validation clips: the last weights are used, not the best")
    config = dataclasses.replace(config, decoder_steps=0,
                                 validate_every_steps=config.validate_every_steps if validation else 0)
    return train_network(network, sampler, statistics, config, out, validation=validation, resume=resume)


def make_card(bundle: SpeechToMotionBundle, codebook: Codebook, tracks: dict[str, list[TrainingTrack]], corpus: Corpus,
              config: PairedRunConfig, result: FitResult, command: str) -> str:
    """Return the model card, with metrics of the test clips, or of others if there are none."""
    split = next(name for name in ("test", "validation", "train") if tracks[name])
    rows = measure_network(build_network(bundle).eval(), tracks[split], bundle.skeleton, CARD_LOOK_AHEADS)
    facts = PairedFacts(
        command=command, split=split, steps=result.step, seconds=result.seconds,
        validation=None if math.isinf(result.best_validation) else result.best_validation,
        parameters=sum(value.numel() for value in bundle.weights.values()),  # type: ignore[union-attr]
        minutes={name: sum(len(t) for t in of_split) / POSE_RATE / 60 for name, of_split in tracks.items()},
    )
    return write_paired_card(config, corpus, codebook, rows, facts)
