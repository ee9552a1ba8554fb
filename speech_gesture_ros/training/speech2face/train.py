"""Training of Speech2Face on a folder of people, with retrieval of people who were held out."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.evaluation.retrieval import chance_at, recall_at, recall_table
from speech_gesture_ros.networks.speech2face.bundle import (
    DECODER,
    ENCODER,
    RECOGNISER,
    Speech2FaceBundle,
    VoiceToFace,
    save_speech2face,
)
from speech_gesture_ros.networks.speech2face.network_config import PICTURE
from speech_gesture_ros.networks.speech2face.voice_spectrogram import voice_spectrogram
from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.engine.fit import FitResult, fit
from speech_gesture_ros.training.speech2face.learners import FaceFeatureLearner, VoiceLearner
from speech_gesture_ros.training.speech2face.pairs import Person, read_people, split_people
from speech_gesture_ros.training.speech2face.run_config import Speech2FaceRunConfig, load_run_config

_log = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]


def train(config_path: Path, out: Path, *, data: Path, resume: bool = False, cache: Path = Path("runs/cache")) -> Path:
    """Make a bundle; see `training.train`. `data` is a folder of people; `cache` is not used.

    Raises:
        ConfigError: If the configuration or the data cannot be used.
    """
    del cache
    return train_speech2face(load_run_config(config_path), data, out, resume=resume)


def train_speech2face(config: Speech2FaceRunConfig, data: Path, out: Path, *, resume: bool = False) -> Path:
    """Train on a folder of people; write a bundle with its measures."""
    people, axes = read_people(data)
    known, unknown = split_people(people, config.held_out, config.seed)
    scale = FaceScale.of(known)
    torch.manual_seed(config.seed)
    faces = FaceFeatureLearner(config, len(known[0].face), len(axes), known[0].picture is not None, len(known))
    fit(faces, FaceBatches(known, scale, config), None, out=out.with_name(f"{out.name}.faces"),
        config=config.fit_config(config.face_steps), resume=resume, label="faces")
    torch.manual_seed(config.seed)
    voices = VoiceLearner(config, faces.eval())
    result = fit(voices, VoiceBatches(known, scale, config), None, out=out, config=config.fit_config(config.steps),
                 resume=resume, label="voices")
    bundle = _bundle(config, axes, scale, voices)
    table = evaluate_people(bundle, unknown)
    parameters = sum(value.numel() for value in voices.encoder.parameters())
    card = _card(config, known, unknown, result, table, parameters)
    save_speech2face(Speech2FaceBundle(**{**vars(bundle), "card": card}), out)
    _log.info("people held out:\n%s", table)
    return out


class FaceScale:
    """Mean and standard deviation of what describes a face, and of the axes, over the people of the training."""

    def __init__(self, face_mean: Array, face_std: Array, axes_mean: Array, axes_std: Array) -> None:
        self.face_mean, self.face_std, self.axes_mean, self.axes_std = face_mean, face_std, axes_mean, axes_std

    @classmethod
    def of(cls, people: list[Person]) -> FaceScale:
        """Return the scale of people."""
        values = []
        for group in (np.stack([person.face for person in people]), np.stack([person.axes for person in people])):
            std = group.std(axis=0)
            values += [group.mean(axis=0), np.where(std > 1e-6, std, 1.0).astype(np.float32)]
        return cls(*values)

    def face(self, people: list[Person]) -> Tensor:
        """Return (B, N) normalised faces."""
        return torch.from_numpy((np.stack([p.face for p in people]) - self.face_mean) / self.face_std).float()

    def axes(self, people: list[Person]) -> Tensor:
        """Return (B, K) normalised axes."""
        return torch.from_numpy((np.stack([p.axes for p in people]) - self.axes_mean) / self.axes_std).float()


class FaceBatches:
    """Numbered batches of faces: faces, axes, pictures, indices of the people."""

    def __init__(self, people: list[Person], scale: FaceScale, config: Speech2FaceRunConfig) -> None:
        self._people, self._scale, self._config = people, scale, config

    def __call__(self, index: int) -> tuple[Tensor, ...]:
        """Return a batch."""
        rng = np.random.default_rng([self._config.seed, index])
        chosen = rng.integers(len(self._people), size=self._config.batch)
        people = [self._people[i] for i in chosen]
        empty = np.zeros((PICTURE, PICTURE, 3), np.uint8)
        pictures = np.stack([empty if p.picture is None else p.picture for p in people])
        return (self._scale.face(people), self._scale.axes(people),
                torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255.0, torch.from_numpy(chosen))


class VoiceBatches:
    """Numbered batches of voices, from a random place of a random recording: spectrograms, faces."""

    def __init__(self, people: list[Person], scale: FaceScale, config: Speech2FaceRunConfig) -> None:
        self._people, self._scale, self._config = people, scale, config

    def __call__(self, index: int) -> tuple[Tensor, ...]:
        """Return a batch."""
        rng = np.random.default_rng([self._config.seed, 1, index])
        people = [self._people[i] for i in rng.integers(len(self._people), size=self._config.batch)]
        length = round(self._config.network.seconds * SAMPLE_RATE)
        spectrograms = []
        for person in people:
            samples = load_mono_16k(person.voices[rng.integers(len(person.voices))])
            start = int(rng.integers(max(1, len(samples) - length + 1)))
            spectrograms.append(voice_spectrogram(samples[start:start + length], self._config.network.seconds))
        return torch.from_numpy(np.stack(spectrograms)), self._scale.face(people)


def evaluate_people(bundle: Speech2FaceBundle, people: list[Person]) -> str:
    """Return retrieval of people by their voices beside chance, and the correlation of each axis, as Markdown."""
    model = VoiceToFace(bundle)
    gallery = model.feature_of_faces(np.stack([person.face for person in people]))
    queries, own, made, true = [], [], [], []
    for i, person in enumerate(people):
        for path in person.voices:
            feature = model.feature(load_mono_16k(path))
            queries.append(feature)
            own.append(i)
            made.append(list(model.face(feature)[0].values()))
            true.append(person.axes)
    table = recall_table({f"this model, {len(queries)} voices of {len(people)} people":
                          recall_at(np.stack(queries), gallery, own), "chance": chance_at(len(people))})
    if bundle.axes:
        first, second = np.array(made), np.array(true)
        rows = [f"| {name} | {_correlation(first[:, k], second[:, k]):.2f} |" for k, name in enumerate(bundle.axes)]
        table += "\n\n| axis | correlation |\n|---|---|\n" + "\n".join(rows)
    return table


def evaluate_folder(bundle: Speech2FaceBundle, folder: Path) -> str:
    """Return the same table for all people of a folder.

    Raises:
        ConfigError: If they have other axes than the bundle, or their faces are described in another way.
    """
    people, axes = read_people(folder)
    if axes != bundle.axes or people[0].face.shape != bundle.face_mean.shape:
        raise ConfigError(f"faces of {folder}", (axes, people[0].face.shape), f"{bundle.axes}, "
                          f"{bundle.face_mean.shape}, as in the bundle", "Use people of the same kind.")
    return evaluate_people(bundle, people)


def _correlation(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> float:
    if min(first.std(), second.std()) < 1e-9:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _bundle(config: Speech2FaceRunConfig, axes: tuple[str, ...], scale: FaceScale, voices: VoiceLearner
            ) -> Speech2FaceBundle:
    weights = {f"{prefix}{name}": value.detach().cpu().numpy()
               for prefix, module in ((ENCODER, voices.encoder), (DECODER, voices.decoder),
                                      (RECOGNISER, voices.recogniser.features))
               for name, value in module.state_dict().items() if not name.endswith("num_batches_tracked")}
    return Speech2FaceBundle(config.name, config.network, axes, voices.decoder.picture is not None, scale.axes_mean,
                             scale.axes_std, scale.face_mean, scale.face_std, weights)


def _card(config: Speech2FaceRunConfig, known: list[Person], unknown: list[Person], result: FitResult, table: str,
          parameters: int) -> str:
    """Return the text of MODEL_CARD.md."""
    return f"""# Model card: {config.name}

The voice of a speaker to the axes of an avatar, after Oh et al., "Speech2Face" (CVPR 2019): a complex spectrogram of \
{config.network.seconds:g} s, nine convolutions, a face feature, a frozen decoder. Three losses: the decoder's first \
layer, the direction of the feature, distillation.

- People: {len(known)} for the training, {len(unknown)} held out; {sum(len(p.voices) for p in known)} recordings.
- Voice encoder: {parameters:,} parameters, {result.step} steps of {config.batch} in {result.seconds / 60:.1f} min on \
{machine_description(config.accelerator)}, {config.threads} thread, {today()}.

## People who were held out

{table}

## Use

For the voice of an agent, which is synthetic. A voice does not determine a face: the result is a styling, never a \
statement about a person, and must not be used to guess who a person is or looks like. The licence of the data applies \
to the bundle.
"""
