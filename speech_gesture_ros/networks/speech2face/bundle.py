"""Bundle of Speech2Face: sizes, names of the axes, their statistics, weights of voice encoder and face decoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.networks.bundle_checks import check_weights
from speech_gesture_ros.networks.bundle_files import (
    manifest_from_files,
    read_bundle,
    statistics_from_files,
    write_bundle,
)
from speech_gesture_ros.networks.speech2face.network import FaceDecoder, FaceRecogniser, VoiceEncoder
from speech_gesture_ros.networks.speech2face.network_config import Speech2FaceConfig
from speech_gesture_ros.networks.speech2face.voice_spectrogram import voice_spectrogram

ARCHITECTURE = "speech2face"
ENCODER, DECODER, RECOGNISER = "encoder.", "decoder.", "recogniser."  # prefixes of the weights

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Speech2FaceBundle:
    """A trained model in memory.

    Attributes:
        name: Name of the model.
        network: Sizes.
        axes: Names of the axes of the identity; empty if the data have none.
        has_pictures: True if it decodes pictures.
        mean: (K,) mean of the axes over the people of the training.
        std: (K,) standard deviation, positive.
        face_mean: (N,) mean of what describes a face: the axes, or a feature of another recogniser.
        face_std: (N,) standard deviation, positive.
        weights: Parameters, see `ENCODER`, `DECODER` and `RECOGNISER`.
        card: Text of the model card.
    """

    name: str
    network: Speech2FaceConfig
    axes: tuple[str, ...]
    has_pictures: bool
    mean: Array
    std: Array
    face_mean: Array
    face_std: Array
    weights: Mapping[str, npt.ArrayLike] = field(repr=False)
    card: str = field(repr=False, default="")


@dataclass(frozen=True)
class _Manifest:
    """Content of bundle.yaml besides format, architecture and checksums."""

    name: str
    network: Speech2FaceConfig
    axes: tuple[str, ...]
    has_pictures: bool
    num_inputs: int


def save_speech2face(bundle: Speech2FaceBundle, folder: Path) -> None:
    """Write a bundle; files of an older one in that folder are replaced."""
    manifest = _Manifest(bundle.name, bundle.network, bundle.axes, bundle.has_pictures, len(bundle.face_mean))
    statistics = {name: getattr(bundle, name) for name in ("mean", "std", "face_mean", "face_std")}
    write_bundle(folder, ARCHITECTURE, dataclasses.asdict(manifest),
                 {"weights": bundle.weights, "statistics": statistics}, None, bundle.card)


def load_speech2face(folder: Path) -> Speech2FaceBundle:
    """Read a bundle.

    Raises:
        BundleError: If a file is missing or damaged, or does not fit this package.
    """
    files = read_bundle(folder, ARCHITECTURE)
    manifest = manifest_from_files(files, _Manifest)
    axes, inputs = (len(manifest.axes),), (manifest.num_inputs,)
    statistics = statistics_from_files(files, mean=axes, std=axes, face_mean=inputs, face_std=inputs)
    return Speech2FaceBundle(manifest.name, manifest.network, manifest.axes, manifest.has_pictures, **statistics,
                             weights=files.tensors.get("weights", {}), card=files.card)


class VoiceToFace:
    """A voice to face feature and axes of the identity.

    Args:
        bundle: The model.

    Raises:
        BundleError: If the weights do not fit the network.
    """

    def __init__(self, bundle: Speech2FaceBundle) -> None:
        self.bundle = bundle
        self._encoder = VoiceEncoder(bundle.network)
        self._decoder = FaceDecoder(bundle.network, len(bundle.axes), bundle.has_pictures)
        self._recogniser = FaceRecogniser(bundle.network, len(bundle.face_mean), 1).features
        for prefix, module in ((ENCODER, self._encoder), (DECODER, self._decoder), (RECOGNISER, self._recogniser)):
            weights = {name.removeprefix(prefix): torch.as_tensor(np.asarray(value))
                       for name, value in bundle.weights.items() if name.startswith(prefix)}
            expected = {name: tuple(value.shape) for name, value in module.state_dict().items()
                        if not name.endswith("num_batches_tracked")}
            check_weights({name: value.numpy() for name, value in weights.items()}, expected)
            module.load_state_dict(weights, strict=False)
            module.eval()

    @torch.inference_mode()
    def feature(self, samples: npt.NDArray[np.floating]) -> Array:
        """Return the (F,) face feature of (S,) mono samples at 16 kHz."""
        spectrogram = torch.from_numpy(voice_spectrogram(samples, self.bundle.network.seconds))[None]
        return np.asarray(self._encoder(spectrogram)[0].numpy())

    @torch.inference_mode()
    def feature_of_faces(self, faces: npt.NDArray[np.floating]) -> Array:
        """Return the (B, F) features of (B, N) faces, as the data describe them."""
        normal = (np.asarray(faces, dtype=np.float32) - self.bundle.face_mean) / self.bundle.face_std
        return np.asarray(self._recogniser(torch.from_numpy(normal)).numpy())

    @torch.inference_mode()
    def face(self, feature: Array) -> tuple[dict[str, float], npt.NDArray[np.uint8] | None]:
        """Return the axes of the identity by name, and the (64, 64, 3) picture if the model has one."""
        axes, picture = self._decoder(torch.from_numpy(np.asarray(feature, dtype=np.float32))[None])
        values = {} if axes is None else dict(zip(
            self.bundle.axes, (axes[0].numpy() * self.bundle.std + self.bundle.mean).tolist()))
        pixels = None if picture is None else np.round(picture[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        return values, pixels
