"""Kokoro: neural voices of many speakers (StyleTTS 2, Li et al. 2023; 82 M parameters, Apache-2.0) in ONNX.

espeak-ng turns the text into IPA, the network gives the duration of each symbol in frames of 25 ms. The folder
`$SPEECH_GESTURE_KOKORO` has `kokoro.onnx`, `vocab.json` (symbol to number) and `voices/NAME.bin` (float32, 256 numbers
of style for each length of a text); none is part of this package. The durations are made an output (`with_output`).

A voice "NAME+OTHER" is the mean of two: a third person. The stated times are `LATE_S` late: by this much the level of
the sound precedes the vowels, and its zero crossings the hisses (8 voices; both lags are within 5 ms of it). Time of a
mark of stress counts to the vowel after it, that of a space between two words in half to either side: of 9 divisions
this one agrees best with the level. The sound before a full stop or comma is stated to last until after the silence
that follows, so it is ended where the sound ends (`without_silence`).
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.timed_speech.espeak import ipa_of
from speech_gesture_ros.datasets.timed_speech.onnx_output import with_output
from speech_gesture_ros.datasets.timed_speech.timed_speech import SpeakingManner
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.ipa import PHONE_OF

FOLDER_VARIABLE = "SPEECH_GESTURE_KOKORO"
DURATIONS = "/encoder/Clip_output_0"  # frames of each symbol
RATE, HOP = 24_000, 600  # of the sound; samples of a frame
LATE_S = 0.055
STYLE_SIZE = 256
# IPA of espeak-ng to the symbols of this network: one for each diphthong and affricate; length is not marked.
SYMBOLS = {"e\u026a": "A", "a\u026a": "I", "o\u028a": "O", "\u0259\u028a": "Q", "a\u028a": "W", "\u0254\u026a": "Y",
           "d\u0292": "\u02a4", "t\u0283": "\u02a7", "\u025a": "\u0259\u0279", "\u0250": "\u0259", "r": "\u0279",
           "\u02d0": "", "\u026c": "l"}
PHONES = {"A": "ey", "I": "ay", "O": "ow", "Q": "ow", "W": "aw", "Y": "oy", "\u1d4a": "ax"}
_STRESS = frozenset("\u02c8\u02cc")
_SPACES = frozenset(" ")
SILENT_DB = -45.0  # below the loudest 25 ms of a text
WINDOW = 80  # samples of the level: 5 ms
SHORTEST_S = 0.03


def speak(name: str, text: str, manner: SpeakingManner) -> tuple[npt.NDArray[np.float32], list[TimedPhone]]:
    """Return the samples at 16 kHz and the phones of a text; see `timed_speech.synthesise`. The pitch is the usual."""
    session, numbers = _network()
    british = name.startswith("b")
    symbols = [symbol for symbol in symbols_of(ipa_of(text, "en" if british else "en-us")) if symbol in numbers]
    style = np.stack([_style(part)[len(symbols) - 1] for part in name.split("+")]).mean(axis=0, keepdims=True)
    sound, durations = session.run(None, {"tokens": np.array([[0, *(numbers[s] for s in symbols), 0]], np.int64),
                                          "style": style, "speed": np.array([1 / manner.duration], np.float32)})
    samples = signal.resample_poly(np.asarray(sound, np.float64).reshape(-1), SAMPLE_RATE, RATE).astype(np.float32)
    ends = np.cumsum(np.asarray(durations, np.float64).reshape(-1)) * HOP / RATE
    ends = np.maximum(ends - LATE_S, 0.0)
    return np.clip(samples, -1.0, 1.0), without_silence(phones_of_symbols(["^", *symbols, "$"], ends), samples)


def symbols_of(ipa: str) -> str:
    """Return the symbols of IPA text of espeak-ng."""
    for pair, symbol in SYMBOLS.items():
        ipa = ipa.replace(pair, symbol)
    return ipa


def phones_of_symbols(symbols: Sequence[str], ends: npt.NDArray[np.float64]) -> list[TimedPhone]:
    """Return the phones of symbols and the times at which they end [s]."""
    out: list[TimedPhone] = []
    start = begin = 0.0
    for symbol, end in zip(symbols, ends.tolist()):
        phone = PHONES.get(symbol) or PHONE_OF.get(symbol)
        if symbol in _STRESS:
            begin = min(begin, start)
        elif symbol in _SPACES:  # half to either side
            middle = 0.5 * (start + end)
            if out and out[-1].end_s > start - 1e-6:
                out[-1] = TimedPhone(out[-1].name, out[-1].start_s, middle)
                begin = middle
            else:
                begin = end
        elif phone is not None and end > begin:
            out.append(TimedPhone(phone, begin, end))
            begin = end
        else:
            begin = end
        start = end
    return out


def without_silence(phones: Sequence[TimedPhone], samples: npt.NDArray[np.floating]) -> list[TimedPhone]:
    """Return the phones, of which those before a pause end where their sound ends."""
    count = len(samples) // WINDOW
    level = np.sqrt(np.square(samples[:count * WINDOW].astype(np.float64)).reshape(count, WINDOW).mean(axis=1))
    loud = level > level.max(initial=1e-9) * 10 ** (SILENT_DB / 20)
    out: list[TimedPhone] = []
    for i, phone in enumerate(phones):
        last = i + 1 == len(phones) or phones[i + 1].start_s > phone.end_s + 0.01
        first, end = (min(round(t * SAMPLE_RATE / WINDOW), count) for t in (phone.start_s, phone.end_s))
        with_sound = np.flatnonzero(loud[first:end])
        stop = phone.end_s
        if last and len(with_sound):
            stop = min(stop, max((first + int(with_sound[-1]) + 1) * WINDOW / SAMPLE_RATE, phone.start_s + SHORTEST_S))
        out.append(TimedPhone(phone.name, phone.start_s, stop))
    return out


@functools.cache
def _style(name: str) -> npt.NDArray[np.float32]:
    path = _folder() / "voices" / f"{name}.bin"
    if not path.is_file():
        raise MissingDependencyError(f"the kokoro voice {name}", "this voice", f"Put it into {path.parent}.")
    return np.fromfile(path, np.float32).reshape(-1, STYLE_SIZE)


def _folder() -> Path:
    folder = Path(os.environ.get(FOLDER_VARIABLE, ""))
    if FOLDER_VARIABLE not in os.environ or not (folder / "kokoro.onnx").is_file():
        raise MissingDependencyError("kokoro", "this voice",
                                     f"Put kokoro.onnx, vocab.json and voices into a folder and set {FOLDER_VARIABLE} "
                                     "to it (docs/guides/face.md).")
    return folder


@functools.cache
def _network() -> tuple[Any, dict[str, int]]:
    folder = _folder()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(with_output((folder / "kokoro.onnx").read_bytes(), DURATIONS), options,
                                           providers=["CPUExecutionProvider"])
    return session, json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
