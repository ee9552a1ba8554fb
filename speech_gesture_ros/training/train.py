"""`speech-gesture train`: a configuration says which model, and each model's module knows how to make it.

Each of these modules has `train(config_path, out, *, data, resume, cache)`, which returns the folder of a bundle.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import load_yaml

DEFAULT = "speech_to_motion"
TRAINERS = {
    DEFAULT: "speech_gesture_ros.training.speech_to_motion.train_composed",
    "kucherenko2019": "speech_gesture_ros.training.kucherenko.train",
    "speech2gesture": "speech_gesture_ros.training.speech2gesture.train",
}
PAIRED = "speech_gesture_ros.training.speech_to_motion.train_paired"  # codes learned from the data


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle.

    Args:
        config_path: Training configuration (YAML).
        out: Folder for the bundle; `<out>.training` beside it keeps checkpoints and TensorBoard events.
        data: Prepared corpus; None where the configuration makes its own (the default model).
        resume: Go on from the last checkpoint, if there is one.
        cache: Where what was computed from the data is kept.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: If the configuration or the data cannot be used.
    """
    content = load_yaml(config_path)
    model = content.get("model", DEFAULT)
    if model not in TRAINERS:
        raise ConfigError(f"{config_path}: model", model, f"one of {sorted(TRAINERS)}", "Correct the name.")
    learned_codes = model == DEFAULT and "codes" in content
    if data is None and (learned_codes or model != DEFAULT):
        raise ConfigError("--data", None, "a prepared corpus", "Make one: speech-gesture data prepare SOURCE --out "
                          "FOLDER, or speech-gesture data choreograph.")
    if data is not None and model == DEFAULT and not learned_codes:
        raise ConfigError("--data", str(data), f"left out with {config_path.name}, which composes its motion",
                          "For your own data take the configuration 'paired'.")
    trainer = import_module(PAIRED if learned_codes else TRAINERS[model])
    return Path(trainer.train(config_path, out, data=data, resume=resume, cache=cache))
