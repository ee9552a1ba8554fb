"""Prepared corpus to bundle: the windows of one speaker, the network, and its table against the baselines."""

from __future__ import annotations

import datetime
import logging
import os
import platform
from pathlib import Path

import torch

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.prepared import open_corpus
from speech_gesture_ros.networks.speech2gesture.bundle import Speech2GestureBundle, save_bundle
from speech_gesture_ros.training.engine.fit import FitResult, fit
from speech_gesture_ros.training.speech2gesture.baselines import (
    median_pose,
    nearest_neighbour,
    network,
    random_clip,
)
from speech_gesture_ros.training.speech2gesture.learner import Speech2GestureTraining
from speech_gesture_ros.training.speech2gesture.measures import MethodRow, measure_rows, table
from speech_gesture_ros.training.speech2gesture.run_config import (
    Speech2GestureRunConfig,
    load_run_config,
)
from speech_gesture_ros.training.speech2gesture.windows import SpeakerData, WindowBatches, read_speaker

_log = logging.getLogger(__name__)


def train(config_path: Path, out: Path, *, data: Path | None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle.

    Args:
        config_path: Training configuration (YAML).
        out: Folder for the bundle; checkpoints lie beside it.
        data: Prepared corpus.
        resume: Go on from the checkpoint.
        cache: Not used: features take seconds.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: If the configuration or the corpus cannot be used.
    """
    del cache
    config = load_run_config(config_path)
    if data is None:
        raise ConfigError("data", None, "a prepared corpus", "Give --data FOLDER; speech-gesture data makes one.")
    corpus = open_corpus(data)
    speaker = read_speaker(corpus, config.speaker)
    module, result = train_network(config, speaker, out, resume=resume)
    name = "L1 and adversary" if config.gan_weight else "L1 alone"
    rows = measure_rows({"median pose": median_pose(speaker), "random clip": random_clip(speaker, config.seed),
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
                  ) -> tuple[Speech2GestureTraining, FitResult]:
    """Train on a speaker's windows; what the run leaves lies beside `out`."""
    torch.manual_seed(config.seed)
    module = Speech2GestureTraining(config)
    result = fit(module, WindowBatches(speaker, config.batch, config.seed), None, out=out, config=config.fit_config(),
                 resume=resume, label=config.name)
    return module, result


def write_card(config: Speech2GestureRunConfig, speaker: SpeakerData, result: FitResult, rows: list[MethodRow],
               parameters: int, command: str) -> str:
    """The text of MODEL_CARD.md."""
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    learned, unheard = speaker.minutes()
    return f"""# Model card: {config.name}

After Ginosar et al., "Learning individual styles of conversational gesture", CVPR 2019 (Speech2Gesture): log-mel to 49
keypoints in the picture, L1 {f"and an adversary of weight {config.gan_weight:g}" if config.gan_weight else "alone"}. \
Trained anew; none of their code, weights or data are used. Keypoints are lifted to
the canonical skeleton by geometry, not learned.

| | |
|---|---|
| speaker | {speaker.speaker}: {learned:.1f} min learned from, {unheard:.1f} min of other clips in the table |
| training | {result.step} steps of {config.batch} windows of 4.3 s, {result.seconds / 60:.1f} min |
| size | {parameters:,} parameters |
| made by | `speech-gesture train {command}`, {today}, {os.cpu_count()} cores, {platform.machine()}, {device}, \
torch {torch.__version__.partition("+")[0]} |

{table(rows)}

L1: mean absolute error of a coordinate on a body with shoulders 0.36 m apart. PCK: mean at 0.1 and 0.2. Speed and
variance of the wrists are ratios to the recorded motion. L1 and PCK alone prefer whoever stands still in the middle.

## What to know before using it
- It has one speaker's gestures, and one answer to a sound: seeds make no difference.
- It hears 4.2 s at once; with little look-ahead it hears less of what follows.
- The picture does not tell depth: arms are lifted as if hands were in front, torso and head stand upright.
- In silence it does what it was shown in silence.
"""
