"""Channels that speech may come through, beside noise and rooms: a telephone, a coarse codec, a driven input, a babble.

    speech ─► babble of other voices ─► clipping ─► telephone band ─► mu-law codec

Each is passed with its own share of the draws.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.sound_augmentation import Samples, draw_noise, loud_rms

Array = npt.NDArray[np.float64]

BABBLE_SHARE, CLIP_SHARE, TELEPHONE_SHARE, CODEC_SHARE = 0.15, 0.12, 0.12, 0.15
BABBLE_VOICES, BABBLE_SNR_DB = (3, 8), (8.0, 20.0)
LOW_SNR_SHARE, LOW_SNR_DB = 0.15, (0.0, 5.0)  # of noise as loud as speech
CLIP_LEVEL = (0.25, 0.8)  # of the loudest value
TELEPHONE_HZ = ((200.0, 350.0), (3200.0, 3600.0))
CODEC_LEVELS = (64, 256)
MU = 255.0


def pass_channel(samples: Samples, noises: list[Samples], rng: np.random.Generator) -> Samples:
    """Return the samples (N,) after a drawn channel, of the same length.

    Args:
        samples: (N,) at 16 kHz in [-1, 1].
        noises: Recorded noises to choose from, beside the synthetic ones.
        rng: Source of all draws.
    """
    out = samples.astype(np.float64)
    if rng.random() < BABBLE_SHARE:
        out = out + _at_snr(babble(samples, rng), out, rng.uniform(*BABBLE_SNR_DB))
    if rng.random() < LOW_SNR_SHARE:
        out = out + _at_snr(draw_noise(len(out), noises, rng), out, rng.uniform(*LOW_SNR_DB))
    if rng.random() < CLIP_SHARE:
        limit = rng.uniform(*CLIP_LEVEL) * max(float(np.abs(out).max()), 1e-9)
        out = np.clip(out, -limit, limit)
    if rng.random() < TELEPHONE_SHARE:
        band = [rng.uniform(*limits) for limits in TELEPHONE_HZ]
        out = signal.sosfilt(signal.butter(4, band, btype="bandpass", fs=SAMPLE_RATE, output="sos"), out)
    if rng.random() < CODEC_SHARE:
        out = mu_law(out, int(rng.integers(*CODEC_LEVELS)))
    return np.clip(out, -1.0, 1.0).astype(np.float32)


def babble(samples: Samples, rng: np.random.Generator) -> Array:
    """Return (N,) the sum of a few copies of the speech, turned round, shifted and with other pitches: no words."""
    out = np.zeros(len(samples))
    for _ in range(int(rng.integers(*BABBLE_VOICES))):
        factor = float(np.exp(rng.uniform(-0.2, 0.2)))
        places = np.arange(len(samples)) * factor % max(len(samples) - 1, 1)
        voice = np.interp(places, np.arange(len(samples)), samples[::-1])
        out += np.roll(voice, int(rng.integers(len(samples))))
    return out


def mu_law(samples: Array, levels: int) -> Array:
    """Return the samples rounded to so many levels on the scale of the mu-law (ITU-T G.711)."""
    bent = np.sign(samples) * np.log1p(MU * np.minimum(np.abs(samples), 1.0)) / np.log1p(MU)
    bent = np.round(bent * (levels / 2)) / (levels / 2)
    return np.asarray(np.sign(bent) * np.expm1(np.abs(bent) * np.log1p(MU)) / MU)


def _at_snr(noise: Array, speech: Array, snr_db: float) -> Array:
    power = float(np.sqrt(np.mean(noise**2))) + 1e-9
    return np.asarray(noise * loud_rms(speech) / power * 10 ** (-snr_db / 20))
