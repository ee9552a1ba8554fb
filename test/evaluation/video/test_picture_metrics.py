"""Measures of films: similarity against another implementation, flicker and the nearest frame by construction."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import structural_similarity_index_measure

from speech_gesture_ros.evaluation.video.nearest_frame import nearest_frames
from speech_gesture_ros.evaluation.video.picture_metrics import (
    LUMA,
    FilmMeasures,
    measure_film,
    measures_table,
    psnr_db,
    ssim_map,
)

from small_person import moving_person


def noisy_pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = np.linspace(30, 220, 48)[:, None, None] * np.ones((1, 64, 3))
    first = (rows + rng.normal(0, 12, rows.shape)).clip(0, 255).astype(np.uint8)
    return first, (first * 0.9 + rng.normal(0, 20, rows.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_similarity_is_that_of_torchmetrics(seed: int) -> None:
    pair = noisy_pair(seed)
    planes = [torch.from_numpy(picture @ np.array(LUMA))[None, None] for picture in pair]
    _, expected = structural_similarity_index_measure(*planes, gaussian_kernel=True, sigma=1.5, kernel_size=11,
                                                      data_range=255.0, return_full_image=True)
    inside = (slice(6, -6), slice(6, -6))
    np.testing.assert_allclose(ssim_map(*pair)[inside], expected[0, 0].numpy()[inside], atol=1e-6)


def test_equal_pictures_have_the_highest_values() -> None:
    first, second = noisy_pair(0)
    np.testing.assert_allclose(ssim_map(first, first), 1.0)
    assert psnr_db(first, first) == 100.0
    assert ssim_map(first, second).mean() < 0.9


def test_signal_to_noise_ratio_of_a_known_error() -> None:
    grey = np.full((8, 8, 3), 100, np.uint8)
    assert psnr_db(grey, grey + 10) == pytest.approx(20 * np.log10(25.5))


def test_flicker_is_the_difference_of_the_changes() -> None:
    real = np.stack([np.full((16, 16, 3), 50 + 2 * k, np.uint8) for k in range(5)])
    brighter = measure_film(real + 30, real, real[0])
    assert brighter.flicker == 0.0
    flickering = real.copy()
    flickering[1::2] += 4
    assert measure_film(flickering, real, real[0]).flicker == pytest.approx(4.0)


def test_similarity_of_the_person_leaves_the_background_out() -> None:
    background = np.full((64, 64, 3), 80, np.uint8)
    real, made = np.stack([background] * 2), np.stack([background] * 2)
    real[:, 20:40, 20:40] = noisy_pair(1)[0][:20, :20]
    measures = measure_film(made, real, background)
    assert measures.person_ssim < 0.3
    assert measures.ssim > 0.8


def test_one_picture_has_no_flicker() -> None:
    one = np.zeros((1, 16, 16, 3), np.uint8)
    with pytest.raises(ValueError, match="fewer than two"):
        measure_film(one, one, one[0])


def test_nearest_frame_ignores_what_is_unknown() -> None:
    known = moving_person(60)
    known[:, 100:120] = np.random.default_rng(0).normal(size=(60, 20, 3)) * 100
    known[:, 100:120, 2] = 0.0
    wanted = known[[7, 31, 50]].copy()
    wanted[..., :2] += 0.01
    wanted[:, 100:120, :2] = 500.0
    assert nearest_frames(known, wanted).tolist() == [7, 31, 50]


def test_table_has_a_row_for_each_film() -> None:
    table = measures_table({"a": FilmMeasures(0.91234, 0.5, 30.0, 1.5)})
    assert table.splitlines()[-1] == "| a | 0.9123 | 0.5000 | 30.00 | 1.500 |"
