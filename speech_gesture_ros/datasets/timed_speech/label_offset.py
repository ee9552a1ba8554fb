"""Offset by which an engine states its phones early, and the correction: measured on the sound, without a model.

Two lags are measured on speech of a voice: of the level behind the vowels, and of the zero crossings behind the hissing
sounds (s, z, sh, ch, jh). Their mean is the offset. On 8 texts of `evaluation.face.report`, in ms:

    flite     kal16 5, awb 5, rms 6, slt 14          festival   ked 9, slt 17
    piper     joe 2                                  espeak-ng  en-us 0

A face frame lasts 20 ms, so that labels of two voices differ by most of a frame if nothing is done. Voices that are not
in the table are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.phones import SHAPES

EARLY_S = {"flite_kal16": 0.005, "flite_awb": 0.005, "flite_rms": 0.006, "flite_slt": 0.014,
           "festival_ked_diphone": 0.009, "festival_cmu_us_slt_arctic_hts": 0.017, "piper_en_US-joe-medium": 0.002}
STEP = 40  # samples: 2.5 ms
LAGS = range(-16, 17)  # steps
SMOOTHING = 8  # steps
HISSES = ("s", "z", "sh", "ch", "jh")

Samples = npt.NDArray[np.float32]


def moved(phones: Sequence[TimedPhone], voice: str) -> list[TimedPhone]:
    """Return the phones of a voice, engine_name, later by as much as it states them early."""
    early = EARLY_S.get(voice, 0.0)
    return [TimedPhone(p.name, p.start_s + early, p.end_s + early) for p in phones]


def measure_offset(spoken: Sequence[tuple[Samples, Sequence[TimedPhone]]]) -> float:
    """Return how early the phones of speech are [s]: the mean of the lags of vowels and of hisses."""
    vowels, hisses = np.zeros(len(LAGS)), np.zeros(len(LAGS))
    for samples, phones in spoken:
        count = len(samples) // STEP
        cut = samples[:STEP * count].astype(np.float64).reshape(count, STEP)
        crossings = np.abs(np.diff(np.sign(cut), axis=1)).mean(axis=1)
        first, last = (int(t * SAMPLE_RATE / STEP) for t in (phones[0].start_s, phones[-1].end_s))
        inside = slice(first, min(last, count))
        vowels += _correlations(_marked(phones, count, tuple(n for n in SHAPES if SHAPES[n][0].is_vowel)),
                                np.log(_smooth(np.square(cut).mean(axis=1)) + 1e-6), inside)
        hisses += _correlations(_marked(phones, count, HISSES), _smooth(crossings), inside)
    best = [LAGS[int(total.argmax())] for total in (vowels, hisses)]
    return float(np.mean(best)) * STEP / SAMPLE_RATE


def _marked(phones: Sequence[TimedPhone], count: int, names: Sequence[str]) -> npt.NDArray[np.float64]:
    out = np.zeros(count)
    for phone in phones:
        out[int(phone.start_s * SAMPLE_RATE / STEP):int(phone.end_s * SAMPLE_RATE / STEP)] = phone.name in names
    return out


def _smooth(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.convolve(values, np.ones(SMOOTHING) / SMOOTHING, "same")


def _correlations(marks: npt.NDArray[np.float64], track: npt.NDArray[np.float64], inside: slice
                  ) -> npt.NDArray[np.float64]:
    return np.array([np.corrcoef(np.roll(marks, lag)[inside], track[inside])[0, 1] for lag in LAGS])
