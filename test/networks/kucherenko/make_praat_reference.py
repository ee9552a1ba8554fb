"""What Praat says of the shipped speech, kept as numbers: praat-parselmouth is GPL and no dependency of this package.

    pip install praat-parselmouth==0.4.7 && python test/networks/kucherenko/make_praat_reference.py

Written are pitch [Hz, 0 unvoiced] and intensity [dB] every 5.555555555 ms as the authors' scripts ask Praat for them,
of config/demo/speech.flac brought to 44.1 kHz by `scipy.signal.resample_poly(speech, 441, 160)`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

STEP_S = 5.555555555e-3


def main() -> None:
    import parselmouth

    folder = Path(__file__).parent
    speech, rate = soundfile.read(folder.parents[2] / "config" / "demo" / "speech.flac")
    assert rate == 16_000
    sound = parselmouth.Sound(resample_poly(speech, 441, 160), 44_100)
    pitch, intensity = sound.to_pitch(time_step=STEP_S), sound.to_intensity(time_step=STEP_S)
    times = np.arange(0, sound.get_total_duration() - STEP_S, STEP_S)
    np.savez_compressed(folder / "praat_demo_speech.npz",
                        f0_hz=np.float32(np.nan_to_num([pitch.get_value_at_time(t) for t in times])),
                        intensity_db=np.float32(np.nan_to_num([intensity.get_value(t) for t in times])))


if __name__ == "__main__":
    main()
