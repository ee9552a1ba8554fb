"""Speech of one track: texts spoken by one voice with pauses, and its phones."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.timed_speech.texts import draw_text
from speech_gesture_ros.datasets.timed_speech.timed_speech import (
    SpeakingManner,
    TimedSpeech,
    Voice,
    resampled,
    synthesise,
)
from speech_gesture_ros.face.dominance import TimedPhone

PAUSE_S = (0.05, 1.2)
DURATION = (0.8, 1.35)  # factors of the voice's own
PITCH = {"espeak": (0.4, 1.7), "flite": (0.75, 1.5)}
RESAMPLING = 0.14  # natural logarithm of the largest factor: vocal tract, pitch and speed together
CROSS_FADE = 80  # samples at the ends of a text


def espeak_variants() -> tuple[str, ...]:
    """Return the voice variants of espeak-ng, in its data folder; "" is the plain voice."""
    listed = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=False).stdout
    names = sorted({Path(column).name for line in listed.splitlines()[1:] for column in line.split()
                    if column.startswith("!v/")})
    return ("", *names)


def draw_espeak_voice(languages: tuple[str, ...], variants: tuple[str, ...], rng: np.random.Generator) -> Voice:
    """Return a language and a variant."""
    language, variant = (str(names[int(rng.integers(len(names)))]) for names in (languages, variants))
    return Voice("espeak", f"{language}+{variant}" if variant else language)


def speak_track(voice: Voice, seconds: float, rng: np.random.Generator, *, vary: bool = True) -> TimedSpeech:
    """Return so much speech of a voice, with pauses before and between the texts.

    Args:
        voice: The voice.
        seconds: Shortest length [s].
        rng: Draws texts, pauses and, if varied, the manner of each.
        vary: False for the voice as it is.
    """
    parts: list[npt.NDArray[np.float32]] = []
    phones: list[TimedPhone] = []
    factor = float(np.exp(rng.uniform(-RESAMPLING, RESAMPLING))) if vary else 1.0
    pitch = float(rng.uniform(*PITCH.get(voice.engine, (1.0, 1.0)))) if vary else 1.0
    start = 0
    while start < seconds * SAMPLE_RATE:
        duration = float(rng.uniform(*DURATION)) if vary else 1.0
        text = draw_text(voice.language, rng, training=vary)
        spoken = resampled(synthesise(voice, text, SpeakingManner(duration, pitch)), factor)
        pause = np.zeros(round(rng.uniform(*PAUSE_S) * SAMPLE_RATE), np.float32)
        offset = (start + len(pause)) / SAMPLE_RATE
        phones += [TimedPhone(p.name, p.start_s + offset, p.end_s + offset) for p in spoken.phones]
        parts += [pause, faded(spoken.samples)]
        start += len(pause) + len(spoken.samples)
    parts.append(np.zeros(-start % SAMPLE_RATE, np.float32))  # whole seconds, for fast transforms
    return TimedSpeech(np.concatenate(parts), tuple(phones), voice)


def faded(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the samples with a short ramp at both ends, so that cuts make no click."""
    out: npt.NDArray[np.float32] = samples.copy()
    count = min(CROSS_FADE, len(out) // 2)
    ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)
    out[:count] *= ramp
    out[len(out) - count:] *= ramp[::-1]
    return out
