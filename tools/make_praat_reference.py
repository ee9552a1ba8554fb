"""Pitch and intensity of the demo speech as Praat computes them: the reference of test/networks/kucherenko.

    pip install praat-parselmouth==0.4.7 && python tools/make_praat_reference.py

praat-parselmouth is GPL and therefore no dependency of this package; its numbers are kept in a file instead: pitch
[Hz], 0 where unvoiced, and intensity [dB] every 5.555555555 ms, computed with the calls of the authors' published
scripts from config/demo/speech.flac, resampled to 44.1 kHz by `scipy.signal.resample_poly(speech, 441, 160)`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from speech_gesture_ros.core.atomic_files import atomic_write

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "test" / "networks" / "kucherenko" / "praat_demo_speech.npz"
STEP_S = 5.555555555e-3


def main() -> None:
    """Analyse the demo speech and write the file."""
    import parselmouth

    speech, rate = soundfile.read(ROOT / "config" / "demo" / "speech.flac")
    assert rate == 16_000
    sound = parselmouth.Sound(resample_poly(speech, 441, 160), 44_100)
    pitch, intensity = sound.to_pitch(time_step=STEP_S), sound.to_intensity(time_step=STEP_S)
    times = np.arange(0, sound.get_total_duration() - STEP_S, STEP_S)
    with atomic_write(OUTPUT) as file:
        np.savez_compressed(file,
                            f0_hz=np.float32(np.nan_to_num([pitch.get_value_at_time(t) for t in times])),
                            intensity_db=np.float32(np.nan_to_num([intensity.get_value(t) for t in times])))


if __name__ == "__main__":
    main()
