"""Feature extractor of the Frechet gesture distance: it learns, is reproducible, separates motions, is stored."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from speech_gesture_ros.core.errors import BundleError, InputError
from speech_gesture_ros.evaluation.metrics import frechet_gesture_distance
from speech_gesture_ros.training.fgd_extractor import load_extractor, train_extractor

pytestmark = pytest.mark.slow

FPS = 25.0


def waving(seed: int, clips: int = 4, hz: float = 0.7) -> list[np.ndarray]:
    """(T, 3, 3) motions of three joints: slow waves with random phases."""
    rng = np.random.default_rng(seed)
    t = np.arange(400)[:, None, None] / FPS
    return [0.2 * np.sin(2 * np.pi * hz * rng.uniform(0.8, 1.2, (1, 3, 3)) * t + rng.uniform(0, 6, (1, 3, 3)))
            for _ in range(clips)]


@pytest.fixture(scope="module")
def extractor():
    return train_extractor(waving(0), FPS, epochs=100)


def test_training_lowers_the_loss(extractor) -> None:
    untrained = train_extractor(waving(0), FPS, epochs=1)
    assert extractor.loss < 0.7 * untrained.loss


def test_each_window_has_32_features(extractor) -> None:
    rows = extractor.windows.cut(waving(1))
    assert extractor(rows).shape == (len(rows), 32)
    np.testing.assert_allclose(extractor(rows)[:3], extractor(rows[:3]), atol=1e-5)


def test_other_motion_has_a_larger_distance_than_motion_of_the_same_kind(extractor) -> None:
    same = frechet_gesture_distance(waving(1), waving(2), extractor.windows, extractor)
    other = frechet_gesture_distance(waving(1), waving(2, hz=1.6), extractor.windows, extractor)
    still = frechet_gesture_distance(waving(1), [np.zeros((400, 3, 3))] * 3, extractor.windows, extractor)
    assert same < 0.5 * other
    assert same < 0.5 * still


def test_the_same_data_and_seed_give_the_same_hash(extractor) -> None:
    assert train_extractor(waving(0), FPS, epochs=2).sha256 == train_extractor(waving(0), FPS, epochs=2).sha256
    assert train_extractor(waving(0), FPS, epochs=2, seed=1).sha256 != train_extractor(waving(0), FPS, epochs=2).sha256


def test_a_saved_extractor_is_loaded_unchanged(extractor, tmp_path) -> None:
    extractor.save(tmp_path / "extractor.safetensors")
    again = load_extractor(tmp_path / "extractor.safetensors")
    assert again.sha256 == extractor.sha256
    rows = extractor.windows.cut(waving(1))
    np.testing.assert_array_equal(again(rows), extractor(rows))


def test_other_files_are_refused(tmp_path) -> None:
    with pytest.raises(BundleError, match="FGD extractor"):
        load_extractor(tmp_path / "missing.safetensors")
    (tmp_path / "text.safetensors").write_text("no tensors in here, only words")
    with pytest.raises(BundleError, match="FGD extractor"):
        load_extractor(tmp_path / "text.safetensors")


@pytest.mark.parametrize("changes", [{"length": np.array([10**9])}, {"length": np.array([5000])},
                                     {"mean": np.zeros(10**6)}, {"mean": np.full(9, np.nan)}])
def test_an_extractor_of_other_sizes_is_refused_before_it_is_built(extractor, tmp_path, changes) -> None:
    tensors = {name: np.ascontiguousarray(value) for name, value in extractor.tensors().items()}
    save_file({**tensors, **changes}, tmp_path / "x.safetensors")
    with pytest.raises(BundleError, match="FGD extractor"):
        load_extractor(tmp_path / "x.safetensors")


def test_too_little_motion_is_refused() -> None:
    with pytest.raises(InputError, match="windows"):
        train_extractor([np.zeros((60, 3, 3))], FPS)
