"""espeak-ng: formant synthesis in many languages and voices, through its library, which states each phone.

The event of a voiceless stop marks its burst, not the silence of the closure before it, which the event of the sound
before covers; events of all others mark their beginning (measured on espeak-ng 1.51). `with_closures` moves p, t and k
forward, or a network would learn to close the lips after the closure.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.timed_speech.timed_speech import SpeakingManner
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.ipa import phones_from_ipa

LIBRARY = "libespeak-ng.so.1"
CLOSURE_S = 0.05  # of a voiceless stop before its burst
VOICELESS_STOPS = ("p", "t", "k")

# Constants of espeak-ng's speak_lib.h.
_SYNCHRONOUS, _PHONEME_EVENTS_IN_IPA, _DO_NOT_EXIT, _UTF8, _TEXT_TO_IPA = 2, 0x0003, 0x8000, 1, 0x02
_RATE, _PITCH, _PHONEME_EVENT = 1, 3, 7
_USUAL_RATE, _USUAL_PITCH = 175, 50


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int),
                ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
                ("user_data", ctypes.c_void_p), ("id", _EventId)]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Library:
    """The library of this process, which speaks one text at a time."""

    def __init__(self) -> None:
        try:
            self.calls = ctypes.CDLL(LIBRARY)
        except OSError as error:
            raise MissingDependencyError("espeak-ng", "this voice", "apt-get install espeak-ng") from error
        self.rate: int = self.calls.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS_IN_IPA | _DO_NOT_EXIT)
        self._callback = _Callback(self._receive)
        self.calls.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str) -> tuple[npt.NDArray[np.int16], list[tuple[int, str]]]:
        """Return the samples of a text, and the sample and IPA of each event."""
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._events: list[tuple[int, str]] = []
        encoded = text.encode() + b"\0"
        self.calls.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None)
        self.calls.espeak_Synchronize()
        return np.concatenate([np.empty(0, np.int16), *self._blocks]), self._events

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type:
            if events[i].type == _PHONEME_EVENT:
                self._events.append((events[i].sample, events[i].id.string.decode(errors="ignore")))
            i += 1
        return 0


@functools.cache
def loaded_library() -> _Library:
    """Return the library of this process.

    Raises:
        MissingDependencyError: If espeak-ng is not installed.
    """
    return _Library()


def speak(name: str, text: str, manner: SpeakingManner) -> tuple[npt.NDArray[np.float32], list[TimedPhone]]:
    """Return the samples at 16 kHz and the phones of a text; see `timed_speech.synthesise`."""
    library = loaded_library()
    if library.calls.espeak_SetVoiceByName(name.encode()) != 0:
        raise ConfigError("voice of espeak-ng", name, "one that `espeak-ng --voices` lists, with +VARIANT",
                          "Check the spelling.")
    library.calls.espeak_SetParameter(_RATE, round(_USUAL_RATE / manner.duration), 0)
    library.calls.espeak_SetParameter(_PITCH, int(np.clip(round(_USUAL_PITCH * manner.pitch), 0, 99)), 0)
    sound, events = library.speak(text)
    times = [(sample / library.rate, ipa) for sample, ipa in events]
    samples = signal.resample_poly(sound / 32768.0, SAMPLE_RATE, library.rate).astype(np.float32)
    return np.clip(samples, -1.0, 1.0), with_closures(phones_of_events(times, len(sound) / library.rate))


def ipa_of(text: str, voice: str) -> str:
    """Return the IPA of a text as a voice or language of espeak-ng reads it, its clauses joined by commas.

    Raises:
        ConfigError: If the voice is unknown.
        MissingDependencyError: If espeak-ng is not installed.
    """
    calls = loaded_library().calls
    if calls.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ConfigError("voice of espeak-ng", voice, "one that `espeak-ng --voices` lists", "Check the spelling.")
    convert = calls.espeak_TextToPhonemes
    convert.restype = ctypes.c_char_p
    pointer = ctypes.c_char_p(text.encode())
    clauses = []
    while pointer.value:
        clauses.append((convert(ctypes.byref(pointer), _UTF8, _TEXT_TO_IPA) or b"").decode())
    return ", ".join(clause for clause in clauses if clause) + "."


def words_of(text: str, voice: str) -> list[tuple[str, ...]]:
    """Return the phones of each word of a text, see `ipa_of`."""
    return [phones for word in ipa_of(text, voice).split() if (phones := phones_from_ipa(word))]


def phones_of_events(events: Sequence[tuple[float, str]], end_s: float) -> list[TimedPhone]:
    """Return the phones of events, each the time [s] of its beginning and its IPA; an empty one is a pause."""
    out: list[TimedPhone] = []
    for i, (start, ipa) in enumerate(events):
        stop = events[i + 1][0] if i + 1 < len(events) else end_s
        names = phones_from_ipa(ipa)
        step = (stop - start) / max(len(names), 1)
        if step > 0.0:
            out += [TimedPhone(name, start + k * step, start + (k + 1) * step) for k, name in enumerate(names)]
    return out


def with_closures(phones: Sequence[TimedPhone]) -> list[TimedPhone]:
    """Return the phones with each voiceless stop begun `CLOSURE_S` earlier, by at most half of the phone before."""
    out: list[TimedPhone] = []
    for phone in phones:
        if phone.name in VOICELESS_STOPS:
            before = out[-1] if out else TimedPhone("pau", 0.0, phone.start_s)
            touches = bool(out) and before.end_s > phone.start_s - 1e-6
            earliest = 0.5 * (before.start_s + before.end_s) if touches else before.end_s if out else 0.0
            start = max(phone.start_s - CLOSURE_S, earliest, 0.0)
            if touches:
                out[-1] = TimedPhone(before.name, before.start_s, start)
            out.append(TimedPhone(phone.name, start, phone.end_s))
        else:
            out.append(phone)
    return out
