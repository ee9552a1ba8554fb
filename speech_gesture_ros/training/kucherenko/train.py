"""Prepared corpus to bundle: the autoencoder of motion first, then the speech encoder, or the latter alone (baseline).

poses ─► MotionE ─► z ─► MotionD ─► poses          <out>.representation.training
speech ─► SpeechE ─► z         (baseline: poses)   <out>.training
SpeechE + MotionD ─► bundle, architecture "kucherenko2019"
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.features.sets import feature_names
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, save_bundle
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig
from speech_gesture_ros.training.engine.fit import FitResult, fit
from speech_gesture_ros.training.engine.processes import first_process_first, joined
from speech_gesture_ros.training.kucherenko.examples import Batches, Examples, make_examples, silent_frame
from speech_gesture_ros.training.kucherenko.features import FEATURE_SET, FRAMES, columns
from speech_gesture_ros.training.kucherenko.learners import AutoencoderTraining, SpeechTraining
from speech_gesture_ros.training.kucherenko.model_card import TrainingFacts, write_card
from speech_gesture_ros.training.kucherenko.networks import Autoencoder, bundle_weights
from speech_gesture_ros.training.kucherenko.run_config import KucherenkoRunConfig, load_run_config

_log = logging.getLogger(__name__)
Floats = npt.NDArray[np.float32]

VALIDATION_FRAMES = 4096  # enough to tell whether it goes on falling
SMALLEST_SCALE_CM = 1e-3  # of coordinates that do not move


@dataclass(frozen=True)
class Normalisation:
    """Between vectors in cm and what the networks see.

    Attributes:
        mean: (D,) [cm].
        scale: (D,) [cm].
    """

    mean: Floats
    scale: Floats

    def apply(self, vectors: Floats) -> Floats:
        """(..., D) [cm] to (..., D)."""
        return np.asarray((vectors - self.mean) / self.scale, dtype=np.float32)


def train(config_path: Path, out: Path, *, data: Path | None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle.

    Args:
        config_path: Training configuration (YAML).
        out: Folder for the bundle; checkpoints lie beside it.
        data: Prepared corpus, with clips for training and validation.
        resume: Go on from the checkpoints.
        cache: Where features are kept.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    return train_run(load_run_config(config_path), out, data=data, resume=resume, cache=cache, command=config_path.stem)


def train_run(config: KucherenkoRunConfig, out: Path, *, data: Path | None, resume: bool = False,
              cache: Path = Path("runs/cache"), command: str = "") -> Path:
    """`train` with a configuration that is read already; under torchrun the first process writes the bundle."""
    if data is None:
        raise ConfigError("data", None, "a prepared corpus", "Give --data FOLDER; speech-gesture data makes one.")
    with joined() as who:
        bundle = _train(config, out, open_corpus(data), resume, cache, command)
        if who.rank == 0:
            save_bundle(bundle, out)
            _log.info("bundle written to %s", out)
    return out


def _train(config: KucherenkoRunConfig, out: Path, corpus: Corpus, resume: bool, cache: Path,
           command: str) -> KucherenkoBundle:
    with first_process_first():  # it computes the features, the others read them
        learned, unheard = (_examples(corpus, split, config, cache) for split in ("train", "validation"))
    torch.manual_seed(config.seed)
    autoencoder, encoded = None, None
    if config.representation is None:
        normalisation = Normalisation(learned.vectors.mean(axis=0), np.ones(learned.vectors.shape[1], np.float32))
    else:
        normalisation = measure(learned.vectors)
        autoencoder, encoded = train_autoencoder(config, learned.vectors, unheard.vectors, normalisation, out, resume)
    speech, heard = train_speech(config, learned, unheard, normalisation, autoencoder, out, resume)
    facts = TrainingFacts(corpus.name, corpus.minutes("train"), corpus.minutes("validation"), len(learned),
                          encoded, heard, sum(p.numel() for p in speech.network.parameters()))
    heard_frames = learned.features.astype(np.float64)
    return KucherenkoBundle(
        name=config.name, config=network_config(config), skeleton=corpus.skeleton,
        feature_mean=heard_frames.mean(axis=0).astype(np.float32),
        feature_std=heard_frames.std(axis=0).astype(np.float32), silence=silent_frame(config.features),
        pose_mean=normalisation.mean, pose_scale=normalisation.scale,
        weights=bundle_weights(speech.network, autoencoder), card=write_card(config, facts, command),
    )


def network_config(config: KucherenkoRunConfig) -> KucherenkoConfig:
    """What the run-time network has to know of a training."""
    speech = config.speech
    return KucherenkoConfig(
        columns=columns(config.features), feature_set=FEATURE_SET, feature_names=feature_names(FEATURE_SET),
        past=speech.past, future=speech.future, dense=(speech.width,) * speech.layers, hidden=speech.hidden,
        gru="torch",
        representation=config.representation.size if config.representation else 0, frames=FRAMES,
        normalisation="fixed", output="canonical", values_per_joint=6)


def measure(vectors: Floats) -> Normalisation:
    """Mean, and largest distance from it, in each dimension of (M, D) vectors [cm].

    The paper divides by the largest value before the mean is taken away, which leaves some values beyond 1, where
    tanh cannot follow.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    scale = np.maximum(np.abs(vectors - mean).max(axis=0), SMALLEST_SCALE_CM)
    return Normalisation(mean.astype(np.float32), scale.astype(np.float32))


def train_autoencoder(config: KucherenkoRunConfig, learned: Floats, unheard: Floats, normalisation: Normalisation,
                      out: Path, resume: bool) -> tuple[Autoencoder, FitResult]:
    """MotionE and MotionD of (M, D) vectors [cm], validated on others."""
    assert config.representation is not None
    clean, other = normalisation.apply(learned), normalisation.apply(unheard)
    module = AutoencoderTraining(config.representation, clean.std(axis=0), normalisation.scale)
    nothing = Examples(np.empty((0, 0), np.float32), clean, np.empty(0, np.int64))
    batches, validation = (Batches(nothing, poses, window=0, size=config.representation.batch, seed=config.seed)
                           for poses in (clean, other))
    result = fit(module, batches, validation.in_order(VALIDATION_FRAMES),
                 out=out.with_name(f"{out.name}.representation"), config=config.fit_config(config.representation),
                 resume=resume, label=f"{config.name}: motion")
    return module.network.eval(), result


def train_speech(config: KucherenkoRunConfig, learned: Examples, unheard: Examples, normalisation: Normalisation,
                 autoencoder: Autoencoder | None, out: Path, resume: bool) -> tuple[SpeechTraining, FitResult]:
    """SpeechE: to z if there is an autoencoder, to poses and velocities [cm] about their mean if not."""
    speech = config.speech
    targets = [_targets(examples.vectors, normalisation, autoencoder) for examples in (learned, unheard)]
    torch.manual_seed(config.seed)
    module = SpeechTraining(speech, learned.features.shape[1], targets[0].shape[1])
    batches, validation = (
        Batches(examples, target, window=speech.past + 1 + speech.future, size=speech.batch, seed=config.seed)
        for examples, target in zip((learned, unheard), targets))
    result = fit(module, batches, validation.in_order(VALIDATION_FRAMES), out=out, config=config.fit_config(speech),
                 resume=resume, label=f"{config.name}: speech")
    module.eval()
    return module, result


def _targets(vectors: Floats, normalisation: Normalisation, autoencoder: Autoencoder | None) -> Floats:
    values = normalisation.apply(vectors)
    if autoencoder is None:
        return values
    with torch.inference_mode():
        device = next(autoencoder.parameters()).device
        return np.asarray(autoencoder.encode(torch.from_numpy(values).to(device)).cpu().numpy())


def _examples(corpus: Corpus, split: str, config: KucherenkoRunConfig, cache: Path) -> Examples:
    speech = config.speech
    return make_examples(corpus.clips(split), config.features, past=speech.past, future=speech.future,
                         silence_frames=config.silence_frames, seed=config.seed,
                         noisy_copies=config.noisy_copies and split == "train", cache=cache)
