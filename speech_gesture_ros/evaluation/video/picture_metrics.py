"""Measures of a film against the real one: structural similarity, peak signal-to-noise ratio, flicker.

Pictures are (H, W, 3) uint8. The similarity is that of Wang et al., "Image quality assessment: from error visibility to
structural similarity" (IEEE TIP 2004): a Gaussian window of 11 pixels with standard deviation 1.5, on the luma.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import correlate1d

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

LUMA = (0.299, 0.587, 0.114)  # BT.601
WINDOW, SIGMA = 11, 1.5  # [pixels]
K1, K2, RANGE = 0.01, 0.03, 255.0
MAX_PSNR_DB = 100.0  # of equal pictures
PERSON_LEVELS = 20  # difference to the background above which a pixel is of the person


@dataclass(frozen=True)
class FilmMeasures:
    """Measures of a film against the real one, means over its pictures.

    Attributes:
        ssim: Structural similarity, at most 1.
        person_ssim: The same over the pixels of the person.
        psnr_db: Peak signal-to-noise ratio [dB].
        flicker: Mean absolute difference of the change from picture to picture to the change of the real film
            [levels of 255].
    """

    ssim: float
    person_ssim: float
    psnr_db: float
    flicker: float


def ssim_map(first: Picture, second: Picture) -> Floats:
    """Return the (H, W) structural similarity of two pictures around each pixel; edges are mirrored."""
    a, b = (np.asarray(picture, dtype=np.float64) @ np.array(LUMA) for picture in (first, second))
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    c1, c2 = (K1 * RANGE) ** 2, (K2 * RANGE) ** 2
    return np.asarray((2 * mean_a * mean_b + c1) * (2 * covariance + c2)
                      / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)))


def psnr_db(first: Picture, second: Picture) -> float:
    """Return the peak signal-to-noise ratio of two pictures [dB]."""
    error = float(np.mean((np.asarray(first, dtype=np.float64) - second) ** 2))
    return MAX_PSNR_DB if error == 0 else min(MAX_PSNR_DB, 10 * float(np.log10(RANGE**2 / error)))


def measure_film(made: Iterable[Picture], real: Iterable[Picture], background: Picture) -> FilmMeasures:
    """Measure a film.

    Args:
        made: Its pictures.
        real: Those of the real film.
        background: Picture without the person.

    Raises:
        ValueError: If there are fewer than two pictures, or not the same number of both.
    """
    ssim, person, psnr, flicker = [], [], [], []
    for before, (drawn, true) in _pairs_with_before(made, real):
        similarity = ssim_map(drawn, true)
        is_person = (np.abs(true.astype(np.int16) - background).max(axis=-1) > PERSON_LEVELS)
        ssim.append(float(similarity.mean()))
        person.append(float(similarity[is_person].mean()) if is_person.any() else 1.0)
        psnr.append(psnr_db(drawn, true))
        if before is not None:
            change = (drawn.astype(np.int16) - before[0]) - (true.astype(np.int16) - before[1])
            flicker.append(float(np.abs(change).mean()))
    if not flicker:
        raise ValueError("fewer than two pictures: flicker is undefined")
    return FilmMeasures(*(float(np.mean(values)) for values in (ssim, person, psnr, flicker)))


def measures_table(rows: dict[str, FilmMeasures]) -> str:
    """Return measures as Markdown."""
    lines = ["| | SSIM | SSIM of the person | PSNR [dB] | flicker [levels] |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {m.ssim:.4f} | {m.person_ssim:.4f} | {m.psnr_db:.2f} | {m.flicker:.3f} |"
              for name, m in rows.items()]
    return "\n".join(lines)


def _pairs_with_before(made: Iterable[Picture], real: Iterable[Picture]
                       ) -> Iterator[tuple[tuple[Picture, Picture] | None, tuple[Picture, Picture]]]:
    before = None
    for pair in zip(made, real, strict=True):
        yield before, pair
        before = pair


def _blurred(plane: Floats) -> Floats:
    return np.asarray(correlate1d(correlate1d(plane, _KERNEL, axis=0), _KERNEL, axis=1))


def _kernel() -> Floats:
    x = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(x**2) / (2 * SIGMA**2))
    return np.asarray(weights / weights.sum())


_KERNEL = _kernel()
