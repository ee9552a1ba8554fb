"""Synthetic people: voices with known vocal tract, pitch and breath, and the axes and drawn faces made for them.

    pulses of the voice, with breath ─► five resonances of a vowel, scaled by the length of the tract ─► sound

The resonances of the vowels are those of Peterson and Barney (1952) for men, whose tract is 17.5 cm long; they are
inversely proportional to its length (Fant, 1960). One axis of the face, `unrelated`, is independent of the voice: a
network that learns cannot know it. The data show that a training works, not that voices and faces of people belong
together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from PIL import Image, ImageDraw
from scipy.signal import lfilter

from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.networks.speech2face.network_config import PICTURE
from speech_gesture_ros.training.speech2face.pairs import FACE

Array = npt.NDArray[np.float64]

AXES = ("tract_length", "pitch", "breath", "unrelated")  # each from -1 to 1
TRACT_CM, PITCH_HZ, BREATH = (13.0, 18.5), (85.0, 280.0), (0.0, 0.5)
USUAL_TRACT_CM = 17.5
VOWELS_HZ = ((730, 1090, 2440, 3400, 4400), (530, 1840, 2480, 3500, 4500), (270, 2290, 3010, 3600, 4500),
             (570, 840, 2410, 3300, 4300), (300, 870, 2240, 3300, 4300))  # a, e, i, o, u
BANDWIDTHS_HZ = (80, 90, 120, 170, 250)
SYLLABLE_S = (0.12, 0.3)
LEVEL = 0.2
OVERSAMPLING = 4


def synthesise(axes: Array, seconds: float, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return (S,) speech-like sound at 16 kHz of a person with (4,) axes: random vowels with a moving pitch."""
    tract, breath = (low + (high - low) * (axis + 1) / 2 for axis, (low, high) in
                     zip((axes[0], axes[2]), (TRACT_CM, BREATH)))
    pitch = PITCH_HZ[0] * (PITCH_HZ[1] / PITCH_HZ[0]) ** ((axes[1] + 1) / 2)
    parts: list[Array] = []
    phase, states = 0.0, [np.zeros(2) for _ in BANDWIDTHS_HZ]
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        count = int(rng.uniform(*SYLLABLE_S) * SAMPLE_RATE)
        t = np.linspace(0.0, 1.0, count)
        contour = pitch * 2 ** (rng.normal(0, 0.12) + rng.normal(0, 0.15) * t)
        cycles = phase + np.cumsum(contour) / SAMPLE_RATE
        phase = float(cycles[-1] % 1.0)
        pulses = np.diff(np.floor(cycles), prepend=np.floor(cycles[0]))
        source = lfilter([1.0], [1.0, -0.96], pulses) - 0.2 + breath * rng.normal(size=count) * 0.3
        sound = source * np.sin(np.pi * t) ** 0.5
        for k, (formant, width) in enumerate(zip(VOWELS_HZ[rng.integers(len(VOWELS_HZ))], BANDWIDTHS_HZ)):
            frequency = min(formant * USUAL_TRACT_CM / tract, 0.49 * SAMPLE_RATE)
            radius = np.exp(-np.pi * width / SAMPLE_RATE)
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * frequency / SAMPLE_RATE), radius**2]
            sound, states[k] = lfilter([sum(poles)], poles, sound, zi=states[k])
        parts.append(np.asarray(sound))
    speech = np.concatenate(parts)[:round(seconds * SAMPLE_RATE)]
    speech = lfilter([1.0, -0.9], [1.0], speech)
    speech = speech / max(float(np.abs(speech).max()), 1e-9) * LEVEL * 2 ** rng.uniform(-1, 1)
    return np.asarray(speech + rng.normal(0, 2e-4, len(speech)), dtype=np.float32)


def draw_face(axes: Array) -> npt.NDArray[np.uint8]:
    """Return the (64, 64, 3) drawn face of (4,) axes: a longer tract a longer head, a higher pitch larger eyes."""
    size = PICTURE * OVERSAMPLING
    canvas = Image.new("RGB", (size, size), (225, 228, 232))
    draw = ImageDraw.Draw(canvas)
    height, width = size * (0.36 + 0.09 * axes[0]), size * (0.29 + 0.05 * axes[3])
    middle = size / 2
    draw.ellipse([middle - width, middle - height, middle + width, middle + height], fill=(214, 170, 146))
    eye = size * (0.035 + 0.015 * axes[1])
    for side in (-1, 1):
        x, y = middle + side * 0.42 * width, middle - 0.2 * height
        draw.ellipse([x - eye, y - eye, x + eye, y + eye], fill=(45, 45, 60))
    mouth = size * (0.02 + 0.012 * axes[2])
    draw.ellipse([middle - 0.4 * width, middle + 0.5 * height - mouth, middle + 0.4 * width,
                  middle + 0.5 * height + mouth], fill=(170, 80, 80))
    return np.asarray(canvas.resize((PICTURE, PICTURE), Image.Resampling.BOX))


def write_synthetic_people(folder: Path, count: int, voices: int, seconds: float, seed: int,
                           progress: Callable[[Iterable[int]], Iterable[int]] = lambda numbers: numbers) -> None:
    """Write people in the layout of `pairs`.

    Args:
        folder: Made if it does not exist.
        count: People.
        voices: Recordings of each.
        seconds: Length of a recording [s].
        seed: Seed.
        progress: Wraps the numbers of the people with a progress bar.

    Raises:
        OutputError: If a file cannot be written.
    """
    for number in progress(range(count)):
        rng = np.random.default_rng([seed, number])
        axes = rng.uniform(-1, 1, len(AXES))
        place = folder / f"person{number:05d}"
        with atomic_write(place / FACE) as file:
            np.savez(file, identity=axes.astype(np.float32), axes=np.array(AXES), picture=draw_face(axes))
        for k in range(voices):
            with atomic_write(place / f"voice{k}.wav") as file:
                soundfile.write(file, synthesise(axes, seconds, rng), SAMPLE_RATE, format="WAV")
