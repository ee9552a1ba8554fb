"""flite: American English; kal16 of diphones, awb, rms and slt learned from recordings of CMU ARCTIC."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.datasets.timed_speech.phone_ends import phones_from_ends
from speech_gesture_ros.datasets.timed_speech.timed_speech import SpeakingManner
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.phones import SILENCE

USUAL_PITCH_HZ = {"kal16": 105.0, "awb": 130.0, "rms": 105.0, "slt": 175.0}
LONGEST_S = 60  # that the program may take


def speak(name: str, text: str, manner: SpeakingManner) -> tuple[npt.NDArray[np.float32], list[TimedPhone]]:
    """Return the samples at 16 kHz and the phones of a text; see `timed_speech.synthesise`."""
    if name not in USUAL_PITCH_HZ:
        raise ConfigError("voice of flite", name, f"one of {', '.join(USUAL_PITCH_HZ)}", "Check the spelling.")
    if shutil.which("flite") is None:
        raise MissingDependencyError("flite", "this voice", "apt-get install flite")
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "speech.wav"
        command = ["flite", "-voice", name, "-psdur", "--setf", f"duration_stretch={manner.duration:.3f}",
                   "--setf", f"int_f0_target_mean={USUAL_PITCH_HZ[name] * manner.pitch:.1f}", "-t", text, "-o",
                   str(sound)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_S)
        if done.returncode != 0 or not sound.exists():
            raise ConfigError("flite", done.stderr.strip()[:200], "a spoken text", "Check voice and text.")
        return load_mono_16k(sound), phones_of_ends(done.stdout)


def phones_of_ends(text: str) -> list[TimedPhone]:
    """Return the phones of lines "name:end name:end ..." with ends [s]; pauses are left out.

    Raises:
        ConfigError: If a phone is unknown.
    """
    ends = [item.partition(":") for item in text.split()]
    return phones_from_ends("flite", [(name, end) for name, _, end in ends], (SILENCE,))
