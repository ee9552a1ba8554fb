"""Training of the 2019 model: the autoencoder of motion first, then the speech encoder, or the latter alone (baseline).

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

from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.features.sets import feature_names
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, save_bundle
from speech_gesture_ros.networks.kucherenko.network_config import KucherenkoConfig
from speech_gesture_ros.training.engine.fit import FitResult, fit
from speech_gesture_ros.training.engine.processes import main_process_first, process_group
from speech_gesture_ros.training.kucherenko.examples import Batches, Examples, make_examples, silent_frame
from speech_gesture_ros.training.kucherenko.features import FEATURE_SET, FRAME_RULE, columns
from speech_gesture_ros.training.kucherenko.learners import AutoencoderLearner, SpeechLearner
from speech_gesture_ros.training.kucherenko.model_card import KucherenkoFacts, write_card
from speech_gesture_ros.training.kucherenko.networks import Autoencoder, bundle_weights
from speech_gesture_ros.training.kucherenko.run_config import KucherenkoRunConfig, load_run_config

_log = logging.getLogger(__name__)
Floats = npt.NDArray[np.float32]

MAX_VALIDATION_FRAMES = 4096
SMALLEST_SCALE_CM = 1e-3  # of coordinates that do not move


@dataclass(frozen=True)
class Normalisation:
    """Conversion between vectors in cm and the input of the networks.

    Attributes:
        mean: (D,) [cm].
        scale: (D,) [cm].
    """

    mean: Floats
    scale: Floats

    def apply(self, vectors: Floats) -> Floats:
        """Return normalised (..., D) of (..., D) [cm]."""
        return np.asarray((vectors - self.mean) / self.scale, dtype=np.float32)


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    return train_run(load_run_config(config_path), out, data=data, resume=resume, cache=cache,
                     command=config_path.stem)


def train_run(config: KucherenkoRunConfig, out: Path, *, data: Path, resume: bool = False,
              cache: Path = Path("runs/cache"), command: str = "") -> Path:
    """Make a bundle with a configuration in memory; under torchrun the main process writes it."""
    with process_group() as process:
        bundle = _train(config, out, open_corpus(data), resume, cache, command)
        if process.is_main:
            save_bundle(bundle, out)
            _log.info("bundle written to %s", out)
    return out


def _train(config: KucherenkoRunConfig, out: Path, corpus: Corpus, resume: bool, cache: Path,
           command: str) -> KucherenkoBundle:
    with main_process_first():  # it computes the features, the others read them
        training, held_out = (_examples(corpus, split, config, cache) for split in ("train", "validation"))
    torch.manual_seed(config.seed)
    autoencoder, representation_fit = None, None
    if config.representation is None:
        normalisation = Normalisation(training.vectors.mean(axis=0), np.ones(training.vectors.shape[1], np.float32))
    else:
        normalisation = measure_normalisation(training.vectors)
        autoencoder, representation_fit = train_autoencoder(config, training.vectors, held_out.vectors, normalisation,
                                                            out, resume)
    speech, speech_fit = train_speech(config, training, held_out, normalisation, autoencoder, out, resume)
    facts = KucherenkoFacts(corpus.name, corpus.minutes("train"), corpus.minutes("validation"), len(training),
                            representation_fit, speech_fit, sum(p.numel() for p in speech.network.parameters()))
    frames = training.features.astype(np.float64)
    return KucherenkoBundle(
        name=config.name, config=network_config(config), skeleton=corpus.skeleton,
        feature_mean=frames.mean(axis=0).astype(np.float32),
        feature_std=frames.std(axis=0).astype(np.float32), silence=silent_frame(config.features),
        pose_mean=normalisation.mean, pose_scale=normalisation.scale,
        weights=bundle_weights(speech.network, autoencoder), card=write_card(config, facts, command),
    )


def network_config(config: KucherenkoRunConfig) -> KucherenkoConfig:
    """Return the configuration of the run-time network."""
    speech = config.speech
    return KucherenkoConfig(
        columns=columns(config.features), feature_set=FEATURE_SET, feature_names=feature_names(FEATURE_SET),
        past=speech.past, future=speech.future, dense=(speech.width,) * speech.layers, hidden=speech.hidden,
        gru="torch",
        representation=config.representation.size if config.representation else 0, frames=FRAME_RULE,
        normalisation="fixed", output="canonical", values_per_joint=6)


def measure_normalisation(vectors: Floats) -> Normalisation:
    """Return mean, and largest distance from it, of each dimension of (M, D) vectors [cm].

    The paper divides by the largest value before the mean is subtracted, which leaves some values beyond 1, outside the
    range of tanh.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    scale = np.maximum(np.abs(vectors - mean).max(axis=0), SMALLEST_SCALE_CM)
    return Normalisation(mean.astype(np.float32), scale.astype(np.float32))


def train_autoencoder(config: KucherenkoRunConfig, training: Floats, held_out: Floats, normalisation: Normalisation,
                      out: Path, resume: bool) -> tuple[Autoencoder, FitResult]:
    """Train MotionE and MotionD on (M, D) vectors [cm], validated on others."""
    assert config.representation is not None
    clean, other = normalisation.apply(training), normalisation.apply(held_out)
    module = AutoencoderLearner(config.representation, clean.std(axis=0), normalisation.scale)
    no_windows = Examples(np.empty((0, 0), np.float32), clean, np.empty(0, np.int64))
    batches, validation = (Batches(no_windows, poses, window=0, size=config.representation.batch, seed=config.seed)
                           for poses in (clean, other))
    result = fit(module, batches, validation.in_order(MAX_VALIDATION_FRAMES),
                 out=out.with_name(f"{out.name}.representation"), config=config.fit_config(config.representation),
                 resume=resume, label=f"{config.name}: motion")
    return module.network.eval(), result


def train_speech(config: KucherenkoRunConfig, training: Examples, held_out: Examples, normalisation: Normalisation,
                 autoencoder: Autoencoder | None, out: Path, resume: bool) -> tuple[SpeechLearner, FitResult]:
    """Train SpeechE: to z if there is an autoencoder, to poses and velocities [cm] about their mean if not."""
    speech = config.speech
    targets = [_targets(examples.vectors, normalisation, autoencoder) for examples in (training, held_out)]
    torch.manual_seed(config.seed)
    module = SpeechLearner(speech, training.features.shape[1], targets[0].shape[1])
    batches, validation = (
        Batches(examples, target, window=speech.window, size=speech.batch, seed=config.seed)
        for examples, target in zip((training, held_out), targets))
    result = fit(module, batches, validation.in_order(MAX_VALIDATION_FRAMES), out=out,
                 config=config.fit_config(speech), resume=resume, label=f"{config.name}: speech")
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
