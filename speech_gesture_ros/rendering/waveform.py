"""Strip with the waveform and a cursor at the current time; longer sound scrolls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

Samples = npt.NDArray[np.floating]

PAPER, INK = (252, 252, 253), (92, 100, 110)  # colours
LATER_COLOUR = (178, 188, 198)  # after the cursor
PLAYED_COLOUR = (34, 104, 138)  # before the cursor
CURSOR_COLOUR = (226, 98, 54)
MARGIN = 18  # left and right [pixels]
MAX_VISIBLE_S = 40.0


class WaveformStrip:
    """Draws the strip for any time.

    Args:
        samples: (T,) mono speech in [-1, 1].
        sample_rate: [Hz].
        width: Of the strip [pixels].
        height: Of the strip [pixels].
    """

    def __init__(self, samples: Samples, sample_rate: int, width: int, height: int) -> None:
        self.duration_s = len(samples) / sample_rate
        self._width, self._height = width, height
        self._shown_s = max(0.5, min(self.duration_s, MAX_VISIBLE_S))
        self._columns_per_s = (width - 2 * MARGIN) / self._shown_s
        self._peaks = _column_peaks(samples, sample_rate / self._columns_per_s)
        self._font = ImageFont.load_default(15)
        self._later, self._played = self._paint(LATER_COLOUR), self._paint(PLAYED_COLOUR)

    def _paint(self, colour: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
        """Draw the whole waveform in one colour."""
        columns = max(len(self._peaks), self._width - 2 * MARGIN)
        middle = self._height // 2
        half = np.zeros(columns)
        half[: len(self._peaks)] = np.maximum(self._peaks * (middle - 16), 0.6)
        rows = np.abs(np.arange(self._height) - middle)[:, None]
        ink = np.clip(half[None, :] - rows + 0.5, 0.0, 1.0)[..., None]  # soft edge
        return np.asarray(ink * np.array(colour) + (1 - ink) * np.array(PAPER)).astype(np.uint8)

    def draw(self, time_s: float) -> npt.NDArray[np.uint8]:
        """(height, width, 3) strip at a time; before 0 and after the end the cursor is at the border."""
        picture = np.full((self._height, self._width, 3), PAPER, dtype=np.uint8)
        now = round(time_s * self._columns_per_s)
        visible = self._width - 2 * MARGIN
        first = int(np.clip(now - visible // 2, 0, max(0, self._later.shape[1] - visible)))
        cursor = int(np.clip(now - first, 0, visible))
        picture[:, MARGIN : MARGIN + cursor] = self._played[:, first : first + cursor]
        picture[:, MARGIN + cursor : MARGIN + visible] = self._later[:, first + cursor : first + visible]
        picture[10:-10, MARGIN + cursor - 1 : MARGIN + cursor + 1] = CURSOR_COLOUR
        canvas = Pictures.fromarray(picture)
        shown = float(np.clip(time_s, 0.0, self.duration_s))
        ImageDraw.Draw(canvas).text((self._width - MARGIN, self._height - 8), f"{shown:4.1f} / {self.duration_s:.1f} s",
                                    fill=INK, font=self._font, anchor="rs")
        return np.asarray(canvas)


def _column_peaks(samples: Samples, samples_per_column: float) -> npt.NDArray[np.float64]:
    """(columns,) largest magnitude in each pixel column, relative to the loudest."""
    if not len(samples):
        return np.zeros(0)
    starts = np.floor(np.arange(0, len(samples), samples_per_column)).astype(np.int64)
    magnitude = np.abs(np.nan_to_num(np.asarray(samples, dtype=np.float64)))
    peaks = np.maximum.reduceat(magnitude, starts)
    return np.asarray(peaks / max(float(peaks.max()), 1e-3))
