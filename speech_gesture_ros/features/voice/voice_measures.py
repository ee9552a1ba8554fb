"""VoiceMeasures: what a recording says about the sound of a voice, in physical units; nothing about who speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.features.voice.formants import formant_medians, vocal_tract_length
from speech_gesture_ros.features.voice.voice_quality import cepstral_peak_prominence, syllable_rate, vocal_effort
from speech_gesture_ros.features.voice.voiced_frames import voiced_frames

MIN_VOICED_S = 0.5
MAX_S = 120.0  # of a recording that is used
RANGE_PERCENTILES = (10, 90)
UNITS = {"f0_hz": "Hz", "f0_range_st": "semitones", "tract_cm": "cm", "rate_hz": "syllables/s", "level_db": "dB",
         "effort_db": "dB", "cpp_db": "dB"}
MEANINGS = {
    "f0_hz": "pitch, median", "f0_range_st": "pitch range, 10 to 90 %",
    "tract_cm": "length of the vocal tract, from formants 3 and 4",
    "rate_hz": "syllables in a second of speech", "level_db": "level of voiced frames, re full scale",
    "effort_db": "energy above 1 kHz over that below", "cpp_db": "prominence of the cepstral peak: less is breathy",
}


@dataclass(frozen=True)
class VoiceMeasures:
    """Measures of one voice; `MEANINGS` and `UNITS` describe them."""

    f0_hz: float
    f0_range_st: float
    tract_cm: float
    rate_hz: float
    level_db: float
    effort_db: float
    cpp_db: float

    def as_mapping(self) -> dict[str, float]:
        """Return the measures by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def measure_voice(samples: npt.NDArray[np.floating], name: str = "speech") -> VoiceMeasures:
    """Measure a recording.

    Args:
        samples: (N,) mono at 16 kHz; the first two minutes count.
        name: Of the recording, in messages.

    Raises:
        InputError: If less than half a second is voiced, or no formants are found.
    """
    sound = np.nan_to_num(np.asarray(samples, dtype=np.float64)[:round(MAX_S * SAMPLE_RATE)])
    frames = voiced_frames(sound)
    f0 = frames.f0_hz[frames.voiced]
    if len(f0) < 100 * MIN_VOICED_S:
        raise InputError(f"voice in {name} [s]", round(len(f0) / 100, 2), f"at least {MIN_VOICED_S:g}",
                         "Give speech with a voice, not a whisper, of a few seconds.")
    low, high = np.percentile(f0, RANGE_PERCENTILES)
    tract = vocal_tract_length(formant_medians(sound, frames))
    if not np.isfinite(tract):
        raise InputError(f"formants in {name}", "too few", "formants up to the fourth, below 5.5 kHz",
                         "Give speech with the full bandwidth of 16 kHz.")
    level = 10 * np.log10(np.mean(10 ** (frames.level_db[frames.voiced] / 10)))
    return VoiceMeasures(float(np.median(f0)), float(12 * np.log2(high / low)), tract, syllable_rate(frames),
                         float(level), vocal_effort(sound, frames), cepstral_peak_prominence(sound, frames))


def median_measures(measures: Sequence[VoiceMeasures]) -> VoiceMeasures:
    """Return the median of each measure over recordings of one voice."""
    return VoiceMeasures(*(float(value) for value in np.median([astuple(row) for row in measures], axis=0)))
