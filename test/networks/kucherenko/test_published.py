"""The import, compared with independent evaluations of the same files: features, network, and both together.

Independent are: python_speech_features for the MFCC, output of Praat for the prosody of the shipped speech, and
`networks.kucherenko.reference`, plain loops in float64, for the network.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from speech_gesture_ros.audio.files import load_mono
from speech_gesture_ros.cli.import_published import make_bundle, silent_frame
from speech_gesture_ros.core.chunks import FeatureChunk
from speech_gesture_ros.features.kucherenko_offline import pitch_and_intensity, published_features
from speech_gesture_ros.networks.kucherenko import reference
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle, load_bundle, save_bundle
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork
from speech_gesture_ros.networks.kucherenko.published import PublishedFiles, read_published

PRAAT = Path(__file__).with_name("praat_demo_speech.npz")
STEP_S = 5.555555555e-3
MAX_CM = 0.1
FRAMES = 130  # at 20 Hz: the plain loops take a few seconds for them


@pytest.fixture(scope="session")
def speech_features(speech_44k: np.ndarray) -> np.ndarray:
    return published_features(speech_44k)


@cache
def read(folder: Path) -> PublishedFiles:
    return read_published(folder)


@pytest.fixture
def files(published_folder: Path) -> PublishedFiles:
    return read(published_folder)


@pytest.fixture
def bundle(files: PublishedFiles, tmp_path: Path) -> KucherenkoBundle:
    """Bundle that was saved and loaded."""
    save_bundle(make_bundle(files), tmp_path / "published")
    return load_bundle(tmp_path / "published")


@pytest.fixture(scope="session")
def speech_44k(speech: np.ndarray) -> np.ndarray:
    return resample_poly(speech.astype(np.float64), 441, 160)


def independent_mfcc(samples: np.ndarray) -> np.ndarray:
    """MFCC of the library as the authors called it, on samples in steps of 16 bits, every third frame."""
    library = pytest.importorskip("python_speech_features")
    return library.mfcc(samples * 32_768.0, winlen=0.06666666666, winstep=0.0166666666, samplerate=44_100,
                        numcep=26)[::3]


def independent_prosody(f0_hz: np.ndarray, intensity_db: np.ndarray) -> np.ndarray:
    """(T, 4) from samples every 5.56 ms: normalised after Chiu 2011, slopes per ms, means of nine."""
    columns = []
    floor = np.finfo(float).eps
    for values in (np.log(np.clip(intensity_db.astype(float), floor, None)) - 3, np.log(f0_hz.astype(float) + 1) - 4):
        value = np.clip(values, 0, None)
        slope = np.array([0.0, *(np.diff(value) / (1000 * STEP_S))])
        columns += [value, slope]
    count = len(f0_hz) // 9
    return np.stack([column[:9 * count].reshape(count, 9).mean(axis=1) for column in columns], axis=1)


def package_poses(bundle: KucherenkoBundle, features: np.ndarray) -> np.ndarray:
    """Features at 20 Hz to (T, 46, 3) [cm], with the whole look-ahead."""
    network, context = KucherenkoNetwork(bundle), 30
    silence = np.tile(bundle.silence, (context, 1))
    gates = network.embed(np.concatenate([silence, features, silence]).astype(np.float32))
    return network.decode(network.encode(gates[np.arange(2 * context + 1)[:, None] + np.arange(len(features))]))


def mean_distance(a: np.ndarray, b: np.ndarray) -> float:
    count = min(len(a), len(b))
    assert count > 100
    assert abs(len(a) - len(b)) <= 1
    return float(np.linalg.norm(a[:count] - b[:count], axis=-1).mean())


# -- features ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_mfcc_are_those_of_the_authors_library(speech_44k: np.ndarray, speech_features: np.ndarray) -> None:
    found, expected = speech_features[:, :26], independent_mfcc(speech_44k)
    np.testing.assert_allclose(found, expected[:len(found)], atol=1e-6, rtol=0)


def test_pitch_and_intensity_are_praats(speech_44k: np.ndarray) -> None:
    praat = np.load(PRAAT)
    f0_hz, intensity = pitch_and_intensity(speech_44k, 44_100)
    assert len(f0_hz) == len(praat["f0_hz"])
    voiced = (f0_hz > 0) & (praat["f0_hz"] > 0)
    assert np.mean((f0_hz > 0) == (praat["f0_hz"] > 0)) > 0.995
    cents = 1200 * np.abs(np.log2(f0_hz[voiced] / praat["f0_hz"][voiced]))
    assert np.percentile(cents, 99) < 10.0
    audible = praat["intensity_db"] > 40.0  # digital silence is -300 dB, and the splines next to it depend on rounding
    assert audible.mean() > 0.5
    off_db = np.abs(intensity - praat["intensity_db"])[audible]
    assert off_db.max() < 0.25
    assert np.median(off_db) < 0.01


def test_the_frame_of_silence_is_that_of_the_authors(files: PublishedFiles) -> None:
    np.testing.assert_allclose(silent_frame(files)[:26], independent_mfcc(files.silence)[0], atol=1e-6, rtol=0)


# -- network -----------------------------------------------------------------------------------------------------------


@pytest.mark.data
def test_arrays_have_the_content_at_the_known_offsets(files: PublishedFiles, published_folder: Path) -> None:
    """Offsets that were determined by other means."""
    data = (published_folder / "models/DAE_checkpoints/chkpt-final.data-00000-of-00001").read_bytes()
    for name, offset, shape in (("matrix1", 63_824, (138, 112)), ("bias2", 63_272, (138,)),
                                ("matrix2", 125_648, (112, 138))):
        expected = np.frombuffer(data, "<f4", int(np.prod(shape)), offset).reshape(shape)
        np.testing.assert_array_equal(files.decoder[f"AE_Variables/Variables/{name}"], expected)


@pytest.mark.slow
@pytest.mark.data
def test_the_network_is_within_a_tenth_of_a_centimetre_on_any_features(files: PublishedFiles,
                                                                      bundle: KucherenkoBundle) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(bundle.feature_mean, bundle.feature_std, (101, 30))
    z = reference.evaluate_speech_encoder(files, features, bundle.silence)
    assert mean_distance(package_poses(bundle, features), reference.evaluate_decoder(files, z)) < 0.001


@pytest.mark.data
def test_statistics_of_the_training_data_are_recovered(bundle: KucherenkoBundle, speech_features: np.ndarray) -> None:
    """They are plausible for speech: other speech lies within them."""
    columns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 26, 28]
    features = speech_features[:, columns]
    mean, std = bundle.feature_mean[columns], bundle.feature_std[columns]
    assert np.all(np.abs(features.mean(axis=0) - mean) < 3 * std)
    assert np.all((features.std(axis=0) / std > 0.3) & (features.std(axis=0) / std < 3.0))


# -- both --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.data
def test_poses_of_the_shipped_speech(files: PublishedFiles, bundle: KucherenkoBundle, speech_44k: np.ndarray,
                                     speech_features: np.ndarray) -> None:
    """The expected poses use no code of the package but the reference: MFCC of the library, prosody of Praat."""
    mfcc, praat = independent_mfcc(speech_44k), np.load(PRAAT)
    prosody = independent_prosody(praat["f0_hz"], praat["intensity_db"])
    features = np.concatenate([mfcc[:FRAMES], prosody[:FRAMES]], axis=1)
    z = reference.evaluate_speech_encoder(files, features, independent_silence(files))
    expected = reference.smooth(reference.evaluate_decoder(files, z))
    found = reference.smooth(package_poses(bundle, speech_features[:FRAMES]))
    assert mean_distance(found, expected) < MAX_CM


def independent_silence(files: PublishedFiles) -> np.ndarray:
    return np.concatenate([independent_mfcc(files.silence)[0], np.zeros(4)])


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("clip", ["hours/kathleen_rhasspy/kathleen/000.opus", "hours/nathalie_rhasspy"])
def test_poses_of_recorded_speech(files: PublishedFiles, bundle: KucherenkoBundle, data_folder: Path,
                                  clip: str) -> None:
    """Other voices, with MFCC of the library; the prosody is the package's, which another test checks against Praat."""
    path = data_folder / "speech" / clip
    path = next(iter(sorted(path.rglob("*.opus"))), path) if path.is_dir() else path
    if not path.is_file():
        pytest.skip(f"no recording at {path}")
    samples = load_mono(path, 44_100)[:7 * 44_100].astype(np.float64)
    prosody = independent_prosody(*pitch_and_intensity(samples, 44_100))
    mfcc = independent_mfcc(samples)
    count = min(len(mfcc), len(prosody), FRAMES)
    features = np.concatenate([mfcc[:count], prosody[:count]], axis=1)
    z = reference.evaluate_speech_encoder(files, features, independent_silence(files))
    expected = reference.smooth(reference.evaluate_decoder(files, z))
    found = reference.smooth(package_poses(bundle, published_features(samples)[:FRAMES]))
    assert mean_distance(found, expected) < MAX_CM


@pytest.mark.data
def test_live_motion_is_plausible_and_bones_keep_their_lengths(bundle: KucherenkoBundle, speech: np.ndarray) -> None:
    from speech_gesture_ros.core.chunks import AudioChunk
    from speech_gesture_ros.features.kucherenko import open_stage
    from speech_gesture_ros.networks.kucherenko.model_stage import KucherenkoStage

    speech = speech[:12 * 16_000]
    stage = open_stage()
    features = np.concatenate([stage.push(AudioChunk(0, speech)).values, stage.flush().values])
    model = KucherenkoStage(bundle, 0.4)
    poses = np.concatenate([model.push(FeatureChunk(0, features)).values, model.flush().values])
    assert len(poses) == len(speech) // 640
    wrists = poses[:, [bundle.skeleton.index["left_wrist"], bundle.skeleton.index["right_wrist"]]]
    spread = np.sqrt(wrists.var(axis=0).sum(axis=1))
    assert np.all((spread > 0.05) & (spread < 0.25))
    speed = 25 * np.linalg.norm(np.diff(wrists, axis=0), axis=-1).mean()
    assert 0.1 < speed < 0.7
    assert wrists[..., 2].mean() < poses[:, bundle.skeleton.index["neck"], 2].mean()  # not at the height of the head
