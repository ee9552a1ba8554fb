"""Synthesise the demo speech with flite: `python synthesise.py` writes speech.flac beside this file.

Each phrase has its own pace, pitch and pause, so that the talk has calm, emphasis, excitement and silence in it.
Needs the flite program (apt install flite) and the soundfile package.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

VOICE = "awb"  # 16 kHz, public CMU ARCTIC voice
CEILING = 0.8  # loudest sample of the whole

# text, mean pitch [Hz], pitch range [Hz], slowness (1 = normal), loudness, pause after [s]
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


def synthesise_phrase(text: str, pitch_hz: float, range_hz: float, slowness: float) -> tuple[np.ndarray, int]:
    """One phrase as float samples and their rate."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "phrase.wav"
        subprocess.run(["flite", "-voice", VOICE, "--setf", f"int_f0_target_mean={pitch_hz}",
                        "--setf", f"int_f0_target_stddev={range_hz}", "--setf", f"duration_stretch={slowness}",
                        "-t", text, "-o", str(wav)], check=True)
        return soundfile.read(wav, dtype="float32")


def main() -> None:
    """Join the phrases and their pauses."""
    parts: list[np.ndarray] = []
    rate = 16_000
    parts.append(np.zeros(round(0.4 * rate), np.float32))
    for text, pitch_hz, range_hz, slowness, loudness, pause_s in PHRASES:
        samples, rate = synthesise_phrase(text, pitch_hz, range_hz, slowness)
        parts += [samples / np.abs(samples).max() * loudness, np.zeros(round(pause_s * rate), np.float32)]
    speech = np.concatenate(parts)
    soundfile.write(Path(__file__).with_name("speech.flac"), speech * (CEILING / np.abs(speech).max()), rate,
                    subtype="PCM_16")


if __name__ == "__main__":
    main()
