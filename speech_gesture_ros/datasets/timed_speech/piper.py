"""piper: neural voices (VITS, Kim et al. 2021) in ONNX; espeak-ng turns the text into IPA, the network gives durations.

A voice is a file NAME.onnx with NAME.onnx.json beside it, in the folder `$SPEECH_GESTURE_PIPER`; none is part of this
package. The network rounds the duration of each symbol to frames inside the graph: `with_output` makes this tensor an
output. Symbols are those of the IPA text, with a blank before each, whose time counts to the symbol after it:
counted to the one before, vowels are 30 ms late (measured on en_US-joe-medium, by the lag of energy and vowels). The
space between two words is silent where it is long: 73 dB below loud speech from 80 ms on, 10 to 25 dB in the shorter
ones (medians over 110 spaces). Half of a short one belongs to either of the sounds beside it.
"""

from __future__ import annotations

import functools
import json
import os
import unicodedata
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

FOLDER_VARIABLE = "SPEECH_GESTURE_PIPER"
DURATIONS = "/Ceil_output_0"  # frames of each symbol
HOP = 256  # samples of a frame
BEGIN, BLANK, END = "^", "_", "$"
SHORTEST_PAUSE_S = 0.08  # of a space between words that is a pause
_PAUSES = frozenset(" ,.;:!?")
_LONG = frozenset("\u02d0\u02d1\u0303")  # marks of length and nasality


def speak(name: str, text: str, manner: SpeakingManner) -> tuple[npt.NDArray[np.float32], list[TimedPhone]]:
    """Return the samples at 16 kHz and the phones of a text; see `timed_speech.synthesise`. The pitch is the usual."""
    session, settings = _voice(name)
    symbols = [BEGIN]
    known = settings["phoneme_id_map"]
    for symbol in unicodedata.normalize("NFD", ipa_of(text, settings["espeak"]["voice"])):
        if symbol in known:
            symbols += [BLANK, symbol]
    symbols += [BLANK, END]
    scales = [settings["inference"]["noise_scale"], manner.duration * settings["inference"]["length_scale"],
              settings["inference"]["noise_w"]]
    ids = np.array([[known[symbol][0] for symbol in symbols]], np.int64)
    sound, durations = session.run(None, {"input": ids, "input_lengths": np.array([ids.size], np.int64),
                                          "scales": np.array(scales, np.float32)})
    rate = int(settings["audio"]["sample_rate"])
    samples = signal.resample_poly(np.asarray(sound, np.float64).reshape(-1), SAMPLE_RATE, rate)
    ends = np.cumsum(np.asarray(durations, np.float64).reshape(-1)) * HOP / rate
    return np.clip(samples, -1.0, 1.0).astype(np.float32), phones_of_symbols(symbols, ends)


def phones_of_symbols(symbols: Sequence[str], ends: npt.NDArray[np.float64]) -> list[TimedPhone]:
    """Return the phones of symbols and the times at which they end [s]."""
    spans: list[tuple[str, float, float]] = []
    start = 0.0
    for symbol, end in zip(symbols, ends.tolist()):
        if unicodedata.category(symbol) in ("Ll", "Lo") or symbol in _PAUSES or symbol in (BEGIN, END):
            spans.append((symbol, start, end))
            start = end
        elif symbol in _LONG and spans:
            spans[-1] = (spans[-1][0], spans[-1][1], end)
            start = end
    spans = _without_short_spaces(spans)
    out: list[TimedPhone] = []
    i = 0
    while i < len(spans):
        for length in (2, 1):
            phone = PHONE_OF.get("".join(symbol for symbol, _, _ in spans[i:i + length]))
            if phone is not None and spans[i + length - 1:i + length]:
                if spans[i + length - 1][2] > spans[i][1]:
                    out.append(TimedPhone(phone, spans[i][1], spans[i + length - 1][2]))
                i += length
                break
        else:
            i += 1
    return out


def _without_short_spaces(spans: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Divide each space that is no pause among the sounds on both sides of it; spans are symbol, start, end [s]."""
    out: list[tuple[str, float, float]] = []
    begin = None  # of the next span, if it takes a part of the space before it
    for i, (symbol, start, end) in enumerate(spans):
        between = 0 < i < len(spans) - 1 and all(spans[k][0] not in _PAUSES | {BEGIN, END} for k in (i - 1, i + 1))
        if symbol == " " and between and end - start < SHORTEST_PAUSE_S:
            begin = 0.5 * (start + end)
            out[-1] = (out[-1][0], out[-1][1], begin)
        else:
            out.append((symbol, start if begin is None else begin, end))
            begin = None
    return out


@functools.cache
def _voice(name: str) -> tuple[Any, dict[str, Any]]:
    path = Path(os.environ.get(FOLDER_VARIABLE, "")) / f"{name}.onnx"
    if FOLDER_VARIABLE not in os.environ or not path.is_file():
        raise MissingDependencyError(f"the piper voice {name}", "this voice",
                                     f"Put it into a folder and set {FOLDER_VARIABLE} to it.")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(with_output(path.read_bytes(), DURATIONS), options,
                                           providers=["CPUExecutionProvider"])
    return session, json.loads(path.with_suffix(".onnx.json").read_text(encoding="utf-8"))
