"""festival: the diphone voices of Kurt Dusterhoff (ked) and others, and a voice by hidden Markov models."""

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

VOICES = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
LONGEST_S = 60  # that the program may take
_OTHER_NAMES = {"axr": "er", "el": "l", "em": "m", "en": "n", "dx": "d", "nx": "n", "hv": "hh", "wh": "w", "ix": "ih"}
_PAUSES = ("pau", "h#", "brth", "#")


def speak(name: str, text: str, manner: SpeakingManner) -> tuple[npt.NDArray[np.float32], list[TimedPhone]]:
    """Return the samples at 16 kHz and the phones of a text; see `timed_speech.synthesise`. The pitch is the usual."""
    if name not in VOICES:
        raise ConfigError("voice of festival", name, f"one of {', '.join(VOICES)}", "Check the spelling.")
    if shutil.which("festival") is None:
        raise MissingDependencyError("festival", "this voice", "apt-get install festival")
    words = text.replace("\\", " ").replace('"', " ")
    with tempfile.TemporaryDirectory() as folder:
        sound, script = Path(folder) / "speech.wav", Path(folder) / "speak.scm"
        script.write_text(
            f"(voice_{name})\n(Parameter.set 'Duration_Stretch {manner.duration:.3f})\n"
            f'(set! spoken (utt.synth (Utterance Text "{words}")))\n'
            '(mapcar (lambda (s) (format t "phone %s %f\\n" (item.name s) (item.feat s "end")))\n'
            "  (utt.relation.items spoken 'Segment))\n"
            f'(utt.save.wave spoken "{sound}" (quote riff))\n', encoding="utf-8")
        done = subprocess.run(["festival", "-b", str(script)], capture_output=True, text=True, check=False,
                              timeout=LONGEST_S)
        if done.returncode != 0 or not sound.exists():
            raise ConfigError("festival", done.stderr.strip()[:200], f"a text spoken by {name}",
                              "Install the voice: apt-get install festvox-kdlpc16k festvox-us-slt-hts.")
        return load_mono_16k(sound), phones_of_lines(done.stdout)


def phones_of_lines(text: str) -> list[TimedPhone]:
    """Return the phones of lines "phone NAME END" with ends [s]; pauses are left out.

    Raises:
        ConfigError: If a phone is unknown.
    """
    ends = [line.split()[1:] for line in text.splitlines() if line.startswith("phone ")]
    return phones_from_ends("festival", [(name, end) for name, end in ends], _PAUSES, _OTHER_NAMES)
