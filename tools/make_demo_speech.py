"""Demo speech, synthesised with flite: writes config/demo/speech.flac.

    python tools/make_demo_speech.py

Each phrase has its own speaking rate, pitch, loudness and pause, so that the speech has calm, emphasised, excited and
silent parts. Needs the flite program (apt-get install flite) and the soundfile package.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from speech_gesture_ros.core.atomic_files import replaced_file

OUTPUT = Path(__file__).resolve().parents[1] / "config" / "demo" / "speech.flac"
VOICE = "awb"  # 16 kHz, public CMU ARCTIC voice
PEAK = 0.8  # largest absolute sample value, full scale 1.0

# text, mean pitch [Hz], standard deviation of pitch [Hz], duration factor (1 = normal), loudness, pause after it [s]
PHRASES = (
    ("Hello!", 133, 22, 1.05, 1.0, 0.4),
    ("I am a robot, and my hands listen to my voice.", 124, 17, 1.0, 0.85, 0.6),
    ("When something is really important,", 130, 20, 1.0, 0.95, 0.1),
    ("you can see it!", 144, 29, 1.08, 1.2, 0.6),
    ("On the one hand, I may speak calmly.", 115, 9, 1.1, 0.6, 0.45),
    ("On the other hand, I can get very excited, about a really big idea!", 148, 32, 0.9, 1.25, 1.4),
    ("In between, I simply rest, and breathe.", 119, 12, 1.05, 0.65, 1.0),
    ("So, what would you like to talk about?", 131, 24, 0.95, 0.95, 0.5),
)


def synthesise_phrase(text: str, pitch_hz: float, spread_hz: float, stretch: float) -> tuple[np.ndarray, int]:
    """Return one phrase as (N,) float32 samples and their rate [Hz]."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "phrase.wav"
        subprocess.run(["flite", "-voice", VOICE, "--setf", f"int_f0_target_mean={pitch_hz}",
                        "--setf", f"int_f0_target_stddev={spread_hz}", "--setf", f"duration_stretch={stretch}",
                        "-t", text, "-o", str(wav)], check=True)
        return soundfile.read(wav, dtype="float32")


def main() -> None:
    """Join the phrases and their pauses, and write the file."""
    parts: list[np.ndarray] = []
    rate = 16_000
    parts.append(np.zeros(round(0.4 * rate), np.float32))
    for text, pitch_hz, spread_hz, stretch, loudness, pause_s in PHRASES:
        samples, rate = synthesise_phrase(text, pitch_hz, spread_hz, stretch)
        parts += [samples / np.abs(samples).max() * loudness, np.zeros(round(pause_s * rate), np.float32)]
    speech = np.concatenate(parts)
    with replaced_file(OUTPUT) as temporary:
        soundfile.write(temporary, speech * (PEAK / np.abs(speech).max()), rate, subtype="PCM_16")


if __name__ == "__main__":
    main()
