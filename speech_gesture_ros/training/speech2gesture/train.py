"""Training of Speech2Gesture: windows of one speaker, the network, and its table against the baselines."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from speech_gesture_ros.core.keypoints import KEYPOINT_RATE
from speech_gesture_ros.datasets.prepared import open_corpus
from speech_gesture_ros.networks.speech2gesture.bundle import Speech2GestureBundle, save_bundle
from speech_gesture_ros.networks.speech2gesture.network_config import WINDOW_KEYPOINTS
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.engine.fit import FitResult, fit
from speech_gesture_ros.training.speech2gesture.baselines import (
    median_pose,
    nearest_neighbour,
    network,
    random_clip,
)
from speech_gesture_ros.training.speech2gesture.learner import Speech2GestureLearner
from speech_gesture_ros.training.speech2gesture.method_table import MethodRow, measure_methods, method_table
from speech_gesture_ros.training.speech2gesture.run_config import Speech2GestureRunConfig, load_run_config
from speech_gesture_ros.training.speech2gesture.windows import SpeakerData, WindowBatches, read_speaker

_log = logging.getLogger(__name__)


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`. `cache` is not used: features take seconds.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    del cache
    config = load_run_config(config_path)
    corpus = open_corpus(data)
    speaker = read_speaker(corpus, config.speaker)
    module, result = train_network(config, speaker, out, resume=resume)
    name = "L1 and adversary" if config.gan_weight else "L1 alone"
    rows = measure_methods({"median pose": median_pose(speaker), "random clip": random_clip(speaker, config.seed),
                            "nearest neighbour": nearest_neighbour(speaker),
                            f"this model ({name})": network(module.generator, speaker.statistics)},
                           *speaker.test_windows())
    weights = {key: value for key, value in module.generator.state_dict().items()
               if not key.endswith("num_batches_tracked")}
    card = write_card(config, speaker, result, rows, sum(p.numel() for p in module.generator.parameters()),
                      config_path.stem)
    save_bundle(Speech2GestureBundle(config.name, speaker.speaker, config.network, speaker.statistics, corpus.skeleton,
                                     weights, card), out)
    _log.info("bundle written to %s", out)
    return out


def train_network(config: Speech2GestureRunConfig, speaker: SpeakerData, out: Path, *, resume: bool = False
                  ) -> tuple[Speech2GestureLearner, FitResult]:
    """Train on a speaker's windows; checkpoints and events are beside `out`."""
    torch.manual_seed(config.seed)
    module = Speech2GestureLearner(config)
    result = fit(module, WindowBatches(speaker, config.batch, config.seed), None, out=out, config=config.fit_config(),
                 resume=resume, label=config.name)
    return module, result


def write_card(config: Speech2GestureRunConfig, speaker: SpeakerData, result: FitResult, rows: list[MethodRow],
               parameters: int, command: str) -> str:
    """Return the text of MODEL_CARD.md."""
    train_minutes, test_minutes = speaker.minutes()
    return f"""# Model card: {config.name}

After Ginosar et al., "Learning individual styles of conversational gesture", CVPR 2019 (Speech2Gesture): log-mel to 49
keypoints in the picture, L1 {f"and an adversary of weight {config.gan_weight:g}" if config.gan_weight else "alone"}. \
Trained from scratch; none of their code, weights or data are used. Keypoints are lifted to
the canonical skeleton by geometry, which is not trained.

| | |
|---|---|
| speaker | {speaker.speaker}: {train_minutes:.1f} min of training clips; table of {test_minutes:.1f} min of others |
| training | {result.step} steps of {config.batch} windows of {WINDOW_KEYPOINTS / KEYPOINT_RATE:.1f} s, \
{result.seconds / 60:.1f} min |
| size | {parameters:,} parameters |
| made by | `speech-gesture train {command}`, {today()}, {machine_description(config.accelerator)} |

{method_table(rows)}

L1: mean absolute error of a coordinate on a body with shoulders 0.36 m apart. PCK: mean at 0.1 and 0.2. Speed and
variance of the wrists are ratios to the recorded motion. L1 and PCK alone prefer a motionless person in the middle.

## Limits
- It has the gestures of one speaker, and one answer to a sound: seeds make no difference.
- It uses 4.2 s of sound at once; with a short look-ahead it has less of what follows.
- The picture has no depth: arms are lifted as if hands were in front, torso and head are upright.
- In silence it moves as the training data do in silence.
"""
