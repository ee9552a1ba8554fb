"""Our own model on the user's data: codes learned from the motion, then the same network as the default.

Each step is one function of `train`:

    clips ─► tracks ─► PoseLearner: MotionE, MotionD ─► codes by MotionE ─► MotionLearner: SpeechE ─► bundle
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import math
from pathlib import Path

import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
from speech_gesture_ros.networks.speech_to_motion.device_network import build_network
from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork
from speech_gesture_ros.training.engine.fit import FitResult
from speech_gesture_ros.training.engine.processes import first_process_first, joined
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook, learn_codes
from speech_gesture_ros.training.speech_to_motion.learners import PoseLearner, train_network, train_poses
from speech_gesture_ros.training.speech_to_motion.look_ahead_report import LookAheadRow, measure_network
from speech_gesture_ros.training.speech_to_motion.paired_card import PairedFacts, write_paired_card
from speech_gesture_ros.training.speech_to_motion.paired_tracks import motions_of, prepare_split, with_codes
from speech_gesture_ros.training.speech_to_motion.run_config import PairedConfig, load_paired_config
from speech_gesture_ros.training.speech_to_motion.sequences import SequenceSampler, Statistics, measure
from speech_gesture_ros.training.speech_to_motion.tracks import TrainingTrack
from speech_gesture_ros.training.speech_to_motion.train_composed import silence_features

_log = logging.getLogger(__name__)
REPORTED = (0, 5, 10, 25)  # look-aheads of the card [pose frames]


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    config = load_paired_config(config_path)
    corpus = open_corpus(data)
    with joined() as who:
        with first_process_first():
            tracks = {split: prepare_split(corpus, split, config, cache) for split in ("train", "validation", "test")}
        if not tracks["train"]:
            raise ConfigError("training clips", 0, "at least 1", "Prepare a corpus with a split 'train'.")
        statistics = measure(tracks["train"])
        torch.manual_seed(config.seed)
        encoder = train_encoder(tracks["train"], statistics, corpus.skeleton, config, out, resume)
        codebook = learn_codes([m for t in tracks["train"] for m in motions_of(t)], encoder.motion_encoder.eval(),
                               corpus.skeleton, config.codes, config.seed)
        _log.info("%d codes from %d segments", len(codebook.counts), codebook.counts.sum())
        coded = {split: [with_codes(t, codebook, encoder.motion_encoder, corpus.skeleton) for t in those]
                 for split, those in tracks.items()}
        network = make_network(config, statistics, corpus.skeleton, len(codebook.counts))
        network.motion_decoder.load_state_dict(encoder.motion_decoder.state_dict())
        weights, result = train_on_tracks(network, coded, statistics, corpus.skeleton, config, out, resume)
    if who.rank == 0:
        bundle = SpeechToMotionBundle(config.name, network.config, codebook.process(), corpus.skeleton, FEATURE_NAMES,
                        statistics.feature_mean, statistics.feature_std, silence_features(), weights,
                        held_out_speakers=held_out(corpus))
        card = make_card(bundle, codebook, coded, corpus, config, result, f"speech-gesture train {config_path.stem}")
        save_bundle(dataclasses.replace(bundle, card=card), out)
        _log.info("bundle written to %s", out)
    return out


def train_encoder(tracks: list[TrainingTrack], statistics: Statistics, skeleton: Skeleton, config: PairedConfig,
                  out: Path, resume: bool) -> PoseLearner:
    """MotionE and MotionD of the user's poses; codes are not known yet and not needed."""
    network = make_network(config, statistics, skeleton, 2)
    learner = PoseLearner(network, SequenceSampler(tracks, skeleton, False, config.seed))
    train_poses(learner, config, out, resume=resume)
    return learner


def train_on_tracks(network: SpeechToMotionNetwork, tracks: dict[str, list[TrainingTrack]], statistics: Statistics,
                    skeleton: Skeleton, config: PairedConfig, out: Path,
                    resume: bool) -> tuple[dict[str, torch.Tensor], FitResult]:
    """SpeechE through MotionD, validated if there are validation clips."""
    sampler = SequenceSampler(tracks["train"], skeleton, False, config.seed)
    validation = None
    if tracks["validation"]:
        unseen = SequenceSampler(tracks["validation"], skeleton, False, config.seed + 1)
        validation = [unseen.draw(i, config.batch, config.frames, config.usual_look_ahead)
                      for i in range(config.validation_batches)]
    else:
        _log.warning("no validation clips: the last weights are taken, not the best")
    how = dataclasses.replace(config, decoder_steps=0,
                              validate_every_steps=config.validate_every_steps if validation else 0)
    return train_network(network, sampler, statistics, how, out, validation=validation, resume=resume)


def make_network(config: PairedConfig, statistics: Statistics, skeleton: Skeleton, codes: int) -> SpeechToMotionNetwork:
    """An untrained network of the configured size."""
    sizes = {"num_features": len(FEATURE_NAMES), "num_codes": codes, **config.network}
    return SpeechToMotionNetwork(from_mapping(SpeechToMotionConfig, sizes, "network"), skeleton,
                          torch.from_numpy(statistics.feature_mean), torch.from_numpy(statistics.feature_std))


def held_out(corpus: Corpus) -> tuple[str, ...]:
    """Speakers of the corpus that were not trained on."""
    speakers = {split: {corpus.manifest["clips"][name]["speaker"] for name in corpus.names(split)}
                for split in ("train", "test")}
    return tuple(sorted(speakers["test"] - speakers["train"]))


def make_card(bundle: SpeechToMotionBundle, codebook: Codebook, tracks: dict[str, list[TrainingTrack]], corpus: Corpus,
              config: PairedConfig, result: FitResult, command: str) -> str:
    """The model card, with figures of the test clips, or of others if there are none."""
    split = next(name for name in ("test", "validation", "train") if tracks[name])
    rows: list[LookAheadRow] = measure_network(build_network(bundle).eval(), tracks[split], bundle.skeleton, REPORTED)
    facts = PairedFacts(
        date=datetime.datetime.now(datetime.timezone.utc).date().isoformat(), command=command, split=split,
        steps=result.step, seconds=result.seconds,
        validation=None if math.isinf(result.best_validation) else result.best_validation,
        parameters=sum(value.numel() for value in bundle.weights.values()),  # type: ignore[union-attr]
        minutes={name: sum(len(t) for t in those) / 1500 for name, those in tracks.items()},
    )
    return write_paired_card(config, corpus, codebook, rows, facts)
