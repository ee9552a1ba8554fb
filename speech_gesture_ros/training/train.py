"""Training of any model: the configuration names the model, and `TRAININGS` the module that makes it.

Each of these modules has `train(config_path, out, *, data, resume, cache)`, which returns the folder of a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import load_yaml

DEFAULT_MODEL = "speech_to_motion"


@dataclass(frozen=True)
class Training:
    """One kind of training.

    Attributes:
        model: Value of the key `model` in its configurations.
        module: Module with its `train`.
        needs_corpus: True if it is made from a prepared corpus, False if from the data folder.
        has_codes: True if its configurations have the key `codes`, which distinguishes trainings of one model.
    """

    model: str
    module: str
    needs_corpus: bool = True
    has_codes: bool = False


TRAININGS = (
    Training("strokes", "speech_gesture_ros.training.strokes.train", needs_corpus=False),
    Training(DEFAULT_MODEL, "speech_gesture_ros.training.speech_to_motion.train_paired"),
    Training("kucherenko2019", "speech_gesture_ros.training.kucherenko.train"),
    Training("speech2gesture", "speech_gesture_ros.training.speech2gesture.train"),
    Training("video", "speech_gesture_ros.training.video.train"),
    Training("speech2face", "speech_gesture_ros.training.speech2face.train"),
    Training("face", "speech_gesture_ros.training.face.train", needs_corpus=False),
)


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle.

    Args:
        config_path: Training configuration (YAML).
        out: Folder for the bundle; `<out>.training` beside it holds checkpoints and TensorBoard events.
        data: Prepared corpus; None for a training that uses the data folder (the default model).
        resume: Continue from the last checkpoint, if there is one.
        cache: Folder of cached features and tracks.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: If the configuration or the data cannot be used.
    """
    training = find_training(load_yaml(config_path), config_path)
    if training.needs_corpus and data is None:
        raise ConfigError("--data", None, "a prepared corpus", "Make one: speech-gesture data prepare SOURCE --out "
                          "FOLDER, or speech-gesture data compose.")
    if not training.needs_corpus and data is not None:
        raise ConfigError("--data", str(data), f"left out with {config_path.name}, which makes its own data",
                          "For your own data use the configuration 'paired'.")
    return Path(import_module(training.module).train(config_path, out, data=data, resume=resume, cache=cache))


def find_training(content: dict[str, Any], where: Path) -> Training:
    """Return the training of a configuration.

    Raises:
        ConfigError: If its model is unknown.
    """
    model = content.get("model", DEFAULT_MODEL)
    of_model = [training for training in TRAININGS if training.model == model]
    if not of_model:
        raise ConfigError(f"{where}: model", model, f"one of {sorted({t.model for t in TRAININGS})}",
                          "Correct the name.")
    return next((t for t in of_model if t.has_codes == ("codes" in content)), of_model[0])
