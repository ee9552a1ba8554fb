"""Published weights of Kucherenko et al. as a bundle: parameters from the arrays of the authors' files.

Besides the weights the bundle needs the statistics of the authors' training data, which were not published. They can be
recovered: the first normalisation stores mean and variance of  h = x W + b  over the training data, for 256 h of
30 features x. So E[x] solves  E[h] = E[x] W + b.  The variances follow from  var[h] = diag(W^T D C D W),  where C are
the correlations of features in other people's speech and D the standard deviations to find; for features that W hardly
uses, they stay near those of other people.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.io import wavfile
from scipy.optimize import least_squares

from speech_gesture_ros.core.bounded_arrays import SINGLE, read_arrays
from speech_gesture_ros.core.bounded_files import MIB, check_size
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.keras_weights import read_keras_weights
from speech_gesture_ros.networks.kucherenko.network_config import PUBLISHED_JOINTS, KucherenkoConfig
from speech_gesture_ros.networks.kucherenko.tf_checkpoint import read_checkpoint

Array = npt.NDArray[np.float32]

NAME = "kucherenko2019_published"
SPEECH_E = "models/Model_MFCC_Pros_Best.hdf5"
MOTION_D = "models/DAE_checkpoints/chkpt-final"
MEAN_POSE, MAX_VAL = "models/mean_pose.npy", "models/max_val.npy"
SILENCE = ("silence.wav", "helpers/silence.wav")  # beside models/, or as in the authors' repository
MAX_SILENCE_BYTES = 16 * MIB
PRIOR_WEIGHT = 1.0  # of other people's standard deviations, in units of one of the 256 variances
_REMEDY = ("Give the folder that holds the models/ of https://github.com/Svito-zar/"
       "speech-driven-hand-gesture-generation-demo")


@dataclass(frozen=True)
class PublishedFiles:
    """Content of the files that the authors published.

    Attributes:
        speech_encoder: Arrays of the Keras model by path.
        decoder: Arrays of the TensorFlow checkpoint by name.
        mean_pose: (138,) [cm].
        max_val: (138,) [cm].
        silence: (N,) the recording of silence, mono in [-1, 1] at `silence_rate` [Hz].
        silence_rate: [Hz].
    """

    speech_encoder: dict[str, Array]
    decoder: dict[str, Array]
    mean_pose: Array
    max_val: Array
    silence: Array
    silence_rate: int


def read_published(source: Path) -> PublishedFiles:
    """Read the files that the authors published.

    Args:
        source: Folder with models/ in it, and silence.wav beside or in helpers/.

    Raises:
        InputError: If a file is missing, damaged or of another kind.
        MissingDependencyError: If h5py is not installed.
    """
    silence = next((source / name for name in SILENCE if (source / name).is_file()), source / SILENCE[0])
    for path in (source / SPEECH_E, source / MEAN_POSE, source / MAX_VAL, silence):
        if not path.is_file():
            raise InputError("published file", str(path), "present", _REMEDY)
    rate, mono = _read_silence(silence)
    return PublishedFiles(
        read_keras_weights(source / SPEECH_E), read_checkpoint(source / MOTION_D),
        _read_row(source / MEAN_POSE), _read_row(source / MAX_VAL), mono, rate)


def _read_silence(path: Path) -> tuple[int, Array]:
    """Read the sample rate [Hz] and the samples (N,), mono in [-1, 1], of a 16-bit WAV file."""
    check_size(path, MAX_SILENCE_BYTES, "published recording")
    try:
        rate, samples = wavfile.read(path)
    except (ValueError, OSError, struct.error, EOFError, TypeError, ZeroDivisionError) as error:
        raise InputError("published file", str(path), "a WAV file", f"{_REMEDY} ({error})") from error
    if samples.dtype != np.int16 or not len(samples):
        raise InputError(f"samples of {path}", (samples.dtype.name, samples.shape), "16-bit, not empty", _REMEDY)
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    return int(rate), np.asarray(mono / 32_768.0, dtype=np.float32)


def _read_row(path: Path) -> Array:
    """Read 138 numbers: x, y, z of 46 joints [cm]."""
    row = read_arrays(path, "published file", max_bytes=MIB).get(SINGLE)
    if row is None or row.shape != (3 * PUBLISHED_JOINTS,) or row.dtype.kind != "f" or not np.all(np.isfinite(row)):
        raise InputError(f"content of {path}", None if row is None else row.shape,
                         f"{3 * PUBLISHED_JOINTS} finite numbers", _REMEDY)
    return np.asarray(row)


def published_bundle(files: PublishedFiles, silence: Array, columns: tuple[str, ...],
                     covariance: npt.NDArray[np.floating], card: str) -> KucherenkoBundle:
    """Make the bundle of the published weights.

    Args:
        files: The authors' files.
        silence: (30,) features of silence, the authors' padding frame.
        columns: Names of the 30 features.
        covariance: (30, 30) of these features in other people's speech.
        card: Text of the model card.

    Raises:
        InputError: If an array is missing or has an unexpected shape.
    """
    weights = {**_speech_encoder(files.speech_encoder), **_decoder(files.decoder)}
    config = KucherenkoConfig(
        columns=columns, dense=(256, 256), hidden=128, gru="keras2", norm_epsilon=1e-3, representation=112,
        frames="published", normalisation="running", output="published", values_per_joint=3)
    mean, std = training_statistics(weights, covariance)
    skeleton: Skeleton = load_skeleton()
    return KucherenkoBundle(
        name=NAME, config=config, skeleton=skeleton, feature_mean=mean, feature_std=std, silence=silence,
        pose_mean=files.mean_pose.astype(np.float32), pose_scale=files.max_val.astype(np.float32),
        weights=weights, card=card)


def training_statistics(weights: dict[str, Array], covariance: npt.NDArray[np.floating]) -> tuple[Array, Array]:
    """Recover mean and standard deviation of the features that the first normalisation was trained on.

    Args:
        weights: As `network_config.parameter_shapes` names them.
        covariance: (F, F) of the same features in other people's speech.

    Returns:
        (F,) each.
    """
    matrix = weights["dense.0.weight"].astype(np.float64)  # (256, F)
    centred = weights["norm.0.running_mean"].astype(np.float64) - weights["dense.0.bias"]
    mean = np.linalg.lstsq(matrix, centred, rcond=None)[0]

    usual = np.sqrt(np.diag(covariance))
    log_variance = np.log(weights["norm.0.running_var"].astype(np.float64))

    def misfit(log_ratio: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        scaled = matrix * np.exp(log_ratio)
        return np.append(np.log(np.einsum("of,fg,og->o", scaled, covariance, scaled)) - log_variance,
                         PRIOR_WEIGHT * log_ratio)

    log_ratio = least_squares(misfit, np.zeros(len(usual))).x
    return mean.astype(np.float32), (usual * np.exp(log_ratio)).astype(np.float32)


def _speech_encoder(arrays: dict[str, Array]) -> dict[str, Array]:
    def pick(layer: str, part: str, shape: tuple[int, ...]) -> Array:
        return _pick(arrays, f"model_weights/{layer}/{layer}/{part}:0", shape, SPEECH_E)

    weights: dict[str, Array] = {}
    for i, inputs in enumerate((30, 256)):
        layer = f"time_distributed_{i + 1}"
        weights[f"dense.{i}.weight"] = pick(layer, "kernel", (inputs, 256)).T
        weights[f"dense.{i}.bias"] = pick(layer, "bias", (256,))
    for i, (name, width) in enumerate((("norm.0", 256), ("norm.1", 256), ("gru_norm", 128))):
        for part, keras_part in (("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"),
                                 ("running_var", "moving_variance")):
            weights[f"{name}.{part}"] = pick(f"batch_normalization_{i + 1}", keras_part, (width,))
    for part, keras_part, shape in (("weight_ih", "kernel", (256, 384)), ("weight_hh", "recurrent_kernel", (128, 384)),
                                    ("bias_ih", "bias", (384,))):
        z, r, h = np.split(pick("gru_1", keras_part, shape), 3, axis=-1)  # the gates' order in Keras
        weights[f"gru.{part}"] = np.concatenate([r, z, h], axis=-1).T
    weights["gru.bias_hh"] = np.zeros(384, np.float32)
    weights["out.weight"] = pick("dense_3", "kernel", (128, 112)).T
    weights["out.bias"] = pick("dense_3", "bias", (112,))
    return weights


def _decoder(arrays: dict[str, Array]) -> dict[str, Array]:
    name = "AE_Variables/Variables/"
    return {"decoder.weight": _pick(arrays, f"{name}matrix2", (112, 138), MOTION_D).T,
            "decoder.bias": _pick(arrays, f"{name}bias2", (138,), MOTION_D)}


def _pick(arrays: dict[str, Array], name: str, shape: tuple[int, ...], where: str) -> Array:
    array = arrays.get(name)
    if array is None or array.shape != shape:
        raise InputError(f"array {name!r} in {where}", None if array is None else array.shape, f"of shape {shape}",
                         "These are other weights than the published ones. " + _REMEDY)
    return array
