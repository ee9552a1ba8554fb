"""Run configuration of the face model, read from one YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml
from speech_gesture_ros.training.engine.run_settings import AveragedRunSettings, require_at_least

SPEAKER_SHARES = {"": 0.12, "recorded": 0.05, "espeak": 0.38}


@dataclass(frozen=True)
class FaceSpeechConfig:
    """Speech of a run.

    Attributes:
        espeak_languages: Languages of espeak-ng, drawn for each track; one that is named twice is drawn twice as often.
        espeak_minutes: Speech of espeak-ng in all its variants [min].
        flite_voices: Voices of flite.
        flite_minutes: Speech of each of them [min].
        kokoro_voices: Voices of kokoro, one after the other for the tracks.
        kokoro_minutes: Speech of all of them together [min].
        non_speech_minutes: Sound without speech [min].
        versions: Versions of the sound of each track, the clean one included.
        recorded: Recorded faces of the data folder's face/facegood.
    """

    espeak_languages: tuple[str, ...]
    espeak_minutes: float = 60.0
    flite_voices: tuple[str, ...] = ()
    flite_minutes: float = 20.0
    kokoro_voices: tuple[str, ...] = ()
    kokoro_minutes: float = 0.0
    non_speech_minutes: float = 10.0
    versions: int = 3
    recorded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_at_least(self, "speech.", espeak_minutes=0.3, flite_minutes=0, kokoro_minutes=0,
                         non_speech_minutes=0, versions=1)


@dataclass(frozen=True)
class FaceRecordingsConfig:
    """Recorded speech of a run, by its sources in the manifest of the data folder; see `recorded_speech`.

    Attributes:
        with_text: Sources whose texts are known.
        without_text: Sources without.
        pico_voices: Voices of pico, by their language, whose phones are found in the sound as in recordings.
        pico_minutes: Speech of each of them [min].
        minutes: Speech of each speaker after which no further recording is used [min].
        versions: Versions of the sound of each recording, the clean one included.
    """

    with_text: tuple[str, ...] = ()
    without_text: tuple[str, ...] = ()
    pico_voices: tuple[str, ...] = ()
    pico_minutes: float = 5.0
    minutes: float = 20.0
    versions: int = 3

    def __post_init__(self) -> None:
        require_at_least(self, "recordings.", pico_minutes=0, minutes=0, versions=1)

    @property
    def used(self) -> bool:
        """Use of any source."""
        return bool(self.with_text or self.without_text or self.pico_voices)


@dataclass(frozen=True, kw_only=True)
class FaceRunConfig(AveragedRunSettings):
    """Run of the face model.

    Attributes:
        model: The architecture.
        speech: Synthesised speech to train on, and recorded faces.
        recordings: Recorded speech to train on.
        speaker_shares: Shares of the sequences of some speakers, see `batches`; the others share the rest.
        steps: Number of steps; with recordings, of the last pass.
        first_steps: With recordings, steps of a first pass without them, after which the network labels them.
        middle_steps: With recordings, steps of a pass on these labels, after which the network labels again; 0: none.
        batch: Sequences in a step.
        frames: Face frames in a sequence.
        learning_rate: Largest learning rate; falls as a cosine to a fiftieth.
    """

    model: str = "face"
    speech: FaceSpeechConfig
    recordings: FaceRecordingsConfig = FaceRecordingsConfig()
    speaker_shares: dict[str, float] = field(default_factory=lambda: dict(SPEAKER_SHARES))
    steps: int = 4000
    first_steps: int = 1000
    middle_steps: int = 0
    batch: int = 20
    frames: int = 200
    learning_rate: float = 2e-3

    def __post_init__(self) -> None:
        super().__post_init__()
        require_at_least(self, steps=1, first_steps=1, middle_steps=0, batch=1, frames=20)


def load_face_config(path: Path) -> FaceRunConfig:
    """Read a configuration.

    Raises:
        ConfigError: If the file is missing or has a wrong key or value.
    """
    return from_mapping(FaceRunConfig, load_yaml(path), str(path))
