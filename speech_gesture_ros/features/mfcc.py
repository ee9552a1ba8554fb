"""Mel-frequency cepstral coefficients: an orthonormal DCT-II along the bands of a log-mel frame.

Frames are independent, so streaming needs no state. Equal to ``librosa.feature.mfcc(S=log_mel)``; librosa's own log-mel
is in dB, this one times 10 / ln 10, and clipped 80 dB below the loudest frame of the *clip*, which a stream does not
know: use ``top_db=None``.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.features.mel import project_rows

Array = npt.NDArray[np.float64]


@functools.cache
def _dct_matrix(n_mels: int, n_mfcc: int) -> Array:
    """(n_mels, n_mfcc) first columns of the orthonormal DCT-II."""
    bands, order = np.arange(n_mels)[:, None], np.arange(n_mfcc)[None, :]
    matrix = np.cos(np.pi * (bands + 0.5) * order / n_mels) * np.sqrt(2.0 / n_mels)
    matrix[:, 0] /= np.sqrt(2.0)
    return np.asarray(matrix)


def mfcc_from_log_mel(log_mel: npt.NDArray[np.floating], n_mfcc: int) -> Array:
    """Compute the cepstral coefficients of log-mel frames.

    Args:
        log_mel: (T, M) log-mel frames, natural logarithm or dB.
        n_mfcc: Number of coefficients, at most M.

    Returns:
        (T, n_mfcc) coefficients in the unit of the input; the first is proportional to the mean level.

    Raises:
        ValueError: If `n_mfcc` exceeds the number of bands.
    """
    if not 1 <= n_mfcc <= log_mel.shape[1]:
        raise ValueError(f"n_mfcc is {n_mfcc}, must be from 1 to {log_mel.shape[1]}, the number of bands")
    return project_rows(np.asarray(log_mel, dtype=np.float64), _dct_matrix(log_mel.shape[1], n_mfcc))
