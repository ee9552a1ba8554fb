"""Run configuration of the network that draws a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.networks.video.network_config import VideoNetworkConfig
from speech_gesture_ros.training.engine.fit import FitConfig
from speech_gesture_ros.training.engine.run_settings import REMEDY, RunSettings, require_at_least

MODEL = "video"
MAX_HELD_OUT = 0.5
MAX_FRAMES = 45_000  # of all films together: 30 minutes


@dataclass(frozen=True)
class VideoRunConfig(RunSettings):
    """One run.

    Attributes:
        name: Name of the bundle.
        model: "video".
        network: Sizes.
        steps: Batches, each of two pictures in a row; one step of the critic and one of the generator.
        batch: Places in the film in a batch.
        piece: Width and height of the piece of the pictures that is trained on [pixels], around one of the keypoints; 0
            for whole pictures.
        whole_share: Share of the steps, the last ones, with whole pictures: normalisation differs from that of pieces.
        learning_rate: Learning rate of both Adams, which falls to a tenth in the second half.
        l1_weight: Weight of the absolute difference.
        structure_weight: Weight of the structural similarity.
        change_weight: Weight of the absolute difference of the change from picture to picture.
        gan_weight: Weight of the critic's score; 0 trains without a critic.
        feature_weight: Weight of the difference of the critic's layers.
        person_weight: Weight of the pixels of the person, relative to the background's.
        start_share: Share of the places where the picture before is the background, as at the begin of a film.
        stale_share: Share of the places where the picture before is any other one of the film, so that the network
            learns to correct it by the keypoints: faults of a drawn picture then do not stay.
        held_out: Share of each film, its end, that is measured and not trained on.
        max_frames: Largest number of pictures of all films together.
        workers: Processes that draw batches ahead.
    """

    name: str
    model: str = MODEL
    network: VideoNetworkConfig = field(default_factory=VideoNetworkConfig)
    steps: int = 2000
    batch: int = 1
    piece: int = 0
    whole_share: float = 0.3
    learning_rate: float = 4e-4
    l1_weight: float = 10.0
    structure_weight: float = 2.0
    change_weight: float = 10.0
    gan_weight: float = 0.05
    feature_weight: float = 0.5
    person_weight: float = 5.0
    start_share: float = 0.1
    stale_share: float = 0.25
    held_out: float = 0.15
    max_frames: int = 12_000
    workers: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model != MODEL:
            raise ConfigError("model", self.model, repr(MODEL), "This is another model's configuration.")
        require_at_least(self, steps=1, batch=1, l1_weight=0, structure_weight=0, change_weight=0, gan_weight=0,
                         feature_weight=0, person_weight=1, start_share=0, stale_share=0, whole_share=0, max_frames=16,
                         workers=0)
        step, size = self.network.step, self.network.size
        if not 0 <= self.piece <= size or self.piece % step:
            raise ConfigError("piece", self.piece, f"0 to {size} pixels, a multiple of {step}", REMEDY)
        if not 0 < self.learning_rate < 1:
            raise ConfigError("learning_rate", self.learning_rate, "above 0 and below 1", REMEDY)
        if not 0 < self.held_out <= MAX_HELD_OUT:
            raise ConfigError("held_out", self.held_out, f"above 0, at most {MAX_HELD_OUT:g}", REMEDY)
        if max(self.start_share, self.stale_share, self.whole_share) > 1 or self.max_frames > MAX_FRAMES:
            raise ConfigError("start_share, stale_share, whole_share, max_frames",
                              (self.start_share, self.stale_share, self.whole_share, self.max_frames),
                              f"at most 1, 1, 1 and {MAX_FRAMES}", REMEDY)

    def fit_config(self) -> FitConfig:
        """Return the arguments of the fit."""
        return FitConfig(self.steps, workers=self.workers, **self.settings())


def load_run_config(path: Path) -> VideoRunConfig:
    """Read a run configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(VideoRunConfig, load_yaml(path), str(path))
